/**
 * The distributed cache: entries in Redis, and a copy of them in this isolate.
 *
 * What Redis does is in scripts.ts, what keeps the copy right in copy.ts, who loads in loads.ts.
 *
 * @module
 */

import { AgentError } from "../../errors.ts";
import { type Codec, codecOf } from "../codec.ts";
import { byteLength, type Stored } from "../measure.ts";
import {
  checkIterable,
  checkKey,
  checkKeys,
  checkPair,
  type Lifetime,
  type LoadRequest,
  type ResolvedOptions,
  resolveLifetime,
  resolveLoad,
} from "../options.ts";
import { checkTag } from "../tags.ts";
import type { CacheOptions, LoadOptions, SetOptions } from "../types.ts";
import type { Address } from "./address.ts";
import type { Argument } from "./connection.ts";
import { Copy } from "./copy.ts";
import { letterOf } from "./envelope.ts";
import { disconnected, Link } from "./link.ts";
import { DistributedLoads, type Entered, type LoadPort } from "./loads.ts";
import { type Found, Reader } from "./reader.ts";
import * as scripts from "./scripts.ts";
import type { DistributedCache, DistributedStats } from "./types.ts";

/** Redis takes 512 MiB for a value; our header needs some of it. */
const MOST_BYTES = 511 * 2 ** 20;
/** Entries in one script, keys in one step of a search, and keys that are removed in one step. */
const BATCH = 1_000;
/** Redis is asked for a lease of at most a day. */
const LONGEST_LEASE = 86_400_000;

/** What a cache is made with. */
export interface DistributedSettings {
  readonly options: ResolvedOptions;
  readonly implementation: CacheOptions["implementation"];
  readonly address: Address;
  readonly timeoutMs: number;
}

/** A cache in Redis. */
export class RedisCache<V> implements DistributedCache<V>, LoadPort<V> {
  readonly shared = true;
  readonly #codec: Codec<V>;
  readonly #defaults: Lifetime;
  readonly #graceMs: number;
  readonly #prefix: string;
  readonly #copy: Copy<V>;
  readonly #loads: DistributedLoads<V>;
  #link!: Link;
  #reader!: Reader<V>;
  #ending: Promise<void> | undefined;
  /** Until when the copy may be used without a connection; -Infinity while there is one. */
  #graceEnds = -Infinity;
  #hits = 0;
  #misses = 0;
  #copyHits = 0;

  private constructor({ options, implementation }: DistributedSettings) {
    this.#codec = codecOf<V>(options.codec);
    this.#defaults = { ttlMs: options.ttlMs, graceMs: options.graceMs, tags: undefined };
    this.#graceMs = options.graceMs;
    this.#prefix = prefixOf(options.name);
    this.#copy = new Copy<V>(options, implementation);
    this.#loads = new DistributedLoads<V>(this.#codec, this);
  }

  /** Connects and makes a cache. */
  static async open<V>(settings: DistributedSettings): Promise<RedisCache<V>> {
    const cache = new RedisCache<V>(settings);
    try {
      cache.#link = await Link.open(settings.address, settings.timeoutMs, {
        changed: (name) => cache.#changed(name),
        down: (since) => cache.#down(since),
        up: () => cache.#up(),
      });
    } catch (error) {
      cache.#copy.close();
      throw error;
    }
    cache.#reader = new Reader(cache.#link, cache.#copy, cache.#codec, cache.#prefix);
    return cache;
  }

  /** See {@linkcode DistributedCache.implementation}. */
  get implementation(): "native" | "pure" {
    return this.#copy.implementation;
  }

  /** See {@linkcode DistributedCache.connected}. */
  get connected(): boolean {
    return this.#link.connected;
  }

  /** See {@linkcode DistributedCache.get}. */
  async get(key: string): Promise<V | undefined> {
    this.#open();
    const name = checkKey(key);
    const value = this.#atHand(name) ?? await this.#value(name);
    if (value === undefined) this.#misses++;
    else this.#hits++;
    return value;
  }

  /** See {@linkcode DistributedCache.peek}. */
  async peek(key: string): Promise<V | undefined> {
    this.#open();
    const name = checkKey(key);
    if (this.#trusted()) {
      const value = this.#copy.peek(name);
      if (value !== undefined) return value;
    }
    return await this.#value(name);
  }

  /** See {@linkcode DistributedCache.has}. */
  async has(key: string): Promise<boolean> {
    return await this.peek(key) !== undefined;
  }

  /** See {@linkcode DistributedCache.getMany}. */
  async getMany(keys: readonly string[]): Promise<(V | undefined)[]> {
    this.#open();
    checkKeys(keys);
    const names = keys.map((key) => key.toWellFormed());
    const values = names.map((name) => this.#atHand(name));
    const missing: number[] = [];
    for (let i = 0; i < names.length; i++) if (values[i] === undefined) missing.push(i);
    if (missing.length > 0) {
      const asked = missing.map((i) => names[i] as string);
      const found = await this.#values(asked);
      for (const [at, i] of missing.entries()) values[i] = found[at];
    }
    for (const value of values) {
      if (value === undefined) this.#misses++;
      else this.#hits++;
    }
    return values;
  }

  /** See {@linkcode DistributedCache.set}. */
  async set(key: string, value: V, options?: SetOptions): Promise<void> {
    this.#open();
    const name = checkKey(key);
    const life = resolveLifetime(options, this.#defaults);
    const stored = this.#codec.encode(value);
    this.weigh(name, stored);
    await this.#store([[name, stored]], life);
  }

  /** See {@linkcode DistributedCache.setMany}. */
  async setMany(entries: Iterable<readonly [string, V]>, options?: SetOptions): Promise<void> {
    this.#open();
    checkIterable(entries);
    const life = resolveLifetime(options, this.#defaults);
    const ready: [string, Stored][] = [];
    for (const pair of entries) {
      const [key, value] = checkPair(pair, ready.length);
      const name = checkKey(key);
      const stored = this.#codec.encode(value);
      this.weigh(name, stored);
      ready.push([name, stored]);
    }
    if (ready.length > 0) await this.#store(ready, life);
  }

  /** See {@linkcode DistributedCache.delete}. */
  async delete(key: string): Promise<boolean> {
    this.#open();
    const name = checkKey(key);
    this.#forget(name);
    const reply = await this.#run(scripts.DELETE, [name]) as [number, Uint8Array[]];
    this.#wrote(reply[1]);
    this.#loads.changed(name);
    return reply[0] === 1;
  }

  /** See {@linkcode DistributedCache.deleteByTag}. */
  async deleteByTag(tag: string): Promise<number> {
    this.#open();
    const name = checkTag(tag);
    const token = random();
    this.#forgetTag(name);
    const reply = await this.#run(scripts.UNTAG, [token, name]) as Uint8Array[];
    this.#loads.changed();
    const [stamp, at] = reply;
    if (stamp === undefined || at === undefined) return 0;
    let removed = 0;
    for (let left = 1; left > 0;) {
      const args = [token, name, stamp, at, `${BATCH}`];
      const batch = await this.#run(scripts.UNTAG_BATCH, args) as [number, number, Uint8Array[]?];
      removed += batch[0];
      left = batch[1];
      this.#wrote(batch[2] ?? []);
    }
    return removed;
  }

  /** See {@linkcode DistributedCache.clear}. */
  async clear(): Promise<void> {
    this.#open();
    this.#copy.clear();
    this.#loads.forget();
    // Removing it needs no memory; who writes next makes another.
    await this.#link.send(["UNLINK", `${this.#prefix}g`]);
    this.#loads.changed();
    for await (const names of this.#scan("*")) await this.#run(scripts.SWEEP, names);
  }

  /** See {@linkcode DistributedCache.keys}. */
  async keys(): Promise<string[]> {
    this.#open();
    const found = new Set<string>();
    for await (const names of this.#scan("v:*")) {
      const keys = names.map((name) => name.slice(2));
      const alive = await this.#run(scripts.ALIVE, keys) as number[];
      for (const [i, key] of keys.entries()) if (alive[i] === 1) found.add(key);
    }
    return [...found];
  }

  /** See {@linkcode DistributedCache.size}. */
  async size(): Promise<number> {
    return (await this.keys()).length;
  }

  /** See {@linkcode DistributedCache.getOrSet}. */
  async getOrSet(
    key: string,
    load: (signal: AbortSignal) => V | Promise<V>,
    options?: LoadOptions,
  ): Promise<V> {
    this.#open();
    const request = resolveLoad(key, load, options, this.#defaults);
    const value = this.#atHand(request.key);
    if (value !== undefined) {
      this.#hits++;
      return value;
    }
    const { value: found, loaded } = await this.#loads.get(request).catch((error) => {
      const kept = this.#inGrace(request.key, error);
      if (kept === undefined) throw error;
      return { value: kept, loaded: false };
    });
    if (loaded) this.#misses++;
    else this.#hits++;
    return found;
  }

  /** See {@linkcode DistributedCache.purgeExpired}. */
  // deno-lint-ignore require-await -- rejects as the others do
  async purgeExpired(): Promise<number> {
    this.#open();
    return this.#copy.purgeExpired();
  }

  /** See {@linkcode DistributedCache.stats}. */
  // deno-lint-ignore require-await -- rejects as the others do
  async stats(): Promise<DistributedStats> {
    this.#open();
    const { entries, bytes, evictions, expirations } = this.#copy.stats();
    return {
      entries,
      bytes,
      hits: this.#hits,
      misses: this.#misses,
      copyHits: this.#copyHits,
      invalidations: this.#copy.invalidations,
      evictions,
      expirations,
    };
  }

  /** See {@linkcode DistributedCache.close}. */
  close(): Promise<void> {
    return this.#ending ??= this.#close();
  }

  /** Closes the cache at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** See {@linkcode LoadPort.read}. */
  async read(key: string): Promise<Found<V> | undefined> {
    return (await this.#reader.read([key]))[0];
  }

  /** See {@linkcode LoadPort.enter}. */
  async enter({ key, timeoutMs, life }: LoadRequest<V>, token: string): Promise<Entered> {
    const prefix = this.#prefix;
    const ms = `${Math.ceil(Math.min(timeoutMs, LONGEST_LEASE))}`;
    const names = [`${prefix}g`, `${prefix}v:${key}`, `${prefix}l:${key}`];
    const args = [prefix, random(), token, ms, key, ...life.tags?.names ?? []];
    const reply = await this.#link.run(scripts.ENTER, names, args) as
      | [0 | 1, Uint8Array[]]
      | [2, Uint8Array, number];
    if (reply[0] === 2) return { state: "held", token: text(reply[1]), leftMs: reply[2] };
    this.#wrote(reply[1]);
    return reply[0] === 1 ? { state: "acquired" } : { state: "live" };
  }

  /** See {@linkcode LoadPort.publish}. */
  async publish(key: string, token: string, stored: Stored, life: Lifetime): Promise<void> {
    await this.#store([[key, stored]], life, token);
  }

  /** See {@linkcode LoadPort.release}. */
  async release(key: string, token: string): Promise<void> {
    await this.#run(scripts.RELEASE, [key, token]);
  }

  /** See {@linkcode LoadPort.weigh}. */
  weigh(key: string, stored: Stored): void {
    const size = byteLength(key) + byteLength(stored);
    if (size <= MOST_BYTES) return;
    throw new AgentError(
      "TOO_LARGE",
      `The entry has ${size} bytes and Redis takes ${MOST_BYTES}: store less`,
      { what: "cache entry", size, limit: MOST_BYTES },
    );
  }

  async #close(): Promise<void> {
    this.#link.prepareClose();
    await this.#loads.close();
    this.#link.close();
    this.#copy.close();
  }

  #open(): void {
    if (this.#ending !== undefined) throw disconnected();
  }

  /** Whether the copy is known to be right. */
  #trusted(): boolean {
    return this.#link.alive(performance.now());
  }

  /** What the copy has of a key, if it can be used now. */
  #atHand(key: string): V | undefined {
    if (!this.#trusted()) return undefined;
    const value = this.#copy.get(key);
    if (value !== undefined) this.#copyHits++;
    return value;
  }

  /** What the copy still has of a key while Redis is away. */
  #inGrace(key: string, error: unknown): V | undefined {
    if (this.#ending !== undefined || !AgentError.is(error, "UNAVAILABLE")) return undefined;
    if (performance.now() >= this.#graceEnds) return undefined;
    const value = this.#copy.get(key);
    if (value !== undefined) this.#copyHits++;
    return value;
  }

  async #value(key: string): Promise<V | undefined> {
    return (await this.#values([key]))[0];
  }

  /** Values that the copy does not have; while Redis is away, those that it still has. */
  async #values(keys: readonly string[]): Promise<(V | undefined)[]> {
    try {
      return (await this.#reader.read(keys)).map((found) => this.#live(found));
    } catch (error) {
      return keys.map((key) => {
        const value = this.#inGrace(key, error);
        if (value === undefined) throw error;
        return value;
      });
    }
  }

  #live(found: Found<V> | undefined): V | undefined {
    return found === undefined || found.stale ? undefined : this.#codec.lend(found.value);
  }

  async #store(
    entries: readonly (readonly [string, Stored])[],
    life: Lifetime,
    token = "",
  ): Promise<void> {
    const tags = life.tags?.names ?? [];
    const head: Argument[] = [
      random(),
      token,
      letterOf(this.#codec.name),
      milliseconds(life.ttlMs),
      milliseconds(life.graceMs),
      `${tags.length}`,
      ...tags,
    ];
    for (const [key] of entries) this.#forget(key);
    const parts: Argument[][] = [];
    for (let at = 0; at < entries.length; at += BATCH) {
      parts.push([...head, ...entries.slice(at, at + BATCH).flat()]);
    }
    const replies = parts.length === 1
      ? [await this.#run(scripts.SET, parts[0] as Argument[])]
      : await this.#transaction(parts);
    for (const reply of replies as [number, Uint8Array[]][]) this.#wrote(reply[1]);
    for (const [key] of entries) this.#loads.changed(key);
  }

  /** Runs one script many times, with nothing in between. */
  async #transaction(parts: readonly Argument[][]): Promise<unknown[]> {
    const { source } = scripts.SET;
    const replies = await Promise.all([
      this.#link.send(["MULTI"]),
      ...parts.map((args) =>
        this.#link.send(["EVAL", source, "1", `${this.#prefix}g`, this.#prefix, ...args])
      ),
      this.#link.send(["EXEC"]),
    ]);
    const results = replies.at(-1) as unknown[];
    for (const result of results) if (result instanceof Error) throw this.#link.refused(result);
    return results;
  }

  #run(script: scripts.Script, args: readonly Argument[]): Promise<unknown> {
    return this.#link.run(script, [`${this.#prefix}g`], [this.#prefix, ...args]);
  }

  /** The names, without the prefix, of what is in Redis, in batches; some may come twice. */
  async *#scan(kind: string): AsyncGenerator<string[]> {
    const pattern = this.#prefix.replace(/[\\*?[\]]/g, "\\$&") + kind;
    const { length } = this.#prefix;
    let cursor: Argument = "0";
    do {
      const args: Argument[] = ["SCAN", cursor, "MATCH", pattern, "COUNT", `${BATCH}`];
      const [next, names] = await this.#link.send(args) as [Uint8Array, Uint8Array[]];
      cursor = text(next);
      if (names.length > 0) yield names.map((name) => text(name).slice(length));
    } while (cursor !== "0");
  }

  /** An entry is about to be changed here. */
  #forget(key: string): void {
    this.#copy.forget(`${this.#prefix}v:${key}`, key);
    this.#loads.forget(key);
  }

  #forgetTag(tag: string): void {
    this.#copy.forgetTag(tag, `${this.#prefix}s:${tag}`);
    this.#loads.forget();
  }

  /** Stamps that were written here, whose changes were so far reported. */
  #wrote(tags: readonly Uint8Array[]): void {
    for (const tag of tags) this.#copy.forgetTag(text(tag), `${this.#prefix}s:${text(tag)}`);
  }

  /** Redis reports a change. */
  #changed(name: string | null): void {
    this.#copy.invalidations++;
    const rest = name?.startsWith(this.#prefix) ? name.slice(this.#prefix.length) : null;
    const key = rest?.slice(2) ?? "";
    if (rest?.startsWith("v:")) {
      this.#forget(key);
      this.#loads.changed(key);
    } else if (rest?.startsWith("l:")) {
      this.#loads.forget(key);
      this.#loads.changed(key);
    } else if (rest?.startsWith("s:")) {
      this.#forgetTag(key);
      this.#loads.changed();
    } else {
      this.#copy.clear();
      this.#loads.forget();
      this.#loads.changed();
    }
  }

  #down(since: number): void {
    this.#graceEnds = since + this.#graceMs;
    if (this.#graceMs === 0) this.#copy.clear();
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

function milliseconds(value: number): string {
  return value < 1e15 ? `${value}` : "-1";
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function text(bytes: Uint8Array | string): string {
  return typeof bytes === "string" ? bytes : decoder.decode(bytes);
}

/** 16 characters that are nobody else's. */
function random(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(16);
}
