/**
 * The native twin: a view of a cache that lives in native memory and that all isolates of the
 * process can share.
 *
 * A read is a look into the isolate's own map and one numeric call that says whether what is there
 * is still current; only what is not there yet moves bytes. Twin: pure.ts, which defines the
 * behaviour; Rust: rust/agent-core-utils/src/cache/.
 *
 * @module
 */

import type { NativeArea } from "../ffi/area.ts";
import { packStrings, releasePacked, Scratch } from "../ffi/encode.ts";
import { errorFromBuffer } from "../ffi/failure.ts";
import type { CoreCacheSymbols } from "../ffi/generated/core_cache.ts";
import { NativeHandle } from "../ffi/handle.ts";
import { type Codec, codecOf } from "./codec.ts";
import { byteLength, type Stored } from "./measure.ts";
import { callOut, out, readStored, readText, releaseOut } from "./crossing.ts";
import type { Lease } from "./leases.ts";
import { type LeasePort, Loads } from "./loads.ts";
import { Near, type NearEntry } from "./near.ts";
import {
  checkIterable,
  checkKey,
  checkKeys,
  checkPair,
  checkRawKey,
  checkWeight,
  type Lifetime,
  type ResolvedOptions,
  resolveLifetime,
  resolveLoad,
} from "./options.ts";
import type { NativePages } from "./native_snapshot.ts";
import { openView } from "./native_open.ts";
import { fetchMany, packValues, releaseValues, takeOthers, takeTexts } from "./native_many.ts";
import { TaggedCalls } from "./native_tags.ts";
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

const HEAD_BYTES = 16;
/** In place of a length: there is no entry. In place of a position: there is no more. */
const MISSING = 0xffff_ffff;
/** How the native side reads: for a caller, without a trace, or what is in its grace. */
const GET = 0;
const PEEK = 1;
const STALE = 2;

const keys = new Scratch();
const values = new Scratch();

/** A cache in native memory. */
export class NativeCache<V> extends NativeHandle implements TtlCache<V>, LeasePort<V> {
  readonly implementation = "native";
  readonly shared: boolean;
  readonly #native: NativeArea<CoreCacheSymbols>;
  readonly #symbols: CoreCacheSymbols;
  /** A field of its own: one step less at every read. */
  readonly #touch: CoreCacheSymbols["agent_core_cache_touch"];
  readonly #codec: Codec<V>;
  readonly #copies: boolean;
  readonly #maxBytes: number;
  readonly #defaults: Lifetime;
  readonly #near: Near<V>;
  readonly #map: Map<string, NearEntry<V>>;
  readonly #loads: Loads<V>;
  /** Made when the first tag comes. */
  #tagged: TaggedCalls | undefined;
  /** The handle as a plain field, for the hot path; 0 once closed, which no call takes for one. */
  #view: number;

  /**
   * Opens a view.
   *
   * @param native The area, open.
   * @param options Checked options.
   */
  constructor(native: NativeArea<CoreCacheSymbols>, options: ResolvedOptions) {
    const handle = openView(native.symbols, options);
    super(native.common, handle, "cache");
    this.shared = options.name !== undefined;
    this.#view = handle;
    this.#native = native;
    this.#symbols = native.symbols;
    this.#touch = native.symbols.agent_core_cache_touch;
    this.#codec = codecOf<V>(options.codec);
    this.#copies = options.codec === "bytes";
    this.#maxBytes = options.maxBytes;
    this.#defaults = { ttlMs: options.ttlMs, graceMs: options.graceMs, tags: undefined };
    this.#near = new Near(options);
    this.#map = this.#near.map;
    this.#loads = new Loads(this.#codec, this);
  }

  /** See {@linkcode TtlCache.size}. */
  get size(): number {
    return this.#symbols.agent_core_cache_size(this.handle);
  }

  /** See {@linkcode TtlCache.get}. */
  get(key: string): V | undefined {
    const entry = this.#map.get(key);
    if (
      entry !== undefined &&
      this.#touch(this.#view, entry.slot, entry.version) === 1
    ) {
      entry.used = true;
      return this.#copies ? this.#codec.lend(entry.value) : entry.value;
    }
    return this.#far(this.handle, checkKey(key), GET);
  }

  /** See {@linkcode TtlCache.peek}. */
  peek(key: string): V | undefined {
    const { handle } = this;
    const name = checkKey(key);
    const entry = this.#current(name);
    return entry === undefined ? this.#far(handle, name, PEEK) : this.#codec.lend(entry.value);
  }

  /** See {@linkcode TtlCache.has}. */
  has(key: string): boolean {
    const { handle } = this;
    const name = checkKey(key);
    if (this.#current(name) !== undefined) return true;
    const length = keys.encode(name);
    return this.#symbols.agent_core_cache_has(handle, keys.bytes, length) === 1;
  }

  /** See {@linkcode TtlCache.delete}. */
  delete(key: string): boolean {
    const { handle } = this;
    const name = checkKey(key);
    const length = keys.encode(name);
    this.#near.drop(name);
    return this.#symbols.agent_core_cache_delete(handle, keys.bytes, length) === 1;
  }

  /** See {@linkcode TtlCache.deleteByTag}. */
  deleteByTag(tag: string): number {
    const { handle } = this;
    return this.#tags.delete(handle, checkTag(tag));
  }

  /** See {@linkcode TtlCache.clear}. */
  clear(): void {
    this.#symbols.agent_core_cache_clear(this.handle);
    this.#near.clear();
  }

  /** See {@linkcode TtlCache.keys}. */
  keys(): string[] {
    const found: string[] = [];
    let from = 0;
    let crossings = 0;
    while (from !== MISSING) {
      const start = from;
      callOut(
        "cache_keys",
        (bytes, capacity) =>
          this.#symbols.agent_core_cache_keys(this.handle, start, bytes, capacity),
      );
      from = out.words[0] as number;
      let at = 8;
      for (let left = out.words[1] as number; left > 0; left--) {
        const length = out.words[at >> 2] as number;
        found.push(readText(at + 4, length));
        at += 4 + ((length + 3) & ~3);
      }
      crossings++;
    }
    releaseOut();
    // Another isolate may have moved a key from behind the hand to before it.
    return crossings > 1 && this.shared ? [...new Set(found)] : found;
  }

  /** See {@linkcode TtlCache.set}. */
  set(key: string, value: V, options?: SetOptions): void {
    const { handle } = this;
    const name = checkKey(key);
    const life = resolveLifetime(options, this.#defaults);
    const stored = this.#codec.encode(value);
    const keyLength = keys.encode(name);
    const length = typeof stored === "string" ? values.encode(stored) : stored.byteLength;
    const bytes = typeof stored === "string" ? values.bytes : stored as Uint8Array<ArrayBuffer>;
    const { bytes: target } = out;
    const written = life.tags === undefined
      ? this.#symbols.agent_core_cache_set(
        handle,
        keys.bytes,
        keyLength,
        bytes,
        length,
        life.ttlMs,
        life.graceMs,
        target,
        target.length,
      )
      : this.#tags.set(handle, keys.bytes, keyLength, bytes, length, life, target);
    if (written < 0) throw errorFromBuffer("cache_set", written, target);
    this.#stored(name, stored, keyLength + length, true);
  }

  /** See {@linkcode TtlCache.getMany}. */
  getMany(list: readonly string[]): (V | undefined)[] {
    const { handle } = this;
    checkKeys(list);
    const found: (V | undefined)[] = new Array(list.length).fill(undefined);
    const missing: string[] = [];
    const places: number[] = [];
    for (let i = 0; i < list.length; i++) {
      const key = list[i] as string;
      const entry = this.#map.get(key);
      if (
        entry !== undefined &&
        this.#touch(handle, entry.slot, entry.version) === 1
      ) {
        entry.used = true;
        found[i] = this.#copies ? this.#codec.lend(entry.value) : entry.value;
      } else {
        missing.push(key);
        places.push(i);
      }
    }
    if (missing.length > 0) {
      fetchMany(this.#symbols, handle, missing);
      if (this.#codec.name === "text") {
        takeTexts(this.#near as Near<unknown>, missing, places, found);
      } else {
        takeOthers(this.#near, this.#codec, missing, places, found);
      }
      releasePacked();
      releaseOut();
    }
    return found;
  }

  /** See {@linkcode TtlCache.setMany}. */
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
      names.push(checkRawKey(pair[0]));
      stored.push(codec.pack(pair[1]));
    }
    if (names.length === 0) return;
    const values = packValues(stored, this.#copies);
    const packed = packStrings(names);
    callOut(
      "cache_set_many",
      (target, capacity) =>
        life.tags === undefined
          ? this.#symbols.agent_core_cache_set_many(
            handle,
            packed.bytes,
            packed.byteLength,
            packed.lengths,
            packed.count,
            values.bytes,
            values.byteLength,
            values.lengths,
            packed.count,
            values.text,
            life.ttlMs,
            life.graceMs,
            target,
            capacity,
          )
          : this.#tags.setMany(handle, packed, values, life, target),
    );
    releasePacked();
    releaseValues();
    // What is at hand of these keys is not current any more, which the next read finds out.
  }

  /** See {@linkcode TtlCache.getOrSet}. */
  async getOrSet(
    key: string,
    load: (signal: AbortSignal) => V | Promise<V>,
    options?: LoadOptions,
  ): Promise<V> {
    const { handle } = this;
    const request = resolveLoad(key, load, options, this.#defaults);
    const value = this.get(request.key);
    if (value !== undefined) return value;
    const stale = this.#far(handle, request.key, STALE);
    if (stale === undefined) return await this.#loads.wait(request);
    this.#loads.refresh(request);
    return stale;
  }

  /** See {@linkcode TtlCache.purgeExpired}. */
  purgeExpired(): number {
    return this.#symbols.agent_core_cache_purge(this.handle);
  }

  /** See {@linkcode TtlCache.stats}. */
  stats(): CacheStats {
    callOut(
      "cache_stats",
      (bytes, capacity) => this.#symbols.agent_core_cache_stats(this.handle, bytes, capacity),
    );
    const [entries, bytes, hits, misses, evictions, expirations] = out.floats as unknown as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
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
  override close(): void {
    if (this.closed) return;
    this.#loads.close();
    this.#view = 0;
    this.#near.clear();
    super.close();
  }

  /** See {@linkcode LeasePort.acquire}. */
  acquire(key: string, timeoutMs: number, tags: Tags | undefined): Lease {
    const { handle } = this;
    const length = keys.encode(key);
    const answer = tags === undefined
      ? this.#symbols.agent_core_cache_acquire(handle, keys.bytes, length, timeoutMs)
      : this.#tags.acquire(handle, keys.bytes, length, timeoutMs, tags);
    return { token: Math.abs(answer), acquired: answer > 0 };
  }

  /** See {@linkcode LeasePort.release}. */
  release(key: string, token: number): void {
    const length = keys.encode(key);
    this.#symbols.agent_core_cache_release(this.handle, keys.bytes, length, token);
  }

  /** See {@linkcode LeasePort.publish}. */
  publish(key: string, token: number, stored: Stored, _weight: number, life: Lifetime): void {
    const keyLength = keys.encode(key);
    const length = typeof stored === "string" ? values.encode(stored) : stored.byteLength;
    const bytes = typeof stored === "string" ? values.bytes : stored as Uint8Array<ArrayBuffer>;
    const { bytes: target } = out;
    const written = this.#symbols.agent_core_cache_publish(
      this.handle,
      token,
      keys.bytes,
      keyLength,
      bytes,
      length,
      life.ttlMs,
      life.graceMs,
      target,
      target.length,
    );
    if (written < 0) throw errorFromBuffer("cache_publish", written, target);
    this.#stored(key, stored, keyLength + length, written > 0);
  }

  /** See {@linkcode LeasePort.ended}. */
  ended(key: string, token: number): Promise<void> {
    return this.#native.ring.submit(
      "cache_wait",
      (ring, operation, target, capacity) => {
        const length = keys.encode(key);
        return this.#symbols.agent_core_cache_submit_wait(
          ring,
          operation,
          this.handle,
          keys.bytes,
          length,
          token,
          target,
          capacity,
        );
      },
      () => undefined,
    );
  }

  /** See {@linkcode LeasePort.weigh}. */
  weigh(key: string, stored: Stored, tags: Tags | undefined): number {
    return checkWeight(byteLength(key), byteLength(stored), tags, this.#maxBytes);
  }

  /** What few programs need is loaded by those alone. */
  async #files(): Promise<typeof import("./snapshot.ts") & { pages: NativePages }> {
    const { name } = this.#codec;
    const handle = (): number => this.handle;
    handle();
    const [files, { NativePages }] = await Promise.all([
      import("./snapshot.ts"),
      import("./native_snapshot.ts"),
    ]);
    const pages = new NativePages(name, handle, this.#symbols.agent_core_cache_clock);
    return { ...files, pages };
  }

  get #tags(): TaggedCalls {
    return this.#tagged ??= new TaggedCalls();
  }

  /** What this isolate has of a key, if it is current; leaves no trace. */
  #current(key: string): NearEntry<V> | undefined {
    const entry = this.#map.get(key);
    if (entry === undefined) return undefined;
    const current = this.#symbols.agent_core_cache_check(this.#view, entry.slot, entry.version);
    return current === 1 ? entry : undefined;
  }

  /** Fetches a value from native memory; a caller's read keeps it at hand. */
  #far(handle: number, key: string, how: number): V | undefined {
    const length = keys.encode(key);
    const { bytes } = out;
    let written = this.#symbols.agent_core_cache_get(
      handle,
      keys.bytes,
      length,
      how,
      bytes,
      bytes.length,
    );
    if (written < 0) {
      // Too small for the value, or an error.
      written = callOut(
        "cache_get",
        (larger, capacity) =>
          this.#symbols.agent_core_cache_get(handle, keys.bytes, length, how, larger, capacity),
      );
    }
    if (written === 0) {
      this.#near.drop(key);
      return undefined;
    }
    const size = written - HEAD_BYTES;
    const version = out.floats[0] as number;
    const slot = out.words[2] as number;
    const value = this.#codec.decode(readStored(this.#codec.name, HEAD_BYTES, size));
    if (how === GET) this.#near.offer(key, value, slot, version, length + size);
    keys.release();
    releaseOut();
    return this.#codec.lend(value);
  }

  /** Keeps what is at hand right after a value was stored, whose place is in `out`, or was not. */
  #stored(key: string, stored: Stored, size: number, placed: boolean): void {
    keys.release();
    values.release();
    if (!this.#map.has(key)) return;
    // Text is ready as it is; the others are made ready when they are next read.
    if (!placed || this.#codec.name !== "text") return this.#near.drop(key);
    const version = out.floats[0] as number;
    const slot = out.words[2] as number;
    this.#near.put(key, stored as V, slot, version, size, true);
  }
}
