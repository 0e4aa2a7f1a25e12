/**
 * Near duplicates, the Rust twin: the texts go over once, the groups come back. Twin: `pure.ts`, which says what comes
 * out.
 *
 * @module
 */

import type { NativeArea } from "../../ffi/area.ts";
import { packStrings, releasePacked } from "../../ffi/encode.ts";
import type { CoreNearSymbols } from "../../ffi/generated/core_near.ts";
import type { CallOptions } from "../../implementation.ts";
import { slowly } from "../pace.ts";
import { groupsOf } from "./bands.ts";
import type { NearRequest } from "./types.ts";

/** See `nearDuplicates` in `mod.ts`. */
export async function findNear(
  { symbols, ring }: NativeArea<CoreNearSymbols>,
  texts: readonly string[],
  { threshold, rows, bands }: NearRequest,
  options: CallOptions,
): Promise<number[][]> {
  const total = texts.length;
  const report = slowly(options.onProgress);
  const onPiece = report === undefined ? undefined : (piece: Uint8Array): void => {
    const done = new DataView(piece.buffer, piece.byteOffset).getUint32(0, true);
    if (done < total) report({ done, total });
  };
  const groups = await ring.submit(
    "near_submit_find",
    (id, operation, out, capacity) => {
      const { bytes, byteLength, lengths, count } = packStrings(texts);
      const status = symbols.agent_core_near_submit_find(
        id,
        operation,
        bytes,
        byteLength,
        lengths,
        count,
        threshold,
        rows,
        bands,
        out,
        capacity,
      );
      releasePacked();
      return status;
    },
    (payload) => groupsOf(new Uint32Array(payload.buffer, payload.byteOffset, total)),
    { signal: options.signal, onPiece },
  );
  options.onProgress?.({ done: total, total });
  return groups;
}
