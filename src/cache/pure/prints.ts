/**
 * Fingerprints of keys: numbers that stand for them where a string would be too much.
 *
 * @module
 */

/** Longer keys are judged by their beginning, their end and their length. */
const SAMPLE = 64;
/** From here on a unit may be a half of a pair. */
const HALVES = 0xd800;

/** The fingerprints of one cache; others have other ones. */
export class Prints {
  readonly #seed = (Math.random() * 2 ** 32) | 0;
  /** Whether the key that was looked at last is known to be well-formed. */
  isPlain = false;

  /** A number of 32 bits that stands for a key; neither it nor its upper half is 0. */
  of(key: string): number {
    const { length } = key;
    let hash = this.#seed ^ length;
    let seen = length > 2 * SAMPLE ? HALVES : 0;
    for (let i = 1; i < length; i += 2) {
      if (i === SAMPLE + 1 && length > 2 * SAMPLE) i = length - SAMPLE + 1;
      const first = key.charCodeAt(i - 1);
      const second = key.charCodeAt(i);
      seen |= first | second;
      hash = Math.imul(hash ^ first ^ second << 16, 0x01000193);
      hash ^= hash >>> 13;
    }
    if ((length & 1) !== 0) {
      const last = key.charCodeAt(length - 1);
      seen |= last;
      hash = Math.imul(hash ^ last, 0x01000193);
    }
    this.isPlain = seen < HALVES;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
    return (hash & ~0xffff) === 0 ? hash | 0x10000 : hash;
  }
}
