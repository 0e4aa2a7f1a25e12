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
  readonly #seed = (Math.random() * 2 ** 32) >>> 0;
  #prints = new Uint32Array(0);
  #moments = new Uint32Array(0);
  #moment = 0;

  /**
   * Remembers the key of an evicted entry.
   *
   * @param key The key.
   * @param held How many entries the cache holds; so many evictions are remembered.
   */
  add(key: string, held: number): void {
    if (held > this.#prints.length) this.#grow(held);
    const hash = this.#hash(key);
    const print = hash || 1;
    const base = this.#bucket(hash);
    let place = base;
    let oldest = -1;
    for (let i = base; i < base + WAYS; i++) {
      if (this.#prints[i] === print) {
        place = i;
        break;
      }
      const age = (this.#moment - (this.#moments[i] as number)) >>> 0;
      const rank = this.#prints[i] === 0 ? Infinity : age;
      if (rank > oldest) {
        oldest = rank;
        place = i;
      }
    }
    this.#moment = (this.#moment + 1) >>> 0;
    this.#prints[place] = print;
    this.#moments[place] = this.#moment;
  }

  /**
   * Whether a key was evicted lately, which is forgotten by asking.
   *
   * @param key The key.
   * @param window Within how many evictions it must have been.
   */
  take(key: string, window: number): boolean {
    if (this.#prints.length === 0) return false;
    const hash = this.#hash(key);
    const print = hash || 1;
    const base = this.#bucket(hash);
    for (let i = base; i < base + WAYS; i++) {
      if (this.#prints[i] !== print) continue;
      this.#prints[i] = 0;
      return (this.#moment - (this.#moments[i] as number)) >>> 0 < window;
    }
    return false;
  }

  /** Forgets everything. */
  clear(): void {
    this.#prints = new Uint32Array(0);
    this.#moments = new Uint32Array(0);
  }

  #grow(held: number): void {
    const size = 2 ** Math.ceil(Math.log2(Math.max(held, 16) * 1.25));
    this.#prints = new Uint32Array(size);
    this.#moments = new Uint32Array(size);
  }

  #bucket(hash: number): number {
    return Math.imul(hash, 0x9e3779b1) >>> 0 & (this.#prints.length - 1) & ~(WAYS - 1);
  }

  #hash(key: string): number {
    const { length } = key;
    let hash = this.#seed ^ length;
    for (let i = 0; i < length; i++) {
      if (i === SAMPLE && length > 2 * SAMPLE) i = length - SAMPLE;
      hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  }
}
