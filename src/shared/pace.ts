/**
 * Keeps long work of the pure twin from holding up the event loop: it gives way every few milliseconds, looks at the
 * signal and reports progress.
 *
 * @module
 */

import type { CallOptions } from "./implementation.ts";
import { type Reporter, reporter } from "./progress.ts";

const SLICE_MS = 8;

/** One for each call; `due()` is cheap enough for every item. */
export class Pace {
  readonly #signal: AbortSignal | undefined;
  readonly #reporter: Reporter<object>;
  #sliceEnd: number;

  /** Starts the clock; throws the signal's reason if it is aborted already. */
  constructor(options: CallOptions, total: number) {
    options.signal?.throwIfAborted();
    this.#signal = options.signal;
    this.#reporter = reporter(options.onProgress, total);
    this.#sliceEnd = performance.now() + SLICE_MS;
  }

  /** Whether `giveWay` should be called now. */
  due(): boolean {
    return performance.now() >= this.#sliceEnd;
  }

  /** Lets other work run, then looks at the signal. */
  async giveWay(done: number): Promise<void> {
    this.#reporter.report(done);
    // Timers and sockets get their turn as with setTimeout, which however takes two milliseconds to come back.
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#signal?.throwIfAborted();
    this.#sliceEnd = performance.now() + SLICE_MS;
  }

  /** The last report. */
  finish(): void {
    this.#reporter.finish();
  }
}
