/**
 * A conversation with a server, in the clear or inside TLS: questions and answers under limits.
 *
 * @module
 */

import { concat } from "./bytes.ts";
import type { Answer, Carrier, End, Line } from "./exchange/types.ts";
import type { Question } from "./protocols/protocol.ts";
import type { ServiceTarget } from "./types.ts";

const NOTHING = new Uint8Array(0);

/** The most bytes of one answer that are read: a banner's worth, and somewhat more for structures. */
const MOST_ANSWER_BYTES = 16 * 1024;

/** How long is waited, in whole milliseconds. */
export interface Pace {
  readonly connectMs: number;
  /** For a greeting; also between the parts of an answer whose end is known. */
  readonly greetMs: number;
  /** For the first byte of an answer. */
  readonly firstMs: number;
  /** How long nothing comes after an answer. */
  readonly quietMs: number;
  /** For all of an answer. */
  readonly totalMs: number;
}

/** The waits for a server that is so many milliseconds away. */
export function paceOf(rttMs: number | null | undefined, timeoutMs: number): Pace {
  const rtt = Math.min(Math.max(rttMs ?? 0, 0), 2_000);
  const within = (ms: number): number => Math.ceil(Math.min(timeoutMs, ms));
  return {
    connectMs: timeoutMs,
    greetMs: within(300 + 4 * rtt),
    firstMs: within(700 + 4 * rtt),
    quietMs: within(60 + 2 * rtt),
    totalMs: timeoutMs,
  };
}

/** One connection to a server. */
export interface Talk extends Disposable {
  /** What comes within these limits; see `Step` of the exchange. */
  read(send: Uint8Array, firstMs: number, quietMs: number, most: number): Promise<Answer>;
  close(): void;
}

/** Opens connections to one server. */
export interface Opener {
  readonly pace: Pace;
  open(): Promise<Talk>;
}

/** A conversation in the clear. */
export class PlainTalk implements Talk {
  readonly #line: Line;

  constructor(
    carrier: Carrier,
    { address, port, dial }: ServiceTarget,
    readonly pace: Pace,
    readonly signal: AbortSignal | undefined,
  ) {
    this.#line = carrier.line(address, port, dial ?? address);
  }

  read(send: Uint8Array, firstMs: number, quietMs: number, most: number): Promise<Answer> {
    const { connectMs, totalMs } = this.pace;
    return this.#line.step({ send, connectMs, firstMs, quietMs, totalMs, most }, this.signal);
  }

  close(): void {
    this.#line.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Waits for what a server says by itself. */
export function greeting(talk: Talk, pace: Pace): Promise<Answer> {
  return talk.read(NOTHING, pace.greetMs, pace.quietMs, MOST_ANSWER_BYTES);
}

/** Asks a question and reads its answer: until it is whole, until nothing more comes, or as much as is kept. */
export async function ask(talk: Talk, pace: Pace, { send, enough }: Question): Promise<Answer> {
  if (enough === undefined) {
    return await talk.read(send, pace.firstMs, pace.quietMs, MOST_ANSWER_BYTES);
  }
  const over = performance.now() + pace.totalMs;
  let answer = await talk.read(send, pace.firstMs, 0, MOST_ANSWER_BYTES);
  let { bytes } = answer;
  while (answer.end === "quiet" && !enough(bytes)) {
    const left = over - performance.now();
    if (left <= 0) return { end: "late", bytes };
    const wait = Math.ceil(Math.min(left, pace.greetMs));
    answer = await talk.read(NOTHING, wait, 0, MOST_ANSWER_BYTES - bytes.length);
    bytes = concat(bytes, answer.bytes);
  }
  const end: End = answer.end === "silent" && bytes.length > 0 ? "quiet" : answer.end;
  return { end, bytes };
}
