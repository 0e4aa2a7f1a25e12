/**
 * The entries of a pure cache by key, within bounds and time.
 *
 * Bounds hold at every moment: room is made before an entry is taken in. Which entries go for it says
 * s3_fifo.ts, when they end by time expiry.ts. Twin: rust/areas/cache/src/store.rs.
 *
 * @module
 */

import { ownText, SLICED_FROM, type Stored } from "../codec.ts";
import type { Lifetime } from "../options.ts";
import type { CacheCodec } from "../types.ts";
import { Borrowing } from "./borrowing.ts";
import type { Clock } from "./clock.ts";
import { Directory } from "./directory.ts";
import { Expiry, type Timed } from "./expiry.ts";
import { Given } from "./given.ts";
import { liveBytes } from "./measure.ts";
import { Prints } from "./prints.ts";
import { S3Fifo } from "./s3_fifo.ts";
import { BORROWED, NONE, type PastUse, RAW, READS, Slots, STALE } from "./slots.ts";
import { TagIndex } from "./tag_index.ts";

/** Bounds of a store; `Infinity` for none. */
export interface Bounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** V8's Map ends at 2^24 entries; so many entries are held at most, and so many different tags. */
const MAP_LIMIT = 16_000_000;

/** Entries by key, within bounds and time. `V` is what readers get. */
export class Store<V> implements Timed {
  /** By number, which is good until the store changes. */
  readonly slots: Slots<V>;
  /** Whether each entry is weighed when it is stored. */
  readonly weighed: boolean;
  readonly #raw: number;
  /** Which key is which. */
  readonly directory: Directory;
  readonly #map: Map<string, number>;
  readonly #queues: S3Fifo;
  readonly #expiry: Expiry;
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #clock: Clock;
  readonly #borrowing: Borrowing;
  /** Whether values are texts of others. */
  readonly #texts: boolean;
  readonly #given: Given;
  #tags: TagIndex | undefined;
  #stale = 0;
  hits = 0;
  misses = 0;
  evictions = 0;
  expirations = 0;

  /** Makes an empty store. */
  constructor(bounds: Bounds, clock: Clock, codec: CacheCodec = "text") {
    this.#texts = codec === "text";
    // JSON becomes a value when it is first read, which does not tell then what it weighed.
    this.#raw = codec === "json" ? RAW : 0;
    this.weighed = codec === "json" || bounds.maxBytes !== Infinity;
    this.slots = new Slots(this.weighed);
    this.#maxEntries = Math.min(bounds.maxEntries, MAP_LIMIT);
    this.#maxBytes = bounds.maxBytes;
    this.#clock = clock;
    const prints = new Prints();
    this.#queues = new S3Fifo(this.slots, prints, this.#maxEntries, this.#maxBytes);
    this.directory = new Directory(this.slots, clock, prints);
    this.directory.readings = () => this.hits + this.misses;
    this.#map = this.directory.map;
    this.#borrowing = new Borrowing(this.slots, this.directory, this.#texts);
    this.#expiry = new Expiry(this.slots, clock, this);
    this.#given = new Given(clock, this.slots);
    clock.onGap = (ms) => this.#given.catchUp(ms);
  }

  /** Entries that have not expired. */
  get size(): number {
    const over = this.#expiry.settle(this.#clock.exact());
    return this.directory.size - this.#stale - over;
  }

  /** Entries that take up memory, what has expired included. */
  get held(): number {
    return this.directory.size;
  }

  /** Bytes of the entries that have not expired. */
  get bytes(): number {
    const now = this.#clock.exact();
    // What is weighed anyway is added up already, if nothing in it is over.
    const isKnown = this.weighed && this.#stale === 0 && !this.#expiry.isDue(now);
    return isKnown ? this.#queues.bytes : liveBytes(this.slots, this.#tags, now);
  }

  /** How many different tags the entries carry. */
  get tags(): number {
    return this.#tags?.size ?? 0;
  }

  /** Reads for a caller: counts, and keeps the entry from eviction. A miss is not counted. */
  read(key: string): number {
    const slot = this.directory.prefersIndex
      ? this.directory.seek(key)
      : this.#map.get(key) ?? this.directory.welcome(key, false);
    if (slot === NONE) return NONE;
    const { expires, state } = this.slots;
    // The clock is read first: it may find out that it stood still, and put times right.
    if (expires[slot] !== Infinity && this.#clock.read() >= (expires[slot] as number)) return NONE;
    const is = state[slot] as number;
    if ((is & READS) !== READS) state[slot] = is + 1;
    this.hits++;
    return slot;
  }

  /** Reads without a trace. */
  peek(key: string): number {
    const slot = this.#map.get(key) ?? this.directory.welcome(key, true);
    if (slot === NONE) return NONE;
    const { expires } = this.slots;
    if (expires[slot] !== Infinity && this.#clock.read() >= (expires[slot] as number)) return NONE;
    return slot;
  }

  /** Reads what has expired and is kept for its grace. */
  peekStale(key: string): number {
    const slot = this.#map.get(key) ?? this.directory.welcome(key, true);
    if (slot === NONE) return NONE;
    const now = this.#clock.exact();
    return now >= (this.slots.expires[slot] as number) && now < this.slots.gone(slot) ? slot : NONE;
  }

  /**
   * Stores a value of a weight that is within the bounds. Times in milliseconds from now, rounded up;
   * those of an entry that was in a cache before are rounded down.
   */
  set(key: string, stored: Stored, weight: number, life: Lifetime, past?: PastUse): void {
    const { ttlMs, tags } = life;
    const { slots } = this;
    const now = this.#clock.read();
    while (this.#tags !== undefined && this.#tags.size >= MAP_LIMIT) slots.give(this.#evict());
    const directory = this.directory;
    let name = key;
    let slot = directory.place(key);
    if (slot === NONE && !directory.isPlain && !key.isWellFormed()) {
      slot = directory.place(name = key.toWellFormed());
    }
    let keep = false;
    let spare = NONE;
    if (slots.weights !== undefined) {
      slot = this.#makeRoom(weight, slot);
    } else if (slot === NONE && directory.size >= this.#maxEntries) {
      // What has expired goes before anything that has not.
      if (this.#expiry.isDue(now)) this.#expiry.makeRoom(now);
      // Its number is at once that of the entry that it goes for.
      if (directory.size >= this.#maxEntries) spare = this.#evict();
    }
    const isNew = slot === NONE;
    let flags = this.#raw;
    if (
      (isNew && name.length >= SLICED_FROM) ||
      (this.#texts && (stored as string).length >= SLICED_FROM)
    ) {
      if (this.#clock.runs && this.#borrowing.may(now)) {
        flags |= BORROWED;
      } else {
        if (isNew) name = ownText(name);
        if (this.#texts) stored = ownText(stored as string);
      }
    }
    if (slot === NONE) {
      const print = directory.printOfNew(name);
      slot = spare === NONE
        ? slots.take(name, stored, print)
        : slots.retake(spare, name, stored, print);
      if (slots.weights !== undefined) slots.weights[slot] = weight;
      this.#queues.add(slot, past !== undefined && past.main);
      directory.add(slot, name);
    } else {
      keep = life.keepTtl === true && (slots.expires[slot] as number) > now;
      this.#renew(slot, weight);
      slots.values[slot] = stored;
    }
    if (flags !== 0) slots.state[slot]! |= flags;
    if (past !== undefined && past.reads > ((slots.state[slot] as number) & READS)) {
      slots.state[slot] = (slots.state[slot] as number) & ~READS | past.reads;
    }
    if (!keep) {
      if (ttlMs === Infinity) slots.expires[slot] = Infinity;
      else this.#schedule(slot, ttlMs, past === undefined);
      if (life.graceMs !== 0 || slots.grace !== undefined) slots.setGrace(slot, life.graceMs);
    }
    if (tags !== undefined) {
      this.#tags ??= new TagIndex();
      this.#tags.add(slot, tags.names);
    }
  }

  /** Gives an entry that has not expired a new end; true if there is one. */
  expire(key: string, ttlMs: number, graceMs: number): boolean {
    const slot = this.directory.find(key);
    const now = this.#clock.exact();
    if (slot === NONE || !((this.slots.expires[slot] as number) > now)) return false;
    if (this.slots.expires[slot] === Infinity) this.slots.setGrace(slot, graceMs);
    if (ttlMs === Infinity) this.slots.expires[slot] = Infinity;
    else this.#schedule(slot, ttlMs, true);
    return true;
  }

  /** Removes an entry; true if it had not expired. */
  delete(key: string): boolean {
    const directory = this.directory;
    // The Map first, as long as all are there.
    let slot = directory.lists ? undefined : this.#map.get(key);
    if (slot === undefined) {
      slot = directory.find(key);
      if (slot === NONE) return false;
      key = this.slots.keys[slot] as string;
    }
    return this.#remove(slot, key);
  }

  /** Removes every entry that carries a tag and shows its key; how many of them had not expired. */
  deleteByTag(tag: string, removed: (key: string) => void): number {
    let live = 0;
    for (;;) {
      const slot = this.#tags?.oldest(tag);
      if (slot === undefined) return live;
      const key = this.slots.keys[slot] as string;
      if (this.#remove(slot, key)) live++;
      removed(key);
    }
  }

  /** The tags of an entry. */
  tagsOf(slot: number): string[] {
    return this.#tags?.tagsOf(slot) ?? [];
  }

  /** Now, by the clock of lives. */
  now(): number {
    return this.#clock.exact();
  }

  /** Removes every entry. */
  clear(): void {
    this.#empty();
    this.#queues.clear();
  }

  /** Empties it and lets go of its timers. */
  close(): void {
    this.clear();
    this.#clock.stop();
    this.#borrowing.stop();
  }

  /** The keys of what has not expired. */
  keys(): string[] {
    const now = this.#clock.exact();
    const { expires, keys, used } = this.slots;
    const live: string[] = [];
    // NaN, where there is no entry, is not more than anything.
    for (let slot = 0; slot < used; slot++) {
      if ((expires[slot] as number) > now) live.push(keys[slot] as string);
    }
    return live;
  }

  /** Ends everything that is due now; returns how many entries expired by it. */
  sweep(): number {
    const before = this.expirations;
    this.#expiry.sweep(this.#clock.exact());
    return this.expirations - before;
  }

  /** The timer's work. */
  tick(): void {
    this.#expiry.tick();
  }

  /** The time of an entry is over: it goes, or it stays for its grace. */
  end(slot: number): void {
    const { slots } = this;
    const isStale = ((slots.state[slot] as number) & STALE) !== 0;
    if (!isStale) this.expirations++;
    if (isStale || slots.graceOf(slot) === 0) {
      this.#drop(slot, slots.keys[slot] as string);
      return;
    }
    slots.state[slot]! |= STALE;
    this.#stale++;
  }

  /** The time of all entries is over, and so is their grace. */
  endAll(): void {
    this.expirations += this.directory.size - this.#stale;
    this.#empty();
    this.#queues.empty();
  }

  #empty(): void {
    this.#expiry.clear();
    this.directory.clear();
    this.slots.clear();
    this.#stale = 0;
    this.#given.clear();
    this.#borrowing.clear();
    this.#tags = undefined;
  }

  /** An entry gets a new value. It stays where it is in its queue; being written is being used. */
  #renew(slot: number, weight: number): void {
    const { expires, state, weights } = this.slots;
    let is = state[slot] as number;
    if ((expires[slot] as number) > this.#clock.latest) {
      if ((is & READS) !== READS) state[slot] = is + 1;
    } else {
      if ((is & STALE) !== 0) this.#stale--;
      else this.expirations++;
      is &= ~(READS | STALE | RAW);
      state[slot] = is;
    }
    if (weights !== undefined && weights[slot] !== weight) this.#queues.reweigh(slot, weight);
    if (this.#tags !== undefined) this.#tags.remove(slot);
  }

  /** An entry lives for so long from the latest reading of the clock on. */
  #schedule(slot: number, ttlMs: number, up: boolean): void {
    const { latest, lags } = this.#clock;
    const end = up ? Math.ceil(latest + ttlMs) + (lags ? 1 : 0) : Math.floor(latest + ttlMs);
    this.slots.expires[slot] = end;
    if (lags) this.#given.add(slot);
    if (end < this.#expiry.coming) this.#expiry.add(end, latest);
  }

  #remove(slot: number, key: string): boolean {
    const { expires, state } = this.slots;
    const end = expires[slot] as number;
    const isStale = ((state[slot] as number) & STALE) !== 0;
    const live = !isStale && (end === Infinity || this.#clock.read() < end);
    if (!live && !isStale) this.expirations++;
    this.#drop(slot, key);
    return live;
  }

  /** An entry goes. Its key is the caller's, who may have it at hand. */
  #drop(slot: number, key: string): void {
    this.#queues.remove(slot);
    this.#forget(slot, key);
    this.slots.give(slot);
  }

  /** What is in no queue any more goes, but for its number. */
  #forget(slot: number, key: string): void {
    this.#tags?.remove(slot);
    if (((this.slots.state[slot] as number) & STALE) !== 0) this.#stale--;
    this.directory.remove(slot, key);
  }

  /**
   * Makes room for an entry of a weight, where entries are weighed; it may replace an old one.
   *
   * @returns The old one, if it did not have to make room for its successor.
   */
  #makeRoom(weight: number, old: number): number {
    const { expires, prints } = this.slots;
    const print = old === NONE ? 0 : prints[old] as number;
    for (;;) {
      const held = this.directory.size;
      const count = held + (old === NONE ? 1 : 0);
      if (count <= this.#maxEntries && !this.#isOver(weight, old)) return old;
      // What has expired goes before anything that has not.
      this.#expiry.makeRoom(this.#clock.latest);
      if (this.directory.size === held) this.slots.give(this.#evict());
      if (old !== NONE && Number.isNaN(expires[old])) {
        this.directory.print = print;
        old = NONE;
      }
    }
  }

  #isOver(weight: number, old: number): boolean {
    const less = old === NONE ? 0 : this.slots.weights![old] as number;
    return this.#queues.bytes - less + weight > this.#maxBytes;
  }

  /** An entry goes for another. Its number is the caller's matter. */
  #evict(): number {
    const slot = this.#queues.victim();
    if (((this.slots.state[slot] as number) & STALE) === 0) this.evictions++;
    this.directory.list();
    this.#forget(slot, this.slots.keys[slot] as string);
    return slot;
  }
}
