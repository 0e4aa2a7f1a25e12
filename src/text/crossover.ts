/**
 * From which size on the native twin is the faster one. Written by `deno task calibrate`; Infinity where it never is.
 * Sizes: similarity, the UTF-16 units of both strings; rank and matcher, the number of choices; hash, bytes or units;
 * hashMany, transform and processBatch, units of all items and 64 more for each; keywords, units.
 *
 * @module
 */

import type { Metric, TransformOperation } from "./types.ts";

/** The smallest size for which native wins, by operation and metric. */
export const CROSSOVER: {
  similarity: Record<Metric, number>;
  rank: Record<Metric, number>;
  matcher: number;
  transform: Record<TransformOperation, number>;
  hash: number;
  hashMany: number;
  keywords: number;
  processBatch: number;
} = {
  similarity: {
    "levenshtein": 120,
    "osa": 120,
    "jaro": 120,
    "jaro-winkler": 120,
    "lcs": 120,
    "token-sort": 60,
    "token-set": 60,
    "partial": 120,
  },
  rank: {
    "levenshtein": 64,
    "osa": 64,
    "jaro": 64,
    "jaro-winkler": 64,
    "lcs": 64,
    "token-sort": 16,
    "token-set": 16,
    "partial": 16,
  },
  matcher: 64,
  transform: {
    "lowercase": Infinity,
    "uppercase": Infinity,
    "trim": Infinity,
    "reverse": Infinity,
    "nfc": Infinity,
    "nfkc": Infinity,
  },
  hash: 0,
  hashMany: 8192,
  keywords: 4096,
  processBatch: 32768,
};
