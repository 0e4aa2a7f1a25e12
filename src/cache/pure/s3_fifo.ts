/**
 * Which entry of a pure cache has to go for another: S3-FIFO.
 *
 * Newcomers wait in a small queue of a tenth of the bounds; those read twice there, or evicted from
 * it a short while ago (the ghost), go to the main queue. So a scan passes through without driving
 * out what is in use. Twin: rust/areas/cache/src/queues.rs.
 *
 * @module
 */

import type { Stored } from "../codec.ts";
import { Ghost } from "./ghost.ts";
import type { TagLink } from "./tag_index.ts";
import type { Timed } from "./wheel.ts";

/** A deadline of what never expires: 0, so that the field stays a small integer for V8. */
export const NEVER = 0;
/** An entry is remembered as read at most so often. */
const MAX_READS = 3;
/** Reads after which an entry of the small queue is worth keeping. */
const PROMOTING_READS = 2;
/** An eviction spares at most so many entries, so that it is never a pause. */
const MAX_SPARED = 128;

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

  /** Whether it ends by time. */
  get ends(): boolean {
    return this.expires !== NEVER;
  }

  /** It was read or written. */
  use(): void {
    if (this.reads < MAX_READS) this.reads++;
  }
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

  clear(): void {
    this.oldest = this.newest = null;
    this.count = this.bytes = 0;
  }
}

/** All entries, in the order in which they would have to go. */
export class S3Fifo<V> {
  readonly #small = new Queue<V>();
  readonly #main = new Queue<V>();
  readonly #ghost = new Ghost();
  readonly #maxEntries: number;
  readonly #maxBytes: number;

  /** Makes empty queues for a cache with these bounds. */
  constructor(maxEntries: number, maxBytes: number) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  /** How many entries there are. */
  get count(): number {
    return this.#small.count + this.#main.count;
  }

  /** What they weigh together. */
  get bytes(): number {
    return this.#small.bytes + this.#main.bytes;
  }

  /** Takes in an entry; `main` says that it is known to be worth keeping. */
  add(entry: Entry<V>, main: boolean): void {
    entry.main = this.#ghost.take(entry.key, this.count) || main;
    this.#queueOf(entry).push(entry);
  }

  /** Gives an entry another weight, where it is. */
  reweigh(entry: Entry<V>, weight: number): void {
    this.#queueOf(entry).bytes += weight - entry.weight;
    entry.weight = weight;
  }

  /** Takes out an entry. */
  remove(entry: Entry<V>): void {
    this.#queueOf(entry).remove(entry);
  }

  /** The entry that has to go next, whose key is remembered for a while; it is still in its queue. */
  victim(): Entry<V> {
    for (let spared = 0;; spared++) {
      const small = this.#main.count === 0 ||
        this.#small.count > this.#maxEntries / 10 || this.#small.bytes > this.#maxBytes / 10;
      const queue = small ? this.#small : this.#main;
      const entry = queue.oldest as Entry<V>;
      if (!entry.stale && spared < MAX_SPARED) {
        if (small && entry.reads >= PROMOTING_READS) {
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
      if (!entry.main) this.#ghost.add(entry.key, this.count);
      return entry;
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#small.clear();
    this.#main.clear();
    this.#ghost.clear();
  }

  #queueOf(entry: Entry<V>): Queue<V> {
    return entry.main ? this.#main : this.#small;
  }
}
