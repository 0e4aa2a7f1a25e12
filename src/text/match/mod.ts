/**
 * Fuzzy comparison and ranking of strings, by eight metrics.
 *
 * @example
 * ```ts
 * import { rank, similarity } from "@agent/runtime/text/match";
 * import assert from "node:assert/strict";
 *
 * assert.equal(similarity("ab", "ba", { metric: "osa" }), 0.5);
 * assert.equal(rank("aple", ["table", "apple"])[0]?.choice, "apple");
 * ```
 *
 * @module
 */

import { pick } from "../../native/choose.ts";
import { CROSSOVER } from "../../native/crossover.ts";
import { checkOptions, checkString, checkStrings } from "../../shared/arguments.ts";
import { choicesWorth, isWide, leastForPair } from "./choose.ts";
import { folded, foldedAll, ignoredOf } from "./fold.ts";
import { FoldingMatcher, withChoices } from "./folding_matcher.ts";
import { PreparedMatcher } from "./matcher.ts";
import * as native from "./native.ts";
import { matchRequest, metricOf, withinBounds } from "./options.ts";
import * as pure from "./pure.ts";
import type {
  Matcher,
  MatcherOptions,
  Metric,
  Ranked,
  RankOptions,
  SimilarityOptions,
} from "./types.ts";

export * from "../../shared/errors.ts";
export type * from "../../shared/implementation.ts";
export type {
  Ignored,
  Matcher,
  MatcherOptions,
  MatchOptions,
  Metric,
  Ranked,
  RankOptions,
  SimilarityOptions,
} from "./types.ts";

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
  checkString(a, "a");
  checkString(b, "b");
  let metric: Metric = "levenshtein";
  if (options !== undefined) {
    checkOptions(options);
    metric = metricOf(options.metric);
    const ignore = ignoredOf(options.ignore);
    if (ignore !== undefined) {
      a = folded(a, ignore);
      b = folded(b, ignore);
    }
  }
  if (a.length * b.length > 1e9) withinBounds(a, [b], metric);
  const size = a.length + b.length;
  return pick("text", size, leastForPair(a, b, metric), options?.implementation)
    ? native.similarity(a, b, metric)
    : pure.similarity(a, b, metric);
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
  checkString(query, "query");
  checkStrings(choices, "choices");
  const request = matchRequest(options);
  const ignore = ignoredOf(options?.ignore);
  if (ignore !== undefined) {
    const { ignore: _, ...others } = options!;
    const results = rank(folded(query, ignore), foldedAll(choices, ignore), others);
    return withChoices(results, choices);
  }
  withinBounds(query, choices, request.metric);
  const least = (isWide(choices) ? CROSSOVER.rankWide : CROSSOVER.rank)[request.metric];
  const isNative = pick("text", choicesWorth(choices, least), least, options?.implementation);
  return (isNative ? native : pure).rank(query, choices, request);
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
  checkStrings(choices, "choices");
  checkOptions(options);
  const isNative = pick("text", choices.length, CROSSOVER.matcher, options?.implementation);
  const ignore = ignoredOf(options?.ignore);
  const compared = ignore === undefined ? choices : foldedAll(choices, ignore);
  const engine = isNative ? new native.NativeRanking(compared) : new pure.PureRanking();
  const prepared = new PreparedMatcher(engine, compared);
  return ignore === undefined ? prepared : new FoldingMatcher(prepared, choices, ignore);
}
