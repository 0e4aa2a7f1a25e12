/**
 * Synchronous calls that write their result into a buffer of ours: grow and call again when it is
 * too small, throw when it failed.
 *
 * @module
 */

import { errorFromBuffer } from "./failure.ts";
import { Status } from "./generated/status.ts";

/** The result buffer is kept up to this size; a larger one is made for its call only. */
const KEPT_BYTES = 1 << 20;

let kept: Uint8Array<ArrayBuffer> | undefined;

/**
 * Calls a native function that ends in `(out, out_cap)`.
 *
 * @param operation The function's name, for the error.
 * @param call Calls it with the buffer given.
 * @param expected How many bytes the result will probably have.
 * @returns The result: a view of a shared buffer, valid until the next call. Copy what must live.
 * @throws {AgentError | TypeError} What the function answered.
 */
export function callInto(
  operation: string,
  call: (out: Uint8Array<ArrayBuffer>, capacity: number) => number,
  expected = 0,
): Uint8Array<ArrayBuffer> {
  let out = buffer(expected);
  let written = call(out, out.length);
  while (written === Status.TOO_SMALL) {
    out = buffer(new DataView(out.buffer).getUint32(0, true));
    written = call(out, out.length);
  }
  if (written < 0) throw errorFromBuffer(operation, written, out);
  return out.subarray(0, written);
}

/**
 * Calls a native function that ends in `(out, out_cap)` and answers with a status or a number only.
 *
 * @returns What it returned, which is not negative.
 * @throws {AgentError | TypeError} What the function answered.
 */
export function callStatus(
  operation: string,
  call: (out: Uint8Array<ArrayBuffer>, capacity: number) => number,
): number {
  const out = buffer(0);
  const status = call(out, out.length);
  if (status < 0) throw errorFromBuffer(operation, status, out);
  return status;
}

function buffer(size: number): Uint8Array<ArrayBuffer> {
  if (size > KEPT_BYTES) return new Uint8Array(size);
  if (kept === undefined || kept.length < size) kept = new Uint8Array(Math.max(4096, size * 2));
  return kept;
}
