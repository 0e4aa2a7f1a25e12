/**
 * Comparing one string with one or many in the pure twin: `similarity`, `rank` and the matcher. A query is prepared
 * once (masks, words); results are kept in a heap of `limit` or sorted by score as a whole.
 *
 * @module
 */

import type { Choices, Ranking } from "./matcher.ts";
import { Pace } from "../../shared/pace.ts";
import {
  clearMasks,
  CodePoints,
  lcs,
  levenshtein,
  levenshteinUnits,
  maskTable,
  myers,
  myersUnits,
  osa,
  setMasks,
} from "./edit_distance.ts";
import { type Collector, collectorOf } from "./collect.ts";
import { jaro, jaroWinkler } from "./jaro.ts";
import { partial, tokenize, type Tokens, tokenSet, tokenSort } from "./words.ts";
import type { MatchOptions, Metric, Ranked, RankRequest } from "./types.ts";

const a = new CodePoints();
const b = new CodePoints();

/** Similarity of two strings, 0 to 1. */
export function similarity(first: string, second: string, metric: Metric): number {
  if (first === second) return 1;
  if (metric === "levenshtein") {
    const shorter = Math.min(first.length, second.length);
    if (shorter > 0 && shorter <= 32) {
      const distance = levenshteinUnits(first, second);
      if (distance >= 0) return 1 - distance / Math.max(first.length, second.length);
    }
  }
  if (metric === "token-sort") return tokenSort(tokenize(first), tokenize(second));
  if (metric === "token-set") {
    const score = tokenSet(tokenize(first), tokenize(second));
    return score === 0 && first.toWellFormed() === second.toWellFormed() ? 1 : score;
  }
  a.read(first);
  b.read(second);
  const score = compare(a, b, metric);
  a.trim();
  b.trim();
  return score;
}

function compare(x: CodePoints, y: CodePoints, metric: Metric): number {
  const longest = Math.max(x.length, y.length);
  switch (metric) {
    case "levenshtein":
      return 1 - levenshtein(x.data, x.length, y.data, y.length) / longest;
    case "osa":
      return 1 - osa(x.data, x.length, y.data, y.length) / longest;
    case "lcs":
      return lcs(x.data, x.length, y.data, y.length) / longest;
    case "jaro":
      return jaro(x.data, x.length, y.data, y.length);
    case "jaro-winkler":
      return jaroWinkler(x.data, x.length, y.data, y.length);
    default:
      return partial(x.data, x.length, y.data, y.length);
  }
}

/** A query prepared for many choices. Between `begin` and `end` nothing else may use the mask table. */
interface Scorer {
  begin(): void;
  end(): void;
  /** The score, or any number not above `above` if the score is not above it either. */
  score(choice: string, above: number): number;
}

function scorerOf(query: string, metric: Metric): Scorer {
  if (metric === "token-sort" || metric === "token-set") return new TokenScorer(query, metric);
  const points = new CodePoints().read(query);
  if (metric === "levenshtein" && points.length > 0 && points.length <= 32) {
    return new ShortLevenshtein(query, points);
  }
  return new PairScorer(query, points, metric);
}

/** The hot one: Levenshtein with a query of one machine word. */
class ShortLevenshtein implements Scorer {
  readonly #query: string;
  readonly #points: CodePoints;
  readonly #choice = new CodePoints();
  readonly #peq = maskTable();

  constructor(query: string, points: CodePoints) {
    this.#query = query;
    this.#points = points;
  }

  begin(): void {
    setMasks(this.#peq, this.#points.data, 0, this.#points.length);
  }

  end(): void {
    clearMasks(this.#peq, this.#points.data, 0, this.#points.length);
  }

  score(choice: string, above: number): number {
    const m = this.#points.length;
    const units = choice.length;
    if (above > 0) {
      // Code points number between half the units and the units; the distance is at least what the lengths differ.
      if (units < m) {
        if (1 - (m - units) / m <= above) return -1;
      } else if (units > 2 * m) {
        const fewest = Math.ceil(units / 2);
        if (1 - (fewest - m) / fewest <= above) return -1;
      }
    }
    const distance = myersUnits(this.#peq, m, choice);
    if (distance >= 0) return 1 - distance / (m > units ? m : units);
    if (choice === this.#query) return 1;
    const points = this.#choice.read(choice);
    const exact = myers(this.#peq, m, points.data, 0, points.length);
    return 1 - exact / Math.max(m, points.length);
  }
}

class PairScorer implements Scorer {
  readonly #query: string;
  readonly #points: CodePoints;
  readonly #choice = new CodePoints();
  readonly #metric: Metric;

  constructor(query: string, points: CodePoints, metric: Metric) {
    this.#query = query;
    this.#points = points;
    this.#metric = metric;
  }

  begin(): void {}
  end(): void {}

  score(choice: string, above: number): number {
    if (choice === this.#query) return 1;
    const x = this.#points;
    const y = this.#choice.read(choice);
    if (
      above > 0 &&
      (this.#metric === "levenshtein" || this.#metric === "osa" || this.#metric === "lcs")
    ) {
      const shorter = Math.min(x.length, y.length);
      const longer = Math.max(x.length, y.length);
      const most = this.#metric === "lcs" ? shorter / longer : 1 - (longer - shorter) / longer;
      if (most <= above) return -1;
    }
    return compare(x, y, this.#metric);
  }
}

class TokenScorer implements Scorer {
  readonly #query: string;
  readonly #tokens: Tokens;
  readonly #metric: "token-sort" | "token-set";

  constructor(query: string, metric: "token-sort" | "token-set") {
    this.#query = query;
    this.#tokens = tokenize(query);
    this.#metric = metric;
  }

  begin(): void {}
  end(): void {}

  score(choice: string): number {
    if (choice === this.#query) return 1;
    const tokens = tokenize(choice);
    if (this.#metric === "token-sort") return tokenSort(this.#tokens, tokens);
    const score = tokenSet(this.#tokens, tokens);
    return score === 0 && choice.toWellFormed() === this.#query.toWellFormed() ? 1 : score;
  }
}

function scoreRange(
  scorer: Scorer,
  choices: Choices,
  from: number,
  to: number,
  into: Collector,
): void {
  scorer.begin();
  try {
    for (let index = from; index < to; index++) {
      const choice = choices[index];
      if (choice === undefined) continue;
      const score = scorer.score(choice, into.above);
      if (score > into.above) into.offer(index, score);
    }
  } finally {
    scorer.end();
  }
}

function resultsOf(choices: Choices, collected: Collector, limit: number): Ranked[] {
  const results: Ranked[] = [];
  collected.drain(limit, (index, score) => {
    results.push({ index, choice: choices[index]!, score });
  });
  return results;
}

/** Ranks the choices (undefined ones are left out) for a query. */
export function rank(query: string, choices: Choices, request: RankRequest): Ranked[] {
  if (request.limit === 0) return [];
  const collector = collectorOf(request, choices.length);
  scoreRange(scorerOf(query, request.metric), choices, 0, choices.length, collector);
  return resultsOf(choices, collector, request.limit);
}

// Choices between two looks at the clock.
const STRIDE = 2048;

async function rankMany(
  queries: readonly string[],
  choices: Choices,
  request: RankRequest,
  options: MatchOptions,
): Promise<Ranked[][]> {
  const pace = new Pace(options, queries.length);
  const results: Ranked[][] = [];
  // A copy: the caller may change the list meanwhile.
  for (const query of queries.slice()) {
    if (request.limit === 0) {
      results.push([]);
      continue;
    }
    const scorer = scorerOf(query, request.metric);
    const collector = collectorOf(request, choices.length);
    // One choice of a slow metric can cost milliseconds: long queries look at the clock more often.
    const stride = Math.max(1, Math.floor(STRIDE * 32 / Math.max(32, query.length)));
    for (let from = 0; from < choices.length; from += stride) {
      scoreRange(scorer, choices, from, Math.min(from + stride, choices.length), collector);
      if (pace.due()) await pace.giveWay(results.length);
    }
    results.push(resultsOf(choices, collector, request.limit));
    if (pace.due()) await pace.giveWay(results.length);
  }
  pace.finish();
  return results;
}

/** The choices are the matcher's own; there is nothing to prepare. */
export class PureRanking implements Ranking {
  readonly implementation = "pure";
  readonly rank = rank;
  readonly rankMany = rankMany;

  add(): void {}

  remove(): void {}

  close(): void {}
}
