/**
 * The pure twin: a cache of this isolate, and the definition of what a cache does.
 *
 * Its rules of eviction and expiry are in store.ts, those of loading in loads.ts.
 * Twin: native.ts; tests/conformance/cache.ts runs on both.
 *
 * @module
 */

import { type Clock, platformClock } from "./clock.ts";
import { type Codec, codecOf } from "./codec.ts";
import { byteLength, type Stored } from "./measure.ts";
import { type Lease, Leases } from "./leases.ts";
import { type LeasePort, Loads } from "./loads.ts";
import {
  checkIterable,
  checkKey,
  checkKeys,
  checkPair,
  checkSameOptions,
  checkWeight,
  closedError,
  type Lifetime,
  type ResolvedOptions,
  resolveLifetime,
  resolveLoad,
} from "./options.ts";
import { type Before, type Entry, Store } from "./store.ts";
import type { PurePages } from "./pure_snapshot.ts";
import { checkTag, type Tags } from "./tags.ts";
import type {
  CacheStats,
  LoadOptions,
  RestoreReport,
  SetOptions,
  SnapshotOptions,
  SnapshotReport,
  TtlCache,
} from "./types.ts";

/** What the cache objects of one name in this isolate share. */
class Core<V> implements LeasePort<V> {
  readonly store: Store<V>;
  readonly loads: Loads<V>;
  readonly #leases = new Leases();
  readonly codec: Codec<V>;
  readonly maxBytes: number;
  users = 1;

  constructor(readonly options: ResolvedOptions, clock: Clock) {
    this.codec = codecOf<V>(options.codec);
    this.maxBytes = options.maxBytes;
    this.store = new Store(options, clock);
    this.loads = new Loads(this.codec, this);
  }

  /** What a reader gets of an entry. */
  lend(entry: Entry<V>): V {
    if (entry.raw) {
      entry.value = this.codec.decode(entry.value as Stored);
      entry.raw = false;
    }
    return this.codec.lend(entry.value as V);
  }

  peek(key: string): V | undefined {
    const entry = this.store.peek(key);
    return entry && this.lend(entry);
  }

  weigh(key: string, stored: Stored, tags: Tags | undefined): number {
    return checkWeight(byteLength(key), byteLength(stored), tags, this.maxBytes);
  }

  set(key: string, stored: Stored, weight: number, life: Lifetime, before?: Before): void {
    this.#leases.end(key);
    this.store.set(key, stored, weight, life, before);
  }

  delete(key: string): boolean {
    this.#leases.end(key);
    return this.store.delete(key);
  }

  deleteByTag(tag: string): number {
    this.#leases.endTagged(tag);
    return this.store.deleteByTag(tag, (key) => this.#leases.end(key));
  }

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

/** Caches that have a name, where names cannot be shared with other isolates. */
const named = new Map<string, Core<unknown>>();

function coreOf<V>(options: ResolvedOptions, clock: Clock): Core<V> {
  if (options.name === undefined) return new Core<V>(options, clock);
  const found = named.get(options.name);
  if (found === undefined) {
    const core = new Core<V>(options, clock);
    named.set(options.name, core as Core<unknown>);
    return core;
  }
  checkSameOptions(found.options, options);
  found.users++;
  return found as Core<V>;
}

/** A cache in TypeScript. */
export class PureCache<V> implements TtlCache<V> {
  readonly implementation = "pure";
  readonly shared = false;
  readonly #codec: Codec<V>;
  readonly #defaults: Lifetime;
  /** Reads by the hot path lend text and decoded JSON as they are. */
  readonly #copies: boolean;
  #core: Core<V> | undefined;

  /**
   * Makes a cache.
   *
   * @param options Checked options.
   * @param clock What time it is.
   */
  constructor(options: ResolvedOptions, clock: Clock = platformClock) {
    this.#core = coreOf<V>(options, clock);
    this.#codec = codecOf<V>(options.codec);
    this.#copies = options.codec === "bytes";
    this.#defaults = { ttlMs: options.ttlMs, graceMs: options.graceMs, tags: undefined };
  }

  /** See {@linkcode TtlCache.size}. */
  get size(): number {
    return this.#open().store.size;
  }

  /** See {@linkcode TtlCache.get}. */
  get(key: string): V | undefined {
    const core = this.#core;
    if (core === undefined) throw closedError();
    const entry = core.store.read(key);
    if (entry === undefined) return this.#getUnusual(core, key);
    return entry.raw || this.#copies ? core.lend(entry) : entry.value as V;
  }

  /** See {@linkcode TtlCache.peek}. */
  peek(key: string): V | undefined {
    return this.#open().peek(checkKey(key));
  }

  /** See {@linkcode TtlCache.has}. */
  has(key: string): boolean {
    return this.#open().store.peek(checkKey(key)) !== undefined;
  }

  /** See {@linkcode TtlCache.delete}. */
  delete(key: string): boolean {
    return this.#open().delete(checkKey(key));
  }

  /** See {@linkcode TtlCache.deleteByTag}. */
  deleteByTag(tag: string): number {
    return this.#open().deleteByTag(checkTag(tag));
  }

  /** See {@linkcode TtlCache.clear}. */
  clear(): void {
    this.#open().clear();
  }

  /** See {@linkcode TtlCache.keys}. */
  keys(): string[] {
    return this.#open().store.keys();
  }

  /** See {@linkcode TtlCache.set}. */
  set(key: string, value: V, options?: SetOptions): void {
    const core = this.#open();
    const name = checkKey(key);
    const life = resolveLifetime(options, this.#defaults);
    const stored = this.#codec.encode(value);
    core.set(name, stored, core.weigh(name, stored, life.tags), life);
  }

  /** See {@linkcode TtlCache.getMany}. */
  getMany(keys: readonly string[]): (V | undefined)[] {
    const core = this.#open();
    checkKeys(keys);
    const found: (V | undefined)[] = new Array(keys.length).fill(undefined);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string;
      const entry = core.store.read(key);
      if (entry === undefined) found[i] = this.#getUnusual(core, key);
      else found[i] = entry.raw || this.#copies ? core.lend(entry) : entry.value as V;
    }
    return found;
  }

  /** See {@linkcode TtlCache.setMany}. */
  setMany(entries: Iterable<readonly [string, V]>, options?: SetOptions): void {
    const core = this.#open();
    checkIterable(entries);
    const life = resolveLifetime(options, this.#defaults);
    const ready: [string, Stored, number][] = [];
    for (const pair of entries) {
      // Not taken apart by a pattern, which would go through an iterator.
      const entry = checkPair(pair, ready.length);
      const name = checkKey(entry[0]);
      const stored = this.#codec.encode(entry[1]);
      ready.push([name, stored, core.weigh(name, stored, life.tags)]);
    }
    for (const [key, stored, weight] of ready) core.set(key, stored, weight, life);
  }

  /** See {@linkcode TtlCache.getOrSet}. */
  async getOrSet(
    key: string,
    load: (signal: AbortSignal) => V | Promise<V>,
    options?: LoadOptions,
  ): Promise<V> {
    const core = this.#open();
    const request = resolveLoad(key, load, options, this.#defaults);
    const value = this.get(request.key);
    if (value !== undefined) return value;
    const stale = core.store.peekStale(request.key);
    if (stale === undefined) return await core.loads.wait(request);
    const kept = core.lend(stale);
    core.loads.refresh(request);
    return kept;
  }

  /** See {@linkcode TtlCache.purgeExpired}. */
  purgeExpired(): number {
    return this.#open().store.sweep();
  }

  /** See {@linkcode TtlCache.stats}. */
  stats(): CacheStats {
    const { store } = this.#open();
    const entries = store.size;
    const { bytes, hits, misses, evictions, expirations } = store;
    return { entries, bytes, hits, misses, evictions, expirations };
  }

  /** See {@linkcode TtlCache.snapshot}. */
  async snapshot(path: string, options?: SnapshotOptions): Promise<SnapshotReport> {
    const { save, pages } = await this.#files();
    return await save(pages, path, options);
  }

  /** See {@linkcode TtlCache.restore}. */
  async restore(path: string, options?: SnapshotOptions): Promise<RestoreReport> {
    const { load, pages } = await this.#files();
    return await load(pages, path, options);
  }

  /** See {@linkcode TtlCache.close}. */
  close(): void {
    const core = this.#core;
    if (core === undefined) return;
    this.#core = undefined;
    if (--core.users > 0) return;
    if (core.options.name !== undefined) named.delete(core.options.name);
    core.loads.close();
    core.clear();
  }

  /** Closes the cache at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** What few programs need is loaded by those alone. */
  async #files(): Promise<typeof import("./snapshot.ts") & { pages: PurePages<V> }> {
    this.#open();
    const [files, { PurePages }] = await Promise.all([
      import("./snapshot.ts"),
      import("./pure_snapshot.ts"),
    ]);
    return { ...files, pages: new PurePages(() => this.#open()) };
  }

  #open(): Core<V> {
    if (this.#core === undefined) throw closedError();
    return this.#core;
  }

  /** A key that was not found as it is: wrong, not well-formed, or missed. */
  #getUnusual(core: Core<V>, key: unknown): V | undefined {
    const name = checkKey(key);
    const entry = name === key ? undefined : core.store.read(name);
    if (entry !== undefined) return core.lend(entry);
    core.store.misses++;
    return undefined;
  }
}
