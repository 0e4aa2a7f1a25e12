/**
 * The entries of a pure cache: a Map with S3-FIFO eviction and active expiry.
 *
 * Newcomers wait in a small queue of a tenth of the bounds; those read twice there, or evicted from
 * it a short while ago (the ghost), go to the main queue. So a scan passes through without driving
 * out what is in use. Bounds hold at every moment: room is made before an entry is taken in.
 * Twin: rust/agent-core-utils/src/cache/.
 *
 * @module
 */

import { Ghost } from "./ghost.ts";
import type { Lifetime } from "./options.ts";
import type { Clock } from "./clock.ts";
import type { Stored } from "./measure.ts";
import { TagIndex, type TagLink } from "./tags.ts";
import { type Timed, Wheel } from "./wheel.ts";

/** Bounds of a store; `Infinity` for none. */
export interface Bounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** V8's Map ends at 2^24 entries; so many entries are held at most, and so many different tags. */
const MAP_LIMIT = 16_000_000;
/** An entry is remembered as read at most so often. */
const MOST_READS = 3;
/** Reads after which an entry of the small queue is worth keeping. */
const PROMOTE = 2;
/** An eviction spares at most so many entries, so that it is never a pause. */
const SPARE = 128;
/** Steps of expiry that are done at a time. */
const SLICE = 500;
/** Milliseconds of work after which the timer lets others run. */
const PATIENCE = 0.5;
/** The timer removes what expired at most this late, in milliseconds. */
const LATENESS = 200;
const LONGEST_TIMER = 2 ** 31 - 1;
/** Deadline of what never expires: 0, so that the field stays a small integer for V8. */
const NEVER = 0;

/** One entry, linked into its queue and, if it ends by time, into the wheel. */
export class Entry<V> implements Timed {
  /** When it stops being returned, and when it stops being kept; 0 for never. */
  expires = NEVER;
  gone = NEVER;
  due = NEVER;
  before: Timed | null = null;
  after: Timed | null = null;
  newer: Entry<V> | null = null;
  older: Entry<V> | null = null;
  reads = 0;
  main = false;
  /** Expired, and kept only for its grace. */
  stale = false;
  /** The first of its tags. */
  tags: TagLink<Entry<V>> | null = null;

  /** `raw` says that the value is still as it was stored: nobody has read it yet. */
  constructor(
    readonly key: string,
    public value: V | Stored,
    public raw: boolean,
    public weight: number,
  ) {}
}

/** A queue of entries from oldest to newest. */
class Queue<V> {
  oldest: Entry<V> | null = null;
  newest: Entry<V> | null = null;
  count = 0;
  bytes = 0;

  push(entry: Entry<V>): void {
    entry.older = this.newest;
    entry.newer = null;
    if (this.newest === null) this.oldest = entry;
    else this.newest.newer = entry;
    this.newest = entry;
    this.count++;
    this.bytes += entry.weight;
  }

  remove(entry: Entry<V>): void {
    const { older, newer } = entry;
    if (older === null) this.oldest = newer;
    else older.newer = newer;
    if (newer === null) this.newest = older;
    else newer.older = older;
    entry.older = entry.newer = null;
    this.count--;
    this.bytes -= entry.weight;
  }
}

/** What an entry brings with it that was in a cache before. */
export interface Before {
  readonly reads: number;
  readonly main: boolean;
}

/** Entries by key, within bounds and time. `V` is what readers get. */
export class Store<V> {
  readonly #map = new Map<string, Entry<V>>();
  readonly #small = new Queue<V>();
  readonly #main = new Queue<V>();
  readonly #ghost = new Ghost();
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #clock: Clock;
  readonly #expire = (entry: Entry<V>): void => this.#end(entry);
  #wheel: Wheel<Entry<V>> | undefined;
  #tags: TagIndex<Entry<V>> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Infinity;
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
    return this.#small.bytes + this.#main.bytes - this.#staleBytes;
  }

  /** Reads for a caller: counts, and keeps the entry from eviction. A miss is not counted. */
  read(key: string): Entry<V> | undefined {
    const entry = this.#map.get(key);
    if (entry === undefined) return undefined;
    if (entry.expires !== NEVER && this.#clock.read() >= entry.expires) return undefined;
    if (entry.reads < MOST_READS) entry.reads++;
    this.hits++;
    return entry;
  }

  /** Reads without a trace. */
  peek(key: string): Entry<V> | undefined {
    const entry = this.#map.get(key);
    if (entry === undefined) return undefined;
    return entry.expires !== NEVER && this.#clock.read() >= entry.expires ? undefined : entry;
  }

  /** Reads what has expired and is kept for its grace. */
  peekStale(key: string): Entry<V> | undefined {
    const entry = this.#map.get(key);
    if (entry === undefined || entry.expires === NEVER) return undefined;
    const now = this.#clock.read();
    return now >= entry.expires && (entry.gone === NEVER || now < entry.gone) ? entry : undefined;
  }

  /**
   * Stores a value of a weight that is within the bounds. Times in milliseconds from now, rounded up;
   * those of an entry that was in a cache before are rounded down.
   */
  set(key: string, stored: Stored, weight: number, life: Lifetime, before?: Before): void {
    const timed = life.ttlMs !== Infinity;
    const now = timed || this.#wheel !== undefined ? this.#clock.exact() : 0;
    while (this.#tags !== undefined && this.#tags.size >= MAP_LIMIT) this.#evict();
    let entry = this.#makeRoom(weight, this.#map.get(key), now);
    if (entry === undefined) {
      entry = new Entry<V>(key, stored, true, weight);
      entry.main = this.#ghost.take(key, this.#map.size) || (before !== undefined && before.main);
      this.#map.set(key, entry);
      this.#queueOf(entry).push(entry);
    } else {
      this.#renew(entry, weight, now);
      entry.value = stored;
      entry.raw = true;
    }
    if (before !== undefined && before.reads > entry.reads) entry.reads = before.reads;
    if (timed) this.#schedule(entry, now, life, before === undefined ? Math.ceil : Math.floor);
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
    const live = !entry.stale && (entry.expires === NEVER || this.#clock.read() < entry.expires);
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
    if (entry.expires === NEVER) return Infinity;
    return this.#clock.exact() < entry.expires ? entry.expires - origin : 0;
  }

  /** The milliseconds for which an entry is kept after it expired. */
  graceOf(entry: Entry<V>): number {
    if (entry.expires === NEVER) return 0;
    return entry.gone === NEVER ? Infinity : entry.gone - entry.expires;
  }

  /** Now, by the clock of lives. */
  now(): number {
    return this.#clock.exact();
  }

  /** How many different tags the entries carry. */
  get tags(): number {
    return this.#tags?.size ?? 0;
  }

  /** Removes every entry. */
  clear(): void {
    this.#stop();
    this.#map.clear();
    this.#small.oldest =
      this.#small.newest =
      this.#main.oldest =
      this.#main.newest =
        null;
    this.#small.count =
      this.#small.bytes =
      this.#main.count =
      this.#main.bytes =
        0;
    this.#stale = this.#staleBytes = 0;
    this.#ghost.clear();
    this.#wheel = undefined;
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
    const wheel = this.#wheel;
    if (wheel === undefined || wheel.count === 0) return 0;
    const before = this.expirations;
    wheel.advance(Math.floor(this.#clock.read()), Infinity, this.#expire);
    if (wheel.count === 0) this.#stop();
    return this.expirations - before;
  }

  #queueOf(entry: Entry<V>): Queue<V> {
    return entry.main ? this.#main : this.#small;
  }

  /** An entry gets a new value. It stays where it is in its queue; being written is being used. */
  #renew(entry: Entry<V>, weight: number, now: number): void {
    const over = entry.stale || (entry.expires !== NEVER && now >= entry.expires);
    if (entry.stale) this.#revive(entry);
    else if (over) this.expirations++;
    if (over) entry.reads = 0;
    else if (entry.reads < MOST_READS) entry.reads++;
    this.#queueOf(entry).bytes += weight - entry.weight;
    entry.weight = weight;
    this.#wheel?.remove(entry);
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
    const expires = Math.max(1, whole(now + ttlMs));
    entry.expires = entry.due = expires;
    entry.gone = graceMs === Infinity ? NEVER : Math.max(1, whole(now + ttlMs + graceMs));
    const wheel = this.#wheel ??= new Wheel(Math.floor(now));
    wheel.add(entry);
    this.#arm(now, LATENESS / 2);
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
    this.#wheel?.add(entry);
  }

  /** Takes an entry out of everything but the map. */
  #detach(entry: Entry<V>): void {
    this.#queueOf(entry).remove(entry);
    this.#wheel?.remove(entry);
    if (entry.tags !== null) this.#tags?.remove(entry);
    if (entry.stale) this.#revive(entry);
  }

  #drop(entry: Entry<V>): void {
    this.#detach(entry);
    this.#map.delete(entry.key);
  }

  /**
   * Makes room for an entry of a weight, which may replace an old one.
   *
   * @returns The old one, if it did not have to make room for its successor.
   */
  #makeRoom(weight: number, old: Entry<V> | undefined, now: number): Entry<V> | undefined {
    for (;;) {
      const count = this.#small.count + this.#main.count + (old === undefined ? 1 : 0);
      const bytes = this.#small.bytes + this.#main.bytes - (old === undefined ? 0 : old.weight);
      if (count <= this.#maxEntries && bytes + weight <= this.#maxBytes) return old;
      // What has expired goes before anything that has not.
      const wheel = this.#wheel;
      const before = this.expirations;
      if (wheel !== undefined && wheel.next <= now) {
        wheel.advance(Math.floor(now), SLICE, this.#expire);
      }
      if (this.expirations === before) this.#evict();
      if (old !== undefined && this.#map.get(old.key) !== old) old = undefined;
    }
  }

  #evict(): void {
    for (let spared = 0;; spared++) {
      const small = this.#main.count === 0 ||
        this.#small.count > this.#maxEntries / 10 || this.#small.bytes > this.#maxBytes / 10;
      const queue = small ? this.#small : this.#main;
      const entry = queue.oldest as Entry<V>;
      if (!entry.stale && spared < SPARE) {
        if (small && entry.reads >= PROMOTE) {
          queue.remove(entry);
          entry.main = true;
          entry.reads = 0;
          this.#main.push(entry);
          continue;
        }
        if (!small && entry.reads > 0) {
          entry.reads--;
          queue.remove(entry);
          queue.push(entry);
          continue;
        }
      }
      if (!entry.main) this.#ghost.add(entry.key, this.#map.size);
      if (!entry.stale) this.evictions++;
      this.#drop(entry);
      return;
    }
  }

  /** Sees to it that the timer runs soon enough for the next thing that is due. */
  #arm(now: number, soonest: number): void {
    const wheel = this.#wheel as Wheel<Entry<V>>;
    if (this.#timerAt <= wheel.next + LATENESS) return;
    clearTimeout(this.#timer);
    const delay = Math.min(Math.max(wheel.next - now, soonest), LONGEST_TIMER);
    this.#timerAt = now + delay;
    const timer = setTimeout(() => this.#tick(), delay);
    // A cache alone keeps no program running.
    Deno.unrefTimer(timer);
    this.#timer = timer;
  }

  #tick(): void {
    this.#timer = undefined;
    this.#timerAt = Infinity;
    const wheel = this.#wheel;
    if (wheel === undefined) return;
    const start = this.#clock.read();
    let now = start;
    let done = false;
    while (!done && now - start < PATIENCE) {
      done = wheel.advance(Math.floor(start), SLICE, this.#expire);
      now = this.#clock.read();
    }
    if (wheel.count > 0) this.#arm(now, done ? LATENESS / 2 : 0);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }
}
