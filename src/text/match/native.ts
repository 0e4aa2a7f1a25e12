/**
 * Comparing one string with one or many in Rust. Twin: `pure.ts`, which says what comes out.
 *
 * @module
 */

import { batches } from "../../native/batches.ts";
import {
  textMatcherAdd,
  textMatcherNew,
  textMatcherRank,
  textMatcherRemove,
  textRank,
  textRankMany,
  textSimilarity,
} from "../../native/generated/text.ts";
import { NativeHandle } from "../../native/handle.ts";
import type { Choices, Ranking } from "./matcher.ts";
import { METRICS } from "./options.ts";
import type { MatchOptions, Metric, Ranked, RankRequest } from "./types.ts";

/** A result at the boundary: its score and its index. */
const ENTRY_BYTES = 12;
/** Results of one operation on the ring, at most; more queries go out in several. */
const BATCH_BYTES = 256 << 20;

const METRIC_CODES = Object.fromEntries(METRICS.map((metric, i) => [metric, i])) as Record<
  Metric,
  number
>;

/** See `similarity` in `mod.ts`. */
export function similarity(a: string, b: string, metric: Metric): number {
  return a === b ? 1 : textSimilarity(METRIC_CODES[metric], a, b);
}

/** See `rank` in `mod.ts`. */
export function rank(query: string, choices: readonly string[], request: RankRequest): Ranked[] {
  const { metric, limit, cutoff } = request;
  if (limit === 0) return [];
  return rankedOf(textRank(METRIC_CODES[metric], query, choices, limit, cutoff), choices);
}

/** Choices that are prepared in native memory. */
export class NativeRanking extends NativeHandle implements Ranking {
  readonly implementation = "native";

  /** Prepares checked choices. */
  constructor(choices: readonly string[]) {
    super("core-utils", textMatcherNew(choices), "matcher");
  }

  rank(query: string, choices: Choices, request: RankRequest, size: number): Ranked[] {
    const { metric, limit, cutoff } = request;
    if (limit === 0) return [];
    const expected = ENTRY_BYTES * Math.min(limit, size);
    const code = METRIC_CODES[metric];
    return rankedOf(textMatcherRank(this.handle, code, query, limit, cutoff, expected), choices);
  }

  async rankMany(
    queries: readonly string[],
    choices: Choices,
    { metric, limit, cutoff }: RankRequest,
    options: MatchOptions,
  ): Promise<Ranked[][]> {
    const { handle } = this;
    const parts = await batches(queries, options, {
      weigh: () => ENTRY_BYTES * Math.max(1, Math.min(limit, choices.length)) + 4,
      most: BATCH_BYTES,
      // The matcher may change or be closed before the last one is due.
      atOnce: true,
      submit: (part, submitOptions) =>
        textRankMany(
          handle,
          METRIC_CODES[metric],
          part,
          limit,
          cutoff,
          (payload) => rankedManyOf(payload, part.length, choices),
          submitOptions,
        ),
    });
    return parts.flat();
  }

  add(choices: readonly string[]): void {
    textMatcherAdd(this.handle, choices);
  }

  remove(index: number): void {
    textMatcherRemove(this.handle, index);
  }
}

/** Results of one query: all scores, then all indices. */
function rankedOf(
  out: Uint8Array,
  choices: Choices,
): Ranked[] {
  const count = out.length / ENTRY_BYTES;
  const scores = new Float64Array(out.buffer, out.byteOffset, count);
  const indices = new Uint32Array(out.buffer, out.byteOffset + 8 * count, count);
  return slice(scores, indices, 0, count, choices);
}

function slice(
  scores: Float64Array,
  indices: Uint32Array,
  from: number,
  to: number,
  choices: Choices,
): Ranked[] {
  const results = new Array<Ranked>(to - from);
  for (let i = from; i < to; i++) {
    const index = indices[i]!;
    results[i - from] = { index, choice: choices[index]!, score: scores[i]! };
  }
  return results;
}

/** Results of many queries: how many each has, all scores, all indices. */
function rankedManyOf(
  payload: Uint8Array,
  queries: number,
  choices: Choices,
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
