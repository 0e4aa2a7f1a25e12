/**
 * Loads behind readers that failed: who is told, and when the key may be tried again. Without a pause
 * every reader of a value in its grace would call a loader that has just failed.
 *
 * @module
 */

import type { CacheOptions } from "../types.ts";

/** The pause doubles from the first to the last, in milliseconds. */
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 30_000;
/** Keys that are remembered; the one that failed longest ago is forgotten for one more. */
const MOST_KEYS = 10_000;

interface Failure {
  readonly until: number;
  readonly pauseMs: number;
}

/** The failures of one cache. */
export class Failures {
  readonly #tell: CacheOptions["onError"];
  readonly #failures = new Map<string, Failure>();

  /** `tell` hears of each failure. */
  constructor(tell: CacheOptions["onError"]) {
    this.#tell = tell;
  }

  /** Whether the key has failed so lately that it is not tried yet. */
  pauses(key: string): boolean {
    const failure = this.#failures.get(key);
    return failure !== undefined && performance.now() < failure.until;
  }

  /** A load of the key has failed. */
  add(key: string, error: unknown): void {
    const before = this.#failures.get(key);
    const pauseMs = before === undefined
      ? FIRST_PAUSE_MS
      : Math.min(2 * before.pauseMs, LAST_PAUSE_MS);
    this.#failures.delete(key);
    if (this.#failures.size >= MOST_KEYS) {
      const [oldest] = this.#failures.keys();
      this.#failures.delete(oldest as string);
    }
    this.#failures.set(key, { until: performance.now() + pauseMs, pauseMs });
    try {
      this.#tell?.(error, key);
    } catch (thrown) {
      reportError(thrown);
    }
  }

  /** A load of the key has succeeded. */
  remove(key: string): void {
    if (this.#failures.size > 0) this.#failures.delete(key);
  }
}
