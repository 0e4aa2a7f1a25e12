/**
 * From which size on the native twin is the faster one. Written by `deno task calibrate`; Infinity where it never is.
 * Sizes: similarity, the UTF-16 units of both strings; rank and matcher, the number of choices (rankWide: of choices
 * that are mostly not ASCII); hash, bytes or units; hashMany, transform, processBatch, nearDuplicates and
 * toMarkdownMany, units of all items and 64 more for each; keywords and toMarkdown, units.
 *
 * @module
 */

import type { Metric, TransformOperation } from "./types.ts";

/** The smallest size for which native wins, by operation and metric. */
export const CROSSOVER: {
  similarity: Record<Metric, number>;
  rank: Record<Metric, number>;
  rankWide: Record<Metric, number>;
  matcher: number;
  transform: Record<TransformOperation, number>;
  hash: number;
  hashMany: number;
  keywords: number;
  processBatch: number;
  nearDuplicates: number;
  toMarkdown: number;
  toMarkdownMany: number;
} = {
  similarity: {
    "levenshtein": 290,
    "osa": 260,
    "jaro": Infinity,
    "jaro-winkler": 1500,
    "lcs": 340,
    "token-sort": 84,
    "token-set": 80,
    "partial": 85,
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
  hash: 0,
  hashMany: 1100,
  keywords: 0,
  processBatch: 1300,
  nearDuplicates: 1000,
  toMarkdown: 8,
  toMarkdownMany: 4000,
};
