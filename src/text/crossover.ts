/**
 * From which size on the native twin is the faster one. Written by `deno task calibrate`; Infinity where it never is.
 * Sizes: similarity, the UTF-16 units of both strings; rank and matcher, the number of choices (rankWide: of choices
 * that are mostly not ASCII); hash, bytes or units; hashMany, transform and processBatch, units of all items and 64 more
 * for each; keywords, units.
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
} = {
  similarity: {
    "levenshtein": 250,
    "osa": 260,
    "jaro": Infinity,
    "jaro-winkler": Infinity,
    "lcs": 300,
    "token-sort": 75,
    "token-set": 110,
    "partial": 90,
  },
  rank: {
    "levenshtein": 180,
    "osa": 34,
    "jaro": 16,
    "jaro-winkler": 17,
    "lcs": 58,
    "token-sort": 2.2,
    "token-set": 2.1,
    "partial": 45,
  },
  rankWide: {
    "levenshtein": Infinity,
    "osa": Infinity,
    "jaro": Infinity,
    "jaro-winkler": 7300,
    "lcs": Infinity,
    "token-sort": 4.2,
    "token-set": 3.3,
    "partial": Infinity,
  },
  matcher: 79,
  transform: {
    "lowercase": Infinity,
    "uppercase": Infinity,
    "trim": Infinity,
    "reverse": 0,
    "nfc": Infinity,
    "nfkc": Infinity,
  },
  hash: 0,
  hashMany: 2800,
  keywords: 0,
  processBatch: 1300,
};
