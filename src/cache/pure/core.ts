/**
 * What the pure cache objects of one name in this isolate share: entries, leases and loads.
 *
 * @module
 */

import { type Codec, codecOf, type Stored } from "../codec.ts";
import { type Lease, type LoadBackend, SingleFlight } from "../loads/single_flight.ts";
import { checkSameOptions, type Lifetime, type ResolvedOptions } from "../options.ts";
import type { Tags } from "../tags.ts";
import { entryWeight, unaskedWeight } from "../weight.ts";
import { Clock } from "./clock.ts";
import { Leases } from "./leases.ts";
import { NONE, type PastUse, RAW } from "./slots.ts";
import { Store } from "./store.ts";

/** Caches that have a name, where names cannot be shared with other isolates. */
const named = new Map<string, WeakRef<Core<unknown>>>();

/** A cache without its cache objects. */
export class Core<V> implements LoadBackend<V> {
  readonly codec: Codec<V>;
  readonly store: Store<V>;
  readonly loads: SingleFlight<V>;
  readonly #leases = new Leases();
  readonly #options: ResolvedOptions;
  #users = 1;

  private constructor(options: ResolvedOptions) {
    this.#options = options;
    this.codec = codecOf<V>(options.codec);
    this.store = new Store(options, new Clock(), options.codec);
    this.loads = new SingleFlight(this.codec, this, options.onError);
  }

  /** The cache of a name, or one that is nobody else's. */
  static open<V>(options: ResolvedOptions): Core<V> {
    // One that keeps nothing is nobody else's.
    const name = options.enabled ? options.name : undefined;
    const found = name === undefined ? undefined : named.get(name)?.deref();
    if (found !== undefined) {
      checkSameOptions(found.#options, options);
      found.#users++;
      return found as Core<V>;
    }
    const core = new Core<V>(options);
    if (name !== undefined) named.set(name, new WeakRef(core as Core<unknown>));
    return core;
  }

  /** Whether anything is kept. */
  get enabled(): boolean {
    return this.#options.enabled;
  }

  /** A cache object is closed; the last one takes the entries along. */
  close(): void {
    if (--this.#users > 0) return;
    const { name, enabled } = this.#options;
    if (name !== undefined && enabled) named.delete(name);
    this.loads.close();
    this.#leases.clear();
    this.store.close();
  }

  /** What a reader gets of an entry. */
  valueOf(slot: number): V {
    const { values, state } = this.store.slots;
    if (((state[slot] as number) & RAW) !== 0) {
      values[slot] = this.codec.decode(values[slot] as Stored);
      state[slot]! &= ~RAW;
    }
    return this.codec.forReader(values[slot] as V);
  }

  peek(key: string): V | undefined {
    const slot = this.store.peek(key);
    return slot === NONE ? undefined : this.valueOf(slot);
  }

  /** The weight of an entry, as far as it is asked for; throws `TOO_LARGE`. */
  weigh(key: string, stored: Stored, tags: Tags | undefined): number {
    return this.store.weighed
      ? entryWeight(key.toWellFormed(), stored, tags, this.#options.maxBytes)
      : unaskedWeight(key, stored, tags);
  }

  fits(key: string, stored: Stored, tags: Tags | undefined): boolean {
    if (!this.#options.enabled) return false;
    try {
      this.weigh(key, stored, tags);
      return true;
    } catch {
      return false;
    }
  }

  /** Stores a value and ends the load of its key. */
  set(key: string, stored: Stored, weight: number, life: Lifetime, past?: PastUse): void {
    if (this.#leases.some) this.#leases.end(key.toWellFormed());
    if (this.#options.enabled) this.store.set(key, stored, weight, life, past);
  }

  /** Removes an entry and ends the load of its key. */
  delete(key: string): boolean {
    if (this.#leases.some) this.#leases.end(key.toWellFormed());
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

  publish(key: string, token: number, stored: Stored, life: Lifetime): void {
    if (this.#leases.stands(key, token)) {
      this.set(key, stored, this.weigh(key, stored, life.tags), life);
    } else this.#leases.release(key, token);
  }

  /** Every lease of this twin is of this isolate, so its load is found before anyone asks here. */
  ended(): Promise<void> {
    return Promise.resolve();
  }
}
