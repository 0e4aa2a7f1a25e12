/**
 * The pure twin: a cache of this isolate, and the definition of what a cache does.
 *
 * Its rules of eviction and expiry are in store.ts, those of loading in the room `loads/`.
 * Twin: native/cache.ts; tests/cache/conformance.ts runs on both.
 *
 * @module
 */

import { checkString, checkStrings } from "../../shared/arguments.ts";
import { announce, retire } from "../../shared/live.ts";
import type { Codec, Stored } from "../codec.ts";
import {
  checkIterable,
  checkKey,
  checkLoader,
  checkPair,
  checkTtl,
  closedError,
  defaultLifetime,
  type Lifetime,
  type LoadRequest,
  type ResolvedOptions,
  resolveLifetime,
  resolveLoad,
} from "../options.ts";
import type { Snapshots } from "../snapshot/snapshots.ts";
import { checkTag } from "../tags.ts";
import type {
  CacheCodec,
  CacheStats,
  Loader,
  LoadOptions,
  RestoreReport,
  SetOptions,
  SnapshotOptions,
  SnapshotReport,
  TtlCache,
} from "../types.ts";
import { Core } from "./core.ts";
import { NONE } from "./slots.ts";

/** A cache in TypeScript. What its methods do is said in {@linkcode TtlCache}. */
export class PureCache<V> implements TtlCache<V> {
  readonly implementation = "pure";
  readonly shared = false;
  readonly #codec: Codec<V>;
  readonly #defaults: Lifetime;
  /** Whether readers get what is kept as it is, without a look at it. */
  readonly #plain: boolean;
  #core: Core<V> | undefined;

  /**
   * Makes a cache.
   *
   * @param options Checked options.
   */
  constructor(options: ResolvedOptions) {
    this.#core = Core.open<V>(options);
    this.#codec = this.#core.codec;
    this.#plain = options.codec === "text";
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
    const slot = core.store.read(key);
    if (slot === NONE) return this.#getUnusual(core, key);
    return this.#plain ? core.store.slots.values[slot] as V : core.valueOf(slot);
  }

  peek(key: string): V | undefined {
    return this.#open().peek(checkKey(key));
  }

  has(key: string): boolean {
    const { store } = this.#open();
    if (store.peek(key) !== NONE) return true;
    const name = checkKey(key);
    return name !== key && store.peek(name) !== NONE;
  }

  delete(key: string): boolean {
    const core = this.#open();
    checkString(key, "key");
    return core.delete(key);
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
    checkString(key, "key");
    const life = options === undefined ? this.#defaults : resolveLifetime(options, this.#defaults);
    const stored = this.#codec.encode(value);
    core.set(key, stored, core.weigh(key, stored, life.tags), life);
  }

  getMany(keys: readonly string[]): (V | undefined)[] {
    const core = this.#open();
    checkStrings(keys, "keys");
    const { store } = core;
    const found: (V | undefined)[] = new Array(keys.length).fill(undefined);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string;
      const slot = store.read(key);
      if (slot === NONE) found[i] = this.#getUnusual(core, key);
      else found[i] = this.#plain ? store.slots.values[slot] as V : core.valueOf(slot);
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
      const key = entry[0];
      checkString(key, "key");
      const stored = this.#codec.encode(entry[1]);
      ready.push([key, stored, core.weigh(key, stored, life.tags)]);
    }
    for (const [key, stored, weight] of ready) core.set(key, stored, weight, life);
  }

  getOrSet(key: string, load: Loader<V>, options?: LoadOptions): Promise<V> {
    // Not declared async: a hit, which is what mostly happens, then costs half as much.
    try {
      const core = this.#open();
      checkLoader(load);
      if (options === undefined) {
        const value = this.get(key);
        if (value !== undefined) return Promise.resolve(value);
      }
      return this.#load(core, resolveLoad(key, load, options, this.#defaults), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  expire(key: string, ttlMs: number): boolean {
    const { store } = this.#open();
    checkString(key, "key");
    return store.expire(key, checkTtl(ttlMs), this.#defaults.graceMs);
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

  /** Gets a value for `getOrSet`; without options it was looked for already. */
  #load(core: Core<V>, request: LoadRequest<V>, options: LoadOptions | undefined): Promise<V> {
    if (options !== undefined) {
      request.signal?.throwIfAborted();
      const value = this.get(request.key);
      if (value !== undefined) return Promise.resolve(value);
    }
    const slot = core.store.peekStale(request.key);
    if (slot === NONE) return core.loads.wait(request);
    const stale = core.valueOf(slot);
    core.loads.refresh(request, stale);
    return Promise.resolve(this.#codec.forReader(stale));
  }

  /** What few programs need is loaded by those alone. */
  async #snapshots(): Promise<Snapshots> {
    this.#open();
    const { pureSnapshots } = await import("./pages.ts");
    return pureSnapshots(() => this.#open());
  }

  /** A key that was not found as it is: wrong, not well-formed, or missed. */
  #getUnusual(core: Core<V>, key: unknown): V | undefined {
    if (!core.store.directory.isMissed(key)) {
      const name = checkKey(key);
      const slot = name === key ? NONE : core.store.read(name);
      if (slot !== NONE) return core.valueOf(slot);
    }
    core.store.misses++;
    return undefined;
  }
}
