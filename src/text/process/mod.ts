/**
 * Batches of texts: cleaned, compared with a reference, with their keywords.
 *
 * @example
 * ```ts
 * import { processBatch } from "@agent/runtime/text/process";
 * import assert from "node:assert/strict";
 *
 * const [first] = await processBatch([" Hello "]);
 * assert.equal(first?.processed, "hello");
 * ```
 *
 * @module
 */

import { pick } from "../../native/choose.ts";
import { CROSSOVER } from "../../native/crossover.ts";
import { checkOptions, checkString, checkStrings } from "../../shared/arguments.ts";
import { withinBounds } from "../match/options.ts";
import { sizeOf } from "../size.ts";
import * as native from "./native.ts";
import * as pure from "./pure.ts";
import type { ProcessBatchOptions, TextResult } from "./types.ts";

export * from "../../shared/errors.ts";
export type * from "../../shared/implementation.ts";
export type * from "./types.ts";

/**
 * Cleans many texts, finds their keywords and compares them with a reference, without holding up the event loop.
 *
 * @param texts The texts.
 * @param options `reference`, a text to compare with; which twin; a signal that ends the work; a progress callback.
 * @returns For each text, in order: the original, the processed text (trimmed, then in lower case), its ten best keywords
 * (see `keywords`), its Levenshtein similarity to the reference treated alike (null without one), and the time it took.
 * @throws {TypeError} If an argument is of the wrong type.
 * @throws {AgentError} `TOO_LARGE` as for `similarity`, for any pair of text and reference.
 *
 * @example
 * ```ts
 * import { processBatch } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * const [result] = await processBatch(["  Good Morning "], { reference: "good evening" });
 * assert.equal(result?.processed, "good morning");
 * assert.equal(result?.similarity, 0.75);
 * ```
 */
export async function processBatch(
  texts: readonly string[],
  options?: ProcessBatchOptions,
): Promise<TextResult[]> {
  if (options === undefined) options = {};
  checkStrings(texts, "texts");
  checkOptions(options);
  if (options.reference !== undefined) {
    checkString(options.reference, "options.reference");
    withinBounds(options.reference, texts, "levenshtein");
  }
  const isNative = pick("text", sizeOf(texts), CROSSOVER.processBatch, options.implementation);
  return await (isNative ? native : pure).processBatch(texts, options);
}
