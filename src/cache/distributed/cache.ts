/**
 * The distributed cache: entries in Redis, and a copy of them in this isolate.
 *
 * What Redis is asked is in commands.ts and reader.ts, what keeps the copy right in tracked_copy.ts and
 * invalidation.ts, who loads in single_flight.ts.
 *
 * @module
 */

import { checkStrings } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import { announce, retire } from "../../shared/live.ts";
import { type Codec, codecOf, type Stored } from "../codec.ts";
import {
  checkIterable,
  checkKey,
  checkPair,
  checkTtl,
  defaultLifetime,
  type Lifetime,
  type ResolvedOptions,
  resolveLifetime,
  resolveLoad,
} from "../options.ts";
import { checkTag } from "../tags.ts";
import type {
  CacheCodec,
  CacheOptions,
  CacheStats,
  Loader,
  LoadOptions,
  SetOptions,
} from "../types.ts";
import type { Address } from "./address.ts";
import { Commands, entrySize, isTaken } from "./commands.ts";
import { disconnected } from "./errors.ts";
import { Invalidation } from "./invalidation.ts";
import { Link } from "./link.ts";
import { type Found, Reader } from "./reader.ts";
import { DistributedSingleFlight } from "./single_flight.ts";
import { TrackedCopy } from "./tracked_copy.ts";
import type { DistributedCache, DistributedStats } from "./types.ts";

/** What a cache is made with. */
export interface DistributedSettings {
  readonly options: ResolvedOptions;
  readonly implementation: CacheOptions["implementation"];
  readonly address: Address;
  readonly timeoutMs: number;
  /** Whether loads run while the server is away. */
  readonly fallback: boolean;
}

/** A cache in Redis. What its methods do is said in {@linkcode DistributedCache}. */
export class RedisCache<V> implements DistributedCache<V> {
  readonly shared = true;
  readonly #codec: Codec<V>;
  readonly #defaults: Lifetime;
  readonly #copy: TrackedCopy<V>;
  readonly #loads: DistributedSingleFlight<V>;
  readonly #invalidate: Invalidation;
  #link!: Link;
  #commands!: Commands;
  #reader!: Reader<V>;
  #ending: Promise<void> | undefined;
  /** Until when the copy may be used without a connection; -Infinity while there is one. */
  #graceEnds = -Infinity;
  #hits = 0;
  #misses = 0;
  #copyHits = 0;

  private constructor(
    { options, implementation, fallback }: DistributedSettings,
    prefix: string,
  ) {
    this.#codec = codecOf<V>(options.codec);
    this.#defaults = defaultLifetime(options);
    this.#copy = new TrackedCopy<V>(options, implementation);
    this.#loads = new DistributedSingleFlight<V>(this.#codec, {
      read: async (key) => (await this.#reader.read([key]))[0],
      acquire: (request, token) => this.#commands.acquire(request, token),
      publish: (key, token, stored, life) => this.#store([[key, stored]], life, token),
      release: (key, token) => this.#commands.release(key, token),
      kept: (key, error) => this.#inGrace(key, error),
      fits: isTaken,
    }, { onError: options.onError, fallback });
    this.#invalidate = new Invalidation(
      this.#copy as TrackedCopy<unknown>,
      this.#loads as DistributedSingleFlight<unknown>,
      prefix,
    );
  }

  /** Connects and makes a cache. */
  static async open<V>(settings: DistributedSettings): Promise<RedisCache<V>> {
    const { options, address, timeoutMs } = settings;
    const prefix = prefixOf(options.name);
    const cache = new RedisCache<V>(settings, prefix);
    const invalidate = cache.#invalidate;
    try {
      cache.#link = await Link.open(address, timeoutMs, {
        changed: (name) => invalidate.reported(name),
        down: (since) => cache.#down(since),
        up: () => cache.#up(),
      });
    } catch (error) {
      cache.#copy.cache.close();
      throw error;
    }
    // Its copy is part of it, and no cache of its own for whoever looks.
    retire(cache.#copy.cache);
    announce("cache", cache, (cache) => cache.#numbers(), options.name, false);
    cache.#commands = new Commands(
      cache.#link,
      prefix,
      options.codec,
      (tag) => invalidate.stamp(tag),
    );
    cache.#reader = new Reader(cache.#link, cache.#copy, cache.#codec, prefix);
    return cache;
  }

  get implementation(): "native" | "pure" {
    return this.#copy.cache.implementation;
  }

  get codec(): CacheCodec {
    return this.#codec.name;
  }

  get connected(): boolean {
    return this.#link.connected;
  }

  async get(key: string): Promise<V | undefined> {
    this.#checkOpen();
    const name = checkKey(key);
    const kept = this.#fromCopy(name);
    const value = kept === undefined ? await this.#fromRedis(name) : kept;
    this.#count(value !== undefined);
    return value;
  }

  async peek(key: string): Promise<V | undefined> {
    this.#checkOpen();
    const name = checkKey(key);
    const kept = this.#isCopyRight() ? this.#copy.cache.peek(name) : undefined;
    return kept === undefined ? await this.#fromRedis(name) : kept;
  }

  async has(key: string): Promise<boolean> {
    return await this.peek(key) !== undefined;
  }

  async getMany(keys: readonly string[]): Promise<(V | undefined)[]> {
    this.#checkOpen();
    checkStrings(keys, "keys");
    const names = keys.map((key) => key.toWellFormed());
    const values = names.map((name) => this.#fromCopy(name));
    const missing: number[] = [];
    for (let i = 0; i < names.length; i++) if (values[i] === undefined) missing.push(i);
    if (missing.length > 0) {
      const found = await this.#manyFromRedis(missing.map((i) => names[i] as string));
      for (const [at, i] of missing.entries()) values[i] = found[at];
    }
    for (const value of values) this.#count(value !== undefined);
    return values;
  }

  async set(key: string, value: V, options?: SetOptions): Promise<void> {
    this.#checkOpen();
    const name = checkKey(key);
    const life = resolveLifetime(options, this.#defaults);
    await this.#store([this.#ready(name, value)], life);
  }

  async setMany(entries: Iterable<readonly [string, V]>, options?: SetOptions): Promise<void> {
    this.#checkOpen();
    checkIterable(entries);
    const life = resolveLifetime(options, this.#defaults);
    const ready: [string, Stored][] = [];
    for (const pair of entries) {
      const [key, value] = checkPair(pair, ready.length);
      ready.push(this.#ready(checkKey(key), value));
    }
    if (ready.length > 0) await this.#store(ready, life);
  }

  async delete(key: string): Promise<boolean> {
    this.#checkOpen();
    const name = checkKey(key);
    this.#invalidate.entry(name);
    const wasAlive = await this.#commands.delete(name);
    this.#loads.changed(name);
    return wasAlive;
  }

  async deleteByTag(tag: string): Promise<number> {
    this.#checkOpen();
    const name = checkTag(tag);
    this.#invalidate.tag(name);
    return await this.#commands.deleteByTag(name, () => this.#loads.changed());
  }

  async clear(): Promise<void> {
    this.#checkOpen();
    this.#invalidate.all();
    await this.#commands.endAll();
    this.#loads.changed();
    await this.#commands.sweep();
  }

  async keys(): Promise<string[]> {
    this.#checkOpen();
    return await this.#commands.keys();
  }

  async size(): Promise<number> {
    return (await this.keys()).length;
  }

  async getOrSet(key: string, load: Loader<V>, options?: LoadOptions): Promise<V> {
    this.#checkOpen();
    const request = resolveLoad(key, load, options, this.#defaults);
    request.signal?.throwIfAborted();
    const kept = this.#fromCopy(request.key);
    const { value, loaded } = kept !== undefined
      ? { value: kept, loaded: false }
      : await this.#loads.get(request);
    this.#count(!loaded);
    return value;
  }

  async expire(key: string, ttlMs: number): Promise<boolean> {
    this.#checkOpen();
    const name = checkKey(key);
    const ms = checkTtl(ttlMs);
    this.#invalidate.entry(name);
    return await this.#commands.expire(name, ms, this.#defaults.graceMs);
  }

  // deno-lint-ignore require-await -- rejects as the others do
  async purgeExpired(): Promise<number> {
    this.#checkOpen();
    return this.#copy.cache.purgeExpired();
  }

  // deno-lint-ignore require-await -- rejects as the others do
  async stats(): Promise<DistributedStats> {
    this.#checkOpen();
    return {
      ...this.#numbers(),
      copyHits: this.#copyHits,
      invalidations: this.#copy.invalidations,
    };
  }

  /** What needs no server. */
  #numbers(): Pick<
    CacheStats,
    "entries" | "bytes" | "hits" | "misses" | "evictions" | "expirations"
  > {
    const { entries, bytes, evictions, expirations } = this.#copy.cache.stats();
    return { entries, bytes, hits: this.#hits, misses: this.#misses, evictions, expirations };
  }

  close(): Promise<void> {
    return this.#ending ??= this.#close();
  }

  /** Closes the cache at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    retire(this);
    this.#link.prepareClose();
    await this.#loads.close();
    this.#link.close();
    this.#copy.cache.close();
  }

  #checkOpen(): void {
    if (this.#ending !== undefined) throw disconnected();
  }

  #count(hit: boolean): void {
    if (hit) this.#hits++;
    else this.#misses++;
  }

  /** Whether the copy is known to be right. */
  #isCopyRight(): boolean {
    return this.#link.alive(performance.now());
  }

  /** What the copy has of a key, if it can be used now. */
  #fromCopy(key: string): V | undefined {
    return this.#isCopyRight() ? this.#countedCopy(key) : undefined;
  }

  /** What the copy still has of a key while Redis is away. */
  #inGrace(key: string, error: unknown): V | undefined {
    if (this.#ending !== undefined || !AgentError.is(error, "UNAVAILABLE")) return undefined;
    return performance.now() < this.#graceEnds ? this.#countedCopy(key) : undefined;
  }

  #countedCopy(key: string): V | undefined {
    const value = this.#copy.cache.get(key);
    if (value !== undefined) this.#copyHits++;
    return value;
  }

  async #fromRedis(key: string): Promise<V | undefined> {
    return (await this.#manyFromRedis([key]))[0];
  }

  /** Values that the copy does not have; while Redis is away, those that it still has. */
  async #manyFromRedis(keys: readonly string[]): Promise<(V | undefined)[]> {
    try {
      return (await this.#reader.read(keys)).map((found) => this.#liveValue(found));
    } catch (error) {
      return keys.map((key) => {
        const value = this.#inGrace(key, error);
        if (value === undefined) throw error;
        return value;
      });
    }
  }

  #liveValue(found: Found<V> | undefined): V | undefined {
    return found === undefined || found.stale ? undefined : this.#codec.forReader(found.value);
  }

  #ready(key: string, value: unknown): [string, Stored] {
    const stored = this.#codec.encode(value);
    entrySize(key, stored);
    return [key, stored];
  }

  async #store(
    entries: readonly (readonly [string, Stored])[],
    life: Lifetime,
    token?: string,
  ): Promise<void> {
    for (const [key] of entries) this.#invalidate.entry(key);
    await this.#commands.store(entries, life, token);
    for (const [key] of entries) this.#loads.changed(key);
  }

  #down(since: number): void {
    const { graceMs } = this.#defaults;
    this.#graceEnds = since + graceMs;
    if (graceMs === 0) this.#copy.clear();
    this.#loads.forget();
    this.#loads.changed();
  }

  #up(): void {
    this.#graceEnds = -Infinity;
    this.#copy.clear();
  }
}

/** Names are written so that the part in braces is all of them, and no name is another's beginning. */
function prefixOf(name: string | undefined): string {
  const written = (name ?? "default").replace(/[%{}]/g, encodeURIComponent);
  return `agent:cache:{${written}}:`;
}
