/**
 * What `processBatch` takes and gives. Types only.
 *
 * @module
 */

import type { CallOptions } from "../../shared/implementation.ts";
import type { Keyword } from "../keywords/types.ts";

/** Options of `processBatch`. */
export interface ProcessBatchOptions extends CallOptions {
  /** A text to compare each one with. */
  reference?: string | undefined;
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
