/**
 * Local copies: what one isolate keeps of a native cache as ready values, as columns: copy number 7 is what stands in
 * place 7 of each. They say which version in which slot they were made from; whether that is still current, native code
 * answers. The numbers have no gaps.
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

const FIRST = 64;

/** The local copies of one cache. */
export class LocalCopies<V> {
  /** Places by key. For the hot path; changed only here, as the columns are. */
  readonly map = new Map<string, number>();
  values: V[] = [];
  /** In pairs: the version and the slot that each was made from, so that a look at both is one at memory. */
  marks = new Float64Array(2 * FIRST);
  /** Whether each was read since the hand last passed; set by readers. */
  used = new Uint8Array(FIRST);
  /** The bound of bytes of the cache itself. */
  readonly maxBytes: number;
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #keys: string[] = [];
  #weights = new Float64Array(FIRST);
  #bytes = 0;
  /** The versions that were fetched lately and not kept, by slot. */
  #fetched: Uint32Array | undefined;
  /** Goes round all places. */
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

  /** Those of one copy. */
  weightOf(place: number): number {
    return this.#weights[place] as number;
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
    const place = this.#keys.length;
    if (place === this.used.length) this.#grow();
    const own = ownText(key);
    this.#keys.push(own);
    this.values.push(value);
    this.used[place] = 0;
    this.#bytes += weight;
    this.#mark(place, slot, version, weight);
    this.map.set(own, place);
  }

  /** Puts another value in a place. */
  renew(place: number, value: V, slot: number, version: number, bytes: number): void {
    const weight = bytes + ENTRY_OVERHEAD_BYTES;
    const total = this.#bytes - (this.#weights[place] as number) + weight;
    if (total > this.#maxBytes) return this.drop(this.#keys[place] as string);
    this.#bytes = total;
    this.values[place] = value;
    this.#mark(place, slot, version, weight);
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

  /** Forgets a value. The last copy comes to its place. */
  drop(key: string): void {
    const place = this.map.get(key);
    if (place === undefined) return;
    this.map.delete(key);
    this.#bytes -= this.#weights[place] as number;
    const last = this.#keys.length - 1;
    const lastKey = this.#keys.pop() as string;
    const lastValue = this.values.pop() as V;
    if (last === place) return;
    this.#keys[place] = lastKey;
    this.values[place] = lastValue;
    this.used[place] = this.used[last] as number;
    const { marks } = this;
    this.#mark(
      place,
      marks[2 * last + 1] as number,
      marks[2 * last] as number,
      this.#weights[last] as number,
    );
    this.map.set(lastKey, place);
  }

  /** Forgets everything. */
  clear(): void {
    this.map.clear();
    this.values = [];
    this.#keys = [];
    this.marks = new Float64Array(2 * FIRST);
    this.used = new Uint8Array(FIRST);
    this.#weights = new Float64Array(FIRST);
    this.#bytes = 0;
    this.#hand = 0;
  }

  #mark(place: number, slot: number, version: number, weight: number): void {
    this.marks[2 * place] = version;
    this.marks[2 * place + 1] = slot;
    this.#weights[place] = weight;
  }

  #grow(): void {
    const { marks, used } = this;
    const weights = this.#weights;
    this.marks = new Float64Array(2 * marks.length);
    this.marks.set(marks);
    this.used = new Uint8Array(2 * used.length);
    this.used.set(used);
    this.#weights = new Float64Array(2 * weights.length);
    this.#weights.set(weights);
  }

  #displace(): void {
    for (;;) {
      if (this.#hand >= this.#keys.length) this.#hand = 0;
      if (this.used[this.#hand] === 0) return this.drop(this.#keys[this.#hand] as string);
      this.used[this.#hand] = 0;
      this.#hand++;
    }
  }
}
