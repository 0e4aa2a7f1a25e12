/**
 * The buffers of the native twin: strings and bytes on their way in, entries on their way out.
 *
 * @module
 */

import { errorFromBuffer } from "../ffi/failure.ts";
import { Status } from "../ffi/generated/status.ts";
import type { Stored } from "./measure.ts";
import type { CacheCodec } from "./types.ts";

const FIRST_BYTES = 64 * 1024;
/** Buffers are kept up to this size between calls. */
const KEPT_BYTES = 4 << 20;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A buffer for results, seen as bytes and as numbers. */
class Out {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly floats: Float64Array;
  readonly words: Uint32Array;

  constructor(size: number) {
    this.bytes = new Uint8Array(Math.ceil(size / 8) * 8);
    this.floats = new Float64Array(this.bytes.buffer);
    this.words = new Uint32Array(this.bytes.buffer);
  }
}

/** One isolate has one, for all its caches: no call is in the middle of another. */
export let out: Out = new Out(FIRST_BYTES);

/**
 * Calls a native function that writes into `out`, which grows if it has to.
 *
 * @param operation The function's name, for errors.
 * @param call Calls it with the buffer given.
 * @returns How many bytes were written.
 */
export function callOut(
  operation: string,
  call: (bytes: Uint8Array<ArrayBuffer>, capacity: number) => number,
): number {
  let written = call(out.bytes, out.bytes.length);
  while (written === Status.TOO_SMALL) {
    out = new Out(out.words[0] as number);
    written = call(out.bytes, out.bytes.length);
  }
  if (written < 0) throw errorFromBuffer(operation, written, out.bytes);
  return written;
}

/** Lets go of a large buffer once its result was read. */
export function releaseOut(): void {
  if (out.bytes.length > KEPT_BYTES) out = new Out(FIRST_BYTES);
}

/** Text from `out`. */
export function readText(from: number, length: number): string {
  return length === 0 ? "" : decoder.decode(out.bytes.subarray(from, from + length));
}

/** What was stored, from `out`. Bytes are copied. */
export function readStored(codec: CacheCodec, from: number, length: number): Stored {
  return codec === "bytes" ? out.bytes.slice(from, from + length) : readText(from, length);
}
