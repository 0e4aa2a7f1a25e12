/**
 * The entries of a pure cache as columns: entry number 7 is what stands in place 7 of each. Numbers that
 * are free are used again. So neither a new entry nor its links are objects to make and to collect, and
 * what has expired is found by going over one column.
 *
 * Twin: rust/areas/cache/src/slots.rs.
 *
 * @module
 */

import type { Stored } from "../codec.ts";

/** No entry. */
export const NONE = -1;
/** The lowest bits of a state: how often the entry was read. */
export const READS = 3;
/** The entry is in the main queue. */
export const MAIN = 4;
/** It has expired, and is kept only for its grace. */
export const STALE = 8;
/** Its value is still as it was stored: nobody has read it yet. */
export const RAW = 16;
/** Its key or its value is a string of others, which may be part of a large one. */
export const BORROWED = 32;
/** Its key is in the index. */
export const LISTED = 64;
/** Its key is not in the Map. */
export const UNMAPPED = 128;

/** How an entry was used in the cache that it was in before. */
export interface PastUse {
  readonly reads: number;
  readonly main: boolean;
}

const FIRST = 64;

/** The entries of a store. `V` is what readers get. */
export class Slots<V> {
  keys: string[] = [];
  values: (V | Stored)[] = [];
  /** When each stops being returned: `Infinity` for never, NaN where there is no entry. */
  expires = new Float64Array(FIRST);
  state = new Uint8Array(FIRST);
  /** In pairs: the neighbours in the ring of the queue, the newer one first. */
  links = new Int32Array(2 * FIRST);
  /** Fingerprints of the keys, 0 where none was needed. */
  prints = new Int32Array(FIRST);
  /** For how long each is kept after it expired; made when an entry has such a time. */
  grace: Float64Array | undefined;
  /** What each weighs, if that is asked for all the time. */
  weights: Float64Array | undefined;
  /** Numbers from here on were never used. */
  used = 0;
  /** Numbers below it that are free: the last one goes first. */
  readonly #free: number[] = [];

  /** `weighed` keeps a column of weights. */
  constructor(readonly weighed: boolean) {
    if (weighed) this.weights = new Float64Array(FIRST);
  }

  /** Takes a number for an entry whose other columns are the caller's matter. */
  take(key: string, value: Stored, print: number): number {
    const free = this.#free.pop();
    if (free !== undefined) return this.retake(free, key, value, print);
    const slot = this.used;
    if (slot === this.state.length) this.#grow();
    this.used++;
    this.keys.push(key);
    this.values.push(value);
    this.state[slot] = 0;
    this.prints[slot] = print;
    return slot;
  }

  /** The same with a number that another entry had, which is gone but for its columns. */
  retake(slot: number, key: string, value: Stored, print: number): number {
    this.keys[slot] = key;
    this.values[slot] = value;
    this.state[slot] = 0;
    this.prints[slot] = print;
    return slot;
  }

  /** Gives a number back. */
  give(slot: number): void {
    this.keys[slot] = "";
    this.values[slot] = "";
    this.expires[slot] = NaN;
    this.state[slot] = 0;
    this.#free.push(slot);
  }

  /** When an entry stops being kept. */
  gone(slot: number): number {
    const expires = this.expires[slot] as number;
    return this.grace === undefined ? expires : expires + (this.grace[slot] as number);
  }

  /** For how long an entry is kept after it expired. */
  graceOf(slot: number): number {
    return this.grace === undefined ? 0 : this.grace[slot] as number;
  }

  /** Says for how long an entry is kept after it expired. */
  setGrace(slot: number, ms: number): void {
    if (this.grace === undefined) {
      if (ms === 0) return;
      this.grace = new Float64Array(this.state.length);
    }
    this.grace[slot] = ms;
  }

  /** Forgets all entries. */
  clear(): void {
    this.keys = [];
    this.values = [];
    this.expires = new Float64Array(FIRST);
    this.state = new Uint8Array(FIRST);
    this.links = new Int32Array(2 * FIRST);
    this.prints = new Int32Array(FIRST);
    this.grace = undefined;
    if (this.weighed) this.weights = new Float64Array(FIRST);
    this.used = 0;
    this.#free.length = 0;
  }

  #grow(): void {
    const size = 2 * this.state.length;
    this.expires = grown(this.expires, new Float64Array(size));
    this.state = grown(this.state, new Uint8Array(size));
    this.links = grown(this.links, new Int32Array(2 * size));
    this.prints = grown(this.prints, new Int32Array(size));
    if (this.grace !== undefined) this.grace = grown(this.grace, new Float64Array(size));
    if (this.weights !== undefined) this.weights = grown(this.weights, new Float64Array(size));
  }
}

function grown<A extends Float64Array | Int32Array | Uint8Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
