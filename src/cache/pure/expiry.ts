/**
 * When the entries of a pure cache end: the wheel that finds what is due, and the timer that sees to it
 * without any traffic. Work is done in slices, so that it is never a pause.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import { type Timed, Wheel } from "./wheel.ts";

/** Steps of work that are done at a time. */
const SLICE_STEPS = 500;
/** Milliseconds of work after which the timer lets others run. */
const TICK_MS = 0.5;
/** The timer removes what expired at most this late, in milliseconds. */
const LATENESS_MS = 200;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Items that end by time. */
export class Expiry<T extends Timed> {
  readonly #clock: Clock;
  readonly #end: (item: T) => void;
  /** Made with the first item. */
  #wheel: Wheel<T> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Infinity;

  /** `end` is told of each item that is due, which is in the wheel no more. */
  constructor(clock: Clock, end: (item: T) => void) {
    this.#clock = clock;
    this.#end = end;
  }

  /** Whether any item was added since the beginning, or since `clear`. */
  get used(): boolean {
    return this.#wheel !== undefined;
  }

  /** Adds an item that is not here; its `due` says when. */
  add(item: T, now: number): void {
    const wheel = this.#wheel ??= new Wheel(Math.floor(now));
    wheel.add(item);
    this.#arm(wheel, now, LATENESS_MS / 2);
  }

  /** Adds an item anew that was just due, for a later time. */
  addAgain(item: T): void {
    this.#wheel?.add(item);
  }

  /** Takes an item out; it may not be here. */
  remove(item: T): void {
    this.#wheel?.remove(item);
  }

  /** Ends everything that is due now. */
  sweep(): void {
    const wheel = this.#wheel;
    if (wheel === undefined || wheel.count === 0) return;
    wheel.advance(Math.floor(this.#clock.read()), Infinity, this.#end);
    if (wheel.count === 0) this.#stop();
  }

  /** Ends some of what is due by then. */
  sweepSome(now: number): void {
    const wheel = this.#wheel;
    if (wheel === undefined || wheel.next > now) return;
    wheel.advance(Math.floor(now), SLICE_STEPS, this.#end);
  }

  /** Forgets everything. */
  clear(): void {
    this.#stop();
    this.#wheel = undefined;
  }

  /** Sees to it that the timer runs soon enough for the next thing that is due. */
  #arm(wheel: Wheel<T>, now: number, soonest: number): void {
    if (this.#timerAt <= wheel.next + LATENESS_MS) return;
    clearTimeout(this.#timer);
    const delay = Math.min(Math.max(wheel.next - now, soonest), LONGEST_TIMER_MS);
    this.#timerAt = now + delay;
    const timer = setTimeout(() => this.#tick(), delay);
    // A cache alone keeps no program running.
    Deno.unrefTimer(timer);
    this.#timer = timer;
  }

  #tick(): void {
    this.#timer = undefined;
    this.#timerAt = Infinity;
    const wheel = this.#wheel;
    if (wheel === undefined) return;
    const start = this.#clock.read();
    let now = start;
    let done = false;
    while (!done && now - start < TICK_MS) {
      done = wheel.advance(Math.floor(start), SLICE_STEPS, this.#end);
      now = this.#clock.read();
    }
    if (wheel.count > 0) this.#arm(wheel, now, done ? LATENESS_MS / 2 : 0);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }
}
