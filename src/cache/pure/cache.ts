/**
 * The pure twin: a cache of this isolate, and the definition of what a cache does.
 *
 * Its rules of eviction and expiry are in store.ts, those of loading in the room `loads/`.
 * Twin: native/cache.ts; tests/cache/conformance.ts runs on both.
 *
 * @module
 */

import { checkStrings } from "../../shared/arguments.ts";
import { announce, retire } from "../../shared/live.ts";
import type { Codec, Stored } from "../codec.ts";
import {
  checkIterable,
  checkKey,
  checkPair,
  closedError,
  defaultLifetime,
  type Lifetime,
  type ResolvedOptions,
  resolveLifetime,
  resolveLoad,
} from "../options.ts";
import type { Snapshots } from "../snapshot/snapshots.ts";
import { checkTag } from "../tags.ts";
import type {
  CacheCodec,
  CacheStats,
  LoadOptions,
  RestoreReport,
  SetOptions,
  SnapshotOptions,
  SnapshotReport,
  TtlCache,
} from "../types.ts";
import { entryWeight } from "../weight.ts";
import { type Clock, platformClock } from "./clock.ts";
import { Core } from "./core.ts";

/** A cache in TypeScript. What its methods do is said in {@linkcode TtlCache}. */
export class PureCache<V> implements TtlCache<V> {
  readonly implementation = "pure";
  readonly shared = false;
  readonly #codec: Codec<V>;
  readonly #defaults: Lifetime;
  /** Whether readers get copies. The hot path gives text and decoded JSON as they are. */
  readonly #copies: boolean;
  #core: Core<V> | undefined;

  /**
   * Makes a cache.
   *
   * @param options Checked options.
   * @param clock What time it is.
   */
  constructor(options: ResolvedOptions, clock: Clock = platformClock) {
    this.#core = Core.open<V>(options, clock);
    this.#codec = this.#core.codec;
    this.#copies = options.codec === "bytes";
    this.#defaults = defaultLifetime(options);
    announce("cache", this, (cache) => ({ ...cache.stats() }), options.name);
  }

  get codec(): CacheCodec {
    return this.#codec.name;
  }

  get size(): number {
    return this.#open().store.size;
  }

  get(key: string): V | undefined {
    const core = this.#core;
    if (core === undefined) throw closedError();
    const entry = core.store.read(key);
    if (entry === undefined) return this.#getUnusual(core, key);
    return entry.raw || this.#copies ? core.valueOf(entry) : entry.value as V;
  }

  peek(key: string): V | undefined {
    return this.#open().peek(checkKey(key));
  }

  has(key: string): boolean {
    return this.#open().store.peek(checkKey(key)) !== undefined;
  }

  delete(key: string): boolean {
    return this.#open().delete(checkKey(key));
  }

  deleteByTag(tag: string): number {
    return this.#open().deleteByTag(checkTag(tag));
  }

  clear(): void {
    this.#open().clear();
  }

  keys(): string[] {
    return this.#open().store.keys();
  }

  set(key: string, value: V, options?: SetOptions): void {
    const core = this.#open();
    const name = checkKey(key);
    const life = resolveLifetime(options, this.#defaults);
    const stored = this.#codec.encode(value);
    core.set(name, stored, entryWeight(name, stored, life.tags, core.maxBytes), life);
  }

  getMany(keys: readonly string[]): (V | undefined)[] {
    const core = this.#open();
    checkStrings(keys, "keys");
    const found: (V | undefined)[] = new Array(keys.length).fill(undefined);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string;
      const entry = core.store.read(key);
      if (entry === undefined) found[i] = this.#getUnusual(core, key);
      else found[i] = entry.raw || this.#copies ? core.valueOf(entry) : entry.value as V;
    }
    return found;
  }

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
      ready.push([name, stored, entryWeight(name, stored, life.tags, core.maxBytes)]);
    }
    for (const [key, stored, weight] of ready) core.set(key, stored, weight, life);
  }

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
    const kept = core.valueOf(stale);
    core.loads.refresh(request);
    return kept;
  }

  purgeExpired(): number {
    return this.#open().store.sweep();
  }

  stats(): CacheStats {
    const { store } = this.#open();
    const entries = store.size;
    const { bytes, hits, misses, evictions, expirations } = store;
    return { entries, bytes, hits, misses, evictions, expirations };
  }

  async snapshot(path: string, options?: SnapshotOptions): Promise<SnapshotReport> {
    return await (await this.#snapshots()).save(path, options);
  }

  async restore(path: string, options?: SnapshotOptions): Promise<RestoreReport> {
    return await (await this.#snapshots()).restore(path, options);
  }

  close(): void {
    retire(this);
    const core = this.#core;
    this.#core = undefined;
    core?.close();
  }

  /** Closes the cache at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  #open(): Core<V> {
    if (this.#core === undefined) throw closedError();
    return this.#core;
  }

  /** What few programs need is loaded by those alone. */
  async #snapshots(): Promise<Snapshots> {
    this.#open();
    const { pureSnapshots } = await import("./pages.ts");
    return pureSnapshots(() => this.#open());
  }

  /** A key that was not found as it is: wrong, not well-formed, or missed. */
  #getUnusual(core: Core<V>, key: unknown): V | undefined {
    const name = checkKey(key);
    const entry = name === key ? undefined : core.store.read(name);
    if (entry !== undefined) return core.valueOf(entry);
    core.store.misses++;
    return undefined;
  }
}
