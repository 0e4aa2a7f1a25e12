/**
 * Time limits for work that takes a signal: checks the option, and runs with a signal that fires when
 * the caller gives up or the time is over.
 *
 * @module
 */

import { checkNumber, wrongValue } from "./arguments.ts";
import { AgentError } from "./errors.ts";

/** The longest time limit, 24 hours; timers and native calls both take it. */
const MOST_MS = 86_400_000;

/**
 * Reads a time limit.
 *
 * @param value What the caller gave, in milliseconds.
 * @param fallback What holds if nothing was given.
 * @returns Whole milliseconds, rounded up.
 * @throws {TypeError} If it is not a number.
 * @throws {RangeError} If it is not above 0 and at most 24 hours.
 */
export function timeLimit(value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  checkNumber(value, "options.timeoutMs");
  if (!(value > 0 && value <= MOST_MS)) {
    throw wrongValue("options.timeoutMs", `above 0 and at most ${MOST_MS}`, value);
  }
  return Math.ceil(value);
}

/** Options of {@linkcode withDeadline}. */
export interface DeadlineOptions {
  /** What it is, for the error. */
  operation: string;
  /** The limit in milliseconds. */
  timeoutMs: number;
  /** The caller's own signal. */
  signal: AbortSignal | undefined;
}

/**
 * Runs work under a time limit.
 *
 * @param options The limit and the caller's signal.
 * @param run The work; it must end soon after its signal fires.
 * @returns What the work returned.
 * @throws The caller's reason if the caller gave up; `AgentError` `TIMEOUT` if the time was over;
 * else what the work threw.
 */
export async function withDeadline<T>(
  options: DeadlineOptions,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { operation, timeoutMs, signal } = options;
  signal?.throwIfAborted();
  const controller = new AbortController();
  const giveUp = (): void => controller.abort(signal?.reason);
  const timer = setTimeout(() =>
    controller.abort(
      new AgentError("TIMEOUT", `${operation} was not finished within ${timeoutMs} ms`, {
        operation,
        timeoutMs,
      }),
    ), timeoutMs);
  signal?.addEventListener("abort", giveUp, { once: true });
  try {
    return await run(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}
