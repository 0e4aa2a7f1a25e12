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

import type { Metric, TransformOperation } from "./types.ts";

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
    "levenshtein": 75,
    "osa": 71,
    "jaro": 72,
    "jaro-winkler": 76,
    "lcs": 75,
    "token-sort": 57,
    "token-set": 82,
    "partial": 74,
  },
  similarityLong: {
    "levenshtein": 250,
    "osa": 210,
    "jaro": 860,
    "jaro-winkler": 1000,
    "lcs": 300,
    "token-sort": 0,
    "token-set": 0,
    "partial": 0,
  },
  similarityWide: {
    "levenshtein": 540,
    "osa": 370,
    "jaro": Infinity,
    "jaro-winkler": Infinity,
    "lcs": 700,
    "token-sort": 160,
    "token-set": 130,
    "partial": 360,
  },
  rank: {
    "levenshtein": 140,
    "osa": 3.9,
    "jaro": 11,
    "jaro-winkler": 9,
    "lcs": 37,
    "token-sort": 1.9,
    "token-set": 1.8,
    "partial": 46,
  },
  rankWide: {
    "levenshtein": Infinity,
    "osa": 87,
    "jaro": Infinity,
    "jaro-winkler": 3700,
    "lcs": Infinity,
    "token-sort": 3.8,
    "token-set": 3.1,
    "partial": Infinity,
  },
  matcher: 60,
  transform: {
    "lowercase": Infinity,
    "uppercase": Infinity,
    "trim": Infinity,
    "reverse": 0,
    "nfc": Infinity,
    "nfkc": Infinity,
  },
  reversePlain: 130,
  hash: 0,
  hashMany: 3300,
  keywords: 0,
  processBatch: 1300,
  nearDuplicates: 700,
  toMarkdown: 8,
  toMarkdownMany: 4000,
  redact: {
    "builtIn": 66,
    "own": 73,
  },
};
