/**
 * Which key is which entry of a pure cache. Until something has to be evicted all are in a Map. From then on
 * keys come and go, for which the index of fingerprints is quicker: all are listed there, and those that
 * are read again and again are in the Map too, which is quicker for strings that it has seen.
 *
 * @module
 */

import { ownText } from "../codec.ts";
import type { Clock } from "./clock.ts";
import { KeyIndex } from "./key_index.ts";
import type { Prints } from "./prints.ts";
import { LISTED, NONE, READS, type Slots, UNMAPPED } from "./slots.ts";

/** An entry that was read so often goes to the Map when it is read again. */
const MAPPING_READS = 2;
/** Readings after which it is decided again where to look first. */
const ROUND = 1_024;
/** The part of readings that the Map has to answer, at least and again, to be asked first. */
const LEAST_MAPPED = 0.3;
const ENOUGH_MAPPED = 0.45;
/** For each eviction so many more entries of those in the Map are listed, until all are. */
const LISTED_AT_ONCE = 4;

/** The keys of a store. */
export class Directory {
  /** Some of the keys. For the hot path; changed only here. */
  readonly map = new Map<string, number>();
  readonly #prints: Prints;
  readonly #index: KeyIndex;
  readonly #slots: Slots<unknown>;
  readonly #clock: Clock;
  /** Whether entries are listed in the index: since the first eviction. */
  lists = false;
  /** Whether readers ask the index first: where the Map would seldom know. */
  prefersIndex = false;
  /** Tells how many readings there were. */
  readings: () => number = () => 0;
  /** Readings until it is decided again, and what is counted from the last time on. */
  #left = ROUND;
  #since = 0;
  #often = 0;
  /** Entries that are in the index alone. */
  #unmapped = 0;
  /** Up to where the entries have been listed. */
  #hand = 0;
  /** The key that was missed last, well-formed, in a run of calls: mostly it is stored next. */
  #missed: string | undefined;
  #missedPrint = 0;
  /** See {@linkcode Directory.place}. */
  print = 0;
  isPlain = false;

  /** No key is known yet. */
  constructor(slots: Slots<unknown>, clock: Clock, prints: Prints) {
    this.#slots = slots;
    this.#prints = prints;
    this.#clock = clock;
    this.#index = new KeyIndex(slots);
    // The string is somebody else's, which is kept no longer than a run.
    clock.onRest = () => this.#missed = undefined;
  }

  /** How many keys there are. */
  get size(): number {
    return this.map.size + this.#unmapped;
  }

  /** The entry of a key that is not in the Map, into which it may be put. */
  welcome(key: string, often: boolean): number {
    if (!this.lists || typeof key !== "string") return NONE;
    if (--this.#left === 0) this.#judgeMap();
    const slot = this.#search(key);
    if (slot === NONE) return NONE;
    const { keys, state } = this.#slots;
    const is = state[slot] as number;
    if (often || (is & READS) >= MAPPING_READS) {
      state[slot] = is & ~UNMAPPED;
      // No other is found here: one that is in the Map too was found there.
      this.map.set(keys[slot] as string, slot);
      this.#unmapped--;
    }
    return slot;
  }

  /** The entry of a key, where the index is preferred. */
  seek(key: string): number {
    if (typeof key !== "string") return NONE;
    if (--this.#left === 0) this.#judgeIndex();
    const slot = this.#search(key);
    if (slot === NONE) return this.#index.count === this.size ? NONE : this.map.get(key) ?? NONE;
    if (((this.#slots.state[slot] as number) & READS) >= MAPPING_READS) this.#often++;
    return slot;
  }

  /** The entry of a key in the index; one that is not there is remembered. */
  #search(key: string): number {
    const print = this.#prints.of(key);
    const slot = this.#index.find(key, print);
    if (slot === NONE && this.#clock.isShared && this.#prints.isPlain) {
      this.#missed = key;
      this.#missedPrint = print;
    }
    return slot;
  }

  /** So many keys were not in the Map: whether that is most of those that were read. */
  #judgeMap(): void {
    const readings = this.readings();
    const mapped = 1 - ROUND / (readings - this.#since);
    this.prefersIndex = mapped < LEAST_MAPPED;
    this.#begin(readings);
  }

  /** So many keys were looked for in the index: whether many of them would be in the Map. */
  #judgeIndex(): void {
    this.prefersIndex = this.#often < ENOUGH_MAPPED * ROUND;
    this.#begin(this.readings());
  }

  #begin(readings: number): void {
    this.#since = readings;
    this.#left = ROUND;
    this.#often = 0;
  }

  /** Whether the key was just missed, and is one. */
  isMissed(key: unknown): boolean {
    return this.#missed !== undefined && key === this.#missed;
  }

  /** The entry of a key, which may be not well-formed. */
  find(key: string): number {
    const slot = this.place(key);
    if (slot !== NONE || this.isPlain || key.isWellFormed()) return slot;
    return this.place(key.toWellFormed());
  }

  /**
   * The entry of a key. If there is none, `print` is that of the key, or 0 if that is not known yet, and
   * `isPlain` says whether it is known to be well-formed.
   */
  place(key: string): number {
    if (key === this.#missed) {
      this.print = this.#missedPrint;
      this.isPlain = true;
      return NONE;
    }
    if (!this.lists) {
      this.print = 0;
      this.isPlain = false;
      return this.map.get(key) ?? NONE;
    }
    const print = this.print = this.#prints.of(key);
    this.isPlain = this.#prints.isPlain;
    const slot = this.#index.find(key, print);
    if (slot !== NONE || this.#index.count === this.size) return slot;
    return this.map.get(key) ?? NONE;
  }

  /** The fingerprint of a key that was not found, where it will be needed. */
  printOfNew(key: string): number {
    return this.lists && this.print === 0 ? this.#prints.of(key) : this.print;
  }

  /** An entry is evicted: from now on all are listed. */
  list(): void {
    this.lists = true;
    if (this.#hand >= this.#slots.used) return;
    const { expires, keys, prints, state, used } = this.#slots;
    for (let i = 0; i < LISTED_AT_ONCE && this.#hand < used; i++) {
      const slot = this.#hand++;
      if (((state[slot] as number) & LISTED) !== 0 || Number.isNaN(expires[slot])) continue;
      if (prints[slot] === 0) prints[slot] = this.#prints.of(keys[slot] as string);
      if (this.#index.add(slot, prints[slot] as number)) state[slot]! |= LISTED;
    }
  }

  /** Takes in the key of an entry, which is not there. */
  add(slot: number, key: string): void {
    this.#missed = undefined;
    const { prints, state } = this.#slots;
    if (this.lists && this.#index.add(slot, prints[slot] as number)) {
      state[slot]! |= LISTED | UNMAPPED;
      this.#unmapped++;
    } else {
      this.map.set(key, slot);
    }
  }

  /** Forgets the key of an entry that is still there. */
  remove(slot: number, key: string): void {
    const { prints, state } = this.#slots;
    const is = state[slot] as number;
    if ((is & UNMAPPED) === 0) this.map.delete(key);
    else this.#unmapped--;
    if ((is & LISTED) !== 0) this.#index.remove(slot, prints[slot] as number);
  }

  /** Makes the key of an entry a string of its own. */
  own(slot: number): void {
    const { keys, state } = this.#slots;
    const own = keys[slot] = ownText(keys[slot] as string);
    if (((state[slot] as number) & UNMAPPED) !== 0) return;
    this.map.delete(own);
    this.map.set(own, slot);
  }

  /** Forgets all keys. */
  clear(): void {
    this.map.clear();
    this.#index.clear();
    this.#unmapped = this.#hand = 0;
    this.#missed = undefined;
    this.prefersIndex = false;
  }
}
