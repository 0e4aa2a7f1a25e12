/**
 * Ticks at a steady interval: on a grid that begins with the first, so that late ones do not push those behind. There is
 * never more than one under way; ticks that come due meanwhile are passed over and leave a gap in the numbers.
 *
 * A timer and what is being read are reachable from the beginning of everything, so they hold their ticker, and with it
 * whoever is ticked, only while somebody waits. One that was dropped without being stopped is collected like anything else.
 *
 * @module
 */

import type { Clock, Timer } from "./clock.ts";

/** What a tick brought. */
export type Outcome<T> = { readonly value: T } | { readonly reason: unknown };

/** What a ticker is made of. */
export interface TickerParts<T> {
  readonly clock: Clock;
  /** Milliseconds between two ticks. */
  readonly intervalMs: number;
  /** What is read at each tick. It is held while it is, so it must not lead to whoever is ticked. */
  readonly read: { read(): Promise<T> };
  /**
   * Takes what the tick of that number brought. It must not throw. Where it says so many milliseconds, nothing came of it
   * and it is called again after these, as long as there was no first tick; the grid begins with the first.
   */
  readonly tick: (number: number, outcome: Outcome<T>) => number | undefined;
}

/** The timer that a ticker waits for. */
interface Pending {
  timer: Timer | undefined;
}

/** Tickers that somebody waits for. */
const held = new Set<object>();
/** What is left of one that was dropped is a timer that would find nobody. */
const dropped = new FinalizationRegistry<Pending>(({ timer }) => timer?.cancel());

/** A ticker, which does nothing until it is started. It keeps the program alive, and itself, only while it is held. */
export class Ticker<T> {
  readonly #parts: TickerParts<T>;
  readonly #pending: Pending = { timer: undefined };
  /** Another one from each start on, so that a tick of before knows that it is late. */
  #run: symbol | undefined;
  #isHeld = false;
  /** When tick 0 was, and the number of the last. */
  #origin: number | undefined;
  #number = 0;

  /** Makes it. */
  constructor(parts: TickerParts<T>) {
    this.#parts = parts;
    dropped.register(this, this.#pending);
  }

  /** Begins, at once. Calling it again does nothing. */
  start(): void {
    if (this.#run !== undefined) return;
    this.#run = Symbol();
    this.#origin = undefined;
    this.#number = 0;
    this.#after(0, this.#run);
  }

  /** Ends; of a tick that is under way nothing counts, even if it is started again. */
  stop(): void {
    this.#run = undefined;
    this.#pending.timer?.cancel();
    this.#pending.timer = undefined;
  }

  /** Whether somebody waits for a tick, so that the program must not end. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (isHeld) held.add(this);
    else held.delete(this);
    this.#pending.timer?.hold(isHeld);
  }

  #after(ms: number, run: symbol): void {
    const { clock, read } = this.#parts;
    this.#pending.timer = clock.after(ms, Ticker.#later(new WeakRef(this), read, run));
    if (this.#isHeld) this.#pending.timer.hold(true);
  }

  /** A tick that does not hold its ticker, neither before it is due nor while it reads. */
  static #later<T>(
    ref: WeakRef<Ticker<T>>,
    read: TickerParts<T>["read"],
    run: symbol,
  ): () => void {
    return async () => {
      const begun = Ticker.#begin(ref);
      if (begun === undefined) return;
      let outcome: Outcome<T>;
      try {
        outcome = { value: await read.read() };
      } catch (reason) {
        outcome = { reason };
      }
      Ticker.#end(ref, { begun, run, outcome });
    };
  }

  /** The time at which a tick begins; undefined if there is nobody to be ticked. */
  static #begin<T>(ref: WeakRef<Ticker<T>>): number | undefined {
    const self = ref.deref();
    if (self === undefined) return undefined;
    self.#pending.timer = undefined;
    const begun = self.#parts.clock.now();
    if (self.#origin !== undefined) self.#number = self.#at(begun, self.#origin, Math.floor);
    return begun;
  }

  static #end<T>(
    ref: WeakRef<Ticker<T>>,
    { begun, run, outcome }: { begun: number; run: symbol; outcome: Outcome<T> },
  ): void {
    const self = ref.deref();
    if (self === undefined || self.#run !== run) return;
    const { clock, intervalMs, tick } = self.#parts;
    const again = tick(self.#number, outcome);
    // It may have been stopped by what it brought.
    if (self.#run !== run) return;
    const now = clock.now();
    if (again !== undefined && self.#origin === undefined) return self.#after(again, run);
    self.#origin ??= begun;
    const next = Math.max(self.#number + 1, self.#at(now, self.#origin, Math.ceil));
    self.#number = next;
    self.#after(Math.max(0, self.#origin + next * intervalMs - now), run);
  }

  /** The number of the tick at a time; never one that was. */
  #at(time: number, origin: number, round: (value: number) => number): number {
    return Math.max(this.#number, round((time - origin) / this.#parts.intervalMs));
  }
}
