/**
 * Ticks at a steady interval: on a grid that begins with the first, so that late ones do not push those behind. There is
 * never more than one under way; ticks that come due meanwhile are passed over and leave a gap in the numbers.
 *
 * @module
 */

import type { Clock, Timer } from "./clock.ts";

/** What a ticker is made of. */
export interface TickerParts {
  readonly clock: Clock;
  /** Milliseconds between two ticks. */
  readonly intervalMs: number;
  /**
   * Does the work of a tick, of that number. It must not throw. Where it says so many milliseconds, nothing came of it and
   * it is called again after these, as long as there was no first tick; the grid begins with the first. `isCurrent` is
   * false once the ticker was stopped, even if it was started again: then nothing of the tick counts.
   */
  readonly tick: (number: number, isCurrent: () => boolean) => Promise<number | undefined>;
}

/** A ticker, which does nothing until it is started. It keeps the program alive only while it is held. */
export class Ticker {
  readonly #parts: TickerParts;
  /** Another one from each start on, so that a tick of before knows that it is late. */
  #run: symbol | undefined;
  #timer: Timer | undefined;
  #isHeld = false;
  /** When tick 0 was, and the number of the last. */
  #origin: number | undefined;
  #number = 0;

  /** Makes it. */
  constructor(parts: TickerParts) {
    this.#parts = parts;
  }

  /** Begins, at once. Calling it again does nothing. */
  start(): void {
    if (this.#run !== undefined) return;
    this.#run = Symbol();
    this.#origin = undefined;
    this.#number = 0;
    this.#after(0, this.#run);
  }

  /** Ends; a tick that is under way comes to its end. */
  stop(): void {
    this.#run = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Whether somebody waits for a tick, so that the program must not end. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#timer?.hold(isHeld);
  }

  #after(ms: number, run: symbol): void {
    this.#timer = this.#parts.clock.after(ms, () => void this.#tick(run));
    if (this.#isHeld) this.#timer.hold(true);
  }

  async #tick(run: symbol): Promise<void> {
    this.#timer = undefined;
    const { clock, intervalMs, tick } = this.#parts;
    const begun = clock.now();
    if (this.#origin !== undefined) this.#number = this.#at(begun, this.#origin, Math.floor);
    const again = await tick(this.#number, () => this.#run === run);
    if (this.#run !== run) return;
    const now = clock.now();
    if (again !== undefined && this.#origin === undefined) return this.#after(again, run);
    this.#origin ??= begun;
    const next = Math.max(this.#number + 1, this.#at(now, this.#origin, Math.ceil));
    this.#number = next;
    this.#after(Math.max(0, this.#origin + next * intervalMs - now), run);
  }

  /** The number of the tick at a time; never one that was. */
  #at(time: number, origin: number, round: (value: number) => number): number {
    return Math.max(this.#number, round((time - origin) / this.#parts.intervalMs));
  }
}
