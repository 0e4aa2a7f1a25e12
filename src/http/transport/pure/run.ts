/**
 * One exchange on its way: its time limits, its end by a signal, its connection.
 *
 * @module
 */

import { TransportFault } from "../fault.ts";
import type { Exchange, FaultKind } from "../types.ts";
import type { Watched } from "./watch.ts";
import type { Wire } from "./wire.ts";

/** What an exchange waits for. */
type Phase = "connect-timeout" | "first-byte-timeout" | "body-timeout";

/** The state of an exchange. */
export class Run implements Watched {
  /** When the limit that comes first is over. */
  endsAt: number;
  /** Called when it fails, for what waits for nothing at that moment: a stream that nobody reads. */
  onFail: ((reason: unknown) => void) | undefined;
  /** Called when it is over, if its response has a stream. */
  onOver: (() => void) | undefined;
  readonly #limits: Exchange["limits"];
  readonly #totalAt: number;
  #phase: Phase = "connect-timeout";
  #failure: unknown;
  #isFailed = false;
  #dialling: AbortController | undefined;
  #wire: Wire | undefined;

  /** Begins with the wish for a connection. */
  constructor({ limits }: Exchange) {
    this.#limits = limits;
    const now = performance.now();
    this.#totalAt = now + limits.totalTimeoutMs;
    this.endsAt = Math.min(this.#totalAt, now + limits.connectTimeoutMs);
  }

  /** The signal of making a connection. */
  get dialling(): AbortSignal {
    const controller = this.#dialling ??= new AbortController();
    if (this.#isFailed) controller.abort(this.#failure);
    return controller.signal;
  }

  /** Goes on with a connection; throws if the exchange has failed meanwhile. */
  use(wire: Wire): void {
    this.#dialling = undefined;
    this.#wire = wire;
    if (!this.#isFailed) return;
    wire.close();
    throw this.#failure;
  }

  /** Waits for something else from now on. */
  enter(phase: Phase): void {
    const limit = phase === "first-byte-timeout"
      ? this.#limits.firstByteTimeoutMs
      : this.#limits.bodyTimeoutMs;
    this.#phase = phase;
    this.endsAt = Math.min(this.#totalAt, performance.now() + limit);
  }

  /** Waits for nothing but the whole exchange's end, while the other side of a stream takes its time. */
  pause(): void {
    this.endsAt = this.#totalAt;
  }

  expire(): void {
    const kind: FaultKind = performance.now() >= this.#totalAt ? "total-timeout" : this.#phase;
    this.fail(new TransportFault(kind, "the time is over"));
  }

  /** Ends it. */
  fail(reason: unknown): void {
    this.endsAt = Infinity;
    if (this.#isFailed) return;
    this.#isFailed = true;
    this.#failure = reason;
    this.#dialling?.abort(reason);
    this.#wire?.close(reason);
    this.onFail?.(reason);
  }

  /** What it failed with, if it has, else what is given. */
  reasonOr(error: unknown): unknown {
    return this.#isFailed ? this.#failure : error;
  }

  /** Throws what it failed with, if it has. */
  check(): void {
    if (this.#isFailed) throw this.#failure;
  }
}
