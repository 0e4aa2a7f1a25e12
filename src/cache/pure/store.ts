/**
 * The entries of a pure cache by key, within bounds and time.
 *
 * Bounds hold at every moment: room is made before an entry is taken in. Which entries go for it says
 * s3_fifo.ts, when they end by time expiry.ts. Twin: rust/areas/cache/src/store.rs.
 *
 * @module
 */

import type { Stored } from "../codec.ts";
import type { Lifetime } from "../options.ts";
import type { Clock } from "./clock.ts";
import { Expiry } from "./expiry.ts";
import { Entry, NEVER, S3Fifo } from "./s3_fifo.ts";
import { TagIndex } from "./tag_index.ts";

/** Bounds of a store; `Infinity` for none. */
export interface Bounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** V8's Map ends at 2^24 entries; so many entries are held at most, and so many different tags. */
const MAP_LIMIT = 16_000_000;

/** How an entry was used in the cache that it was in before. */
export interface PastUse {
  readonly reads: number;
  readonly main: boolean;
}

/** Entries by key, within bounds and time. `V` is what readers get. */
export class Store<V> {
  readonly #map = new Map<string, Entry<V>>();
  readonly #queues: S3Fifo<V>;
  readonly #expiry: Expiry<Entry<V>>;
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #clock: Clock;
  #tags: TagIndex<Entry<V>> | undefined;
  #stale = 0;
  #staleBytes = 0;
  hits = 0;
  misses = 0;
  evictions = 0;
  expirations = 0;

  /** Makes an empty store. */
  constructor(bounds: Bounds, clock: Clock) {
    this.#maxEntries = Math.min(bounds.maxEntries, MAP_LIMIT);
    this.#maxBytes = bounds.maxBytes;
    this.#clock = clock;
    this.#queues = new S3Fifo(this.#maxEntries, this.#maxBytes);
    this.#expiry = new Expiry(clock, (entry) => this.#end(entry));
  }

  /** Entries that have not expired. */
  get size(): number {
    this.sweep();
    return this.#map.size - this.#stale;
  }

  /** Entries that take up memory, what has expired included. */
  get held(): number {
    return this.#map.size;
  }

  /** Bytes of the entries that have not expired; after `size`. */
  get bytes(): number {
    return this.#queues.bytes - this.#staleBytes;
  }

  /** How many different tags the entries carry. */
  get tags(): number {
    return this.#tags?.size ?? 0;
  }

  /** Reads for a caller: counts, and keeps the entry from eviction. A miss is not counted. */
  read(key: string): Entry<V> | undefined {
    const entry = this.#map.get(key);
    if (entry === undefined) return undefined;
    if (entry.ends && this.#clock.read() >= entry.expires) return undefined;
    entry.use();
    this.hits++;
    return entry;
  }

  /** Reads without a trace. */
  peek(key: string): Entry<V> | undefined {
    const entry = this.#map.get(key);
    if (entry === undefined) return undefined;
    return entry.ends && this.#clock.read() >= entry.expires ? undefined : entry;
  }

  /** Reads what has expired and is kept for its grace. */
  peekStale(key: string): Entry<V> | undefined {
    const entry = this.#map.get(key);
    if (entry === undefined || !entry.ends) return undefined;
    const now = this.#clock.read();
    return now >= entry.expires && (entry.gone === NEVER || now < entry.gone) ? entry : undefined;
  }

  /**
   * Stores a value of a weight that is within the bounds. Times in milliseconds from now, rounded up;
   * those of an entry that was in a cache before are rounded down.
   */
  set(key: string, stored: Stored, weight: number, life: Lifetime, past?: PastUse): void {
    const timed = life.ttlMs !== Infinity;
    const now = timed || this.#expiry.used ? this.#clock.exact() : 0;
    while (this.#tags !== undefined && this.#tags.size >= MAP_LIMIT) this.#evict();
    let entry = this.#makeRoom(weight, this.#map.get(key), now);
    if (entry === undefined) {
      entry = new Entry<V>(key, stored, true, weight);
      this.#queues.add(entry, past !== undefined && past.main);
      this.#map.set(key, entry);
    } else {
      this.#renew(entry, weight, now);
      entry.value = stored;
      entry.raw = true;
    }
    if (past !== undefined && past.reads > entry.reads) entry.reads = past.reads;
    if (timed) this.#schedule(entry, now, life, past === undefined ? Math.ceil : Math.floor);
    else entry.expires = entry.gone = NEVER;
    if (life.tags !== undefined) {
      this.#tags ??= new TagIndex<Entry<V>>();
      this.#tags.add(entry, life.tags.names);
    }
  }

  /** Removes an entry; true if it had not expired. */
  delete(key: string): boolean {
    const entry = this.#map.get(key);
    if (entry === undefined) return false;
    const live = !entry.stale && (!entry.ends || this.#clock.read() < entry.expires);
    if (!live && !entry.stale) this.expirations++;
    this.#drop(entry);
    return live;
  }

  /** Removes every entry that carries a tag and shows its key; how many of them had not expired. */
  deleteByTag(tag: string, removed: (key: string) => void): number {
    let live = 0;
    for (;;) {
      const entry = this.#tags?.oldest(tag);
      if (entry === undefined) return live;
      if (this.delete(entry.key)) live++;
      removed(entry.key);
    }
  }

  /** All entries that are held now, from then on as they are when they are reached. */
  *entries(): Generator<Entry<V>, void> {
    let left = this.#map.size;
    for (const entry of this.#map.values()) {
      // What is added meanwhile comes last.
      if (left-- <= 0) return;
      yield entry;
    }
  }

  /** The milliseconds that an entry has left from `origin` on; 0 or less if it has expired. */
  leftOf(entry: Entry<V>, origin: number): number {
    if (!entry.ends) return Infinity;
    return this.#clock.exact() < entry.expires ? entry.expires - origin : 0;
  }

  /** The milliseconds for which an entry is kept after it expired. */
  graceOf(entry: Entry<V>): number {
    if (!entry.ends) return 0;
    return entry.gone === NEVER ? Infinity : entry.gone - entry.expires;
  }

  /** Now, by the clock of lives. */
  now(): number {
    return this.#clock.exact();
  }

  /** Removes every entry. */
  clear(): void {
    this.#expiry.clear();
    this.#map.clear();
    this.#queues.clear();
    this.#stale = this.#staleBytes = 0;
    this.#tags = undefined;
  }

  /** The keys of what has not expired. */
  keys(): string[] {
    this.sweep();
    if (this.#stale === 0) return [...this.#map.keys()];
    const keys: string[] = [];
    for (const entry of this.#map.values()) if (!entry.stale) keys.push(entry.key);
    return keys;
  }

  /** Ends everything that is due now; returns how many entries expired by it. */
  sweep(): number {
    const before = this.expirations;
    this.#expiry.sweep();
    return this.expirations - before;
  }

  /** An entry gets a new value. It stays where it is in its queue; being written is being used. */
  #renew(entry: Entry<V>, weight: number, now: number): void {
    const over = entry.stale || (entry.ends && now >= entry.expires);
    if (entry.stale) this.#revive(entry);
    else if (over) this.expirations++;
    if (over) entry.reads = 0;
    else entry.use();
    this.#queues.reweigh(entry, weight);
    this.#expiry.remove(entry);
    if (entry.tags !== null) this.#tags?.remove(entry);
  }

  #revive(entry: Entry<V>): void {
    entry.stale = false;
    this.#stale--;
    this.#staleBytes -= entry.weight;
  }

  #schedule(
    entry: Entry<V>,
    now: number,
    { ttlMs, graceMs }: Lifetime,
    whole: (ms: number) => number,
  ): void {
    // 0 is never.
    entry.expires = entry.due = Math.max(1, whole(now + ttlMs));
    entry.gone = graceMs === Infinity ? NEVER : Math.max(1, whole(now + ttlMs + graceMs));
    this.#expiry.add(entry, now);
  }

  /** The time of an entry is over: it goes, or it stays for its grace. */
  #end(entry: Entry<V>): void {
    if (!entry.stale) this.expirations++;
    if (entry.stale || entry.gone === entry.expires) {
      this.#drop(entry);
      return;
    }
    entry.stale = true;
    this.#stale++;
    this.#staleBytes += entry.weight;
    if (entry.gone === NEVER) return;
    entry.due = entry.gone;
    this.#expiry.addAgain(entry);
  }

  #drop(entry: Entry<V>): void {
    this.#queues.remove(entry);
    this.#expiry.remove(entry);
    if (entry.tags !== null) this.#tags?.remove(entry);
    if (entry.stale) this.#revive(entry);
    this.#map.delete(entry.key);
  }

  /**
   * Makes room for an entry of a weight, which may replace an old one.
   *
   * @returns The old one, if it did not have to make room for its successor.
   */
  #makeRoom(weight: number, old: Entry<V> | undefined, now: number): Entry<V> | undefined {
    for (;;) {
      const count = this.#map.size + (old === undefined ? 1 : 0);
      const bytes = this.#queues.bytes - (old === undefined ? 0 : old.weight);
      if (count <= this.#maxEntries && bytes + weight <= this.#maxBytes) return old;
      // What has expired goes before anything that has not.
      const before = this.expirations;
      this.#expiry.sweepSome(now);
      if (this.expirations === before) this.#evict();
      if (old !== undefined && this.#map.get(old.key) !== old) old = undefined;
    }
  }

  #evict(): void {
    const entry = this.#queues.victim();
    if (!entry.stale) this.evictions++;
    this.#drop(entry);
  }
}
