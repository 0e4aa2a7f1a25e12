/**
 * Exchanges in TypeScript, on Deno's sockets; defines what the twin in `native.ts` must do.
 *
 * @module
 */

import { nodeDgram } from "../../../shared/builtin.ts";
import { authority } from "../../../shared/access.ts";
import { AgentError } from "../../../shared/errors.ts";
import { connect, type Connection, selfConnected } from "../../scan/connect.ts";
import type { Answer, Carrier, Datagram, End, Line, Step } from "./types.ts";

const NOTHING = new Uint8Array(0);
const CHUNK_BYTES = 16 * 1024;

/** What the operating system's error says about the other side. */
const ENDS_OF: Readonly<Record<string, End>> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "reset",
  EPIPE: "reset",
  ECONNABORTED: "reset",
  ETIMEDOUT: "timeout",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EACCES: "prohibited",
  EPERM: "prohibited",
};

/** Deno's sockets. */
export const pureCarrier: Carrier = {
  implementation: "pure",
  line: (address, port, dial) => new PureLine(address, port, dial),
  datagram,
};

function endOf(error: unknown, address: string, port: number): End {
  const end = ENDS_OF[(error as { code?: string }).code ?? ""];
  if (end !== undefined) return end;
  const target = authority(address, port);
  throw new AgentError(
    "IO",
    `${target} cannot be asked: ${(error as Error).message}`,
    { path: target, operation: "exchange" },
    { cause: error },
  );
}

class PureLine implements Line {
  #connection: Connection | undefined;
  #isOver = false;
  #isAsked = false;
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  /** A read under way: a step's time may be over before it comes back, and the next step then takes it. */
  #reading: Promise<number | null | "reset"> | undefined;
  /** What was read and did not fit into the last answer. */
  #left: Uint8Array = NOTHING;

  constructor(readonly address: string, readonly port: number, readonly dial: string) {}

  close(): void {
    this.#isOver = true;
    try {
      this.#connection?.close();
    } catch {
      // It was closed before.
    }
    this.#connection = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async step(step: Step, signal?: AbortSignal): Promise<Answer> {
    signal?.throwIfAborted();
    if (this.#isAsked) throw new TypeError("The connection is being read already");
    this.#isAsked = true;
    const end = (): void => this.close();
    signal?.addEventListener("abort", end, { once: true });
    try {
      if (this.#connection === undefined && !this.#isOver) {
        const failed = await this.#connect(step.connectMs, signal);
        if (failed !== undefined) {
          this.close();
          return { end: failed, bytes: NOTHING };
        }
      }
      if (this.#isOver) return { end: "closed", bytes: NOTHING };
      const answer = await this.#ask(this.#connection!, step);
      if (answer.end === "closed" || answer.end === "reset") this.close();
      signal?.throwIfAborted();
      return answer;
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    } finally {
      this.#isAsked = false;
      signal?.removeEventListener("abort", end);
    }
  }

  async #connect(limitMs: number, signal: AbortSignal | undefined): Promise<End | undefined> {
    const over = new AbortController();
    const giveUp = (): void => over.abort();
    const timer = setTimeout(giveUp, limitMs);
    signal?.addEventListener("abort", giveUp, { once: true });
    try {
      const { address, port, dial } = this;
      const connection = await connect(address, port, dial, over.signal);
      if (!selfConnected(connection)) {
        this.#connection = connection;
        return undefined;
      }
      connection.close();
      return "refused";
    } catch (error) {
      signal?.throwIfAborted();
      if (over.signal.aborted) return "timeout";
      if (error instanceof AgentError) throw error;
      return endOf(error, this.address, this.port);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
    }
  }

  async #ask(connection: Connection, step: Step): Promise<Answer> {
    const over = performance.now() + step.totalMs;
    const sent = await before(over, write(connection, step.send));
    if (sent !== "sent") return { end: sent === "over" ? "late" : "reset", bytes: NOTHING };
    const parts: Uint8Array[] = [];
    let length = 0;
    const answer = (end: End): Answer => ({ end, bytes: joined(parts, length) });
    while (length < step.most) {
      if (step.quietMs === 0 && length > 0) return answer("quiet");
      if (this.#left.length === 0) {
        const until = performance.now() + (length === 0 ? step.firstMs : step.quietMs);
        this.#reading ??= connection.read(this.#chunk).catch(() => "reset" as const);
        const count = await before(Math.min(until, over), this.#reading);
        if (count === "over") {
          return answer(length === 0 ? "silent" : until < over ? "quiet" : "late");
        }
        this.#reading = undefined;
        if (count === null) return answer("closed");
        if (count === "reset") return answer("reset");
        this.#left = this.#chunk.slice(0, count);
      }
      const part = this.#left.subarray(0, step.most - length);
      this.#left = this.#left.subarray(part.length);
      parts.push(part);
      length += part.length;
    }
    return answer("full");
  }
}

async function write(connection: Connection, bytes: Uint8Array): Promise<"sent" | "broken"> {
  try {
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
    return "sent";
  } catch {
    return "broken";
  }
}

/** What a promise gives, or that the moment came first. */
async function before<T>(moment: number, work: Promise<T>): Promise<T | "over"> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = new Promise<"over">((resolve) => {
    timer = setTimeout(() => resolve("over"), Math.max(0, moment - performance.now()));
  });
  try {
    return await Promise.race([work, wait]);
  } finally {
    clearTimeout(timer);
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function datagram(options: Datagram, signal?: AbortSignal): Promise<Answer> {
  const { address, port, loopback, send, waitMs, most } = options;
  const isSix = address.includes(":");
  const any = isSix ? "::" : "0.0.0.0";
  const own = isSix ? "::1" : "127.0.0.1";
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const socket = nodeDgram().createSocket(isSix ? "udp6" : "udp4");
    let isOver = false;
    const end = (finish: () => void): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      socket.close();
      finish();
    };
    const abort = (): void => end(() => reject(signal!.reason));
    const timer = setTimeout(
      () => end(() => resolve({ end: "silent", bytes: NOTHING })),
      waitMs,
    );
    signal?.addEventListener("abort", abort, { once: true });
    const fail = (error: unknown): void =>
      end(() => {
        try {
          resolve({ end: endOf(error, address, port), bytes: NOTHING });
        } catch (failure) {
          reject(failure);
        }
      });
    socket.on("error", fail);
    socket.on("message", (message, from) => {
      if (from.address !== address || from.port !== port) return;
      const bytes = new Uint8Array(message.subarray(0, most));
      end(() => resolve({ end: "quiet", bytes }));
    });
    socket.bind({ address: loopback ? own : any, port: 0 }, () => {
      if (isOver) return;
      socket.send(send, port, address, (error) => {
        if (error) fail(error);
      });
    });
  });
}
