/**
 * From which size on the native twin is the faster one. Written by `deno task calibrate`; Infinity where it never is.
 * Sizes: similarity, the UTF-16 units of both strings (similarityLong: if one of them has over 64; similarityWide: if one
 * is not ASCII); rank and matcher, the number of choices (rankWide: of choices that are mostly not ASCII); hash, bytes or
 * units; hashMany, transform, processBatch, nearDuplicates and toMarkdownMany, units of all items and 64 more for each
 * (reversePlain: of strings without marks, emoji and the like); keywords, toMarkdown and redact (with built-in rules; with
 * the caller's own), units.
 *
 * @module
 */

import type { Metric } from "../text/match/types.ts";
import type { TransformOperation } from "../text/transform/types.ts";

/** The smallest size for which native wins, by operation and metric. */
export const CROSSOVER: {
  similarity: Record<Metric, number>;
  similarityLong: Record<Metric, number>;
  similarityWide: Record<Metric, number>;
  rank: Record<Metric, number>;
  rankWide: Record<Metric, number>;
  matcher: number;
  transform: Record<TransformOperation, number>;
  reversePlain: number;
  hash: number;
  hashMany: number;
  keywords: number;
  processBatch: number;
  nearDuplicates: number;
  toMarkdown: number;
  toMarkdownMany: number;
  redact: { builtIn: number; own: number };
} = {
  similarity: {
    "levenshtein": 77,
    "osa": 71,
    "jaro": 74,
    "jaro-winkler": 73,
    "lcs": 77,
    "token-sort": 65,
    "token-set": 54,
    "partial": 72,
  },
  similarityLong: {
    "levenshtein": 230,
    "osa": 230,
    "jaro": 970,
    "jaro-winkler": 850,
    "lcs": 240,
    "token-sort": 0,
    "token-set": 0,
    "partial": 0,
  },
  similarityWide: {
    "levenshtein": 590,
    "osa": 360,
    "jaro": Infinity,
    "jaro-winkler": Infinity,
    "lcs": 710,
    "token-sort": 150,
    "token-set": 150,
    "partial": 450,
  },
  rank: {
    "levenshtein": 150,
    "osa": 37,
    "jaro": 18,
    "jaro-winkler": 15,
    "lcs": 49,
    "token-sort": 2.3,
    "token-set": 2.2,
    "partial": 48,
  },
  rankWide: {
    "levenshtein": Infinity,
    "osa": Infinity,
    "jaro": Infinity,
    "jaro-winkler": Infinity,
    "lcs": Infinity,
    "token-sort": 3.6,
    "token-set": 3,
    "partial": Infinity,
  },
  matcher: 62,
  transform: {
    "lowercase": Infinity,
    "uppercase": Infinity,
    "trim": Infinity,
    "reverse": 0,
    "nfc": Infinity,
    "nfkc": Infinity,
  },
  reversePlain: 120,
  hash: 0,
  hashMany: 10000,
  keywords: 0,
  processBatch: 1300,
  nearDuplicates: 1900,
  toMarkdown: 19,
  toMarkdownMany: 7500,
  redact: {
    "builtIn": 63,
    "own": 52,
  },
};
