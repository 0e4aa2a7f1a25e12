/**
 * Hashing in Rust. Twin: `pure.ts`, which says what comes out.
 *
 * @module
 */

import { batches } from "../../native/batches.ts";
import {
  textHash,
  textHasherFinish,
  textHasherNew,
  textHasherUpdate,
  textHashMany,
} from "../../native/generated/text.ts";
import { NativeHandle } from "../../native/handle.ts";
import type { CallOptions } from "../../shared/implementation.ts";
import type { Hasher } from "./types.ts";

const HASH_BYTES = 32;

/** See `hash` in `mod.ts`. */
export function hash(input: string | Uint8Array): string {
  return textHash(input).toHex();
}

/** See `hashMany` in `mod.ts`. */
export async function hashMany(
  inputs: readonly (string | Uint8Array)[],
  options: CallOptions,
): Promise<string[]> {
  const parts = await batches(inputs, options, {
    weigh: ({ length }) => length,
    submit: (part, submitOptions) => textHashMany(part, hexOf, submitOptions),
  });
  return parts.flat();
}

function hexOf(hashes: Uint8Array): string[] {
  const digits = hashes.toHex();
  return Array.from(
    { length: hashes.length / HASH_BYTES },
    (_, i) => digits.slice(2 * HASH_BYTES * i, 2 * HASH_BYTES * (i + 1)),
  );
}

/** A hash of bytes that come in parts. */
export function hasher(): Hasher {
  return new NativeHasher();
}

/** A hash in progress that lives in native memory. */
class NativeHasher extends NativeHandle implements Hasher {
  constructor() {
    super("core-utils", textHasherNew(), "hash");
  }

  update(bytes: Uint8Array): void {
    textHasherUpdate(this.handle, bytes);
  }

  digits(): string {
    return textHasherFinish(this.handle).toHex();
  }
}
