/**
 * What the three codecs store and give back, for both twins: strings as they are, bytes as copies,
 * JSON as text that becomes a deep-frozen value when it is first read.
 *
 * @module
 */

import { checkString, wrongType } from "../shared/arguments.ts";
import type { CacheCodec } from "./types.ts";

/** All codecs, in the order of their numbers in snapshots and in native code. */
export const CODECS: readonly CacheCodec[] = ["text", "bytes", "json"];

/** What a value is stored as. */
export type Stored = string | Uint8Array;

/** One codec. `V` is what callers see. */
export interface Codec<V> {
  readonly name: CacheCodec;
  /** Checks a caller's value and takes what is to be stored; nothing of the caller's is kept. */
  encode(value: unknown): Stored;
  /** The same for what becomes UTF-8 at once: text is not made well-formed here, but by that. */
  encodeForUtf8(value: unknown): Stored;
  /** The value to keep for readers, made from what was stored. */
  decode(stored: Stored): V;
  /** What one reader gets of the kept value: itself if nobody can change it, else a copy. */
  forReader(kept: V): V;
}

/** Shorter strings are copies whenever they are cut out of others. */
export const SLICED_FROM = 13;
/** Up to this length quoting is the quickest way to copy. */
const QUOTED_TO = 48;

/**
 * A string, well-formed, that keeps no other one alive: one that was cut out of a large text keeps the
 * whole of it in memory, and nobody can tell by looking.
 */
export function ownText(text: string): string {
  const { length } = text;
  if (length < SLICED_FROM) return text.toWellFormed();
  if (length <= QUOTED_TO) {
    // What needs no escape has no lone surrogate either.
    const quoted = JSON.stringify(text);
    if (quoted.length === length + 2) return quoted.slice(1, -1);
  }
  return (" " + text.toWellFormed()).slice(1);
}

function checkedText(value: unknown): string {
  checkString(value, "value");
  return value;
}

const text: Codec<string> = {
  name: "text",
  // What is kept makes it a copy of its own.
  encode: (value) => checkedText(value).toWellFormed(),
  encodeForUtf8: checkedText,
  decode: (stored) => stored as string,
  forReader: (kept) => kept,
};

const bytes: Codec<Uint8Array> = {
  name: "bytes",
  encode(value) {
    if (!(value instanceof Uint8Array)) throw wrongType("value", "a Uint8Array", value);
    // Not slice(): a Buffer's would share memory with the caller's.
    return new Uint8Array(value);
  },
  encodeForUtf8: (value) => bytes.encode(value),
  decode: (stored) => stored as Uint8Array,
  forReader: (kept) => new Uint8Array(kept),
};

const json: Codec<unknown> = {
  name: "json",
  encode(value) {
    let encoded: string | undefined;
    try {
      encoded = JSON.stringify(value);
    } catch (cause) {
      throw new TypeError(wrongType("value", "a JSON value", value).message, { cause });
    }
    if (encoded === undefined) throw wrongType("value", "a JSON value", value);
    return encoded;
  },
  encodeForUtf8: (value) => json.encode(value),
  decode: (stored) => deepFreeze(JSON.parse(stored as string)),
  forReader: (kept) => kept,
};

/** Freezes a value made by `JSON.parse`, without recursion: it may be nested deeply. */
function deepFreeze(root: unknown): unknown {
  if (typeof root !== "object" || root === null) return root;
  const open: object[] = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    Object.freeze(value);
    for (const child of Object.values(value)) {
      if (typeof child === "object" && child !== null) open.push(child);
    }
  }
  return root;
}

/** The codec of a name. The caller's overload says what `V` is. */
export function codecOf<V>(name: CacheCodec): Codec<V> {
  const codec = name === "text" ? text : name === "bytes" ? bytes : json;
  return codec as Codec<unknown> as Codec<V>;
}
