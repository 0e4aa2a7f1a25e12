/**
 * Scans in Rust: one thread that starts and watches all probes; twin of `pure.ts`. Permissions, scope and names are
 * settled before; the library gets literal addresses.
 *
 * @module
 */

import { securityDatagrams, securityEcho, securityScan } from "../../native/generated/security.ts";
import { reporter } from "../../shared/progress.ts";
import { countPorts } from "../scope/ports.ts";
import type { Question, ScanJob, ScanResult, UdpRow } from "./job.ts";

/** The same scan as the pure twin's. */
export async function scan(job: ScanJob): Promise<ScanResult> {
  const { signal, onProgress, rate, dial: _, ...rest } = job;
  const request = { ...rest, rate: rate === Infinity ? null : rate };
  const progress = reporter(onProgress, job.addresses.length * countPorts(job.ports));
  const result = await securityScan(JSON.stringify(request), {
    ...(signal && { signal }),
    ...(onProgress && { onPiece: (piece) => progress.report(doneOf(piece)) }),
  });
  progress.finish();
  return result as ScanResult;
}

function doneOf(piece: Uint8Array): number {
  return new DataView(piece.buffer, piece.byteOffset).getUint32(0, true);
}

/** The same questions as the pure twin's. */
export async function ask(
  questions: readonly Question[],
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<UdpRow[]> {
  const rows = questions.map(({ address, port, payload }) => [address, port, payload]);
  return await securityDatagrams(JSON.stringify(rows), timeoutMs, {
    ...(signal && { signal }),
  }) as UdpRow[];
}

/** Who answered an echo request, with milliseconds; why none could be sent, if so. */
export interface Echoes {
  /** The system's reason; null if requests were sent. */
  refused: string | null;
  /** Address and milliseconds. */
  answers: [address: string, rttMs: number][];
}

/** Sends echo requests. Deno opens no such socket, so there is no pure twin. */
export async function echo(
  addresses: readonly string[],
  timeoutMs: number,
  rate: number,
  signal: AbortSignal | undefined,
): Promise<Echoes> {
  const most = Math.min(Math.ceil(rate), 1_000_000);
  return await securityEcho(addresses.join(" "), timeoutMs, most, {
    ...(signal && { signal }),
  }) as Echoes;
}
