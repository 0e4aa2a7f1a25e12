/**
 * What comparing and ranking takes and gives. Types only; the functions are described in `mod.ts`.
 *
 * @module
 */

import type { CallOptions, Implementation } from "../../shared/implementation.ts";

/** How two strings are compared; each is explained at `similarity`. */
export type Metric =
  | "levenshtein"
  | "osa"
  | "jaro"
  | "jaro-winkler"
  | "lcs"
  | "token-sort"
  | "token-set"
  | "partial";

/**
 * What a comparison may leave out of account. `"case"`: Unicode's full case folding (`ß`, `ẞ` and `ss` are one).
 * `"accents"`: marks on letters, in any form, and strokes (`ø`, `ł`, `ɇ`; `æ` is `ae`). `"punctuation"`: every character
 * of Unicode's category P and the signs that stand for an apostrophe (`` ` ``, `´`, `ʼ`), which leave no blank; a run of
 * blanks is then one.
 */
export type Ignored = "case" | "accents" | "punctuation";

/** Options of `similarity`. */
export interface SimilarityOptions extends CallOptions {
  /** How the strings are compared. Default `"levenshtein"`. */
  metric?: Metric | undefined;
  /** What is left out of account. Default: nothing. */
  ignore?: readonly Ignored[] | undefined;
}

/** Options of `rank`. */
export interface RankOptions extends CallOptions {
  /** How query and choice are compared. Default `"levenshtein"`. */
  metric?: Metric | undefined;
  /** The most results for one query. Default: all. */
  limit?: number | undefined;
  /** The lowest score, 0 to 1, that is still a result. Default: none. */
  cutoff?: number | undefined;
  /** What is left out of account when strings are compared; choices come back as they were given. Default: nothing. */
  ignore?: readonly Ignored[] | undefined;
}

/** Options of `Matcher.rank` and `Matcher.rankMany`; which twin works, and what is ignored, was settled when the matcher was made. */
export type MatchOptions = Omit<RankOptions, "implementation" | "ignore">;

/** One choice and how well it fits the query. */
export interface Ranked {
  /** Which of the choices it is. */
  index: number;
  /** The choice itself, exactly as it was given. */
  choice: string;
  /** 0 (nothing in common) to 1 (equal). */
  score: number;
}

/** Options of `matcher`. */
export interface MatcherOptions {
  /** Which twin keeps the choices; chosen once, when the matcher is made. Default `"auto"`. */
  implementation?: Implementation | undefined;
  /** What is left out of account when strings are compared; choices come back as they were given. Default: nothing. */
  ignore?: readonly Ignored[] | undefined;
}

/** Choices prepared once for many queries. Indices are stable: removing one leaves the others'. */
export interface Matcher extends Disposable {
  /** Which twin keeps the choices. */
  readonly implementation: "native" | "pure";
  /** How many choices there are; removed ones do not count. */
  readonly size: number;
  /**
   * The choices most like a query, best first, ties by index.
   *
   * @param query What to look for.
   * @param options Metric, limit and cutoff.
   * @returns The results; empty if nothing reaches the cutoff.
   */
  rank(query: string, options?: MatchOptions): Ranked[];
  /**
   * `rank` for many queries, without holding up the event loop. It works on the choices of the moment of the
   * call: adding, removing and closing meanwhile change nothing in it.
   *
   * @param queries What to look for.
   * @param options Metric, limit, cutoff; a signal that ends the work; a progress callback (queries done).
   * @returns For each query, in order, what `rank` gives.
   */
  rankMany(queries: readonly string[], options?: MatchOptions): Promise<Ranked[][]>;
  /**
   * Adds choices at the end.
   *
   * @param choices What to add.
   * @returns The index of the first one; the others follow it.
   */
  add(choices: readonly string[]): number;
  /**
   * Removes a choice. Its index is never used again.
   *
   * @param index The index that `rank` gives for it.
   * @returns False if there is no such choice, or no more.
   * @throws {TypeError} If the index is not a number.
   */
  remove(index: number): boolean;
  /** Frees what the matcher holds; every later call except `close` throws `CLOSED`. */
  close(): void;
}

/** Rank options after checking, with the defaults in place. */
export interface RankRequest {
  /** How query and choice are compared. */
  metric: Metric;
  /** The most results; `Infinity` for all. */
  limit: number;
  /** The lowest score that is a result; 0 lets everything through. */
  cutoff: number;
}
