/**
 * What the pure cache objects of one name in this isolate share: entries, leases and loads.
 *
 * @module
 */

import { type Codec, codecOf, type Stored } from "../codec.ts";
import { type Lease, type LoadBackend, SingleFlight } from "../loads/single_flight.ts";
import { checkSameOptions, type Lifetime, type ResolvedOptions } from "../options.ts";
import type { Tags } from "../tags.ts";
import type { Clock } from "./clock.ts";
import { Leases } from "./leases.ts";
import type { Entry } from "./s3_fifo.ts";
import { type PastUse, Store } from "./store.ts";

/** Caches that have a name, where names cannot be shared with other isolates. */
const named = new Map<string, Core<unknown>>();

/** A cache without its cache objects. */
export class Core<V> implements LoadBackend<V> {
  readonly codec: Codec<V>;
  readonly maxBytes: number;
  readonly store: Store<V>;
  readonly loads: SingleFlight<V>;
  readonly #leases = new Leases();
  readonly #options: ResolvedOptions;
  #users = 1;

  private constructor(options: ResolvedOptions, clock: Clock) {
    this.#options = options;
    this.codec = codecOf<V>(options.codec);
    this.maxBytes = options.maxBytes;
    this.store = new Store(options, clock);
    this.loads = new SingleFlight(this.codec, this);
  }

  /** The cache of a name, or one that is nobody else's. */
  static open<V>(options: ResolvedOptions, clock: Clock): Core<V> {
    const found = options.name === undefined ? undefined : named.get(options.name);
    if (found !== undefined) {
      checkSameOptions(found.#options, options);
      found.#users++;
      return found as Core<V>;
    }
    const core = new Core<V>(options, clock);
    if (options.name !== undefined) named.set(options.name, core as Core<unknown>);
    return core;
  }

  /** A cache object is closed; the last one takes the entries along. */
  close(): void {
    if (--this.#users > 0) return;
    if (this.#options.name !== undefined) named.delete(this.#options.name);
    this.loads.close();
    this.clear();
  }

  /** What a reader gets of an entry. */
  valueOf(entry: Entry<V>): V {
    if (entry.raw) {
      entry.value = this.codec.decode(entry.value as Stored);
      entry.raw = false;
    }
    return this.codec.forReader(entry.value as V);
  }

  peek(key: string): V | undefined {
    const entry = this.store.peek(key);
    return entry && this.valueOf(entry);
  }

  /** Stores a value and ends the load of its key. */
  set(key: string, stored: Stored, weight: number, life: Lifetime, past?: PastUse): void {
    this.#leases.end(key);
    this.store.set(key, stored, weight, life, past);
  }

  /** Removes an entry and ends the load of its key. */
  delete(key: string): boolean {
    this.#leases.end(key);
    return this.store.delete(key);
  }

  /** Removes the entries that carry a tag and ends the loads of such. */
  deleteByTag(tag: string): number {
    this.#leases.endTagged(tag);
    return this.store.deleteByTag(tag, (key) => this.#leases.end(key));
  }

  /** Removes every entry and ends every load. */
  clear(): void {
    this.#leases.clear();
    this.store.clear();
  }

  acquire(key: string, _timeoutMs: number, tags: Tags | undefined): Lease {
    return this.#leases.acquire(key, tags);
  }

  release(key: string, token: number): void {
    this.#leases.release(key, token);
  }

  publish(key: string, token: number, stored: Stored, weight: number, life: Lifetime): void {
    if (this.#leases.stands(key, token)) this.set(key, stored, weight, life);
    else this.#leases.release(key, token);
  }

  /** Every lease of this twin is of this isolate, so its load is found before anyone asks here. */
  ended(): Promise<void> {
    return Promise.resolve();
  }
}
