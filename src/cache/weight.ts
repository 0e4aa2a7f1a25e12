/**
 * How heavy an entry is: the bytes of its key, its value and its tags, and the bounds that it must keep.
 *
 * @module
 */

import { AgentError } from "../shared/errors.ts";
import type { Stored } from "./codec.ts";
import { ENTRY_OVERHEAD_BYTES } from "./types.ts";

/** The heaviest entry that any cache takes, in bytes. */
const MAX_ENTRY_BYTES = 2 ** 30;
/** Strings up to this length are measured by encoding them into a buffer for it; longer ones in parts. */
const PART_UNITS = 4_096;
/** Shorter ones are looked through: below this a loop is faster than a call. */
const SHORT_UNITS = 24;

/** A text of fewer units is lighter than any entry may be at most. */
const LIGHT_UNITS = MAX_ENTRY_BYTES / 8;
/** Texts are measured together up to so many units. */
const TOGETHER_UNITS = 64 * 1024;

const encoder = new TextEncoder();
let measured: Uint8Array<ArrayBuffer> | undefined;

/** UTF-8 bytes of a well-formed string, or bytes of a byte value. */
export function byteLength(stored: Stored): number {
  if (typeof stored !== "string") return stored.byteLength;
  const { length } = stored;
  if (length < SHORT_UNITS) {
    let at = 0;
    while (at < length && stored.charCodeAt(at) < 128) at++;
    if (at === length) return length;
  }
  measured ??= new Uint8Array(3 * PART_UNITS);
  if (length <= PART_UNITS) return encoder.encodeInto(stored, measured).written;
  let bytes = 0;
  for (let at = 0; at < length;) {
    const { read, written } = encoder.encodeInto(stored.slice(at, at + PART_UNITS), measured);
    // A pair cut in half: its first half waits for the next part.
    const cut = (stored.charCodeAt(at + read - 1) & 0xfc00) === 0xd800;
    bytes += cut ? written - 3 : written;
    at += cut ? read - 1 : read;
  }
  return bytes;
}

/** UTF-8 bytes of many well-formed strings: many times as fast as one by one. */
export function bytesOfAll(texts: readonly string[]): number {
  let bytes = 0;
  let buffer: Uint8Array<ArrayBuffer> | undefined;
  for (let from = 0; from < texts.length;) {
    let to = from;
    let units = 0;
    while (to < texts.length && (to === from || units + texts[to]!.length <= TOGETHER_UNITS)) {
      units += texts[to++]!.length;
    }
    if (to === from + 1) {
      bytes += byteLength(texts[from]!);
    } else {
      buffer ??= new Uint8Array(3 * TOGETHER_UNITS);
      bytes += encoder.encodeInto(texts.slice(from, to).join(""), buffer).written;
    }
    from = to;
  }
  return bytes;
}

/**
 * The weight of an entry where no bound of bytes asks for it: 0, without looking, unless it could be
 * heavier than any cache takes.
 */
export function unaskedWeight(
  key: string,
  value: Stored,
  tags: { readonly weight: number } | undefined,
): number {
  if (key.length < LIGHT_UNITS && value.length < LIGHT_UNITS) return 0;
  return entryWeight(key, value, tags, Infinity);
}

/**
 * The weight of an entry.
 *
 * @throws {AgentError} `TOO_LARGE` if it is heavier than the cache may ever hold.
 */
export function entryWeight(
  key: string,
  value: Stored,
  tags: { readonly weight: number } | undefined,
  maxBytes: number,
): number {
  const keyBytes = byteLength(key);
  const valueBytes = byteLength(value);
  const tagsWeight = tags === undefined ? 0 : tags.weight;
  const weight = keyBytes + valueBytes + tagsWeight + ENTRY_OVERHEAD_BYTES;
  const limit = maxBytes < MAX_ENTRY_BYTES ? maxBytes : MAX_ENTRY_BYTES;
  if (weight > limit) {
    throw new AgentError(
      "TOO_LARGE",
      `The entry weighs ${weight} bytes (key ${keyBytes}, value ${valueBytes}, tags ${tagsWeight}, ` +
        `overhead ${ENTRY_OVERHEAD_BYTES}) and the cache takes ${limit}: raise maxBytes or store less`,
      { what: "cache entry", size: weight, limit },
    );
  }
  return weight;
}
