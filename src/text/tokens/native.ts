/**
 * The Rust twin of an encoding: a handle on the process's vocabulary. Twin: `pure.ts`, which says what comes out.
 * Arguments arrive checked; the layouts are described at the exports `agent_core_tokens_*`.
 *
 * @module
 */

import { AgentError } from "../../errors.ts";
import type { NativeArea } from "../../ffi/area.ts";
import { callInto } from "../../ffi/call.ts";
import { packStrings, releasePacked, Scratch } from "../../ffi/encode.ts";
import { errorFromDetail } from "../../ffi/failure.ts";
import type { CoreTokensSymbols } from "../../ffi/generated/core_tokens.ts";
import { NativeHandle } from "../../ffi/handle.ts";
import { joined, windowEnd } from "./pure.ts";
import type { CountManyOptions, TokenTwin } from "./types.ts";

/** UTF-16 units that cross at once, where there is a place to cut. */
const WINDOW = 1 << 20;
/** One operation on the ring takes lists up to about this many units; longer lists are cut. */
const CHUNK = 8 << 20;

const scratch = new Scratch();

/** See `TokenTwin` in `types.ts`. */
export class NativeTokens extends NativeHandle implements TokenTwin {
  readonly implementation = "native";
  readonly #area: NativeArea<CoreTokensSymbols>;

  readonly #name: string;

  private constructor(area: NativeArea<CoreTokensSymbols>, name: string) {
    super(area.common, open(area, name), "encoding");
    this.#area = area;
    this.#name = name;
  }

  /** Opens a vocabulary of the process; undefined if no isolate has loaded it yet. */
  static open(area: NativeArea<CoreTokensSymbols>, name: string): NativeTokens | undefined {
    try {
      return new NativeTokens(area, name);
    } catch (error) {
      if (AgentError.is(error, "NOT_FOUND")) return undefined;
      throw error;
    }
  }

  /** Loads a vocabulary for the process from its file. */
  static load(area: NativeArea<CoreTokensSymbols>, file: Uint8Array<ArrayBuffer>): Promise<void> {
    return area.ring.submit(
      "tokens_load",
      (id, operation, out, capacity) =>
        area.symbols.agent_core_tokens_submit_load(
          id,
          operation,
          file,
          file.length,
          out,
          capacity,
        ),
      () => undefined,
    );
  }

  check(): void {
    void this.handle;
  }

  count(text: string): number {
    if (text === "") return 0;
    const { symbols } = this.#area;
    if (text.length <= WINDOW) {
      const length = scratch.encode(text);
      const count = symbols.agent_core_tokens_count(this.handle, scratch.bytes, length);
      if (count < 0) throw errorFromDetail("tokens_count", count, new Uint8Array(0));
      return count;
    }
    let count = 0;
    for (let start = 0; start < text.length;) {
      const end = windowEnd(text, start, WINDOW);
      const length = scratch.encode(text.slice(start, end));
      const some = symbols.agent_core_tokens_count(this.handle, scratch.bytes, length);
      if (some < 0) throw errorFromDetail("tokens_count", some, new Uint8Array(0));
      count += some;
      start = end;
    }
    scratch.release();
    return count;
  }

  encode(text: string): Uint32Array<ArrayBuffer> {
    const parts: Uint32Array<ArrayBuffer>[] = [];
    for (let start = 0; start < text.length;) {
      const end = windowEnd(text, start, WINDOW);
      const part = start === 0 && end === text.length ? text : text.slice(start, end);
      parts.push(this.#numbers("encode", part).slice());
      start = end;
    }
    scratch.release();
    return joined(parts);
  }

  decode(tokens: Uint32Array<ArrayBuffer>): Uint8Array {
    return callInto("tokens_decode", (out, capacity) =>
      this.#area.symbols.agent_core_tokens_decode(
        this.handle,
        tokens,
        tokens.length,
        out,
        capacity,
      ), 8 * tokens.length);
  }

  spans(text: string): Uint32Array {
    return this.#numbers("spans", text);
  }

  #numbers(what: "encode" | "spans", text: string): Uint32Array<ArrayBuffer> {
    const { symbols } = this.#area;
    const call = what === "encode"
      ? symbols.agent_core_tokens_encode
      : symbols.agent_core_tokens_spans;
    const length = scratch.encode(text);
    const out = callInto(
      `tokens_${what}`,
      (out, capacity) => call(this.handle, scratch.bytes, length, out, capacity),
      // Two bytes a token, which text seldom has more of.
      2 * length + 64,
    );
    return new Uint32Array(out.buffer, out.byteOffset, out.length / 4);
  }

  async countMany(texts: readonly string[], options: CountManyOptions): Promise<number[]> {
    const { common } = this.#area;
    // A handle of its own: closing the encoding meanwhile changes nothing in work that has begun.
    const handle = open(this.#area, this.#name);
    try {
      return await this.#countMany(texts, options, handle);
    } finally {
      common.agent_ffi_handle_close(handle);
    }
  }

  async #countMany(
    texts: readonly string[],
    options: CountManyOptions,
    handle: number,
  ): Promise<number[]> {
    const { symbols, ring } = this.#area;
    const total = texts.length;
    const counts: number[] = [];
    for (let from = 0; from < total;) {
      const to = chunkEnd(texts, from);
      const first = from;
      const onPiece = options.onProgress === undefined ? undefined : (piece: Uint8Array): void => {
        const done = first + new DataView(piece.buffer, piece.byteOffset).getUint32(0, true);
        if (done < total) options.onProgress!({ done, total });
      };
      await ring.submit(
        "tokens_count_many",
        (id, operation, out, capacity) => {
          const { bytes, byteLength, lengths, count } = packStrings(
            first === 0 && to === total ? texts : texts.slice(first, to),
          );
          const status = symbols.agent_core_tokens_submit_count_many(
            id,
            operation,
            handle,
            bytes,
            byteLength,
            lengths,
            count,
            out,
            capacity,
          );
          releasePacked();
          return status;
        },
        (payload) => {
          const some = new Uint32Array(payload.buffer, payload.byteOffset, to - first);
          for (let i = 0; i < some.length; i++) counts.push(some[i]!);
        },
        { signal: options.signal, onPiece },
      );
      from = to;
    }
    options.onProgress?.({ done: total, total });
    return counts;
  }
}

function open(area: NativeArea<CoreTokensSymbols>, name: string): number {
  const length = scratch.encode(name);
  const out = callInto(
    "tokens_open",
    (out, capacity) => area.symbols.agent_core_tokens_open(scratch.bytes, length, out, capacity),
  );
  return new DataView(out.buffer, out.byteOffset).getFloat64(0, true);
}

function chunkEnd(texts: readonly string[], from: number): number {
  let size = 0;
  let to = from;
  while (to < texts.length && (to === from || size + texts[to]!.length < CHUNK)) {
    size += texts[to++]!.length + 16;
  }
  return to;
}
