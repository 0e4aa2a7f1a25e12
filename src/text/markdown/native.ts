/**
 * The Rust twin of the conversion. Twin: `pure.ts`, which says what comes out. Arguments arrive checked; the layouts are
 * described at the exports `agent_core_markdown_*`.
 *
 * @module
 */

import type { NativeArea } from "../../ffi/area.ts";
import { callInto } from "../../ffi/call.ts";
import { packStrings, releasePacked, Scratch } from "../../ffi/encode.ts";
import type { CoreMarkdownSymbols } from "../../ffi/generated/core_markdown.ts";
import type { CallOptions } from "../../implementation.ts";
import { unpackStrings } from "../native_layout.ts";
import { slowly } from "../pace.ts";
import type { MarkdownRequest, MarkdownTwin } from "./types.ts";

/** One operation on the ring takes pages up to about this many units together; longer lists are cut. */
const CHUNK = 8 << 20;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The native twin on an open area. */
export class NativeMarkdown implements MarkdownTwin {
  readonly #area: NativeArea<CoreMarkdownSymbols>;
  readonly #html = new Scratch();
  readonly #base = new Scratch();

  /** Uses an area that is open. */
  constructor(area: NativeArea<CoreMarkdownSymbols>) {
    this.#area = area;
  }

  toMarkdown(html: string, { main, baseUrl }: MarkdownRequest): string {
    const { symbols } = this.#area;
    const length = this.#html.encode(html);
    const baseLength = this.#base.encode(baseUrl);
    try {
      const out = callInto(
        "markdown_convert",
        (out, capacity) =>
          symbols.agent_core_markdown_convert(
            this.#html.bytes,
            length,
            this.#base.bytes,
            baseLength,
            main ? 1 : 0,
            out,
            capacity,
            // Seldom longer than the page, and then the call is made again.
          ),
        length,
      );
      return decoder.decode(out);
    } finally {
      this.#html.release();
    }
  }

  async toMarkdownMany(
    htmls: readonly string[],
    { main, baseUrl }: MarkdownRequest,
    options: CallOptions,
  ): Promise<string[]> {
    const { symbols, ring } = this.#area;
    const inputs = [...htmls];
    const total = inputs.length;
    const report = slowly(options.onProgress);
    const results: string[] = [];
    for (let from = 0; from < total;) {
      const to = chunkEnd(inputs, from);
      const first = from;
      const onPiece = report === undefined ? undefined : (piece: Uint8Array): void => {
        const done = first + new DataView(piece.buffer, piece.byteOffset).getUint32(0, true);
        if (done < total) report({ done, total });
      };
      const some = await ring.submit(
        "markdown_convert_many",
        (id, operation, out, capacity) => {
          const baseLength = this.#base.encode(baseUrl);
          const { bytes, byteLength, lengths, count } = packStrings(inputs.slice(first, to));
          const status = symbols.agent_core_markdown_submit_convert_many(
            id,
            operation,
            bytes,
            byteLength,
            lengths,
            count,
            this.#base.bytes,
            baseLength,
            main ? 1 : 0,
            out,
            capacity,
          );
          releasePacked();
          return status;
        },
        (payload) => unpackStrings(payload, 0, to - first),
        { signal: options.signal, onPiece },
      );
      for (const text of some) results.push(text);
      from = to;
    }
    options.onProgress?.({ done: total, total });
    return results;
  }
}

function chunkEnd(htmls: readonly string[], from: number): number {
  let size = 0;
  let to = from;
  while (to < htmls.length && (to === from || size + htmls[to]!.length < CHUNK)) {
    size += htmls[to++]!.length + 16;
  }
  return to;
}
