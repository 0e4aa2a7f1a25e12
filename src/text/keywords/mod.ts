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
import { checkOptions, checkString, checkStrings, wholeNumber } from "../../shared/arguments.ts";
import * as native from "./native.ts";
import * as pure from "./pure.ts";
import { spelling } from "./scanner.ts";
import type { Keyword, KeywordOptions } from "./types.ts";

export * from "../../shared/errors.ts";
export type * from "../../shared/implementation.ts";
export type { Keyword, KeywordOptions } from "./types.ts";

/**
 * The words that a text turns on, by TextRank (Mihalcea & Tarau 2004).
 *
 * Words are runs of letters, marks and digits, in lower case, with inner apostrophes and hyphens; names such as
 * `node.js`, `C++`, `.NET` and `AT&T` stay whole. Left out are addresses, of mail too, the targets of links, and the stop words of
 * the languages that the text seems to be in (twenty with an alphabet; `AI` in capitals is none in a text that is not).
 * A plural in s counts with its singular where both occur, under the more frequent. Chinese and Japanese text counts in
 * pairs of characters (Hiragana left out). Each word is linked with the two that follow; the ranking is weighted
 * PageRank with damping 0.85 over the 1,024 most frequent words, at most 30 rounds. Time is linear in the text.
 *
 * @param text The text.
 * @param options `limit`, the most keywords; `minLength`, the shortest word in code points (pairs of Chinese or Japanese
 * characters count whatever it says); `maxWords` for phrases; `stopWords` of your own; which twin; a signal that is looked at before the start.
 * @returns The keywords, best first (then by first occurrence); the best has score 1.
 * @throws {TypeError} If an argument is of the wrong type.
 * @throws {RangeError} If limit or minLength is not a whole number from 0 up, or maxWords not one from 1 to 10.
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
  const maxWords = wholeNumber(options?.maxWords, "options.maxWords", {
    fallback: 1,
    least: 1,
    most: 10,
  });
  const given = options?.stopWords ?? [];
  checkStrings(given, "options.stopWords");
  const stopWords = given.map(spelling);
  const isNative = pick("text", text.length, CROSSOVER.keywords, options?.implementation);
  return (isNative ? native : pure).keywords(text, {
    limit,
    minLength,
    maxWords,
    stopWords,
  });
}
