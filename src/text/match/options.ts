/**
 * Options of matching, checked: the metric, the limit and the cutoff, and how long the strings of a pair may be.
 *
 * @module
 */

import {
  checkNumber,
  checkOptions,
  checkWord,
  wholeNumber,
  wrongValue,
} from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import type { MatchOptions, Metric, RankRequest } from "./types.ts";

/** Refuses `ignore` where it was settled before. */
export function checkSettled(options: MatchOptions | undefined): void {
  const { ignore } = (options ?? {}) as { ignore?: unknown };
  if (ignore !== undefined) {
    throw new TypeError(
      "options.ignore is an option of matcher(), which prepares the choices by it",
    );
  }
}

/** The metrics by their codes at the boundary. */
export const METRICS: readonly Metric[] = [
  "levenshtein",
  "osa",
  "jaro",
  "jaro-winkler",
  "lcs",
  "token-sort",
  "token-set",
  "partial",
];

/** Product of the two lengths (code points) up to which a metric answers. */
export const PAIR_LIMIT: number = 2 ** 36;

/** The same for `partial`, whose work grows with the product itself. */
export const PARTIAL_LIMIT: number = 2 ** 32;

/** The metric, or the default. */
export function metricOf(metric: unknown): Metric {
  if (metric === undefined) return "levenshtein";
  checkWord(metric, "options.metric", METRICS);
  return metric;
}

/** Metric, limit and cutoff of a ranking, with the defaults in place. */
export function matchRequest(options: MatchOptions | undefined): RankRequest {
  checkOptions(options);
  const cutoff = options?.cutoff ?? 0;
  checkNumber(cutoff, "options.cutoff");
  if (!(cutoff >= 0 && cutoff <= 1)) {
    throw wrongValue("options.cutoff", "a number from 0 to 1", cutoff);
  }
  const limit = { fallback: Infinity, least: 0, most: Infinity };
  return {
    metric: metricOf(options?.metric),
    limit: wholeNumber(options?.limit, "options.limit", limit),
    cutoff,
  };
}

function codePoints(text: string): number {
  let count = text.length;
  for (let i = 1; i < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xdc00 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800) {
      count--;
      i++;
    }
  }
  return count;
}

/**
 * Refuses pairs whose comparison would take minutes: the product of the lengths is over the metric's limit. Equal
 * strings and the linear metrics (jaro, jaro-winkler) are never refused.
 */
export function withinBounds(
  query: string,
  choices: readonly (string | undefined)[],
  metric: Metric,
  longest: number = longestOf(choices),
): void {
  if (metric === "jaro" || metric === "jaro-winkler") return;
  const limit = metric === "partial" ? PARTIAL_LIMIT : PAIR_LIMIT;
  if (query.length * longest <= limit) return;
  for (let i = 0; i < choices.length; i++) {
    const choice = choices[i];
    if (choice !== undefined && choice.length * query.length > limit) {
      tooLarge(query, choice, metric, limit, i);
    }
  }
}

/** The most UTF-16 units of any choice; what a matcher keeps, so that it need not look at all of them again. */
export function longestOf(choices: readonly (string | undefined)[], atLeast = 0): number {
  let longest = atLeast;
  for (let i = 0; i < choices.length; i++) {
    const choice = choices[i];
    if (choice !== undefined && choice.length > longest) longest = choice.length;
  }
  return longest;
}

function tooLarge(
  query: string,
  choice: string,
  metric: Metric,
  limit: number,
  index: number,
): void {
  const size = codePoints(query) * codePoints(choice);
  if (size <= limit || query.toWellFormed() === choice.toWellFormed()) return;
  throw new AgentError(
    "TOO_LARGE",
    `Comparing strings by ${metric} is limited to ${limit} (product of the lengths), got ${size} for the pair ` +
      `with choice ${index}; compare parts, or use jaro, which is linear`,
    { what: "product of the lengths", size, limit },
  );
}
