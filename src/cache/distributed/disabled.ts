// deno-lint-ignore-file require-await -- each rejects as those of a cache with a server do
/**
 * A distributed cache that is not enabled: it connects to nothing and keeps nothing, so that every read
 * is a miss and every `getOrSet` loads.
 *
 * @module
 */

import type { ResolvedOptions } from "../options.ts";
import { PureCache } from "../pure/cache.ts";
import type { CacheCodec, Loader, LoadOptions, SetOptions } from "../types.ts";
import type { DistributedCache, DistributedStats } from "./types.ts";

/** A cache without a server. What its methods do is said in {@linkcode DistributedCache}. */
export class DisabledCache<V> implements DistributedCache<V> {
  readonly shared = true;
  readonly connected = false;
  readonly #cache: PureCache<V>;

  /** Makes one of checked options, in which `enabled` is false. */
  constructor(options: ResolvedOptions) {
    this.#cache = new PureCache<V>({ ...options, maxBytes: Infinity });
  }

  get implementation(): "native" | "pure" {
    return this.#cache.implementation;
  }

  get codec(): CacheCodec {
    return this.#cache.codec;
  }

  async get(key: string): Promise<V | undefined> {
    return this.#cache.get(key);
  }

  async peek(key: string): Promise<V | undefined> {
    return this.#cache.peek(key);
  }

  async has(key: string): Promise<boolean> {
    return this.#cache.has(key);
  }

  async delete(key: string): Promise<boolean> {
    return this.#cache.delete(key);
  }

  async deleteByTag(tag: string): Promise<number> {
    return this.#cache.deleteByTag(tag);
  }

  async clear(): Promise<void> {
    this.#cache.clear();
  }

  async keys(): Promise<string[]> {
    return this.#cache.keys();
  }

  async size(): Promise<number> {
    return this.#cache.size;
  }

  async set(key: string, value: V, options?: SetOptions): Promise<void> {
    this.#cache.set(key, value, options);
  }

  async getMany(keys: readonly string[]): Promise<(V | undefined)[]> {
    return this.#cache.getMany(keys);
  }

  async setMany(entries: Iterable<readonly [string, V]>, options?: SetOptions): Promise<void> {
    this.#cache.setMany(entries, options);
  }

  getOrSet(key: string, load: Loader<V>, options?: LoadOptions): Promise<V> {
    return this.#cache.getOrSet(key, load, options);
  }

  async expire(key: string, ttlMs: number): Promise<boolean> {
    return this.#cache.expire(key, ttlMs);
  }

  async purgeExpired(): Promise<number> {
    return this.#cache.purgeExpired();
  }

  async stats(): Promise<DistributedStats> {
    return { ...this.#cache.stats(), copyHits: 0, invalidations: 0 };
  }

  async close(): Promise<void> {
    this.#cache.close();
  }

  /** Closes the cache at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
