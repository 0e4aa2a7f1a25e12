/**
 * The interface of the cache: what both twins do, in words and types. No code.
 *
 * @module
 */

import type { Implementation } from "../shared/implementation.ts";

export type { Jsonable, JsonField, JsonValue } from "../shared/json.ts";

/** How values are kept: as strings, as bytes, or as JSON text. */
export type CacheCodec = "text" | "bytes" | "json";

/** How a cache is made. Sizes in bytes, times in milliseconds. */
export interface CacheOptions {
  /**
   * Makes it one cache for all Workers of the process: every `createCache` with this name, in any
   * isolate, is a view of the same entries. The other options must then be the same everywhere.
   */
  name?: string | undefined;
  /**
   * What a name needs. Sharing between Workers exists only in native code: `"required"` (the
   * default with a name) throws `NATIVE_REQUIRED` where that cannot be used, `"preferred"` makes a
   * cache of this isolate alone then, whose `shared` is false.
   */
  shared?: "required" | "preferred" | undefined;
  /** The most entries that are held at any moment, 1 to 2,147,483,647. Default 10,000. */
  maxEntries?: number | undefined;
  /**
   * The most bytes that are held at any moment. An entry counts the UTF-8 bytes of its key, the
   * bytes of its value and {@linkcode ENTRY_OVERHEAD_BYTES}, and for each of its tags the tag's UTF-8
   * bytes and {@linkcode TAG_OVERHEAD_BYTES}. Default: no bound.
   */
  maxBytes?: number | undefined;
  /** How long an entry lives, over 0; `Infinity` for ever. Default: for ever. */
  ttlMs?: number | undefined;
  /**
   * How long after its end an entry is still kept for {@linkcode TtlCache.getOrSet}, which then
   * returns it at once and loads a new one behind. Nothing else ever returns it. Default 0.
   */
  graceMs?: number | undefined;
  /**
   * Told of a load behind readers that failed: nobody waits for it, so nobody else hears of it. The key
   * is tried again by a later reader, after a pause that grows from 100 ms to 30 s. What it throws is
   * reported as any error of an event listener is.
   */
  onError?: ((error: unknown, key: string) => void) | undefined;
  /**
   * With `false` nothing is ever kept: every read is a miss and every `getOrSet` loads, one load at a
   * time for a key. Such a cache is of this isolate, even with a name, and touches no other. Default true.
   */
  enabled?: boolean | undefined;
  /** Which twin holds the entries; `"native"` throws instead of falling back. Default `"auto"`. */
  implementation?: Implementation | undefined;
}

/** How one entry is stored, over what the cache says for all. */
export interface SetOptions {
  /** How long this entry lives in milliseconds, over 0; `Infinity` for ever. */
  ttlMs?: number | undefined;
  /** How long after its end `getOrSet` may still serve this entry, in milliseconds. */
  graceMs?: number | undefined;
  /**
   * Names under which {@linkcode TtlCache.deleteByTag} finds this entry: at most 64, none empty, each of
   * at most 1,024 UTF-8 bytes. One given twice counts once; lone surrogates become U+FFFD. They take the
   * place of those that an older entry of the key had. Default: none.
   */
  tags?: readonly string[] | undefined;
  /**
   * If true, an entry that is there and has not expired keeps its end and its grace, and `ttlMs` and
   * `graceMs` hold only for one that is not. Default false.
   */
  keepTtl?: boolean | undefined;
}

/** How {@linkcode TtlCache.getOrSet} loads and stores. */
export interface LoadOptions extends Omit<SetOptions, "keepTtl"> {
  /** How long a load may take in milliseconds, over 0; `Infinity` for ever. Default 30,000. */
  loadTimeoutMs?: number | undefined;
  /**
   * Ends the waiting of this caller, who gets its reason; and the load, through the loader's own signal,
   * when nobody else waits for it.
   */
  signal?: AbortSignal | undefined;
}

/** What a loader of {@linkcode TtlCache.getOrSet} is told of the entry, and can say about it. */
export interface LoadEntry<V> {
  /** The value that has ended and is kept for its grace, if there is one. */
  readonly stale: V | undefined;
  /** How long the entry shall live in milliseconds, over 0, as the value itself tells; over every option. */
  ttl(ms: number): void;
  /** The value is returned to all who wait, and not kept. */
  skip(): void;
}

/** Loads the value of a key. The signal is aborted when nobody needs the value any more. */
export type Loader<V> = (signal: AbortSignal, entry: LoadEntry<V>) => V | Promise<V>;

/** What a cache holds and has done; of a shared cache, over all its isolates. */
export interface CacheStats {
  /** Entries that have not expired. */
  entries: number;
  /** Bytes of those entries: keys, values, tags and the overhead of each. */
  bytes: number;
  /** Reads by `get`, `getMany` and `getOrSet` that found a value. */
  hits: number;
  /** Reads by `get`, `getMany` and `getOrSet` that did not. */
  misses: number;
  /** Entries that had to go for others because of a bound. */
  evictions: number;
  /** Entries that went because their time was over. */
  expirations: number;
}

/**
 * A cache whose entries end by time and by bounds that hold at every moment.
 *
 * Keys are strings; lone surrogates in them become U+FFFD, as in every UTF-8 text. Expiry is exact
 * to the clock's resolution (see `createCache`), never early, and what has expired leaves memory
 * within a second without any traffic. Every method throws `AgentError` `CLOSED` after `close()`.
 *
 * @typeParam V What it holds: `string`, `Uint8Array` or a JSON value, by its codec.
 */
export interface TtlCache<V> extends Disposable {
  /** Which twin holds the entries. */
  readonly implementation: "native" | "pure";
  /** Whether other Workers see the same entries. */
  readonly shared: boolean;
  /** What it holds. */
  readonly codec: CacheCodec;
  /** How many entries there are, without what has expired. */
  readonly size: number;

  /** Reads a value and counts a hit or a miss; `undefined` if there is none. */
  get(key: string): V | undefined;
  /** Reads a value without counting it and without keeping it from eviction. */
  peek(key: string): V | undefined;
  /** Whether there is an entry that has not expired; counts nothing. */
  has(key: string): boolean;
  /** Removes an entry; true if there was one that had not expired. */
  delete(key: string): boolean;
  /**
   * Removes every entry that carries a tag, as if `delete` were called for its key, and returns how
   * many of them had not expired. From then on no isolate reads any of them. A load that began before
   * and was given this tag returns its value to those who wait for it but never stores it. What other
   * isolates set with this tag during the call stays.
   *
   * The time it takes grows with the number of those entries alone; other isolates work on meanwhile.
   */
  deleteByTag(tag: string): number;
  /** Removes every entry. */
  clear(): void;
  /** The keys of all entries that have not expired, in no particular order. */
  keys(): string[];
  /** Ends this cache object; a shared cache's entries go with its last object. Idempotent. */
  close(): void;
  /**
   * Stores a value, in the place of an older one.
   *
   * Throws `TypeError` for a value that is not of the codec, and `AgentError` `TOO_LARGE`, with
   * nothing changed, for an entry that is heavier than `maxBytes` or than 1 GiB.
   */
  set(key: string, value: V, options?: SetOptions): void;
  /** Reads many values in one step, in the order of the keys. */
  getMany(keys: readonly string[]): (V | undefined)[];
  /** Stores many values in one step; nothing is stored if one of them is refused. */
  setMany(entries: Iterable<readonly [string, V]>, options?: SetOptions): void;
  /**
   * Reads a value, or loads and stores it if there is none.
   *
   * There is one load at a time for a key in an isolate and, for a shared cache, in the process;
   * the others wait for it. A load that began before a `set`, `delete` or `clear` of its key, or
   * before a `deleteByTag` of one of its tags or of its key's entry,
   * returns its value to those who waited for it but never stores it. An error of the loader
   * reaches all who wait in this isolate and is not kept. After `loadTimeoutMs` the signal is
   * aborted and the promise rejects with `AgentError` `TIMEOUT`. A value that is heavier than `maxBytes`
   * is returned and not kept.
   */
  getOrSet(key: string, load: Loader<V>, options?: LoadOptions): Promise<V>;
  /**
   * Gives an entry a new end, so many milliseconds from now (over 0; `Infinity` for never); true if there
   * is one that has not expired. Its value, its tags and its grace stay, and so do loads of its key; one
   * that had no end gets the cache's `graceMs`.
   */
  expire(key: string, ttlMs: number): boolean;
  /** Removes now what has expired, and says how many entries that were. */
  purgeExpired(): number;
  /** What the cache holds and has done. */
  stats(): CacheStats;
  /**
   * Writes the entries that have not expired to a file, from which {@linkcode TtlCache.restore} fills a
   * cache later: with their tags, the time that they have left, and how much they were used. Of a
   * shared cache those of all isolates.
   *
   * The file is written beside the one that has the name, made safe on disk, and then takes its name:
   * whatever happens, there is a whole snapshot, the old one or the new. A process that is killed
   * meanwhile leaves a file that ends in `.tmp`. It needs `--allow-read` and `--allow-write` for the
   * folder. The work is done in small pieces, between which the program runs on; what is stored or
   * removed meanwhile may be in the file or not.
   *
   * Rejects with `AgentError` `PERMISSION` or `IO` if the file cannot be written, and with the signal's
   * reason if it is aborted; then an older snapshot stays as it was.
   */
  snapshot(path: string, options?: SnapshotOptions): Promise<SnapshotReport>;
  /**
   * Adds the entries of a snapshot to the cache, in the place of those of the same keys, within its
   * bounds; one that is heavier than `maxBytes` is left out. The time between counts, by the wall clock:
   * what has expired meanwhile is left out, and no entry gets more time than it had left.
   *
   * The whole file is checked before anything changes. One that is missing, damaged, none of a cache,
   * of a newer version or of another codec is refused: the report says why, and the cache is as it was.
   * Otherwise rejects with `AgentError` `PERMISSION` or `IO` if the file cannot be read or changes while
   * it is read, and with the signal's reason if it is aborted; entries restored until then stay.
   * A snapshot is as trustworthy as who can write it: it holds what a cache of the program will return.
   */
  restore(path: string, options?: SnapshotOptions): Promise<RestoreReport>;
}

/** How {@linkcode TtlCache.snapshot} and {@linkcode TtlCache.restore} run. */
export interface SnapshotOptions {
  /** Ends it early. */
  signal?: AbortSignal | undefined;
}

/** What was written. */
export interface SnapshotReport {
  /** How many entries the file has. */
  entries: number;
  /** How large it is. */
  bytes: number;
}

/**
 * Why a file was not restored: `NOT_FOUND`; `FOREIGN`, it is no snapshot of a cache; `VERSION`, it is of
 * a newer program; `CODEC`, the cache it came from has another codec; `CORRUPT`, it is damaged or cut
 * short.
 */
export type SnapshotRefusal = "NOT_FOUND" | "FOREIGN" | "VERSION" | "CODEC" | "CORRUPT";

/** What was restored. */
export interface RestoreReport {
  /** How many entries were stored. */
  entries: number;
  /** How many entries of the file have expired meanwhile. */
  expired: number;
  /** Why nothing was restored, if the file was refused. */
  refused?: { code: SnapshotRefusal; message: string };
}

/** The bytes that an entry counts besides its key, its value and its tags, in both twins. */
export const ENTRY_OVERHEAD_BYTES = 112;

/** The bytes that each tag of an entry counts besides its UTF-8, in both twins. */
export const TAG_OVERHEAD_BYTES = 96;
