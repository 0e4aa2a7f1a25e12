/**
 * How results of the native text twin lie in memory (little-endian, numbers before text), and how they become objects.
 *
 * @module
 */

import type { Keyword, Ranked, TextResult } from "./types.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A count as 32 bits; what does not fit means "no limit". */
export function u32Limit(value: number): number {
  return value > 0xffffffff ? 0xffffffff : value;
}

/** Decodes strings: their UTF-16 lengths, then their UTF-8 with a line feed between. */
export function unpackStrings(out: Uint8Array, at: number, count: number): string[] {
  const lengths = new Uint32Array(out.buffer, out.byteOffset + at, count);
  return cut(decoder.decode(out.subarray(at + 4 * count)), 0, lengths);
}

function cut(text: string, at: number, lengths: Uint32Array): string[] {
  const strings = new Array<string>(lengths.length);
  for (let i = 0; i < lengths.length; i++) {
    strings[i] = text.slice(at, at + lengths[i]!);
    at += lengths[i]! + 1;
  }
  return strings;
}

/** `count` results that begin at a byte: all scores, then all indices. */
export function rankedOf(
  out: Uint8Array,
  at: number,
  count: number,
  choices: readonly (string | undefined)[],
): Ranked[] {
  const scores = new Float64Array(out.buffer, out.byteOffset + at, count);
  const indices = new Uint32Array(out.buffer, out.byteOffset + at + 8 * count, count);
  return slice(scores, indices, 0, count, choices);
}

function slice(
  scores: Float64Array,
  indices: Uint32Array,
  from: number,
  to: number,
  choices: readonly (string | undefined)[],
): Ranked[] {
  const results = new Array<Ranked>(to - from);
  for (let i = from; i < to; i++) {
    const index = indices[i]!;
    results[i - from] = { index, choice: choices[index]!, score: scores[i]! };
  }
  return results;
}

/** Results of many queries: how many each has, all scores, all indices. */
export function rankedManyOf(
  payload: Uint8Array,
  queries: number,
  choices: readonly (string | undefined)[],
): Ranked[][] {
  const counts = new Uint32Array(payload.buffer, payload.byteOffset, queries);
  let total = 0;
  for (const count of counts) total += count;
  const at = payload.byteOffset + ((4 * queries + 7) & ~7);
  const scores = new Float64Array(payload.buffer, at, total);
  const indices = new Uint32Array(payload.buffer, at + 8 * total, total);
  let from = 0;
  return Array.from(counts, (count) => slice(scores, indices, from, from += count, choices));
}

/** Results of a batch: similarities, durations, lengths, keyword counts; keyword scores and lengths; the texts. */
export function resultsOf(payload: Uint8Array, originals: readonly string[]): TextResult[] {
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
  const text = decoder.decode(payload.subarray(at - byteOffset));
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
