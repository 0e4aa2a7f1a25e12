/**
 * Time as the queue sees it, so that tests can bring their own.
 *
 * @module
 */

/** The time, and calls later. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back after so many milliseconds; returns what prevents it. Such a timer keeps no program alive. */
  after(ms: number, call: () => void): () => void;
}

/** However far the next delayed job is, stores look at the clock so often: it may be set. */
export const MOST_PAUSE_MS = 60_000;

/** The longest pause that a timer of the platform takes. */
const MOST_MS = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, call) {
    const timer = setTimeout(call, Math.min(Math.max(ms, 0), MOST_MS));
    Deno.unrefTimer(timer);
    return () => clearTimeout(timer);
  },
};
