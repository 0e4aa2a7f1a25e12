/**
 * The copy of a distributed cache in this isolate, and what keeps it right.
 *
 * Redis remembers for each connection which keys were read over it and tells when one changes. A copy is
 * kept only of what was read over the connection that stands, and only if no change of it was reported,
 * and none was made here, since the read was sent: replies and reports come in the order in which they
 * happened. This connection's own changes are dropped here when they are sent, and reported besides, as are keys that
 * the server evicts or can no longer remember. Nothing is kept that was only written: the server would not report its
 * change.
 *
 * @module
 */

import { createCache } from "../create.ts";
import type { ResolvedOptions } from "../options.ts";
import type { CacheOptions, TtlCache } from "../types.ts";

/** The most stamps that are known at a time. */
const MAX_STAMPS = 16_384;

/** A read that is under way, by what it reads. */
interface PendingRead {
  readers: number;
  /** The step at which it was last changed. */
  changed: number;
}

/** Ends when the reply is there; see {@linkcode TrackedCopy.beginRead}. */
export interface Read {
  readonly names: readonly string[];
  readonly step: number;
}

/** What is at hand in this isolate. */
export class TrackedCopy<V> {
  /** What holds it; only to be read, and closed. */
  readonly cache: TtlCache<V>;
  readonly #pending = new Map<string, PendingRead>();
  /** The stamp of each tag that is known and reported. */
  readonly #stamps = new Map<string, string>();
  /** Counts reads and changes, so that it can be told which was first. */
  #step = 0;
  /** Reads from before this step are not kept; those of tagged entries from before the other one. */
  #floor = 0;
  #tagFloor = 0;
  /** Changes that were reported. */
  invalidations = 0;

  /** Makes an empty copy for a cache with these options. */
  constructor(options: ResolvedOptions, implementation: CacheOptions["implementation"]) {
    const { codec, maxEntries, maxBytes } = options;
    const make = createCache as (options: unknown) => TtlCache<V>;
    this.cache = make({ codec, maxEntries, maxBytes, implementation });
  }

  /** The known stamp of a tag. */
  stamp(tag: string): string | undefined {
    return this.#stamps.get(tag);
  }

  /** A read of entries or stamps is about to be sent; each begun read must be ended. */
  beginRead(names: readonly string[]): Read {
    for (const name of names) {
      const pending = this.#pending.get(name);
      if (pending === undefined) this.#pending.set(name, { readers: 1, changed: 0 });
      else pending.readers++;
    }
    return { names, step: ++this.#step };
  }

  /** A read is over: says of each of its names whether what was read is still current. */
  endRead({ names, step }: Read): boolean[] {
    return names.map((name) => {
      const pending = this.#pending.get(name) as PendingRead;
      if (--pending.readers === 0) this.#pending.delete(name);
      return pending.changed < step && this.#floor < step;
    });
  }

  /** Keeps a value that was read from that step on and is still current. */
  keep(
    key: string,
    value: V,
    life: { ttlMs: number; tags: readonly string[]; step: number },
  ): void {
    const { ttlMs, tags, step } = life;
    if (!(ttlMs > 0) || step < this.#floor) return;
    if (tags.length === 0) return this.#store(key, value, { ttlMs });
    if (step < this.#tagFloor || !tags.every((tag) => this.#stamps.has(tag))) return;
    this.#store(key, value, { ttlMs, tags });
  }

  /** Remembers the stamp of a tag, which was read and is still current. */
  rememberStamp(tag: string, stamp: string): void {
    const known = this.#stamps.get(tag);
    if (known === stamp) return;
    if (known !== undefined) this.forgetTag(tag);
    else if (this.#stamps.size >= MAX_STAMPS) {
      const [oldest] = this.#stamps.keys();
      this.forgetTag(oldest as string);
    }
    this.#stamps.set(tag, stamp);
  }

  /** An entry has changed or is about to. */
  forget(name: string, key: string): void {
    this.#change(name);
    this.cache.delete(key);
  }

  /** A tag has changed or is about to. */
  forgetTag(tag: string, name?: string): void {
    if (name !== undefined) this.#change(name);
    this.#tagFloor = ++this.#step;
    if (this.#stamps.delete(tag)) this.cache.deleteByTag(tag);
  }

  /** Everything has changed or is about to. */
  clear(): void {
    this.#floor = ++this.#step;
    this.#stamps.clear();
    this.cache.clear();
  }

  #change(name: string): void {
    const pending = this.#pending.get(name);
    if (pending !== undefined) pending.changed = ++this.#step;
  }

  #store(key: string, value: V, options: { ttlMs: number; tags?: readonly string[] }): void {
    try {
      this.cache.set(key, value, options);
    } catch {
      // Too heavy for the copy; it is read from Redis each time.
    }
  }
}
