/**
 * Local copies: what one isolate keeps of a native cache as ready values. A bounded map whose entries
 * say which version in which slot they were made from. Whether that is still current, native code answers.
 *
 * When it is full, a value is kept only when it is fetched for the second time in a while, so that a
 * scan displaces nothing; and the entries that were not used since the last look go first (SIEVE): a
 * hand goes round from the oldest to the newest.
 *
 * @module
 */

import { ENTRY_OVERHEAD_BYTES } from "../types.ts";

/** The most copies that an isolate keeps. */
const MAX_COPIES = 8_192;
/** The part of the cache's own bound of bytes that an isolate may keep. */
const SHARE = 1 / 8;

/** One copy. */
export class LocalCopy<V> {
  /** Whether it was read since the hand last passed. */
  used = false;

  /** Keeps a value that was made from a version in a slot. */
  constructor(
    readonly key: string,
    public value: V,
    public slot: number,
    public version: number,
    public weight: number,
  ) {}
}

/** The local copies of one cache. */
export class LocalCopies<V> {
  /** By key. For the hot path; changed only here. */
  readonly map = new Map<string, LocalCopy<V>>();
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #bytes = 0;
  /** The versions that were fetched lately and not kept, by slot. */
  #fetched: Uint32Array | undefined;
  /** Goes over the map in the order of insertion, which skips what is deleted meanwhile. */
  #hand: Iterator<LocalCopy<V>>;

  /** Makes an empty map for a cache with these bounds. */
  constructor(bounds: { maxEntries: number; maxBytes: number }) {
    this.#maxEntries = Math.min(bounds.maxEntries, MAX_COPIES);
    this.#maxBytes = bounds.maxBytes * SHARE;
    this.#hand = this.map.values();
  }

  /** Bytes of what is kept, by the cache's own measure. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Keeps a value, in the place of an older one.
   *
   * @param bytes Those of the key and of the value.
   * @param displace Whether others may have to go for it.
   */
  put(
    key: string,
    value: V,
    slot: number,
    version: number,
    bytes: number,
    displace: boolean,
  ): void {
    const weight = bytes + ENTRY_OVERHEAD_BYTES;
    const old = this.map.get(key);
    if (old !== undefined) {
      if (this.#bytes - old.weight + weight > this.#maxBytes) return this.drop(key);
      this.#bytes += weight - old.weight;
      old.value = value;
      old.slot = slot;
      old.version = version;
      old.weight = weight;
      return;
    }
    if (weight > this.#maxBytes) return;
    while (this.map.size >= this.#maxEntries || this.#bytes + weight > this.#maxBytes) {
      if (!displace) return;
      this.#displace();
    }
    this.#bytes += weight;
    this.map.set(key, new LocalCopy(key, value, slot, version, weight));
  }

  /** Keeps a value that was fetched for one reader, if that is worth it. */
  offer(key: string, value: V, slot: number, version: number, bytes: number): void {
    if (this.map.size < this.#maxEntries || this.map.has(key)) {
      return this.put(key, value, slot, version, bytes, true);
    }
    if (this.fetchedBefore(slot, version)) this.put(key, value, slot, version, bytes, true);
  }

  /** Remembers that a value was fetched and not kept; whether it was lately, as far as is remembered. */
  fetchedBefore(slot: number, version: number): boolean {
    const fetched = this.#fetched ??= new Uint32Array(MAX_COPIES);
    const place = slot % MAX_COPIES;
    const mark = version >>> 0;
    if (fetched[place] === mark) return true;
    fetched[place] = mark;
    return false;
  }

  /** Forgets a value. */
  drop(key: string): void {
    const entry = this.map.get(key);
    if (entry === undefined) return;
    this.map.delete(key);
    this.#bytes -= entry.weight;
  }

  /** Forgets everything. */
  clear(): void {
    this.map.clear();
    this.#bytes = 0;
    this.#hand = this.map.values();
  }

  #displace(): void {
    for (;;) {
      let next = this.#hand.next();
      if (next.done) {
        this.#hand = this.map.values();
        next = this.#hand.next();
      }
      const entry = next.value as LocalCopy<V>;
      if (entry.used) {
        entry.used = false;
        continue;
      }
      this.drop(entry.key);
      return;
    }
  }
}
