/**
 * Which key is which entry, by the fingerprints of the keys: open addressing in one array of numbers.
 *
 * V8's Map makes a string that it has not seen before unique in the process first, which takes longer than
 * all the rest that a cache does, and makes itself anew after so many keys came and went. Here a key costs
 * its fingerprint, which the ghost needs anyway.
 *
 * @module
 */

import { NONE, type Slots } from "./slots.ts";

const FIRST = 64;
/** An entry is at most so far from its place, so that no choice of keys makes a search long. */
const FARTHEST = 64;

/** The entries of a store by key. */
export class KeyIndex {
  readonly #slots: Slots<unknown>;
  /** In pairs: the fingerprint of a key, and the number of its entry plus one; 0 where there is none. */
  #pairs = new Int32Array(2 * FIRST);
  /** The places less one; at most half of them are used. */
  #mask = FIRST - 1;
  count = 0;

  /** There are none yet. */
  constructor(slots: Slots<unknown>) {
    this.#slots = slots;
  }

  /** The number of a key with this fingerprint. */
  find(key: string, print: number): number {
    const pairs = this.#pairs;
    const mask = this.#mask;
    let at = home(print, mask);
    for (let left = FARTHEST; left > 0; left--) {
      const slot = pairs[2 * at + 1] as number - 1;
      if (slot === NONE) return NONE;
      if (pairs[2 * at] === print && this.#slots.keys[slot] === key) return slot;
      at = (at + 1) & mask;
    }
    return NONE;
  }

  /** Takes in an entry; false if there is no place for it. */
  add(slot: number, print: number): boolean {
    if (2 * this.count > this.#mask) this.#grow();
    const pairs = this.#pairs;
    const mask = this.#mask;
    let at = home(print, mask);
    for (let left = FARTHEST; left > 0; left--) {
      if (pairs[2 * at + 1] === 0) {
        pairs[2 * at] = print;
        pairs[2 * at + 1] = slot + 1;
        this.count++;
        return true;
      }
      at = (at + 1) & mask;
    }
    return false;
  }

  /** Takes out an entry that is here. */
  remove(slot: number, print: number): void {
    const pairs = this.#pairs;
    const mask = this.#mask;
    let hole = home(print, mask);
    while (pairs[2 * hole + 1] !== slot + 1) hole = (hole + 1) & mask;
    // Those behind it move up, as far as that is not before their place.
    for (let at = (hole + 1) & mask;; at = (at + 1) & mask) {
      const other = pairs[2 * at + 1] as number;
      if (other === 0) break;
      const itsPrint = pairs[2 * at] as number;
      if (((at - home(itsPrint, mask)) & mask) < ((at - hole) & mask)) continue;
      pairs[2 * hole] = itsPrint;
      pairs[2 * hole + 1] = other;
      hole = at;
    }
    pairs[2 * hole + 1] = 0;
    this.count--;
  }

  /** Forgets all entries. */
  clear(): void {
    this.#pairs = new Int32Array(2 * FIRST);
    this.#mask = FIRST - 1;
    this.count = 0;
  }

  #grow(): void {
    const old = this.#pairs;
    const pairs = this.#pairs = new Int32Array(2 * old.length);
    const mask = this.#mask = pairs.length / 2 - 1;
    // From behind a place that is free, so that none comes to be farther from its place than it was.
    let from = 0;
    while (old[from + 1] !== 0) from += 2;
    for (let i = 0; i < old.length; i += 2) {
      const pair = (from + i) & (old.length - 1);
      if (old[pair + 1] === 0) continue;
      let at = home(old[pair] as number, mask);
      while (pairs[2 * at + 1] !== 0) at = (at + 1) & mask;
      pairs[2 * at] = old[pair] as number;
      pairs[2 * at + 1] = old[pair + 1] as number;
    }
  }
}

/** Where the search for a fingerprint begins. */
function home(print: number, mask: number): number {
  return print >>> 4 & mask;
}
