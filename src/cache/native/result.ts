/**
 * What was stored, out of the result of a native call.
 *
 * @module
 */

import { RESULT } from "../../native/call.ts";
import type { Stored } from "../codec.ts";
import type { CacheCodec } from "../types.ts";

/** A value in its stored form. Bytes are copied. */
export function readStored(codec: CacheCodec, from: number, length: number): Stored {
  return codec === "bytes" ? RESULT.bytes.slice(from, from + length) : RESULT.text(from, length);
}
