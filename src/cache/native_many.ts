/**
 * Batches of the native twin: how many values are packed for one crossing, and how they are made of
 * what comes back.
 *
 * @module
 */

import { packStrings, Scratch } from "../ffi/encode.ts";
import type { CoreCacheSymbols } from "../ffi/generated/core_cache.ts";
import type { Codec } from "./codec.ts";
import { callOut, out, readStored, readText } from "./crossing.ts";
import type { Stored } from "./measure.ts";
import type { Near } from "./near.ts";

/** What a key takes in the columns in front of the values. */
const COLUMNS_BYTES = 20;
/** In place of a length: there is no entry. */
const MISSING = 0xffff_ffff;
/**
 * Texts are decoded together up to so many bytes and then cut, which is several times as fast as one by
 * one. A piece keeps the whole in memory, so the whole is not long.
 */
const TOGETHER_BYTES = 8_192;
/** Longer ones are decoded alone. */
const ALONE_BYTES = 1_024;

/** Asks native code for the values of keys; they are in `out` then, behind their columns. */
export function fetchMany(
  symbols: CoreCacheSymbols,
  handle: number,
  keys: readonly string[],
): void {
  const packed = packStrings(keys);
  callOut("cache_get_many", (bytes, capacity) =>
    symbols.agent_core_cache_get_many(
      handle,
      packed.bytes,
      packed.byteLength,
      packed.lengths,
      packed.count,
      bytes,
      capacity,
    ));
}

/**
 * Takes texts out of `out` into their places. One that is fetched for the second time is kept at hand,
 * as a string of its own; what comes in bulk drives nothing out that is read one by one.
 */
export function takeTexts(
  near: Near<unknown>,
  keys: readonly string[],
  places: readonly number[],
  found: unknown[],
): void {
  const { floats, words } = out;
  const count = keys.length;
  let at = COLUMNS_BYTES * count;
  /** Texts that were decoded together: up to which key, and from which character on they are left. */
  let until = 0;
  let together = "";
  let from = 0;
  for (let i = 0; i < count; i++) {
    const length = words[3 * count + i] as number;
    if (length === MISSING) continue;
    const units = words[4 * count + i] as number;
    if (i >= until && length <= ALONE_BYTES) {
      let bytes = 0;
      for (until = i; until < count; until++) {
        const next = words[3 * count + until] as number;
        if (next === MISSING) continue;
        if (next > ALONE_BYTES || bytes + next > TOGETHER_BYTES) break;
        bytes += next;
      }
      together = readText(at, bytes);
      from = 0;
    }
    const slot = words[2 * count + i] as number;
    const version = floats[i] as number;
    let text: string;
    if (length > ALONE_BYTES) {
      text = readText(at, length);
    } else {
      text = together.slice(from, from + units);
      from += units;
    }
    const again = near.fetchedBefore(slot, version);
    if (again || length > ALONE_BYTES) {
      const own = length > ALONE_BYTES ? text : readText(at, length);
      const key = (keys[i] as string).toWellFormed();
      near.put(key, own, slot, version, key.length + length, false);
    }
    found[places[i] as number] = text;
    at += length;
  }
}

/** Takes values that are no texts out of `out` into their places, and keeps them at hand. */
export function takeOthers<V>(
  near: Near<V>,
  codec: Codec<V>,
  keys: readonly string[],
  places: readonly number[],
  found: (V | undefined)[],
): void {
  const { floats, words } = out;
  const count = keys.length;
  let at = COLUMNS_BYTES * count;
  for (let i = 0; i < count; i++) {
    const length = words[3 * count + i] as number;
    if (length === MISSING) continue;
    const value = codec.decode(readStored(codec.name, at, length));
    at += length;
    const key = (keys[i] as string).toWellFormed();
    const slot = words[2 * count + i] as number;
    near.put(key, value, slot, floats[i] as number, key.length + length, false);
    found[places[i] as number] = codec.lend(value);
  }
}

/** Values for one crossing. */
export interface PackedValues {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly byteLength: number;
  /** The length of each; may be longer than there are values. */
  readonly lengths: Uint32Array<ArrayBuffer>;
  /** 1 for texts, packed as keys are; 0 for bytes, one behind the other. */
  readonly text: number;
}

const scratch = new Scratch();
let lengthsKept = new Uint32Array(256);

/** Packs values; they are good until the next call. */
export function packValues(stored: readonly Stored[], binary: boolean): PackedValues {
  if (lengthsKept.length < stored.length) lengthsKept = new Uint32Array(stored.length);
  const lengths = lengthsKept;
  let total = 0;
  for (let i = 0; i < stored.length; i++) {
    const { length } = stored[i] as Stored;
    lengths[i] = length;
    total += length;
  }
  if (!binary) {
    const byteLength = scratch.encodeAll(stored as readonly string[], total + stored.length);
    return { bytes: scratch.bytes, byteLength, lengths, text: 1 };
  }
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const value of stored as readonly Uint8Array[]) {
    bytes.set(value, at);
    at += value.length;
  }
  return { bytes, byteLength: total, lengths, text: 0 };
}

/** Lets go of a large buffer of the last {@linkcode packValues}. */
export function releaseValues(): void {
  scratch.release();
}
