/**
 * Comparing one string with one or many in the pure twin: `similarity`, `rank` and the matcher. A query is prepared
 * once (masks, words); results are kept in a heap of `limit` or sorted by score as a whole.
 *
 * @module
 */

import { AgentError } from "../errors.ts";
import { matchRequest, numberOf, stringsOf, textOf, withinBounds } from "./check.ts";
import { Pace } from "./pace.ts";
import {
  clearMasks,
  CodePoints,
  lcs,
  levenshtein,
  maskTable,
  myers,
  myersUnits,
  osa,
  setMasks,
} from "./pure_edit.ts";
import { jaro, jaroWinkler } from "./pure_jaro.ts";
import { partial, tokenize, type Tokens, tokenSet, tokenSort } from "./pure_tokens.ts";
import type { Matcher, MatchOptions, Metric, Ranked, RankRequest } from "./types.ts";

const a = new CodePoints();
const b = new CodePoints();

/** Similarity of two strings, 0 to 1. */
export function similarity(first: string, second: string, metric: Metric): number {
  if (first === second) return 1;
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
    const exact = myers(this.#peq, m, points.data, points.length);
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

/** Collects (index, score) pairs that come in the order of their indices. */
interface Collector {
  /** Scores up to this one need not be offered any more. */
  above: number;
  offer(index: number, score: number): void;
  /** Calls back best first, ties by index. */
  drain(limit: number, each: (index: number, score: number) => void): void;
}

// Just below the cutoff: what is above it reaches the cutoff. Zero lets everything through.
function justBelow(cutoff: number): number {
  return cutoff > 0 ? cutoff * (1 - Number.EPSILON / 2) : -1;
}

/** A heap of the best `limit`, the worst of them on top. */
class Heap implements Collector {
  above: number;
  readonly #limit: number;
  readonly #scores: Float64Array;
  readonly #indices: Int32Array;
  #size = 0;

  constructor(limit: number, cutoff: number) {
    this.#limit = limit;
    this.#scores = new Float64Array(limit);
    this.#indices = new Int32Array(limit);
    this.above = justBelow(cutoff);
  }

  // Whether entry i is worse than entry j.
  #worse(i: number, j: number): boolean {
    const scores = this.#scores;
    return scores[i]! < scores[j]! ||
      (scores[i] === scores[j] && this.#indices[i]! > this.#indices[j]!);
  }

  #swap(i: number, j: number): void {
    const score = this.#scores[i]!;
    const index = this.#indices[i]!;
    this.#scores[i] = this.#scores[j]!;
    this.#indices[i] = this.#indices[j]!;
    this.#scores[j] = score;
    this.#indices[j] = index;
  }

  #sink(i: number): void {
    for (;;) {
      let child = 2 * i + 1;
      if (child >= this.#size) return;
      if (child + 1 < this.#size && this.#worse(child + 1, child)) child++;
      if (!this.#worse(child, i)) return;
      this.#swap(i, child);
      i = child;
    }
  }

  offer(index: number, score: number): void {
    if (this.#size < this.#limit) {
      let i = this.#size++;
      this.#scores[i] = score;
      this.#indices[i] = index;
      while (i > 0 && this.#worse(i, (i - 1) >> 1)) {
        this.#swap(i, (i - 1) >> 1);
        i = (i - 1) >> 1;
      }
    } else {
      this.#scores[0] = score;
      this.#indices[0] = index;
      this.#sink(0);
    }
    if (this.#size === this.#limit) this.above = this.#scores[0]!;
  }

  drain(_limit: number, each: (index: number, score: number) => void): void {
    const size = this.#size;
    while (this.#size > 1) {
      this.#swap(0, --this.#size);
      this.#sink(0);
    }
    for (let i = 0; i < size; i++) each(this.#indices[i]!, this.#scores[i]!);
  }
}

/** Everything, sorted at the end: one bucket for each distinct score, filled in the order of the indices. */
class Everything implements Collector {
  above: number;
  readonly #indices: number[] = [];
  readonly #scores: number[] = [];

  constructor(cutoff: number) {
    this.above = justBelow(cutoff);
  }

  offer(index: number, score: number): void {
    this.#indices.push(index);
    this.#scores.push(score);
  }

  drain(limit: number, each: (index: number, score: number) => void): void {
    const count = this.#scores.length;
    const bucketOf = new Map<number, number>();
    const bucket = new Int32Array(count);
    const sizes: number[] = [];
    for (let i = 0; i < count; i++) {
      let number = bucketOf.get(this.#scores[i]!);
      if (number === undefined) {
        number = sizes.length;
        bucketOf.set(this.#scores[i]!, number);
        sizes.push(0);
      }
      sizes[number]!++;
      bucket[i] = number;
    }
    const next = new Int32Array(sizes.length);
    let start = 0;
    for (const score of Float64Array.from(bucketOf.keys()).sort().reverse()) {
      const number = bucketOf.get(score)!;
      next[number] = start;
      start += sizes[number]!;
    }
    const order = new Int32Array(count);
    for (let i = 0; i < count; i++) order[next[bucket[i]!]!++] = i;
    const most = Math.min(limit, count);
    for (let i = 0; i < most; i++) each(this.#indices[order[i]!]!, this.#scores[order[i]!]!);
  }
}

function collectorOf(request: RankRequest, count: number): Collector {
  const { limit, cutoff } = request;
  return limit <= 4096 && limit * 4 < count ? new Heap(limit, cutoff) : new Everything(cutoff);
}

type Choices = readonly (string | undefined)[];

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
  for (const query of queries) {
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

/** The pure matcher: it keeps the strings, and holes where choices were removed. */
export class PureMatcher implements Matcher {
  readonly implementation = "pure";
  #choices: (string | undefined)[] | undefined;
  #size: number;

  /** Takes over checked choices. */
  constructor(choices: readonly string[]) {
    this.#choices = choices.slice();
    this.#size = choices.length;
  }

  #open(): (string | undefined)[] {
    if (this.#choices === undefined) {
      throw new AgentError("CLOSED", "This matcher is closed; make a new one with matcher()", {
        object: "matcher",
      });
    }
    return this.#choices;
  }

  get size(): number {
    this.#open();
    return this.#size;
  }

  rank(query: string, options?: MatchOptions): Ranked[] {
    const choices = this.#open();
    textOf(query, "query");
    const request = matchRequest(options);
    withinBounds(query, choices, request.metric);
    return rank(query, choices, request);
  }

  async rankMany(queries: readonly string[], options: MatchOptions = {}): Promise<Ranked[][]> {
    const choices = this.#open();
    stringsOf(queries, "queries");
    const request = matchRequest(options);
    for (const query of queries) withinBounds(query, choices, request.metric);
    return await rankMany(queries, choices.slice(), request, options);
  }

  add(choices: readonly string[]): number {
    const kept = this.#open();
    stringsOf(choices, "choices");
    const first = kept.length;
    for (const choice of choices) kept.push(choice);
    this.#size += choices.length;
    return first;
  }

  remove(index: number): boolean {
    const choices = this.#open();
    numberOf(index, "index");
    if (choices[index] === undefined) return false;
    choices[index] = undefined;
    this.#size--;
    return true;
  }

  close(): void {
    this.#choices = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
