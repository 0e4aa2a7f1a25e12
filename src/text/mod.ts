/**
 * Text tools for agents, each in Rust and in TypeScript with the same results: string transformation, BLAKE3 hashes,
 * fuzzy comparison and ranking, keywords, and batches of all of these.
 *
 * Strings are compared and counted in code points; a lone surrogate counts as U+FFFD. Small inputs are answered by the
 * TypeScript twin, large ones by the native one where it may be used; `implementation` in the options says otherwise.
 * Wrong arguments are `TypeError` or `RangeError`.
 *
 * @example
 * ```ts
 * import { keywords, rank, similarity } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * assert.equal(similarity("kitten", "sitting", { metric: "lcs" }), 4 / 7);
 * const [best] = rank("grape fruit", ["apple", "grapefruit", "grape"], { limit: 1 });
 * assert.equal(best?.choice, "grapefruit");
 * assert.equal(keywords("The rivers of the valley feed the rivers of the plain.")[0]?.keyword, "rivers");
 * ```
 *
 * @module
 */

import type { CallOptions } from "../implementation.ts";
import {
  contentOf,
  contentsOf,
  countOf,
  matchRequest,
  metricOf,
  operationOf,
  optionsOf,
  partsOf,
  stringsOf,
  textOf,
  withinBounds,
} from "./check.ts";
import { choicesWorth, isPlain, isWide, leastForPair, manyTwinFor, twinFor } from "./choose.ts";
import { CROSSOVER } from "./crossover.ts";
import type {
  Keyword,
  KeywordOptions,
  Matcher,
  MatcherOptions,
  ProcessBatchOptions,
  Ranked,
  RankOptions,
  SimilarityOptions,
  TextResult,
  TransformOperation,
} from "./types.ts";

export type { CallOptions, Implementation, Progress } from "../implementation.ts";
export type {
  Keyword,
  KeywordOptions,
  Matcher,
  MatcherOptions,
  MatchOptions,
  Metric,
  ProcessBatchOptions,
  Ranked,
  RankOptions,
  SimilarityOptions,
  TextResult,
  TransformOperation,
} from "./types.ts";

// What an item of a list costs beside its characters, in units.
const ITEM = 64;

function sizeOf(items: readonly { length: number }[]): number {
  let size = items.length * ITEM;
  for (let i = 0; i < items.length; i++) size += items[i]!.length;
  return size;
}

/**
 * Does one thing to each of many strings.
 *
 * `lowercase`, `uppercase`, `trim`, `nfc` and `nfkc` give what ECMAScript's `toLowerCase`, `toUpperCase`, `trim` and
 * `normalize` give; `reverse` puts the extended grapheme clusters (UAX 29) in reverse order, so that emoji and accents
 * stay whole. Strings are made well-formed first.
 *
 * @param strings The strings.
 * @param operation What to do.
 * @param options Which twin; a signal that is looked at before the start.
 * @returns The results, in order.
 * @throws {TypeError} If an argument is of the wrong type or the operation is not known.
 *
 * @example
 * ```ts
 * import { transform } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(transform(["Straße", "ΟΔΟΣ"], "lowercase"), ["straße", "οδος"]);
 * assert.deepEqual(transform(["noël 👩‍👧!"], "reverse"), ["!👩‍👧 lëon"]);
 * ```
 */
export function transform(
  strings: readonly string[],
  operation: TransformOperation,
  options?: CallOptions,
): string[] {
  stringsOf(strings, "strings");
  operationOf(operation);
  optionsOf(options);
  const least = operation === "reverse" && isPlain(strings)
    ? CROSSOVER.reversePlain
    : CROSSOVER.transform[operation];
  const size = least === Infinity ? 0 : sizeOf(strings);
  return twinFor(options?.implementation, size, least).transform(strings, operation);
}

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
  contentOf(input, "input");
  optionsOf(options);
  return twinFor(options?.implementation, input.length, CROSSOVER.hash).hash(input);
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
  options: CallOptions = {},
): Promise<string[]> {
  contentsOf(inputs, "inputs");
  optionsOf(options);
  const twin = manyTwinFor(options.implementation, sizeOf(inputs), CROSSOVER.hashMany);
  return await twin.hashMany(inputs, options);
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
  options: CallOptions = {},
): Promise<string> {
  partsOf(parts, "parts");
  optionsOf(options);
  const { hashParts } = await import("./hash_stream.ts");
  return await hashParts(parts, options);
}

/**
 * How alike two strings are, from 0 to 1. Equal strings give 1 by every metric.
 *
 * With la, lb the lengths in code points:
 * - `levenshtein`: 1 - d / max(la, lb), d the fewest insertions, deletions and substitutions (Levenshtein 1966);
 * - `osa`: the same, where swapping two neighbours is one step too (optimal string alignment);
 * - `lcs`: length of the longest common subsequence / max(la, lb);
 * - `jaro` (Jaro 1989), `jaro-winkler` (Winkler 1990: prefix weight 0.1, up to 4 characters, from 0.7 on);
 * - `token-sort`, `token-set`, `partial`: RapidFuzz's token_sort_ratio, token_set_ratio and partial_ratio, scaled to 1.
 *   They rest on the Indel ratio, 2 * LCS / (la + lb): of the sorted words; of shared and different words; of the shorter
 *   string and the best window of the longer.
 *
 * @param a A string.
 * @param b Another.
 * @param options The metric; which twin; a signal that is looked at before the start.
 * @returns The similarity.
 * @throws {TypeError} If an argument is of the wrong type or the metric is not known.
 * @throws {AgentError} `TOO_LARGE` if la * lb is over 2^36 (`partial`: 2^32; jaro and jaro-winkler: no limit).
 *
 * @example
 * ```ts
 * import { similarity } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * assert.equal(similarity("flaw", "lawn"), 0.5);
 * assert.equal(similarity("ab", "ba", { metric: "osa" }), 0.5);
 * assert.equal(similarity("new york mets", "mets york new", { metric: "token-sort" }), 1);
 * assert.equal(similarity("needle", "hay needle hay", { metric: "partial" }), 1);
 * ```
 */
export function similarity(a: string, b: string, options?: SimilarityOptions): number {
  textOf(a, "a");
  textOf(b, "b");
  if (options === undefined) {
    if (a.length * b.length > 1e9) withinBounds(a, [b], "levenshtein");
    return twinFor(undefined, a.length + b.length, leastForPair(a, b, "levenshtein"))
      .similarity(a, b, "levenshtein");
  }
  optionsOf(options);
  const metric = metricOf(options.metric);
  if (a.length * b.length > 1e9) withinBounds(a, [b], metric);
  return twinFor(options.implementation, a.length + b.length, leastForPair(a, b, metric))
    .similarity(a, b, metric);
}

/**
 * The choices most like a query, best first; equal scores in the order of their indices.
 *
 * For many queries against the same choices make a `matcher` once.
 *
 * @param query What to look for.
 * @param choices Where to look.
 * @param options The metric (see `similarity`); `limit`, the most results (0: none, default: all); `cutoff`, the lowest
 * score that is still a result; which twin; a signal that is looked at before the start.
 * @returns Index, choice and score of each result.
 * @throws {TypeError} If an argument is of the wrong type or the metric is not known.
 * @throws {RangeError} If limit is not a whole number from 0 up, or cutoff not within 0 and 1.
 * @throws {AgentError} `TOO_LARGE` as for `similarity`, for any pair of query and choice.
 *
 * @example
 * ```ts
 * import { rank } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * const results = rank("colour", ["color", "cooler", "dolour"], { cutoff: 0.7, limit: 2 });
 * assert.deepEqual(results, [
 *   { index: 0, choice: "color", score: 1 - 1 / 6 },
 *   { index: 2, choice: "dolour", score: 1 - 1 / 6 },
 * ]);
 * ```
 */
export function rank(query: string, choices: readonly string[], options?: RankOptions): Ranked[] {
  textOf(query, "query");
  stringsOf(choices, "choices");
  const request = matchRequest(options);
  withinBounds(query, choices, request.metric);
  const least = (isWide(choices) ? CROSSOVER.rankWide : CROSSOVER.rank)[request.metric];
  return twinFor(options?.implementation, choicesWorth(choices, least), least)
    .rank(query, choices, request);
}

/**
 * Prepares choices for many queries. Dispose of it (`using`, or `close()`) when it is no longer needed.
 *
 * @param choices Where to look. They are copied.
 * @param options Which twin keeps them.
 * @returns The matcher; its indices are those of `choices` and stay the same when others are removed.
 * @throws {TypeError} If choices is not an array of strings.
 *
 * @example
 * ```ts
 * import { matcher } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * using cities = matcher(["Lisbon", "Lyon", "London"]);
 * assert.equal(cities.rank("londn", { limit: 1 })[0]?.choice, "London");
 * assert.equal(cities.add(["Luanda"]), 3);
 * cities.remove(2);
 * const results = await cities.rankMany(["lyons", "luanda"], { limit: 1 });
 * assert.deepEqual(results.map(([best]) => best?.index), [1, 3]);
 * assert.equal(cities.size, 3);
 * ```
 */
export function matcher(choices: readonly string[], options?: MatcherOptions): Matcher {
  stringsOf(choices, "choices");
  optionsOf(options);
  return manyTwinFor(options?.implementation, choices.length, CROSSOVER.matcher).matcher(choices);
}

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
  textOf(text, "text");
  optionsOf(options);
  const limit = countOf(options?.limit, "options.limit", 10, true);
  const minLength = countOf(options?.minLength, "options.minLength", 3, false);
  return twinFor(options?.implementation, text.length, CROSSOVER.keywords)
    .keywords(text, limit, minLength);
}

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
  options: ProcessBatchOptions = {},
): Promise<TextResult[]> {
  stringsOf(texts, "texts");
  optionsOf(options);
  if (options.reference !== undefined) {
    textOf(options.reference, "options.reference");
    withinBounds(options.reference, texts, "levenshtein");
  }
  const twin = manyTwinFor(options.implementation, sizeOf(texts), CROSSOVER.processBatch);
  return await twin.processBatch(texts, options);
}

export { countTokens, loadEncoding } from "./tokens/mod.ts";
export type {
  Chunk,
  CountManyOptions,
  CountStreamOptions,
  CountTokensOptions,
  EncodeOptions,
  Encoding,
  EncodingName,
  LoadEncodingOptions,
  SplitOptions,
} from "./tokens/mod.ts";

export {
  BUILT_IN_RULES,
  DEFAULT_RULES,
  prepareRedaction,
  redact,
  RedactionVault,
  redactor,
} from "./redact/mod.ts";
export type {
  BuiltInRule,
  PreparedRedaction,
  Redaction,
  RedactionMatch,
  RedactionValue,
  RedactOptions,
  Replacement,
} from "./redact/mod.ts";

export { nearDuplicates } from "./near/mod.ts";
export type { NearDuplicatesOptions } from "./near/mod.ts";
export { toMarkdown, toMarkdownMany } from "./markdown/mod.ts";
export type { MarkdownOptions } from "./markdown/mod.ts";
