/**
 * Near duplicates among many texts. What importing this costs is this file; the twins load at the first call.
 *
 * @module
 */

import { pick } from "../../native/choose.ts";
import { CROSSOVER } from "../../native/crossover.ts";
import { AgentError } from "../../shared/errors.ts";
import { checkNumber, checkOptions, checkStrings, wrongValue } from "../../shared/arguments.ts";
import { sizeOf } from "../size.ts";
import { bandsFor } from "./bands.ts";
import type { NearDuplicatesOptions } from "./types.ts";

export * from "../../shared/errors.ts";
export type { NearDuplicatesOptions } from "./types.ts";

/** UTF-16 units that one call takes: their UTF-8 has 32-bit lengths. */
const LIMIT = 2 ** 30;

function thresholdOf(value: unknown): number {
  if (value === undefined) return 0.8;
  checkNumber(value, "options.threshold");
  if (!(value > 0 && value <= 1)) {
    throw wrongValue("options.threshold", "over 0 and at most 1", value);
  }
  return value;
}

function withinLimit(texts: readonly string[]): void {
  let size = texts.length;
  for (let i = 0; i < texts.length; i++) size += texts[i]!.length;
  if (size <= LIMIT) return;
  throw new AgentError(
    "TOO_LARGE",
    `The texts have ${size} UTF-16 units with one between each two; one call takes at most ${LIMIT}: ` +
      "look for near duplicates in parts",
    { what: "texts", size, limit: LIMIT },
  );
}

/**
 * Groups texts that say nearly the same, without comparing each with each: 10,000 texts of a kilobyte take a fraction of
 * a second.
 *
 * Two texts are near duplicates if the Jaccard similarity of their shingle sets (what both have, over what either has)
 * reaches the threshold. A shingle is a run of three words: runs of letters, marks and digits in lower case and normal
 * form C; each character of a script without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) is a word of its own.
 * So case, punctuation, symbols and spaces do not count. A text of one or two words is one shingle; texts without any word are near
 * duplicates only if they are equal (two empty ones are). Change one word amid n and 3 of about n shingles differ: texts of a line or two
 * need a low threshold, or `rank`.
 *
 * Pairs are proposed by MinHash (Broder 1997) with banding (Leskovec, Rajaraman, Ullman, Mining of Massive Datasets,
 * chapter 3) and joined only if their exact similarity reaches the threshold; a group is what such pairs connect, so its
 * ends may be less alike. With up to 65 different texts all pairs are compared. Beyond that a pair at the threshold is
 * found with a probability of 99.5 % (from a threshold of 0.05 on; the more alike, the surer), and where more than 64
 * texts before it share a key with a text, the key proposes the last 64 of them. Hashes are fixed: equal calls give equal results.
 * Time and memory are linear in the texts.
 *
 * @param texts The texts, 2^30 UTF-16 units in all at most.
 * @param options `threshold`, over 0 and at most 1 (default 0.8); which twin; a signal that ends the work; a progress
 * callback (texts read).
 * @returns The groups of two texts or more, as indices: each ascending, in the order of their first texts.
 * @throws {TypeError} If an argument is of the wrong type.
 * @throws {RangeError} If the threshold is not over 0 and at most 1.
 * @throws {AgentError} `TOO_LARGE` if the texts are over the limit.
 *
 * @example
 * ```ts
 * import { nearDuplicates } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * const groups = await nearDuplicates([
 *   "The meeting is moved to Friday at ten, in the large room on the second floor.",
 *   "Lunch is at noon.",
 *   "the meeting is moved to Friday at ten in the large room on the second floor",
 *   "Lunch is at noon!",
 *   "The meeting is moved to Friday at ten, in the large room on the third floor.",
 * ], { threshold: 0.6 });
 * assert.deepEqual(groups, [[0, 2, 4], [1, 3]]);
 * ```
 */
export async function nearDuplicates(
  texts: readonly string[],
  options?: NearDuplicatesOptions,
): Promise<number[][]> {
  if (options === undefined) options = {};
  checkStrings(texts, "texts");
  checkOptions(options);
  const threshold = thresholdOf(options.threshold);
  withinLimit(texts);
  // A copy: the caller may change the list while the work goes on.
  const kept = texts.slice();
  const least = CROSSOVER.nearDuplicates;
  const size = kept.length < 2 ? 0 : sizeOf(kept, least);
  const isNative = pick("text", size, least, options.implementation);
  const { findNear } = await (isNative ? import("./native.ts") : import("./pure.ts"));
  return await findNear(kept, { threshold, ...bandsFor(threshold) }, options);
}
