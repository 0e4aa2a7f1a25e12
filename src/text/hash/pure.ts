/**
 * Hashing in TypeScript. Twin: `native.ts`.
 *
 * @module
 */

import type { CallOptions } from "../../shared/implementation.ts";
import { Pace } from "../../shared/pace.ts";
import { Blake3, blake3 } from "./blake3.ts";
import type { Hasher } from "./types.ts";

let encoder: TextEncoder | undefined;

/** See `hash` in `mod.ts`. */
export function hash(input: string | Uint8Array): string {
  encoder ??= new TextEncoder();
  return blake3(typeof input === "string" ? encoder.encode(input) : input).toHex();
}

/** See `hashMany` in `mod.ts`. */
export async function hashMany(
  inputs: readonly (string | Uint8Array)[],
  options: CallOptions,
): Promise<string[]> {
  const pace = new Pace(options, inputs.length);
  const hashes: string[] = [];
  // A copy: the caller may change the list meanwhile.
  for (const input of inputs.slice()) {
    hashes.push(hash(input));
    if (pace.due()) await pace.giveWay(hashes.length);
  }
  pace.finish();
  return hashes;
}

/** A hash of bytes that come in parts. */
export function hasher(): Hasher {
  const hashing = new Blake3();
  return {
    update: (bytes) => hashing.update(bytes),
    digits: () => hashing.digest().toHex(),
    close: () => {},
  };
}
