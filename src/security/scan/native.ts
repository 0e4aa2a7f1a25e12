/**
 * Scans in Rust: one thread that starts and watches all probes; twin of `pure.ts`. Permissions, scope and names are
 * settled before; the library gets literal addresses.
 *
 * @module
 */

import {
  securityDatagrams,
  securityEcho,
  securityNeighbours,
  securityScan,
} from "../../native/generated/security.ts";
import { reporter } from "../../shared/progress.ts";
import { writtenRate } from "../scope/options.ts";
import { countPorts } from "../scope/ports.ts";
import type { ScanJob, ScanResult, UdpJob, UdpRow } from "./job.ts";

/** The same scan as the pure twin's. */
export async function scan(job: ScanJob): Promise<ScanResult> {
  const { signal, onProgress, rate, dial: _, ...rest } = job;
  const request = { ...rest, ...writtenRate(rate) };
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
export async function ask(job: UdpJob): Promise<UdpRow[]> {
  const { questions, timeoutMs, limitMs, rate, signal, onProgress } = job;
  const rows = questions.map(({ address, port, payload }) => [address, port, payload]);
  const request = { questions: rows, timeoutMs, limitMs, ...writtenRate(rate) };
  const progress = reporter(onProgress, questions.length);
  const result = await securityDatagrams(JSON.stringify(request), {
    ...(signal && { signal }),
    ...(onProgress && { onPiece: (piece) => progress.report(doneOf(piece)) }),
  });
  progress.finish();
  return result as UdpRow[];
}

/** Who answered an echo request, with milliseconds; why none could be sent, if so. */
export interface Echoes {
  /** The system's reason; null if requests were sent. */
  refused: string | null;
  /** Address and milliseconds. */
  answers: [address: string, rttMs: number][];
}

/** What echo requests are sent with. */
export interface EchoJob extends Pick<ScanJob, "timeoutMs" | "limitMs" | "signal"> {
  /** Literal addresses. Each is asked once, so that only the rate of all together bounds them. */
  readonly addresses: readonly string[];
  /** Requests a second. */
  readonly rate: number;
}

/** Sends echo requests. Deno opens no such socket, so there is no pure twin. */
export async function echo(
  { addresses, timeoutMs, limitMs, rate, signal }: EchoJob,
): Promise<Echoes> {
  const most = Math.min(Math.ceil(rate), 1_000_000);
  return await securityEcho(addresses.join(" "), timeoutMs, most, Math.ceil(limitMs), {
    ...(signal && { signal }),
  }) as Echoes;
}

/** The entries of the kernel's neighbour table: address and hardware address. */
export async function readNeighbours(
  signal: AbortSignal | undefined,
): Promise<[address: string, mac: string][]> {
  return await securityNeighbours({ ...(signal && { signal }) }) as [string, string][];
}
