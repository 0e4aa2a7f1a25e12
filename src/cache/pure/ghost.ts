/**
 * The ghost queue of S3-FIFO: which keys were evicted a short while ago, as fingerprints only.
 *
 * A key that comes back while it is remembered was evicted too early and goes to the main queue.
 * Buckets of four fingerprints with the number of the eviction; "a short while" is counted in
 * evictions. Collisions cost a little hit ratio, never a wrong value. Twin: rust/areas/cache/src/ghost.rs.
 *
 * @module
 */

const WAYS = 4;
/** Longer keys are judged by their beginning, their end and their length. */
const SAMPLE = 64;

/** The keys of recent evictions. */
export class Ghost {
  readonly #seed = (Math.random() * 2 ** 32) | 0;
  /** Buckets of four fingerprints, each with its four moments behind it. */
  #marks = new Int32Array(0);
  #moment = 0;

  /** Whether there is nothing to be found. */
  get isEmpty(): boolean {
    return this.#marks.length === 0;
  }

  /**
   * Remembers the key of an evicted entry.
   *
   * @param print Its {@linkcode Ghost.hash}.
   * @param held How many entries the cache holds; so many evictions are remembered.
   */
  add(print: number, held: number): void {
    if (2 * held > this.#marks.length) this.#grow(held);
    const marks = this.#marks;
    const moment = this.#moment;
    const base = this.#bucket(print);
    let place = base;
    let oldest = -1;
    for (let i = base; i < base + WAYS; i++) {
      const mark = marks[i] as number;
      if (mark === print) {
        place = i;
        break;
      }
      const rank = mark === 0 ? 2 ** 32 : (moment - (marks[i + WAYS] as number)) >>> 0;
      if (rank > oldest) {
        oldest = rank;
        place = i;
      }
    }
    this.#moment = (moment + 1) | 0;
    marks[place] = print;
    marks[place + WAYS] = this.#moment;
  }

  /**
   * Whether a key was evicted lately, which is forgotten by asking.
   *
   * @param print Its {@linkcode Ghost.hash}.
   * @param window Within how many evictions it must have been.
   */
  take(print: number, window: number): boolean {
    const marks = this.#marks;
    if (marks.length === 0) return false;
    const base = this.#bucket(print);
    for (let i = base; i < base + WAYS; i++) {
      if (marks[i] !== print) continue;
      marks[i] = 0;
      return (this.#moment - (marks[i + WAYS] as number)) >>> 0 < window;
    }
    return false;
  }

  /** A number of 32 bits that stands for a key; never 0. */
  hash(key: string): number {
    const { length } = key;
    let hash = this.#seed ^ length;
    for (let i = 1; i < length; i += 2) {
      if (i === SAMPLE + 1 && length > 2 * SAMPLE) i = length - SAMPLE + 1;
      hash = Math.imul(hash ^ key.charCodeAt(i - 1) ^ key.charCodeAt(i) << 16, 0x01000193);
      hash ^= hash >>> 13;
    }
    if ((length & 1) !== 0) hash = Math.imul(hash ^ key.charCodeAt(length - 1), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) | 0 || 1;
  }

  /** Forgets everything. */
  clear(): void {
    this.#marks = new Int32Array(0);
  }

  #grow(held: number): void {
    const size = 2 ** Math.ceil(Math.log2(Math.max(held, 16) * 1.25));
    this.#marks = new Int32Array(2 * size);
  }

  #bucket(print: number): number {
    return Math.imul(print, 0x9e3779b1) & (this.#marks.length - 1) & ~(2 * WAYS - 1);
  }
}
