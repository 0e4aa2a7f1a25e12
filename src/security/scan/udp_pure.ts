/**
 * UDP services asked in TypeScript, on `node:dgram`. Twin: `rust/areas/security/src/datagram.rs`. Limit of this twin: Deno
 * does not tell a datagram socket that its peer refused, so that a closed port is `open|filtered` here.
 *
 * @module
 */

import type { Socket } from "node:dgram";
import { authority } from "../../shared/access.ts";
import { AgentError } from "../../shared/errors.ts";
import { reporter } from "../../shared/progress.ts";
import { sourceOf } from "../scope/permissions.ts";
import { isLoopback } from "../scope/targets.ts";
import type { Question, UdpJob, UdpRow } from "./job.ts";
import { Rates } from "./pace.ts";

/** Each question is put so often, evenly over the time for an answer. */
const TRIES = 3;
const AT_ONCE = 64;
const HEX = /../g;
const UNPROBED: UdpRow = ["unprobed", "time-over", null];

/** How a question is put. */
interface Course {
  readonly timeoutMs: number;
  readonly rates: Rates;
  readonly signal: AbortSignal | undefined;
  /** Fires when the time of all is over. */
  readonly over: AbortSignal;
}

/** Puts all questions; the answers are in their order. */
export async function ask(job: UdpJob): Promise<UdpRow[]> {
  const { questions, timeoutMs, signal } = job;
  const { createSocket } = await import("node:dgram");
  const ends = new AbortController();
  const timer = setTimeout(() => ends.abort(), job.limitMs);
  const course = { timeoutMs, signal, over: ends.signal, rates: new Rates(job.rate) };
  const progress = reporter(job.onProgress, questions.length);
  const rows: UdpRow[] = new Array(questions.length);
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    while (next < questions.length) {
      const at = next++;
      signal?.throwIfAborted();
      const question = questions[at]!;
      const isSix = question.address.includes(":");
      rows[at] = ends.signal.aborted
        ? UNPROBED
        : await put(createSocket(isSix ? "udp6" : "udp4"), question, course);
      progress.report(++done);
    }
  };
  try {
    // A failure of one ends the others before it is told: nothing goes on.
    const all = Array.from(
      { length: Math.min(AT_ONCE, questions.length) },
      () =>
        work().catch((error) => {
          next = questions.length;
          ends.abort();
          throw error;
        }),
    );
    await Promise.allSettled(all);
    await Promise.all(all);
  } finally {
    clearTimeout(timer);
  }
  progress.finish();
  return rows;
}

function put(
  socket: Socket,
  { address, port, payload }: Question,
  { timeoutMs, rates, signal, over }: Course,
): Promise<UdpRow> {
  const bytes = Uint8Array.from(payload.match(HEX) ?? [], (pair) => parseInt(pair, 16));
  const { promise, resolve, reject } = Promise.withResolvers<UdpRow>();
  const isOwn = isLoopback(address);
  let tries = 0;
  let sent = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const giveUp = (): void => reject(signal!.reason);
  const end = (): void => resolve(UNPROBED);
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
    if (tries === TRIES) return resolve(["open|filtered", "no-response", null]);
    const wait = isOwn ? 0 : rates.take(address);
    if (wait > 0) {
      timer = setTimeout(send, Math.ceil(wait));
      return;
    }
    tries++;
    sent = performance.now();
    socket.send(bytes, port, address, failed);
    timer = setTimeout(send, timeoutMs / TRIES);
  };
  socket.on("error", failed);
  socket.on("message", (_, from) => {
    if (from.port === port && from.address === address) {
      resolve(["open", "response", performance.now() - sent]);
    }
  });
  signal?.addEventListener("abort", giveUp, { once: true });
  over.addEventListener("abort", end, { once: true });
  let isDone = false;
  socket.bind({ address: sourceOf(address), port: 0 }, () => isDone || send());
  return promise.finally(() => {
    isDone = true;
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
    over.removeEventListener("abort", end);
    return new Promise<void>((resolve) => socket.close(() => resolve()));
  });
}
