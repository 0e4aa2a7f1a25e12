/**
 * Hashing of what comes in parts and need not fit into memory. The same for both twins but for the hash itself.
 *
 * @module
 */

import { textHasherDoor } from "../ffi/doors/text_hasher.ts";
import type { CallOptions, Implementation } from "../implementation.ts";
import { contentOf } from "./check.ts";
import { areaFor } from "./choose.ts";
import { CROSSOVER } from "./crossover.ts";
import { NativeHasher } from "./native_hasher.ts";
import { Pace } from "./pace.ts";
import { Blake3 } from "./pure_blake3.ts";
import type { Hasher } from "./types.ts";

/** Bytes that are hashed at once. */
const MOST = 1 << 24;

function hasherFor(option: Implementation | undefined): Hasher {
  const area = areaFor(textHasherDoor, option, Infinity, CROSSOVER.hash);
  if (area !== undefined) return new NativeHasher(area);
  const hashing = new Blake3();
  return {
    update: (bytes) => hashing.update(bytes),
    digits: () => hashing.digest().toHex(),
    close: () => {},
  };
}

/** Hashes checked parts. See `hashStream` in `mod.ts`. */
export async function hashParts(
  parts: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  options: CallOptions,
): Promise<string> {
  const hasher = hasherFor(options.implementation);
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
      contentOf(part, "A part");
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
