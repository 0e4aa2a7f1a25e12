/**
 * Batches of texts in Rust. Twin: `pure.ts`, which says what comes out.
 *
 * @module
 */

import { batches } from "../../native/batches.ts";
import { cut, decodeText } from "../../native/call.ts";
import { textProcessBatch } from "../../native/generated/text.ts";
import type { Keyword } from "../keywords/types.ts";
import type { ProcessBatchOptions, TextResult } from "./types.ts";

/** See `processBatch` in `mod.ts`. */
export async function processBatch(
  texts: readonly string[],
  options: ProcessBatchOptions,
): Promise<TextResult[]> {
  const { reference } = options;
  const parts = await batches(texts, options, {
    submit: (part, submitOptions) =>
      textProcessBatch(
        part,
        reference ?? "",
        reference !== undefined,
        (payload) => resultsOf(payload, part),
        submitOptions,
      ),
  });
  return parts.flat();
}

/** Results of a batch: similarities, durations, lengths, keyword counts; keyword scores and lengths; the texts. */
function resultsOf(payload: Uint8Array, originals: readonly string[]): TextResult[] {
  const count = originals.length;
  const { buffer, byteOffset } = payload;
  const similarities = new Float64Array(buffer, byteOffset, count);
  const durations = new Float64Array(buffer, byteOffset + 8 * count, count);
  const lengths = new Uint32Array(buffer, byteOffset + 16 * count, count);
  const counts = new Uint32Array(buffer, byteOffset + 20 * count, count);
  let total = 0;
  for (const some of counts) total += some;
  let at = byteOffset + 24 * count;
  const scores = new Float64Array(buffer, at, total);
  at += 8 * total;
  const wordLengths = new Uint32Array(buffer, at, total);
  at += 4 * total;
  const text = decodeText(payload.subarray(at - byteOffset));
  const texts = cut(text, 0, lengths);
  const words = cut(text, lengths.reduce((sum, length) => sum + length + 1, 0), wordLengths);
  let word = 0;
  return originals.map((original, i) => {
    const keywords: Keyword[] = [];
    const end = word + counts[i]!;
    for (; word < end; word++) {
      keywords.push({ keyword: words[word]!, score: scores[word]! });
    }
    const similarity = Number.isNaN(similarities[i]!) ? null : similarities[i]!;
    return { original, processed: texts[i]!, keywords, similarity, durationMs: durations[i]! };
  });
}
