/**
 * The Rust twin of the text area: it packs arguments, calls `agent_core_text_*` and unpacks results. Twin: `pure.ts`,
 * which says what comes out. Arguments arrive checked; the layouts are described at the exports. Work on many strings is
 * in `native_many.ts`.
 *
 * @module
 */

import { callInto } from "../ffi/call.ts";
import { packStrings, releasePacked, Scratch } from "../ffi/encode.ts";
import type { NativeArea } from "../ffi/area.ts";
import type { CoreTextSymbols } from "../ffi/generated/core_text.ts";
import { METRICS, OPERATIONS } from "./check.ts";
import { rankedOf, u32Limit, unpackStrings } from "./native_layout.ts";
import type {
  Keyword,
  Metric,
  Ranked,
  RankRequest,
  TextTwin,
  TransformOperation,
} from "./types.ts";

const METRIC_CODES = Object.fromEntries(METRICS.map((metric, i) => [metric, i])) as Record<
  Metric,
  number
>;

/** The native twin on an open area. */
export class NativeText implements TextTwin {
  readonly #area: NativeArea<CoreTextSymbols>;
  readonly #first = new Scratch();
  readonly #second = new Scratch();

  /** Uses an area that is open. */
  constructor(area: NativeArea<CoreTextSymbols>) {
    this.#area = area;
  }

  transform(strings: readonly string[], operation: TransformOperation): string[] {
    const { symbols } = this.#area;
    const { bytes, byteLength, lengths, count } = packStrings(strings);
    const out = callInto("text_transform", (out, capacity) =>
      symbols.agent_core_text_transform(
        OPERATIONS.indexOf(operation),
        bytes,
        byteLength,
        lengths,
        count,
        out,
        capacity,
      ), byteLength + 4 * count);
    releasePacked();
    return unpackStrings(out, 0, count);
  }

  hash(input: string | Uint8Array): string {
    const { symbols } = this.#area;
    const scratch = this.#first;
    const length = typeof input === "string" ? scratch.encode(input) : input.length;
    const bytes = typeof input === "string" ? scratch.bytes : input as Uint8Array<ArrayBuffer>;
    const digits = callInto(
      "text_hash",
      (out, capacity) => symbols.agent_core_text_hash(bytes, length, out, capacity),
    ).toHex();
    scratch.release();
    return digits;
  }

  similarity(a: string, b: string, metric: Metric): number {
    if (a === b) return 1;
    const first = this.#first;
    const second = this.#second;
    const lengthA = first.encode(a);
    const lengthB = second.encode(b);
    const score = this.#area.symbols.agent_core_text_similarity(
      METRIC_CODES[metric],
      first.bytes,
      lengthA,
      second.bytes,
      lengthB,
    );
    if (lengthA > 4096 || lengthB > 4096) {
      first.release();
      second.release();
    }
    return score;
  }

  rank(query: string, choices: readonly string[], request: RankRequest): Ranked[] {
    if (request.limit === 0) return [];
    const { symbols } = this.#area;
    const scratch = this.#first;
    const queryLength = scratch.encode(query);
    const { bytes, byteLength, lengths, count } = packStrings(choices);
    const out = callInto("text_rank", (out, capacity) =>
      symbols.agent_core_text_rank(
        METRIC_CODES[request.metric],
        scratch.bytes,
        queryLength,
        bytes,
        byteLength,
        lengths,
        count,
        u32Limit(request.limit),
        request.cutoff,
        out,
        capacity,
      ), 12 * Math.min(request.limit, count));
    releasePacked();
    scratch.release();
    return rankedOf(out, 0, out.length / 12, choices);
  }

  keywords(text: string, limit: number, minLength: number): Keyword[] {
    const { symbols } = this.#area;
    const scratch = this.#first;
    const length = scratch.encode(text);
    const out = callInto("text_keywords", (out, capacity) =>
      symbols.agent_core_text_keywords(
        scratch.bytes,
        length,
        u32Limit(limit),
        u32Limit(minLength),
        out,
        capacity,
      ));
    scratch.release();
    const count = new DataView(out.buffer, out.byteOffset).getUint32(0, true);
    const scores = new Float64Array(out.buffer, out.byteOffset + 8, count);
    return unpackStrings(out, 8 + 8 * count, count)
      .map((keyword, i) => ({ keyword, score: scores[i]! }));
  }
}
