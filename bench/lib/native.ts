/**
 * The one place of the benches that uses what is inside src/native/: the bare crossing, and the same hash through the
 * ring, as a nonblocking call and as a synchronous one.
 */

import { SYMBOLS } from "../../src/native/generated/symbols.ts";
import { textHashOne } from "../../src/native/generated/text.ts";
import { requireLibrary } from "../../src/native/load.ts";

/** Bytes as calls take them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** What the boundary is measured by. */
export interface Boundary {
  /** A synchronous call without an argument. */
  nothing(): number;
  /** A synchronous call with two buffers and their lengths. */
  echo(data: Bytes, length: number, out: Bytes, capacity: number): number;
  /** A nonblocking call without an argument. */
  nothingNonblocking(): Promise<number>;
  /** The BLAKE3 hash in hexadecimal, written to `out`, which takes 64 bytes: synchronously. */
  hash(input: Bytes, length: number, out: Bytes, capacity: number): number;
  /** The same as a nonblocking call: the same code, run on a thread of Deno's. */
  hashNonblocking(input: Bytes, length: number, out: Bytes, capacity: number): Promise<number>;
  /** The same through the ring; resolves to the first byte of the hash. */
  hashInRing(input: Bytes): Promise<number>;
}

/** Opens the library. Only where the native twin is there. */
export function openBoundary(): Boundary {
  const { path, symbols } = requireLibrary("core-utils");
  const { agent_core_text_hash } = SYMBOLS["core-utils"];
  const hash = { ...agent_core_text_hash, nonblocking: true } as const;
  return {
    nothing: symbols.agent_ffi_test_nothing,
    echo: symbols.agent_ffi_test_echo,
    nothingNonblocking: symbols.agent_ffi_test_nothing_nonblocking,
    hash: symbols.agent_core_text_hash,
    hashNonblocking: Deno.dlopen(path, { agent_core_text_hash: hash }).symbols.agent_core_text_hash,
    hashInRing: (input) => textHashOne(input, (payload) => payload[0]!),
  };
}
