/**
 * The TypeScript twin of the text area: it defines what each operation gives. Twin: `native.ts`. Arguments arrive
 * checked. Strings are compared and counted in code points; lone surrogates count as U+FFFD.
 *
 * @module
 */

import type { CallOptions } from "../implementation.ts";
import { Pace } from "./pace.ts";
import { blake3 } from "./pure_blake3.ts";
import { keywords } from "./pure_keywords.ts";
import { PureMatcher, rank, similarity } from "./pure_rank.ts";
import { transformOne } from "./pure_transform.ts";
import type { ProcessBatchOptions, TextManyTwin, TextResult, TextTwin } from "./types.ts";

let encoder: TextEncoder | undefined;

function hash(input: string | Uint8Array): string {
  encoder ??= new TextEncoder();
  return blake3(typeof input === "string" ? encoder.encode(input) : input).toHex();
}

async function hashMany(
  inputs: readonly (string | Uint8Array)[],
  options: CallOptions,
): Promise<string[]> {
  const pace = new Pace(options, inputs.length);
  const hashes: string[] = [];
  for (const input of inputs) {
    hashes.push(hash(input));
    if (pace.due()) await pace.giveWay(hashes.length);
  }
  pace.finish();
  return hashes;
}

/** What `processBatch` calls processed: trimmed, then in lower case. */
function processed(text: string): string {
  return text.toWellFormed().trim().toLowerCase();
}

async function processBatch(
  texts: readonly string[],
  options: ProcessBatchOptions,
): Promise<TextResult[]> {
  const pace = new Pace(options, texts.length);
  const reference = options.reference === undefined ? undefined : processed(options.reference);
  const results: TextResult[] = [];
  for (const original of texts) {
    const start = performance.now();
    const text = processed(original);
    results.push({
      original,
      processed: text,
      keywords: keywords(original, 10, 3),
      similarity: reference === undefined ? null : similarity(text, reference, "levenshtein"),
      durationMs: performance.now() - start,
    });
    if (pace.due()) await pace.giveWay(results.length);
  }
  pace.finish();
  return results;
}

/** The TypeScript twin. */
export const pure: TextTwin & TextManyTwin = {
  transform: (strings, operation) => strings.map((text) => transformOne(text, operation)),
  hash,
  hashMany,
  similarity,
  rank,
  matcher: (choices) => new PureMatcher(choices),
  keywords,
  processBatch,
};
