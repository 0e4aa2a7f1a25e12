/**
 * The words that a text turns on.
 *
 * @example
 * ```ts
 * import { keywords } from "@agent/runtime/text/keywords";
 * import assert from "node:assert/strict";
 *
 * assert.equal(keywords("Rain on the roof, rain on the road, rain.")[0]?.keyword, "rain");
 * ```
 *
 * @module
 */

import { pick } from "../../native/choose.ts";
import { CROSSOVER } from "../../native/crossover.ts";
import { checkOptions, checkString, wholeNumber } from "../../shared/arguments.ts";
import * as native from "./native.ts";
import * as pure from "./pure.ts";
import type { Keyword, KeywordOptions } from "./types.ts";

export type { CallOptions, Implementation, Progress } from "../../shared/implementation.ts";
export type { Keyword, KeywordOptions } from "./types.ts";

/**
 * The words that a text turns on, by TextRank (Mihalcea & Tarau 2004).
 *
 * Words are runs of letters, marks and digits with inner apostrophes, in lower case, without the stop words of the
 * languages that the text seems to be in (English, German, French, Spanish, Italian, Portuguese, Dutch, Russian). Chinese
 * and Japanese text counts in pairs of characters (Hiragana left out). Each word is linked with the two that follow; the ranking is weighted
 * PageRank with damping 0.85 over the 1,024 most frequent words, at most 30 rounds. Time is linear in the text.
 *
 * @param text The text.
 * @param options `limit`, the most keywords; `minLength`, the shortest in code points (pairs of Chinese or Japanese
 * characters count whatever it says); which twin; a signal that is looked at before the start.
 * @returns The keywords, best first (then by first occurrence); the best has score 1.
 * @throws {TypeError} If an argument is of the wrong type.
 * @throws {RangeError} If limit or minLength is not a whole number from 0 up.
 *
 * @example
 * ```ts
 * import { keywords } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * const text = "Solar power is cheap. Solar panels turn light into power; the panels need light.";
 * const found = keywords(text, { limit: 3 });
 * assert.deepEqual(found.map(({ keyword }) => keyword), ["panels", "power", "solar"]);
 * assert.equal(found[0]?.score, 1);
 * ```
 */
export function keywords(text: string, options?: KeywordOptions): Keyword[] {
  checkString(text, "text");
  checkOptions(options);
  const limit = wholeNumber(options?.limit, "options.limit", {
    fallback: 10,
    least: 0,
    most: Infinity,
  });
  const minLength = wholeNumber(options?.minLength, "options.minLength", { fallback: 3, least: 0 });
  const isNative = pick("text", text.length, CROSSOVER.keywords, options?.implementation);
  return (isNative ? native : pure).keywords(text, limit, minLength);
}
