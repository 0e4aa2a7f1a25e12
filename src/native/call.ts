/**
 * What generated calls are made of: buffers that strings are encoded into, and the buffer that a result is written to,
 * which grows when it was too small. One isolate has one of each, since no synchronous call is in the middle of another.
 *
 * @module
 */

import { Status } from "./generated/status_codes.ts";
import { ContentPacker, Scratch, StringPacker } from "./pack.ts";

/** The result buffer begins with this size... */
const FIRST_BYTES = 64 * 1024;
/** ...and is kept up to this one; a larger one is made for its call only. */
const KEPT_BYTES = 4 << 20;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What a native call answers when the result needs a larger buffer. */
export const TOO_SMALL = Status.TOO_SMALL;

/** For the first, second and third text among a call's arguments. */
export const TEXT0: Scratch = new Scratch();
/** See {@linkcode TEXT0}. */
export const TEXT1: Scratch = new Scratch();
/** See {@linkcode TEXT0}. */
export const TEXT2: Scratch = new Scratch();
/** For the first and second list of strings among a call's arguments. */
export const LIST0: StringPacker = new StringPacker();
/** See {@linkcode LIST0}. */
export const LIST1: StringPacker = new StringPacker();
/** For a list of texts and bytes among a call's arguments. */
export const CONTENTS: ContentPacker = new ContentPacker();

/** The buffer that results are written to, seen as bytes and as numbers; good until the next call. */
class Result {
  bytes = new Uint8Array(FIRST_BYTES);
  words = new Uint32Array(this.bytes.buffer);
  floats = new Float64Array(this.bytes.buffer);

  /** Makes it as large as the last call said it must be. */
  enlarge(): Uint8Array<ArrayBuffer> {
    return this.#resize(this.words[0]!);
  }

  /** Lets go of a large buffer once its result was read. */
  release(): void {
    if (this.bytes.length > KEPT_BYTES) this.#resize(FIRST_BYTES);
  }

  /** The buffer, with room for what is expected, as far as that is kept. */
  room(expected: number): Uint8Array<ArrayBuffer> {
    if (expected <= this.bytes.length) return this.bytes;
    return this.#resize(Math.min(expected * 2, KEPT_BYTES));
  }

  /** Text that a call wrote. */
  text(from: number, length: number): string {
    return length === 0 ? "" : decoder.decode(this.bytes.subarray(from, from + length));
  }

  #resize(size: number): Uint8Array<ArrayBuffer> {
    this.bytes = new Uint8Array((size + 7) & ~7);
    this.words = new Uint32Array(this.bytes.buffer);
    this.floats = new Float64Array(this.bytes.buffer);
    return this.bytes;
  }
}

/** What the last call wrote. */
export const RESULT: Result = new Result();

/** A buffer for a result of about so many bytes; beyond what is kept it is the call's own. */
export function room(expected: number): Uint8Array<ArrayBuffer> {
  return expected > KEPT_BYTES ? new Uint8Array((expected + 7) & ~7) : RESULT.room(expected);
}

/** A buffer of the size that a call said it needs. */
export function larger(out: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return room(new DataView(out.buffer).getUint32(0, true));
}

/** A count as 32 bits; what does not fit means "no limit". */
export function saturated(count: number): number {
  return count > 0xffff_ffff ? 0xffff_ffff : count;
}

/** Text out of a result. */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** A JSON value out of a result. */
export function decodeJson(bytes: Uint8Array): unknown {
  return JSON.parse(decoder.decode(bytes));
}

/** The number that a constructor of a handle answers with. */
export function decodeHandle(bytes: Uint8Array<ArrayBuffer>): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
}

/** 32-bit numbers out of a completion, which does not last. */
export function decodeWords(bytes: Uint8Array): Uint32Array<ArrayBuffer> {
  return new Uint32Array(bytes.slice().buffer);
}

/** Strings out of a result: their UTF-16 lengths, then their UTF-8 with a line feed between. */
export function decodeStrings(bytes: Uint8Array, count: number, at = 0): string[] {
  const lengths = new Uint32Array(bytes.buffer, bytes.byteOffset + at, count);
  return cut(decoder.decode(bytes.subarray(at + 4 * count)), 0, lengths);
}

/** Cuts strings out of a text in which one character stands between each two. */
export function cut(text: string, at: number, lengths: Uint32Array): string[] {
  const strings = new Array<string>(lengths.length);
  for (let i = 0; i < lengths.length; i++) {
    strings[i] = text.slice(at, at + lengths[i]!);
    at += lengths[i]! + 1;
  }
  return strings;
}
