/**
 * The matcher whose prepared choices live in native memory. JavaScript keeps the strings, because results give them
 * back as they were. Freed by `close()`; twin: `PureMatcher` in `pure_rank.ts`.
 *
 * @module
 */

import type { NativeArea } from "../ffi/area.ts";
import { callInto } from "../ffi/call.ts";
import { packStrings, releasePacked, Scratch } from "../ffi/encode.ts";
import type { CoreTextManySymbols } from "../ffi/generated/core_text_many.ts";
import { NativeHandle } from "../ffi/handle.ts";
import {
  longestOf,
  matchRequest,
  METRICS,
  numberOf,
  stringsOf,
  textOf,
  withinBounds,
} from "./check.ts";
import { rankedManyOf, rankedOf, u32Limit } from "./native_layout.ts";
import { slowly } from "./pace.ts";
import type { Matcher, MatchOptions, Ranked } from "./types.ts";

// Results of one operation on the ring, at most; more queries go out in several.
const CHUNK_BYTES = 256 << 20;

/** See `Matcher` in `types.ts`. */
export class NativeMatcher extends NativeHandle implements Matcher {
  readonly implementation = "native";
  readonly #area: NativeArea<CoreTextManySymbols>;
  readonly #scratch = new Scratch();
  #choices: (string | undefined)[];
  #size: number;
  #longest: number;

  private constructor(
    area: NativeArea<CoreTextManySymbols>,
    handle: number,
    choices: readonly string[],
  ) {
    super(area.common, handle, "matcher");
    this.#area = area;
    this.#choices = choices.slice();
    this.#size = choices.length;
    this.#longest = longestOf(choices);
  }

  /** Prepares checked choices. */
  static from(area: NativeArea<CoreTextManySymbols>, choices: readonly string[]): NativeMatcher {
    const { bytes, byteLength, lengths, count } = packStrings(choices);
    const out = callInto(
      "text_matcher_new",
      (out, capacity) =>
        area.symbols.agent_core_text_matcher_new(
          bytes,
          byteLength,
          lengths,
          count,
          out,
          capacity,
        ),
    );
    releasePacked();
    const handle = new DataView(out.buffer, out.byteOffset).getFloat64(0, true);
    return new NativeMatcher(area, handle, choices);
  }

  get size(): number {
    void this.handle;
    return this.#size;
  }

  rank(query: string, options?: MatchOptions): Ranked[] {
    const { handle } = this;
    textOf(query, "query");
    const request = matchRequest(options);
    withinBounds(query, this.#choices, request.metric, this.#longest);
    if (request.limit === 0) return [];
    const scratch = this.#scratch;
    const length = scratch.encode(query);
    const out = callInto(
      "text_matcher_rank",
      (out, capacity) =>
        this.#area.symbols.agent_core_text_matcher_rank(
          handle,
          METRICS.indexOf(request.metric),
          scratch.bytes,
          length,
          u32Limit(request.limit),
          request.cutoff,
          out,
          capacity,
        ),
      12 * Math.min(request.limit, this.#size),
    );
    scratch.release();
    return rankedOf(out, 0, out.length / 12, this.#choices);
  }

  async rankMany(queries: readonly string[], options: MatchOptions = {}): Promise<Ranked[][]> {
    const { handle } = this;
    stringsOf(queries, "queries");
    const request = matchRequest(options);
    for (const query of queries) withinBounds(query, this.#choices, request.metric, this.#longest);
    const { symbols, ring } = this.#area;
    const choices = this.#choices.slice();
    const total = queries.length;
    const report = slowly(options.onProgress);
    const resultBytes = 12 * Math.max(1, Math.min(request.limit, this.#size)) + 4;
    const stride = Math.max(1, Math.floor(CHUNK_BYTES / resultBytes));
    const done: number[] = [];
    const chunks: Promise<Ranked[][]>[] = [];
    for (let from = 0; from < total; from += stride) {
      const part = queries.slice(from, from + stride);
      const chunk = done.push(0) - 1;
      const onPiece = report === undefined ? undefined : (piece: Uint8Array): void => {
        done[chunk] = new DataView(piece.buffer, piece.byteOffset).getUint32(0, true);
        const sum = done.reduce((a, b) => a + b, 0);
        if (sum < total) report({ done: sum, total });
      };
      chunks.push(ring.submit(
        "text_rank_many",
        (id, operation, out, capacity) => {
          const { bytes, byteLength, lengths, count } = packStrings(part);
          const status = symbols.agent_core_text_submit_rank_many(
            id,
            operation,
            handle,
            METRICS.indexOf(request.metric),
            bytes,
            byteLength,
            lengths,
            count,
            u32Limit(request.limit),
            request.cutoff,
            out,
            capacity,
          );
          releasePacked();
          return status;
        },
        (payload) => {
          done[chunk] = part.length;
          return rankedManyOf(payload, part.length, choices);
        },
        { signal: options.signal, onPiece },
      ));
    }
    const results = (await Promise.all(chunks)).flat();
    options.onProgress?.({ done: total, total });
    return results;
  }

  add(choices: readonly string[]): number {
    const { handle } = this;
    stringsOf(choices, "choices");
    const first = this.#choices.length;
    if (choices.length === 0) return first;
    const { bytes, byteLength, lengths, count } = packStrings(choices);
    callInto("text_matcher_add", (out, capacity) =>
      this.#area.symbols.agent_core_text_matcher_add(
        handle,
        bytes,
        byteLength,
        lengths,
        count,
        out,
        capacity,
      ));
    releasePacked();
    for (const choice of choices) this.#choices.push(choice);
    this.#size += choices.length;
    this.#longest = longestOf(choices, this.#longest);
    return first;
  }

  remove(index: number): boolean {
    const { handle } = this;
    numberOf(index, "index");
    if (this.#choices[index] === undefined) return false;
    this.#area.symbols.agent_core_text_matcher_remove(handle, index + 0);
    this.#choices[index] = undefined;
    this.#size--;
    return true;
  }

  override close(): void {
    super.close();
    this.#choices = [];
    this.#size = 0;
  }
}
