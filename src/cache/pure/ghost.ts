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
/** The lower half of a mark is a moment, the upper one a part of the fingerprint. */
const HALF = 0xffff;
/** A moment is so many evictions that the window has no more moments than this. */
const MOMENTS = 0x2000;

/** The keys of recent evictions. */
export class Ghost {
  /** Buckets of four marks, each with a fingerprint and its moment: no bucket is in two lines of memory. */
  #marks = new Int32Array(0);
  #evictions = 0;
  /** Evictions in a moment, as a power of two. */
  #shift = 0;

  /**
   * Remembers the key of an evicted entry.
   *
   * @param print Its fingerprint, whose upper half is not 0.
   * @param held How many entries the cache holds; so many evictions are remembered.
   */
  add(print: number, held: number): void {
    if (held > this.#marks.length) this.#grow(held);
    const marks = this.#marks;
    this.#evictions = (this.#evictions + 1) | 0;
    const now = this.#evictions >>> this.#shift;
    const base = this.#bucket(print);
    const mark = print & ~HALF;
    let place = base;
    let oldest = -1;
    for (let i = base; i < base + WAYS; i++) {
      const other = marks[i] as number;
      let age = (now - other) & HALF;
      if (other === 0) age = HALF;
      if ((other & ~HALF) === mark) age = HALF + 1;
      if (age > oldest) {
        oldest = age;
        place = i;
      }
    }
    marks[place] = mark | (now & HALF);
  }

  /**
   * Whether a key was evicted lately, which is forgotten by asking.
   *
   * @param print Its fingerprint.
   * @param window Within how many evictions it must have been.
   */
  take(print: number, window: number): boolean {
    const marks = this.#marks;
    if (marks.length === 0) return false;
    const base = this.#bucket(print);
    const mark = print & ~HALF;
    for (let i = base; i < base + WAYS; i++) {
      const other = marks[i] as number;
      if ((other & ~HALF) !== mark) continue;
      marks[i] = 0;
      return (((this.#evictions >>> this.#shift) - other) & HALF) << this.#shift < window;
    }
    return false;
  }

  /** Forgets everything. */
  clear(): void {
    this.#marks = new Int32Array(0);
  }

  #grow(held: number): void {
    const size = 2 ** Math.ceil(Math.log2(Math.max(held, 16) * 1.25));
    this.#marks = new Int32Array(size);
    this.#shift = Math.max(0, Math.ceil(Math.log2(size / MOMENTS)));
  }

  /** The first place of a fingerprint's bucket. */
  #bucket(print: number): number {
    return Math.imul(print, 0x9e3779b1) >>> 3 & (this.#marks.length - 1) & ~(WAYS - 1);
  }
}
