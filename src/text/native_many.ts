/**
 * The Rust twin of text work on many strings: matchers, and operations on the ring. Its symbols are a table of their
 * own, so that a first `hash` or `similarity` need not open them. Twin: `pure.ts`.
 *
 * @module
 */

import type { NativeArea } from "../ffi/area.ts";
import { packStrings, releasePacked, Scratch } from "../ffi/encode.ts";
import type { CoreTextManySymbols } from "../ffi/generated/core_text_many.ts";
import type { CallOptions } from "../implementation.ts";
import { NativeMatcher } from "./native_matcher.ts";
import { resultsOf } from "./native_layout.ts";
import { slowly } from "./pace.ts";
import type { ProcessBatchOptions, TextManyTwin, TextResult } from "./types.ts";

// One operation on the ring takes lists up to about this size; longer lists are cut.
const CHUNK_BYTES = 8 << 20;

/** The native twin on an open area. */
export class NativeTextMany implements TextManyTwin {
  readonly #area: NativeArea<CoreTextManySymbols>;
  readonly #reference = new Scratch();

  /** Uses an area that is open. */
  constructor(area: NativeArea<CoreTextManySymbols>) {
    this.#area = area;
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

  matcher(choices: readonly string[]): NativeMatcher {
    return NativeMatcher.from(this.#area, choices);
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
          const referenceLength = this.#reference.encode(options.reference ?? "");
          const { bytes, byteLength, lengths, count } = packStrings(originals);
          const status = symbols.agent_core_text_submit_process_batch(
            id,
            operation,
            bytes,
            byteLength,
            lengths,
            count,
            this.#reference.bytes,
            referenceLength,
            options.reference === undefined ? 0 : 1,
            out,
            capacity,
          );
          releasePacked();
          this.#reference.release();
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
