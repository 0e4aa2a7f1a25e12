/**
 * Keywords in Rust. Twin: `pure.ts`, which says what comes out.
 *
 * @module
 */

import { decodeStrings } from "../../native/call.ts";
import { textKeywords } from "../../native/generated/text.ts";
import type { Keyword, KeywordRequest } from "./types.ts";

/** See `keywords` in `mod.ts`. */
export function keywords(text: string, request: KeywordRequest): Keyword[] {
  const { limit, minLength, maxWords, stopWords } = request;
  const out = textKeywords(text, limit, minLength, maxWords, stopWords);
  const count = new DataView(out.buffer).getUint32(0, true);
  const scores = new Float64Array(out.buffer, 8, count);
  return decodeStrings(out, count, 8 + 8 * count)
    .map((keyword, i) => ({ keyword, score: scores[i]! }));
}
