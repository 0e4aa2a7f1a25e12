/**
 * The operations of a store that are measured, each on the next key. Every store gets an instance of this module of its
 * own, so that V8 sees one kind of store at each call, as it does in a program that uses one cache.
 */

import type { LruCache } from "./peers.ts";

/** What all stores can do. */
export type Store = LruCache & {
  close?(): void;
  getOrSet?(key: string, load: () => string): Promise<string>;
};

/** This module, or an instance of it. */
export type CacheOperations = typeof import("./cache_operations.ts");

/** The operations on one store. */
export interface Operations {
  /** Names the store, and at least 256 values. */
  open(store: Store, values: readonly string[]): void;
  /** Names the keys to go through. */
  walk(keys: readonly string[]): void;
  /** Reads an entry that is there. */
  read(): number;
  /** Reads an entry that is not there. */
  miss(): number;
  /** Sets an entry. */
  write(): number;
  /** Asks whether an entry is there. */
  has(): number;
  /** Removes an entry and sets it again. */
  replace(): number;
  /** Removes all entries, one by one. */
  remove(): number;
  /** Reads an entry, and sets it if it is not there. */
  aside(): number;
  /** Reads entries that are there, with a loader for those that are not. */
  load(): Promise<number>;
  /** Closes the store. */
  close(): void;
}

/** The operations on a store that is still to be named. */
export function operations(): Operations {
  let store: Store | undefined;
  let keys: readonly string[] = [];
  let values: readonly string[] = [];
  let at = 0;
  let isOurs = false;
  const missing = (): string => values[0]!;
  const next = (): string => {
    if (++at >= keys.length) at = 0;
    return keys[at]!;
  };
  return {
    open(newStore, newValues): void {
      store = newStore;
      isOurs = newStore.getOrSet !== undefined;
      values = newValues;
    },
    walk(newKeys): void {
      keys = newKeys;
    },
    read: () => store!.get(next())!.length,
    miss: () => store!.get(next()) === undefined ? 1 : 0,
    write(): number {
      store!.set(next(), values[at & 255]!);
      return at;
    },
    has: () => store!.has(next()) ? 1 : 0,
    remove(): number {
      let removed = 0;
      for (const key of keys) if (store!.delete(key)) removed++;
      return removed;
    },
    aside(): number {
      const key = next();
      const value = store!.get(key);
      if (value !== undefined) return value.length;
      store!.set(key, values[at & 255]!);
      return 1;
    },
    async load(): Promise<number> {
      const value = await (isOurs ? store!.getOrSet!(next(), missing) : store!.fetch!(next()));
      return value!.length;
    },
    replace(): number {
      const key = next();
      const had = store!.delete(key);
      store!.set(key, values[at & 255]!);
      return had ? 1 : 0;
    },
    close: () => store?.close?.(),
  };
}
