/**
 * BLAKE3 hashes of texts and bytes, one, many, or in parts.
 *
 * @example
 * ```ts
 * import { hash } from "@agent/runtime/text/hash";
 * import assert from "node:assert/strict";
 *
 * assert.equal(hash("abc").length, 64);
 * ```
 *
 * @module
 */

import { pick } from "../../native/choose.ts";
import { CROSSOVER } from "../../native/crossover.ts";
import { checkContent, checkContents, checkOptions, checkParts } from "../../shared/arguments.ts";
import type { CallOptions } from "../../shared/implementation.ts";
import { sizeOf } from "../size.ts";
import * as native from "./native.ts";
import * as pure from "./pure.ts";

export * from "../../shared/errors.ts";
export type * from "../../shared/implementation.ts";

/**
 * The BLAKE3 hash of a string's UTF-8 or of bytes: 256 bits as 64 lowercase hexadecimal digits.
 *
 * @param input A string, or bytes.
 * @param options Which twin; a signal that is looked at before the start.
 * @returns The digits.
 * @throws {TypeError} If the input is neither.
 *
 * @example
 * ```ts
 * import { hash } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * assert.equal(hash(""), "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
 * assert.equal(hash("abc"), hash(new Uint8Array([97, 98, 99])));
 * ```
 */
export function hash(input: string | Uint8Array, options?: CallOptions): string {
  checkContent(input, "input");
  checkOptions(options);
  const { length } = input;
  return pick("text", length, CROSSOVER.hash, options?.implementation)
    ? native.hash(input)
    : pure.hash(input);
}

/**
 * `hash` of many inputs, without holding up the event loop.
 *
 * @param inputs Strings and bytes, mixed as you like. Bytes must not change until the promise settles.
 * @param options Which twin; a signal that ends the work; a progress callback (inputs done).
 * @returns The digits of each, in order.
 * @throws {TypeError} If an input is neither string nor bytes.
 *
 * @example
 * ```ts
 * import { hash, hashMany } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(await hashMany(["a", "b"]), [hash("a"), hash("b")]);
 * ```
 */
export async function hashMany(
  inputs: readonly (string | Uint8Array)[],
  options?: CallOptions,
): Promise<string[]> {
  if (options === undefined) options = {};
  checkContents(inputs, "inputs");
  checkOptions(options);
  const isNative = pick("text", sizeOf(inputs), CROSSOVER.hashMany, options.implementation);
  return await (isNative ? native : pure).hashMany(inputs, options);
}

/**
 * `hash` of what comes in parts and need not fit into memory: the hash of all parts put together.
 *
 * @param parts Strings and bytes: a `ReadableStream`, or another iterable.
 * @param options Which twin; a signal that ends the work.
 * @returns The digits.
 * @throws {TypeError} If parts is no iterable object, or a part is neither string nor bytes.
 *
 * @example
 * ```ts
 * import { hash, hashStream } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * const parts = ReadableStream.from(["a", "bc", new Uint8Array([100])]);
 * assert.equal(await hashStream(parts), hash("abcd"));
 * ```
 */
export async function hashStream(
  parts: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  options?: CallOptions,
): Promise<string> {
  if (options === undefined) options = {};
  checkParts(parts, "parts");
  checkOptions(options);
  const { hashParts } = await import("./stream.ts");
  return await hashParts(parts, options);
}
