/**
 * The interface of the distributed cache. No code.
 *
 * @module
 */

import type {
  CacheCodec,
  CacheOptions,
  CacheStats,
  Loader,
  LoadOptions,
  SetOptions,
} from "../types.ts";

/** How a distributed cache is made. Sizes in bytes, times in milliseconds. */
export interface DistributedOptions extends CacheOptions {
  /**
   * Where the server is: `redis://[user:password@]host[:port][/database]`, `rediss://...` for TLS, or
   * `unix:///path[?db=database]`. The port is 6379 if none is given. No error and no inspection shows
   * the password.
   */
  redis: string;
  /**
   * How long connecting may take, and each command with its reply. Default 1,000; at most 24 hours. Raise
   * it for values, or batches of them, that take longer to be transferred.
   */
  timeoutMs?: number | undefined;
  /**
   * What `getOrSet` does while Redis is away and the copy has no value that may be used: with `"load"` it
   * runs the loader, one load at a time for a key in this isolate, and returns the value without keeping
   * it. Default: it rejects as every other call does.
   */
  fallback?: "load" | undefined;
}

/**
 * What a distributed cache has done in this isolate, and what its copy holds: entries, bytes, evictions
 * and expirations are those of the copy.
 */
export interface DistributedStats extends CacheStats {
  /** The hits that the copy answered without asking Redis. */
  copyHits: number;
  /** Changes that Redis reported, each of one entry, one tag or everything. */
  invalidations: number;
}

/**
 * A cache in a Redis or Valkey server that all machines share, with a copy of what is read often in
 * each isolate.
 *
 * What this object changed, its next read sees. What another one changed is seen from the moment in
 * which the server's message about it arrives: a network hop later, not at once as between the Workers
 * of a process. Keys are strings; lone surrogates in them become U+FFFD. An entry ends by the server's
 * clock, never early, and never later in a copy than in the server.
 *
 * While Redis is away every call rejects with `AgentError` `UNAVAILABLE`, at the latest after
 * `timeoutMs`, except reads of what the copy still holds, for `graceMs` after the server last answered.
 * The connection is opened again by itself. Every method rejects with `CLOSED` after `close()`, and what
 * is under way then does too.
 *
 * @typeParam V What it holds: `string`, `Uint8Array` or a JSON value, by its codec.
 */
export interface DistributedCache<V> extends AsyncDisposable {
  /** Which twin holds the copy. */
  readonly implementation: "native" | "pure";
  /** Others see the same entries. */
  readonly shared: true;
  /** What it holds. */
  readonly codec: CacheCodec;
  /** Whether there is a connection now. */
  readonly connected: boolean;

  /** Reads a value and counts a hit or a miss; `undefined` if there is none. */
  get(key: string): Promise<V | undefined>;
  /** Reads a value without counting it. */
  peek(key: string): Promise<V | undefined>;
  /** Whether there is an entry that has not expired; counts nothing. */
  has(key: string): Promise<boolean>;
  /** Removes an entry; true if there was one that had not expired. */
  delete(key: string): Promise<boolean>;
  /**
   * Removes every entry that carries a tag and returns how many of them had not expired. All of them
   * are gone for every reader at once; their memory is freed in batches, between which the server does
   * other work. A load that began before and was given this tag never stores its value.
   */
  deleteByTag(tag: string): Promise<number>;
  /**
   * Removes every entry. All are gone at once; then their memory is freed by going through the keys of
   * the database in batches.
   */
  clear(): Promise<void>;
  /**
   * The keys of all entries that have not expired, in no particular order. Goes through the keys of the
   * database in batches: what is changed meanwhile may or may not be among them.
   */
  keys(): Promise<string[]>;
  /** How many keys `keys()` finds, by the same way. */
  size(): Promise<number>;
  /** Ends this object and its connection; the entries stay in Redis. Idempotent. */
  close(): Promise<void>;
  /**
   * Stores a value, in the place of an older one.
   *
   * Rejects with `TypeError` for a value that is not of the codec, and with `AgentError` `TOO_LARGE`
   * for one of more than 511 MiB. `maxBytes` bounds the copy, not the server: its own `maxmemory` does.
   */
  set(key: string, value: V, options?: SetOptions): Promise<void>;
  /** Reads many values in one round trip, in the order of the keys. */
  getMany(keys: readonly string[]): Promise<(V | undefined)[]>;
  /** Stores many values in one transaction; nothing is stored if one of them is refused. */
  setMany(entries: Iterable<readonly [string, V]>, options?: SetOptions): Promise<void>;
  /**
   * Reads a value, or loads and stores it if there is none.
   *
   * There is one load at a time for a key over all machines: who loads holds a lease in Redis, the
   * others wait for its value, `loadTimeoutMs` at most. A load that began before a `set`, `delete` or
   * `clear` of its key, or a `deleteByTag` of one of its tags or of the entry that it replaces, returns
   * its value to those who wait for it in this isolate but never stores it. An error of the loader
   * reaches those who wait in this isolate, and one of the others loads at once. After `loadTimeoutMs`
   * (24 hours at most) the signal is aborted and the promise rejects with `AgentError` `TIMEOUT`. A value
   * that was loaded is returned even if Redis went away meanwhile.
   */
  getOrSet(key: string, load: Loader<V>, options?: LoadOptions): Promise<V>;
  /**
   * Gives an entry a new end, so many milliseconds from now (over 0; `Infinity` for never); true if there
   * is one that has not expired. Its value, its tags and its grace stay; one that had no end gets the
   * cache's `graceMs`.
   */
  expire(key: string, ttlMs: number): Promise<boolean>;
  /** Removes from the copy what has expired, and says how many that were; Redis does so by itself. */
  purgeExpired(): Promise<number>;
  /** What this isolate has done, and what its copy holds. */
  stats(): Promise<DistributedStats>;
}
