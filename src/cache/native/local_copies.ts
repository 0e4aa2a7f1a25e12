/**
 * Local copies: what one isolate keeps of a native cache as ready values. A bounded map whose entries
 * say which version in which slot they were made from. Whether that is still current, native code answers.
 *
 * When it is full, a value is kept only when it is fetched for the second time in a while, so that a
 * scan displaces nothing; and the entries that were not used since the last look go first (SIEVE): a
 * hand goes round, from older ones to newer ones.
 *
 * @module
 */

import { ownText } from "../codec.ts";
import { ENTRY_OVERHEAD_BYTES } from "../types.ts";

/** The part of the cache's own bound of bytes that an isolate may keep. */
const SHARE = 1 / 8;
/** The bytes that it keeps where the cache has no bound. */
const MOST_BYTES = 32 * 2 ** 20;
/** The most fetches that are remembered. */
const MOST_FETCHED = 65_536;

/** One copy. */
export class LocalCopy<V> {
  /** Whether it was read since the hand last passed. */
  used = false;
  /** Where it is in the round of the hand. */
  place = 0;

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
  /** The bound of bytes of the cache itself. */
  readonly maxBytes: number;
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #bytes = 0;
  /** The versions that were fetched lately and not kept, by slot. */
  #fetched: Uint32Array | undefined;
  /**
   * All copies, which a hand goes round. No iterator of the map: one that stands still keeps every table
   * that the map has outgrown since.
   */
  #round: LocalCopy<V>[] = [];
  #hand = 0;

  /** Makes an empty map for a cache with these bounds. */
  constructor(bounds: { maxEntries: number; maxBytes: number }) {
    this.maxBytes = bounds.maxBytes;
    this.#maxEntries = bounds.maxEntries;
    this.#maxBytes = bounds.maxBytes === Infinity ? MOST_BYTES : bounds.maxBytes * SHARE;
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
    if (old !== undefined) return this.renew(old, value, slot, version, bytes);
    if (weight > this.#maxBytes) return;
    while (this.map.size >= this.#maxEntries || this.#bytes + weight > this.#maxBytes) {
      if (!displace) return;
      this.#displace();
    }
    this.#bytes += weight;
    const own = ownText(key);
    const copy = new LocalCopy(own, value, slot, version, weight);
    copy.place = this.#round.push(copy) - 1;
    this.map.set(own, copy);
  }

  /** Puts another value in the place of one that is kept. */
  renew(copy: LocalCopy<V>, value: V, slot: number, version: number, bytes: number): void {
    const weight = bytes + ENTRY_OVERHEAD_BYTES;
    const total = this.#bytes - copy.weight + weight;
    if (total > this.#maxBytes) return this.drop(copy.key);
    this.#bytes = total;
    copy.value = value;
    copy.slot = slot;
    copy.version = version;
    copy.weight = weight;
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
    const fetched = this.#fetched ??= new Uint32Array(
      Math.min(2 ** Math.ceil(Math.log2(this.map.size + 1_024)), MOST_FETCHED),
    );
    const place = slot % fetched.length;
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
    const last = this.#round.pop() as LocalCopy<V>;
    if (last === entry) return;
    this.#round[entry.place] = last;
    last.place = entry.place;
  }

  /** Forgets everything. */
  clear(): void {
    this.map.clear();
    this.#bytes = 0;
    this.#round = [];
    this.#hand = 0;
  }

  #displace(): void {
    for (;;) {
      if (this.#hand >= this.#round.length) this.#hand = 0;
      const entry = this.#round[this.#hand] as LocalCopy<V>;
      if (!entry.used) return this.drop(entry.key);
      entry.used = false;
      this.#hand++;
    }
  }
}
