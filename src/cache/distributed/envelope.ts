/**
 * What is before a value in Redis, and the value behind it.
 *
 * 32 bytes: "A", a version, the codec, 0; the generation (16 characters); when the entry ends, in
 * milliseconds by the server's clock (64-bit float, infinite for never); the length of the tags (32
 * bits). Then the tags, each with its stamp, as a JSON array of strings; then the value. Big endian.
 * Written by scripts.ts and read here. What does not look like this is not ours and no entry.
 *
 * @module
 */

import type { Stored } from "../codec.ts";
import type { CacheCodec } from "../types.ts";

const HEAD = 32;
const VERSION = 1;
const LETTERS: Readonly<Record<CacheCodec, string>> = { text: "t", bytes: "b", json: "j" };

/** An entry as it is in Redis. */
export interface Envelope {
  /** When it ends, by the server's clock. */
  readonly expires: number;
  /** Its tags, each with the stamp that it must still have. */
  readonly tags: readonly (readonly [tag: string, stamp: string])[];
  /** What the codec stored. */
  readonly stored: Stored;
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The letter of a codec in the header. */
export function letterOf(codec: CacheCodec): string {
  return LETTERS[codec];
}

/** Reads an entry; `undefined` for what is none of this codec and generation. */
export function readEnvelope(
  bytes: Uint8Array,
  codec: CacheCodec,
  generation: string,
): Envelope | undefined {
  if (bytes.length < HEAD || bytes[0] !== 0x41 || bytes[1] !== VERSION) return undefined;
  if (bytes[2] !== LETTERS[codec].charCodeAt(0)) return undefined;
  // Compared where it is: to decode it would cost as much as the value.
  for (let i = 0; i < 16; i++) if (bytes[4 + i] !== generation.charCodeAt(i)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEAD);
  const expires = view.getFloat64(20);
  const length = view.getUint32(28);
  if (Number.isNaN(expires) || bytes.length < HEAD + length) return undefined;
  const tags = length === 0 ? [] : readTags(bytes.subarray(HEAD, HEAD + length));
  if (tags === undefined) return undefined;
  const value = bytes.subarray(HEAD + length);
  let stored: Stored;
  try {
    stored = codec === "bytes" ? value : strict.decode(value);
  } catch {
    return undefined;
  }
  return { expires, tags, stored };
}

function readTags(bytes: Uint8Array): [string, string][] | undefined {
  let list: unknown;
  try {
    list = JSON.parse(strict.decode(bytes));
  } catch {
    return undefined;
  }
  if (!Array.isArray(list) || list.length % 2 !== 0) return undefined;
  const tags: [string, string][] = [];
  for (let i = 0; i < list.length; i += 2) {
    const [tag, stamp] = [list[i], list[i + 1]];
    if (typeof tag !== "string" || typeof stamp !== "string") return undefined;
    tags.push([tag, stamp]);
  }
  return tags;
}
