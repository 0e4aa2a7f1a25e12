/**
 * The clock that samples are taken by, and its smallest step.
 *
 * @module
 */

/** Milliseconds by a clock that is never set. */
export interface Clock {
  /** The time now. */
  now(): number;
}

/** The clock of this machine. */
export const MACHINE_CLOCK: Clock = { now: () => performance.now() };

const STEPS = 100;
/** A clock that stands still for so many readings has no step that could be found. */
const MOST_READINGS = 1_000_000;

/** The smallest step that the clock was seen to make, in milliseconds; 0 if it never moved. */
export function stepOf(clock: Clock): number {
  let least = Infinity;
  let last = clock.now();
  for (let readings = 0, steps = 0; steps < STEPS && readings < MOST_READINGS; readings++) {
    const now = clock.now();
    if (now > last) {
      least = Math.min(least, now - last);
      steps++;
    }
    last = now;
  }
  return Number.isFinite(least) ? least : 0;
}
