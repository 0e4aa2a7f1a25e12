/**
 * UDP services asked in TypeScript, on `node:dgram`. Twin: `rust/areas/security/src/datagram.rs`. Limit of this twin: Deno
 * does not tell a datagram socket that its peer refused, so that a closed port is `open|filtered` here.
 *
 * @module
 */

import type { Socket } from "node:dgram";
import { allowName, authority } from "../../shared/access.ts";
import { addressKind } from "../../shared/addresses.ts";
import { AgentError } from "../../shared/errors.ts";
import type { Question, UdpRow } from "./job.ts";

/** Each question is put so often, evenly over the time for an answer. */
const TRIES = 3;
const AT_ONCE = 64;
const HEX = /../g;

/** Puts all questions; the answers are in their order. */
export async function ask(
  questions: readonly Question[],
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<UdpRow[]> {
  const { createSocket } = await import("node:dgram");
  const rows: UdpRow[] = new Array(questions.length);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < questions.length) {
      const at = next++;
      signal?.throwIfAborted();
      const question = questions[at]!;
      allowName(sourceOf(question.address), 0);
      const isSix = question.address.includes(":");
      rows[at] = await put(createSocket(isSix ? "udp6" : "udp4"), question, timeoutMs, signal);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, questions.length) }, work));
  return rows;
}

/** The address that a question is sent from. */
function sourceOf(address: string): string {
  const isSix = address.includes(":");
  if (addressKind(address) === "loopback") return isSix ? "::1" : "127.0.0.1";
  return isSix ? "::" : "0.0.0.0";
}

function put(
  socket: Socket,
  { address, port, payload }: Question,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<UdpRow> {
  const bytes = Uint8Array.from(payload.match(HEX) ?? [], (pair) => parseInt(pair, 16));
  const { promise, resolve, reject } = Promise.withResolvers<UdpRow>();
  let tries = 0;
  let sent = 0;
  const giveUp = (): void => reject(signal!.reason);
  const failed = (error: Error | null | undefined): void => {
    const { code = "" } = error as { code?: string } ?? {};
    if (!error) return;
    if (code === "ECONNREFUSED") resolve(["closed", "port-unreachable", null]);
    else if (code === "EHOSTUNREACH" || code === "ENETUNREACH") {
      resolve(["filtered", "unreachable", null]);
    } else if (code === "EPERM" || code === "EACCES") resolve(["filtered", "prohibited", null]);
    else {
      const path = authority(address, port);
      const details = { path, operation: "probe" };
      reject(
        new AgentError("IO", `${path} cannot be probed: ${error.message}`, details, {
          cause: error,
        }),
      );
    }
  };
  const send = (): void => {
    if (tries++ === TRIES) return resolve(["open|filtered", "no-response", null]);
    sent = performance.now();
    socket.send(bytes, port, address, failed);
  };
  socket.on("error", failed);
  socket.on("message", (_, from) => {
    if (from.port === port && from.address === address) {
      resolve(["open", "response", performance.now() - sent]);
    }
  });
  const timer = setInterval(send, timeoutMs / TRIES);
  signal?.addEventListener("abort", giveUp, { once: true });
  socket.bind({ address: sourceOf(address), port: 0 }, send);
  return promise.finally(() => {
    clearInterval(timer);
    signal?.removeEventListener("abort", giveUp);
    return new Promise<void>((resolve) => socket.close(() => resolve()));
  });
}
