/**
 * Time as the monitor sees it, so that tests can bring their own. It is never set: steps of the wall clock are none of its.
 *
 * @module
 */

/** A call that is to come. */
export interface Timer {
  /** Whether it keeps the program alive. */
  hold(isHeld: boolean): void;
  /** Prevents it. */
  cancel(): void;
}

/** The time, and calls later. */
export interface Clock {
  /** Milliseconds that only ever grow. */
  now(): number;
  /** Calls back after so many milliseconds. The timer keeps no program alive unless it is told to. */
  after(ms: number, call: () => void): Timer;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    Deno.unrefTimer(timer);
    return {
      hold: (isHeld) => (isHeld ? Deno.refTimer : Deno.unrefTimer)(timer),
      cancel: () => clearTimeout(timer),
    };
  },
};
