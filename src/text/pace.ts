/**
 * Keeps long work of the pure twin from holding up the event loop: it gives way every few milliseconds, looks at the
 * signal and reports progress.
 *
 * @module
 */

import type { CallOptions, Progress } from "../implementation.ts";

const SLICE_MS = 8;
const REPORT_MS = 100;

/** One for each call; `due()` is cheap enough for every item. */
export class Pace {
  readonly #options: CallOptions;
  readonly #total: number;
  #sliceEnd: number;
  #nextReport: number;

  /** Starts the clock; throws the signal's reason if it is aborted already. */
  constructor(options: CallOptions, total: number) {
    options.signal?.throwIfAborted();
    this.#options = options;
    this.#total = total;
    const now = performance.now();
    this.#sliceEnd = now + SLICE_MS;
    this.#nextReport = now + REPORT_MS;
  }

  /** Whether `giveWay` should be called now. */
  due(): boolean {
    return performance.now() >= this.#sliceEnd;
  }

  /** Lets other work run, then looks at the signal. */
  async giveWay(done: number): Promise<void> {
    if (this.#options.onProgress !== undefined && performance.now() >= this.#nextReport) {
      this.#nextReport = performance.now() + REPORT_MS;
      this.#options.onProgress({ done, total: this.#total });
    }
    // Timers and sockets get their turn as with setTimeout, which however takes two milliseconds to come back.
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#options.signal?.throwIfAborted();
    this.#sliceEnd = performance.now() + SLICE_MS;
  }

  /** The last report. */
  finish(): void {
    this.#options.onProgress?.({ done: this.#total, total: this.#total });
  }
}

/**
 * A progress callback that is called ten times a second at most; the last report is not its business.
 *
 * @param onProgress What the caller gave.
 * @returns The slower one, or undefined if there is none.
 */
export function slowly(
  onProgress: CallOptions["onProgress"],
): ((progress: Progress) => void) | undefined {
  if (onProgress === undefined) return undefined;
  let next = performance.now() + REPORT_MS;
  return (progress) => {
    const now = performance.now();
    if (now < next) return;
    next = now + REPORT_MS;
    onProgress(progress);
  };
}
