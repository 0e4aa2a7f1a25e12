/**
 * Load tests in Rust: one thread a core, hyper, and a schedule for all; twin of `pure/mod.ts`, which says what it must do.
 * Permissions, scope and names are settled before; the library gets a literal address.
 *
 * @module
 */

import { loadRun } from "../../native/generated/load.ts";
import type { Flow } from "../../native/ring.ts";
import type { LoadControl, LoadJob, LoadResult } from "./job.ts";

/** Runs a job to its end; if the signal fires, to what was measured until then. */
export async function run(job: LoadJob, { signal, report }: LoadControl): Promise<LoadResult> {
  const { dial: _, body, caCerts, ...rest } = job;
  const request = JSON.stringify({ ...rest, roots: caCerts.join("\n") });
  const decode = (payload: Uint8Array): LoadResult =>
    JSON.parse(new TextDecoder().decode(payload)) as LoadResult;
  const late = Promise.withResolvers<LoadResult>();
  let flow: Flow | undefined;
  const abort = (): void => flow?.cancel(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await loadRun(request, body, {
      onStart: (started) => {
        flow = started;
        started.grant(1);
      },
      onPiece: (piece) => {
        report(progressOf(piece));
        flow?.grant(1);
      },
      onLate: (payload) => late.resolve(decode(payload)),
    }) as LoadResult;
  } catch (error) {
    if (flow === undefined || !signal?.aborted) throw error;
    // What was measured comes when the threads have stopped.
    return await late.promise;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

function progressOf(piece: Uint8Array): Parameters<LoadControl["report"]>[0] {
  const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
  const [done, total, requests, failed] = [0, 4, 8, 12].map((at) => view.getUint32(at, true)) as [
    number,
    number,
    number,
    number,
  ];
  return { done, total, requests, failed };
}
