/**
 * Batches of texts in TypeScript. Twin: `native.ts`.
 *
 * @module
 */

import { Pace } from "../../shared/pace.ts";
import { keywords } from "../keywords/pure.ts";
import { similarity } from "../match/pure.ts";
import type { ProcessBatchOptions, TextResult } from "./types.ts";

/** What `processBatch` calls processed: trimmed, then in lower case. */
function processed(text: string): string {
  return text.toWellFormed().trim().toLowerCase();
}

/** See `processBatch` in `mod.ts`. */
export async function processBatch(
  texts: readonly string[],
  options: ProcessBatchOptions,
): Promise<TextResult[]> {
  const pace = new Pace(options, texts.length);
  const reference = options.reference === undefined ? undefined : processed(options.reference);
  const results: TextResult[] = [];
  // A copy: the caller may change the list meanwhile.
  for (const original of texts.slice()) {
    const start = performance.now();
    const text = processed(original);
    results.push({
      original,
      processed: text,
      keywords: keywords(original, { limit: 10, minLength: 3, maxWords: 1, stopWords: [] }),
      similarity: reference === undefined ? null : similarity(text, reference, "levenshtein"),
      durationMs: performance.now() - start,
    });
    if (pace.due()) await pace.giveWay(results.length);
  }
  pace.finish();
  return results;
}
