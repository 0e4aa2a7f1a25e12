/**
 * Hashing of what comes in parts and need not fit into memory. The same for both twins but for the hash itself.
 *
 * @module
 */

import { pick } from "../../native/choose.ts";
import { CROSSOVER } from "../../native/crossover.ts";
import { checkContent } from "../../shared/arguments.ts";
import type { CallOptions } from "../../shared/implementation.ts";
import { Pace } from "../../shared/pace.ts";
import * as native from "./native.ts";
import * as pure from "./pure.ts";

/** Bytes that are hashed at once. */
const MOST = 1 << 24;

/** Hashes checked parts. See `hashStream` in `mod.ts`. */
export async function hashParts(
  parts: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  options: CallOptions,
): Promise<string> {
  const isNative = pick("text", Infinity, CROSSOVER.hash, options.implementation);
  const hasher = (isNative ? native : pure).hasher();
  const encoder = new TextEncoder();
  let pace: Pace;
  const add = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length; at += MOST) {
      hasher.update(bytes.subarray(at, at + MOST));
      if (pace.due()) await pace.giveWay(0);
    }
  };
  // The first half of a character whose other half may come with the next part.
  let half = "";
  try {
    pace = new Pace({ signal: options.signal }, 0);
    for await (const part of parts) {
      checkContent(part, "part");
      if (typeof part !== "string") {
        if (half !== "") await add(encoder.encode(half));
        half = "";
        await add(part);
        continue;
      }
      const text = half + part;
      const end = text.length - (/[\ud800-\udbff]$/.test(text.slice(-1)) ? 1 : 0);
      half = text.slice(end);
      await add(encoder.encode(text.slice(0, end)));
    }
    await add(encoder.encode(half));
    return hasher.digits();
  } finally {
    hasher.close();
  }
}
