/**
 * Ends exchanges by their signals. Many of a batch have the same one, which gets a single listener.
 *
 * @module
 */

import type { Run } from "./run.ts";

/** The exchanges of a transport by their signals. */
export class Signals {
  readonly #bySignal = new Map<AbortSignal, Signalled>();

  /** Ends an exchange when the signal fires. */
  add(signal: AbortSignal, run: Run): void {
    let signalled = this.#bySignal.get(signal);
    if (signalled === undefined) this.#bySignal.set(signal, signalled = new Signalled(signal));
    signalled.runs.add(run);
  }

  /** Does so no more. */
  remove(signal: AbortSignal, run: Run): void {
    const signalled = this.#bySignal.get(signal);
    if (signalled?.runs.delete(run) !== true || signalled.runs.size > 0) return;
    signalled.stop();
    this.#bySignal.delete(signal);
  }
}

/** The exchanges that a signal ends: one listener for all of them. */
class Signalled {
  readonly runs = new Set<Run>();
  readonly #signal: AbortSignal;
  readonly #abort = (): void => {
    for (const run of this.runs) run.fail(this.#signal.reason);
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", this.#abort, { once: true });
  }

  stop(): void {
    this.#signal.removeEventListener("abort", this.#abort);
  }
}
