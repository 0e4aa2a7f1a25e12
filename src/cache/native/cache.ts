/**
 * The native twin: a cache object whose entries live in native memory, which all isolates of the
 * process can share.
 *
 * A read is a look into the isolate's own map of local copies and one numeric call that says whether
 * what is there is still current; only what is not there yet moves bytes. Twin: pure/cache.ts, which
 * defines the behaviour; Rust: rust/areas/cache/.
 *
 * @module
 */

import { RESULT } from "../../native/call.ts";
import {
  cacheAcquire,
  cacheAcquireTagged,
  cacheCheckFunction,
  cacheClear,
  cacheDelete,
  cacheDeleteByTag,
  cacheExpire,
  cacheGet,
  cacheGetMany,
  cacheHas,
  cacheKeys,
  cacheOpen,
  cachePublish,
  cachePurge,
  cacheRelease,
  cacheSet,
  cacheSetMany,
  cacheSetManyTagged,
  cacheSetTagged,
  cacheSize,
  cacheStats,
  cacheTouchFunction,
  cacheWait,
} from "../../native/generated/cache.ts";
import { NativeHandle } from "../../native/handle.ts";
import { checkString, checkStrings, shown } from "../../shared/arguments.ts";
import { announce, retire } from "../../shared/live.ts";
import { type Codec, codecOf, CODECS, ownText, type Stored } from "../codec.ts";
import { type Lease, SingleFlight } from "../loads/single_flight.ts";
import {
  checkIterable,
  checkKey,
  checkPair,
  checkSameOptions,
  checkTtl,
  defaultLifetime,
  type Lifetime,
  type ResolvedOptions,
  resolveLifetime,
  resolveLoad,
} from "../options.ts";
import type { Snapshots } from "../snapshot/snapshots.ts";
import { checkTag, type Tags } from "../tags.ts";
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
import { packValues, releaseValues, takeKeys, takeOthers, takeTexts } from "./batches.ts";
import { LocalCopies } from "./local_copies.ts";
import { checkBounds, isWithin, refusalOf, ttlOf } from "./bounds.ts";
import { readStored } from "./result.ts";

/** How native code reads: for a caller, without a trace, or what is in its grace. */
const GET = 0;
const PEEK = 1;
const STALE = 2;

/** In front of a value: its version and slot. */
const HEAD_BYTES = 16;

/** Opens a view of the cache that the options mean, and returns its handle. */
function openView(options: ResolvedOptions): number {
  const { name = "", codec: wanted } = options;
  const [handle, codec, maxEntries, maxBytes, ttlMs, graceMs] = cacheOpen(
    name,
    CODECS.indexOf(wanted),
    options.maxEntries,
    options.maxBytes,
    options.ttlMs,
    options.graceMs,
  );
  if (handle !== 0) return handle as number;
  const existing = { maxEntries, maxBytes, ttlMs, graceMs, codec: CODECS[codec as number] };
  checkSameOptions({ ...options, ...existing } as ResolvedOptions, options);
  throw new RangeError(`The cache ${shown(options.name)} exists with other options`);
}

/** A cache in native memory. What its methods do is said in {@linkcode TtlCache}. */
export class NativeCache<V> extends NativeHandle implements TtlCache<V> {
  readonly implementation = "native";
  readonly shared: boolean;
  /** Fields of their own: one step less at every read. */
  readonly #touch: ReturnType<typeof cacheTouchFunction>;
  readonly #check: ReturnType<typeof cacheCheckFunction>;
  readonly #codec: Codec<V>;
  /** Whether readers get copies of their own. */
  readonly #copies: boolean;
  readonly #defaults: Lifetime;
  readonly #enabled: boolean;
  readonly #local: LocalCopies<V>;
  readonly #localMap: Map<string, number>;
  readonly #loads: SingleFlight<V>;
  /** The handle as a plain field, for the hot path; 0 once closed, which no call takes for one. */
  #view: number;

  /**
   * Opens a view.
   *
   * @param options Checked options.
   */
  constructor(options: ResolvedOptions) {
    const { enabled, maxBytes } = options;
    // One that keeps nothing is nobody else's.
    const handle = openView(enabled ? options : { ...options, name: undefined });
    super("core-utils", handle, "cache");
    this.shared = enabled && options.name !== undefined;
    this.#enabled = enabled;
    this.#view = handle;
    this.#touch = cacheTouchFunction();
    this.#check = cacheCheckFunction();
    this.#codec = codecOf<V>(options.codec);
    this.#copies = options.codec === "bytes";
    this.#defaults = defaultLifetime(options);
    this.#local = new LocalCopies(options);
    this.#localMap = this.#local.map;
    this.#loads = new SingleFlight(this.#codec, {
      fits: (key, stored, tags) => enabled && isWithin(key, stored, tags, maxBytes),
      acquire: (key, timeoutMs, tags) => this.#acquire(key, timeoutMs, tags),
      release: (key, token) => void cacheRelease(this.handle, key, token),
      publish: (key, token, stored, { ttlMs, graceMs }) => {
        const written = cachePublish(this.handle, token, key, stored, ttlMs, graceMs);
        this.#updateCopy(key, stored, written > 0);
      },
      ended: (key, token) => cacheWait(this.handle, key, token),
      peek: (key) => this.peek(key),
    }, options.onError);
    announce("cache", this, (cache) => ({ ...cache.stats() }), options.name);
  }

  get codec(): CacheCodec {
    return this.#codec.name;
  }

  get size(): number {
    return cacheSize(this.handle);
  }

  get(key: string): V | undefined {
    const place = this.#localMap.get(key);
    if (place !== undefined) {
      const { marks, used, values } = this.#local;
      const version = marks[2 * place] as number;
      if (this.#touch(this.#view, marks[2 * place + 1] as number, version) === 1) {
        // Looked at first: memory that is not written to need not be written back.
        if (used[place] === 0) used[place] = 1;
        const value = values[place] as V;
        return this.#copies ? this.#codec.forReader(value) : value;
      }
    }
    return this.#fetch(this.handle, checkKey(key), GET);
  }

  peek(key: string): V | undefined {
    const { handle } = this;
    const name = checkKey(key);
    const place = this.#currentCopy(name);
    if (place === undefined) return this.#fetch(handle, name, PEEK);
    return this.#codec.forReader(this.#local.values[place] as V);
  }

  has(key: string): boolean {
    const { handle } = this;
    const name = checkKey(key);
    return this.#currentCopy(name) !== undefined || cacheHas(handle, name) === 1;
  }

  delete(key: string): boolean {
    const { handle } = this;
    const name = checkKey(key);
    this.#local.drop(name);
    return cacheDelete(handle, name) === 1;
  }

  deleteByTag(tag: string): number {
    const { handle } = this;
    return cacheDeleteByTag(handle, checkTag(tag));
  }

  clear(): void {
    cacheClear(this.handle);
    this.#local.clear();
  }

  keys(): string[] {
    const found: string[] = [];
    let calls = 0;
    for (let from: number | undefined = 0; from !== undefined; from = takeKeys(found)) {
      cacheKeys(this.handle, from);
      calls++;
    }
    RESULT.release();
    // Another isolate may have moved a key from behind the hand to before it.
    return calls > 1 && this.shared ? [...new Set(found)] : found;
  }

  set(key: string, value: V, options?: SetOptions): void {
    const { handle } = this;
    checkString(key, "key");
    const life = resolveLifetime(options, this.#defaults);
    // Key and text become well-formed by being encoded.
    const stored = this.#codec.encodeForUtf8(value);
    if (!this.#enabled) return checkBounds(key, stored, life.tags, this.#local.maxBytes);
    const { graceMs, tags } = life;
    try {
      if (tags === undefined) cacheSet(handle, key, stored, ttlOf(life), graceMs);
      else cacheSetTagged(handle, key, stored, tags.names, ttlOf(life), graceMs);
    } catch (error) {
      throw refusalOf(error, [key], [stored], tags, this.#local.maxBytes);
    }
    this.#updateCopy(key, stored, true);
  }

  getMany(keys: readonly string[]): (V | undefined)[] {
    const { handle } = this;
    checkStrings(keys, "keys");
    const found: (V | undefined)[] = new Array(keys.length).fill(undefined);
    const missing: string[] = [];
    const places: number[] = [];
    const { marks, used, values } = this.#local;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string;
      const place = this.#localMap.get(key);
      if (
        place !== undefined &&
        this.#touch(handle, marks[2 * place + 1] as number, marks[2 * place] as number) === 1
      ) {
        used[place] = 1;
        const value = values[place] as V;
        found[i] = this.#copies ? this.#codec.forReader(value) : value;
      } else {
        missing.push(key);
        places.push(i);
      }
    }
    if (missing.length > 0) {
      cacheGetMany(handle, missing);
      if (this.#codec.name === "text") {
        takeTexts(this.#local as LocalCopies<unknown>, missing, places, found);
      } else {
        takeOthers(this.#local, this.#codec, missing, places, found);
      }
      RESULT.release();
    }
    return found;
  }

  setMany(entries: Iterable<readonly [string, V]>, options?: SetOptions): void {
    const { handle } = this;
    checkIterable(entries);
    const life = resolveLifetime(options, this.#defaults);
    const names: string[] = [];
    const stored: Stored[] = [];
    const codec = this.#codec;
    for (const entry of entries) {
      // Not taken apart by a pattern, which would go through an iterator.
      const pair = checkPair(entry, names.length);
      const key = pair[0];
      checkString(key, "key");
      // Keys become well-formed by being packed.
      names.push(key);
      stored.push(codec.encodeForUtf8(pair[1]));
    }
    if (names.length === 0) return;
    if (!this.#enabled) {
      for (const [i, name] of names.entries()) {
        checkBounds(name, stored[i] as Stored, life.tags, this.#local.maxBytes);
      }
      return;
    }
    const values = packValues(stored, this.#copies);
    const isText = !this.#copies;
    const { graceMs, tags } = life;
    const ttlMs = ttlOf(life);
    try {
      if (tags === undefined) cacheSetMany(handle, names, values, isText, ttlMs, graceMs);
      else cacheSetManyTagged(handle, names, values, isText, tags.names, ttlMs, graceMs);
    } catch (error) {
      throw refusalOf(error, names, stored, tags, this.#local.maxBytes);
    } finally {
      releaseValues();
    }
    // Local copies of these keys are not current any more, which the next read finds out.
  }

  getOrSet(key: string, load: Loader<V>, options?: LoadOptions): Promise<V> {
    // Not declared async: a hit, which is what mostly happens, then costs half as much.
    try {
      const { handle } = this;
      const request = resolveLoad(key, load, options, this.#defaults);
      request.signal?.throwIfAborted();
      const value = this.get(request.key);
      if (value !== undefined) return Promise.resolve(value);
      const stale = this.#fetch(handle, request.key, STALE);
      if (stale === undefined) return this.#loads.wait(request);
      this.#loads.refresh(request, stale);
      return Promise.resolve(this.#codec.forReader(stale));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  expire(key: string, ttlMs: number): boolean {
    const { handle } = this;
    const name = checkKey(key);
    return cacheExpire(handle, name, checkTtl(ttlMs), this.#defaults.graceMs) === 1;
  }

  purgeExpired(): number {
    return cachePurge(this.handle);
  }

  stats(): CacheStats {
    const [entries = 0, bytes = 0, hits = 0, misses = 0, evictions = 0, expirations = 0] =
      cacheStats(this.handle);
    return { entries, bytes, hits, misses, evictions, expirations };
  }

  async snapshot(path: string, options?: SnapshotOptions): Promise<SnapshotReport> {
    return await (await this.#snapshots()).save(path, options);
  }

  async restore(path: string, options?: SnapshotOptions): Promise<RestoreReport> {
    return await (await this.#snapshots()).restore(path, options);
  }

  override close(): void {
    if (this.closed) return;
    retire(this);
    this.#loads.close();
    this.#view = 0;
    this.#local.clear();
    super.close();
  }

  #acquire(key: string, timeoutMs: number, tags: Tags | undefined): Lease {
    const answer = tags === undefined
      ? cacheAcquire(this.handle, key, timeoutMs)
      : cacheAcquireTagged(this.handle, key, tags.names, timeoutMs);
    // Negative: the token of who has it.
    return { token: Math.abs(answer), acquired: answer > 0 };
  }

  /** What few programs need is loaded by those alone. */
  async #snapshots(): Promise<Snapshots> {
    const handle = (): number => this.handle;
    handle();
    const { nativeSnapshots } = await import("./pages.ts");
    return nativeSnapshots(this.#codec.name, handle, this.#enabled);
  }

  /** Where the local copy of a key is, if it is current; leaves no trace. */
  #currentCopy(key: string): number | undefined {
    const place = this.#localMap.get(key);
    if (place === undefined) return undefined;
    const { marks } = this.#local;
    const version = marks[2 * place] as number;
    return this.#check(this.#view, marks[2 * place + 1] as number, version) === 1
      ? place
      : undefined;
  }

  /** Fetches a value from native memory; one that a caller reads may become a local copy. */
  #fetch(handle: number, key: string, how: number): V | undefined {
    const written = cacheGet(handle, key, how);
    if (written === 0) {
      this.#local.drop(key);
      return undefined;
    }
    const size = written - HEAD_BYTES;
    const version = RESULT.floats[0] as number;
    const slot = RESULT.words[2] as number;
    const value = this.#codec.decode(readStored(this.#codec.name, HEAD_BYTES, size));
    if (how === GET) this.#local.offer(key, value, slot, version, key.length + size);
    RESULT.release();
    return this.#codec.forReader(value);
  }

  /**
   * Brings the local copy of a key up to date after a value was stored, whose place is in the result, or was not. Of a
   * shared cache a new one is kept too where there is room: who stores a value mostly reads it next. One that nobody
   * read before it was written over stays as it is: the next read finds out that it is old.
   */
  #updateCopy(key: string, stored: Stored, isStored: boolean): void {
    let place = this.#localMap.get(key);
    if (place === undefined) {
      const name = key.toWellFormed();
      if (name !== key) place = this.#localMap.get(key = name);
    }
    if (place === undefined ? !this.shared : this.#local.used[place] === 0) return;
    // Text is ready as it is; the others are made ready when they are next read.
    if (!isStored || typeof stored !== "string" || this.#codec.name !== "text") {
      return this.#local.drop(key);
    }
    const version = RESULT.floats[0] as number;
    const slot = RESULT.words[2] as number;
    const value = ownText(stored) as V;
    const bytes = key.length + stored.length;
    if (place === undefined) return this.#local.put(key, value, slot, version, bytes, false);
    // It is to be read before it is worth the same again; what is dropped leaves its place to another.
    this.#local.used[place] = 0;
    this.#local.renew(place, value, slot, version, bytes);
  }
}
