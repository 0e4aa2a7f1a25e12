/**
 * The Rust twin of the text area: it packs arguments, calls `agent_core_text_*` and unpacks results. Twin: `pure.ts`,
 * which says what comes out. Arguments arrive checked; the layouts are described at the exports.
 *
 * @module
 */

import { callInto } from "../ffi/call.ts";
import { packStrings, releasePacked, Scratch } from "../ffi/encode.ts";
import type { NativeArea } from "../ffi/area.ts";
import type { CoreTextSymbols } from "../ffi/generated/core_text.ts";
import type { CallOptions } from "../implementation.ts";
import { METRICS, OPERATIONS } from "./check.ts";
import { NativeMatcher } from "./native_matcher.ts";
import { slowly } from "./pace.ts";
import { rankedOf, resultsOf, u32Limit, unpackStrings } from "./native_layout.ts";
import type {
  Keyword,
  Metric,
  ProcessBatchOptions,
  Ranked,
  RankRequest,
  TextResult,
  TextTwin,
  TransformOperation,
} from "./types.ts";

const METRIC_CODES = Object.fromEntries(METRICS.map((metric, i) => [metric, i])) as Record<
  Metric,
  number
>;

// One operation on the ring takes lists up to about this size; longer lists are cut.
const CHUNK_BYTES = 8 << 20;

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

  async hashMany(
    inputs: readonly (string | Uint8Array)[],
    options: CallOptions,
  ): Promise<string[]> {
    const { symbols, ring } = this.#area;
    const digits: string[] = [];
    for (let from = 0; from < inputs.length;) {
      const to = chunkEnd(inputs, from);
      const chunk = await ring.submit(
        "text_hash_many",
        (id, operation, out, capacity) => {
          const { bytes, byteLength, lengths } = packContents(inputs, from, to);
          return symbols.agent_core_text_submit_hash_many(
            id,
            operation,
            bytes,
            byteLength,
            lengths,
            to - from,
            out,
            capacity,
          );
        },
        (payload) =>
          Array.from(
            { length: to - from },
            (_, i) => payload.subarray(i * 32, i * 32 + 32).toHex(),
          ),
        { signal: options.signal, onPiece: progress(options, from, inputs.length) },
      );
      for (const one of chunk) digits.push(one);
      from = to;
    }
    options.onProgress?.({ done: inputs.length, total: inputs.length });
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

  matcher(choices: readonly string[]): NativeMatcher {
    return NativeMatcher.from(this.#area, choices);
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

  async processBatch(
    texts: readonly string[],
    options: ProcessBatchOptions,
  ): Promise<TextResult[]> {
    const { symbols, ring } = this.#area;
    const results: TextResult[] = [];
    for (let from = 0; from < texts.length;) {
      const to = chunkEnd(texts, from);
      const originals = texts.slice(from, to);
      const chunk = await ring.submit(
        "text_process_batch",
        (id, operation, out, capacity) => {
          const referenceLength = this.#first.encode(options.reference ?? "");
          const { bytes, byteLength, lengths, count } = packStrings(originals);
          const status = symbols.agent_core_text_submit_process_batch(
            id,
            operation,
            bytes,
            byteLength,
            lengths,
            count,
            this.#first.bytes,
            referenceLength,
            options.reference === undefined ? 0 : 1,
            out,
            capacity,
          );
          releasePacked();
          this.#first.release();
          return status;
        },
        (payload) => resultsOf(payload, originals),
        { signal: options.signal, onPiece: progress(options, from, texts.length) },
      );
      for (const result of chunk) results.push(result);
      from = to;
    }
    options.onProgress?.({ done: texts.length, total: texts.length });
    return results;
  }
}

/** Takes the native side's progress (two 32-bit numbers: done, total) and adds what came before. */
function progress(
  options: CallOptions,
  before: number,
  total: number,
): ((piece: Uint8Array) => void) | undefined {
  const report = slowly(options.onProgress);
  if (report === undefined) return undefined;
  return (piece) => {
    const done = before + new DataView(piece.buffer, piece.byteOffset).getUint32(0, true);
    if (done < total) report({ done, total });
  };
}

function chunkEnd(items: readonly { length: number }[], from: number): number {
  let size = 0;
  let to = from;
  while (to < items.length && (to === from || size + items[to]!.length <= CHUNK_BYTES)) {
    size += items[to++]!.length;
  }
  return to;
}

const encoder = new TextEncoder();
let contents = new Uint8Array(0);

/** Packs strings (as UTF-8) and bytes one behind the other; `lengths` are in bytes. */
function packContents(
  inputs: readonly (string | Uint8Array)[],
  from: number,
  to: number,
): { bytes: Uint8Array<ArrayBuffer>; byteLength: number; lengths: Uint32Array<ArrayBuffer> } {
  let most = 0;
  for (let i = from; i < to; i++) {
    const input = inputs[i]!;
    most += typeof input === "string" ? input.length * 3 : input.length;
  }
  if (contents.length < most) contents = new Uint8Array(most);
  const bytes = contents;
  // A buffer for one long list is not kept.
  if (most > CHUNK_BYTES) contents = new Uint8Array(0);
  const lengths = new Uint32Array(to - from);
  let at = 0;
  for (let i = from; i < to; i++) {
    const input = inputs[i]!;
    let length = input.length;
    if (typeof input === "string") length = encoder.encodeInto(input, bytes.subarray(at)).written;
    else bytes.set(input, at);
    lengths[i - from] = length;
    at += length;
  }
  return { bytes, byteLength: at, lengths };
}
