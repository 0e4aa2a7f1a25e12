/**
 * What the text area takes and gives. Types only; behaviour is described at the functions in `mod.ts`
 * and defined by the pure twin and `tests/conformance/text.ts`.
 *
 * @module
 */

import type { CallOptions, Implementation } from "../implementation.ts";

/** What `transform` does to each string. */
export type TransformOperation = "lowercase" | "uppercase" | "trim" | "reverse" | "nfc" | "nfkc";

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

/** Options of `similarity`. */
export interface SimilarityOptions extends CallOptions {
  /** How the strings are compared. Default `"levenshtein"`. */
  metric?: Metric;
}

/** Options of `rank`. */
export interface RankOptions extends CallOptions {
  /** How query and choice are compared. Default `"levenshtein"`. */
  metric?: Metric;
  /** The most results for one query. Default: all. */
  limit?: number;
  /** The lowest score, 0 to 1, that is still a result. Default: none. */
  cutoff?: number;
}

/** Options of `Matcher.rank` and `Matcher.rankMany`; which twin works was settled when the matcher was made. */
export type MatchOptions = Omit<RankOptions, "implementation">;

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
  implementation?: Implementation;
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

/** Options of `keywords`. */
export interface KeywordOptions extends CallOptions {
  /** The most keywords. Default 10; there are never more than 1,024. */
  limit?: number;
  /** The shortest word that can be a keyword, in code points. Default 3. */
  minLength?: number;
}

/** A word and how central it is to the text. */
export interface Keyword {
  /** The word, in lower case. */
  keyword: string;
  /** 1 for the best one, the others relative to it. */
  score: number;
}

/** Options of `processBatch`. */
export interface ProcessBatchOptions extends CallOptions {
  /** A text to compare each one with. */
  reference?: string;
}

/** What `processBatch` finds out about one text. */
export interface TextResult {
  /** The text as it was given. */
  original: string;
  /** The text trimmed and in lower case. */
  processed: string;
  /** Its ten best keywords. */
  keywords: Keyword[];
  /** Levenshtein similarity of `processed` and the reference treated alike; null without a reference. */
  similarity: number | null;
  /** Time that this text took. Milliseconds. */
  durationMs: number;
}

/** A hash of bytes that come in parts, on either twin. */
export interface Hasher {
  /** Adds bytes. */
  update(bytes: Uint8Array): void;
  /** The hash of all of them, as hexadecimal digits. */
  digits(): string;
  /** Frees what it holds. */
  close(): void;
}

/** What the two twins have in common: arguments are already checked when they are called. */
export interface TextTwin {
  /** See `transform` in `mod.ts`. */
  transform(strings: readonly string[], operation: TransformOperation): string[];
  /** See `hash` in `mod.ts`. */
  hash(input: string | Uint8Array): string;
  /** See `similarity` in `mod.ts`. */
  similarity(a: string, b: string, metric: Metric): number;
  /** See `rank` in `mod.ts`. */
  rank(query: string, choices: readonly string[], request: RankRequest): Ranked[];
  /** See `keywords` in `mod.ts`. */
  keywords(text: string, limit: number, minLength: number): Keyword[];
}

/** The same for what works on many strings: matchers, and what does not hold up the event loop. */
export interface TextManyTwin {
  /** See `hashMany` in `mod.ts`. */
  hashMany(inputs: readonly (string | Uint8Array)[], options: CallOptions): Promise<string[]>;
  /** See `matcher` in `mod.ts`. */
  matcher(choices: readonly string[]): Matcher;
  /** See `processBatch` in `mod.ts`. */
  processBatch(texts: readonly string[], options: ProcessBatchOptions): Promise<TextResult[]>;
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
