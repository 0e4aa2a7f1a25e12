/**
 * What the three codecs store and give back, for both twins: strings as they are, bytes as copies,
 * JSON as text that becomes a deep-frozen value when it is first read.
 *
 * @module
 */

import { show } from "./options.ts";
import type { CacheCodec } from "./types.ts";

/** What a value is stored as before it becomes bytes. */
export type Stored = string | Uint8Array;

/** One codec. `V` is what callers see. */
export interface Codec<V> {
  readonly name: CacheCodec;
  /** Checks a caller's value and takes what is to be stored; nothing of the caller's is kept. */
  encode(value: unknown): Stored;
  /** The value to keep for readers, made from what was stored. */
  decode(stored: Stored): V;
  /** What one reader gets of the kept value. */
  lend(kept: V): V;
}

const encoder = new TextEncoder();
/** Strings up to this length are measured by encoding them into a buffer for it; longer ones in parts. */
const MEASURED = 4_096;
/** Shorter ones are looked through: below this a loop is faster than a call. */
const SHORT = 24;
let measure: Uint8Array<ArrayBuffer> | undefined;

/** UTF-8 bytes of a well-formed string, or bytes of a byte value. */
export function byteLength(stored: Stored): number {
  if (typeof stored !== "string") return stored.byteLength;
  const { length } = stored;
  if (length < SHORT) {
    let at = 0;
    while (at < length && stored.charCodeAt(at) < 128) at++;
    if (at === length) return length;
  }
  measure ??= new Uint8Array(3 * MEASURED);
  if (length <= MEASURED) return encoder.encodeInto(stored, measure).written;
  let bytes = 0;
  for (let at = 0; at < length;) {
    const { read, written } = encoder.encodeInto(stored.slice(at, at + MEASURED), measure);
    // A pair cut in half: its first half waits for the next part.
    const cut = (stored.charCodeAt(at + read - 1) & 0xfc00) === 0xd800;
    bytes += cut ? written - 3 : written;
    at += cut ? read - 1 : read;
  }
  return bytes;
}

const text: Codec<string> = {
  name: "text",
  encode(value) {
    if (typeof value !== "string") {
      throw new TypeError(`A value of a text cache must be a string, not ${show(value)}`);
    }
    return value.toWellFormed();
  },
  decode: (stored) => stored as string,
  lend: (kept) => kept,
};

const bytes: Codec<Uint8Array> = {
  name: "bytes",
  encode(value) {
    if (!(value instanceof Uint8Array)) {
      throw new TypeError(`A value of a bytes cache must be a Uint8Array, not ${show(value)}`);
    }
    // Not slice(): a Buffer's would share memory with the caller's.
    return new Uint8Array(value);
  },
  decode: (stored) => stored as Uint8Array,
  lend: (kept) => new Uint8Array(kept),
};

const json: Codec<unknown> = {
  name: "json",
  encode(value) {
    let encoded: string | undefined;
    try {
      encoded = JSON.stringify(value);
    } catch (cause) {
      throw new TypeError(`A value of a JSON cache cannot be written as JSON: ${show(value)}`, {
        cause,
      });
    }
    if (encoded === undefined) {
      throw new TypeError(`A value of a JSON cache must be a JSON value, not ${show(value)}`);
    }
    return encoded;
  },
  decode: (stored) => deepFreeze(JSON.parse(stored as string)),
  lend: (kept) => kept,
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
