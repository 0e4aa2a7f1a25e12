/**
 * The clocks of a pure cache. Reading the platform's costs more than finding an entry, so a cache that
 * reads it often goes over to a coarse one, if it is given one.
 *
 * @module
 */

/** Milliseconds that never go back. */
export interface Clock {
  /** Now, for finding out what is over; may lag behind by a few milliseconds. */
  read(): number;
  /** Now, for saying when something will be over. */
  exact(): number;
}

/** The platform's clock. */
export const platformClock: Clock = {
  read: () => performance.now(),
  exact: () => performance.now(),
};

/** Milliseconds of another clock: by its ticks (0), or with fractions (1), which the ticks lag behind. */
export type CoarseClock = (precise: number) => number;

/** From so many readings on, opening the library of the coarse clock costs less than going on without. */
const MANY_READINGS = 50_000;

/** The platform's clock until it was read often, then a coarse one. */
export class QuickClock implements Clock {
  readonly #open: () => CoarseClock | undefined;
  #left = MANY_READINGS;
  #coarse: CoarseClock | undefined;
  #offset = 0;
  #latest = 0;

  /** `open` gives the coarse clock, if there is one; called at most once. */
  constructor(open: () => CoarseClock | undefined) {
    this.#open = open;
  }

  /** Now; by the coarse clock it lags behind by at most one of its ticks. */
  read(): number {
    const coarse = this.#coarse;
    if (coarse === undefined) return this.#readPlatform();
    const now = coarse(0) + this.#offset;
    return now > this.#latest ? this.#latest = now : this.#latest;
  }

  /** Now, by the platform's clock. */
  exact(): number {
    return performance.now();
  }

  #readPlatform(): number {
    if (--this.#left === 0) {
      this.#coarse = this.#open();
      // In this order, so that the readings to come lag behind and never run ahead.
      if (this.#coarse !== undefined) this.#offset = performance.now() - this.#coarse(1);
    }
    return this.#latest = performance.now();
  }
}
