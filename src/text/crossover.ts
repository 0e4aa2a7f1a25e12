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
    "levenshtein": 250,
    "osa": 270,
    "jaro": Infinity,
    "jaro-winkler": Infinity,
    "lcs": 320,
    "token-sort": 57,
    "token-set": 52,
    "partial": 76,
  },
  rank: {
    "levenshtein": Infinity,
    "osa": 0,
    "jaro": 0,
    "jaro-winkler": 0,
    "lcs": Infinity,
    "token-sort": 0,
    "token-set": 0,
    "partial": Infinity,
  },
  matcher: 71,
  transform: {
    "lowercase": Infinity,
    "uppercase": Infinity,
    "trim": Infinity,
    "reverse": 0,
    "nfc": Infinity,
    "nfkc": Infinity,
  },
  hash: 0,
  hashMany: 18000,
  keywords: 0,
  processBatch: 25000,
};
