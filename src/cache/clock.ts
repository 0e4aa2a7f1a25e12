/**
 * The clocks of a pure cache. Reading the platform's costs more than finding an entry, so a cache that
 * reads it often uses the native library's instead, where that may be used.
 *
 * @module
 */

import { cacheDoor } from "../ffi/doors/cache.ts";

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

/** From so many readings on, opening the library costs less than going on without it. */
const MANY = 50_000;

/** The platform's clock until it was read often, then the kernel's coarse one by native code. */
export class QuickClock implements Clock {
  #left = MANY;
  #native: ((precise: number) => number) | undefined;
  #offset = 0;
  #latest = 0;

  /** Now; by the coarse clock it lags behind by at most one of its ticks. */
  read(): number {
    const native = this.#native;
    if (native === undefined) return this.#readPlatform();
    const now = native(0) + this.#offset;
    return now > this.#latest ? this.#latest = now : this.#latest;
  }

  /** Now, by the platform's clock. */
  exact(): number {
    return performance.now();
  }

  #readPlatform(): number {
    if (--this.#left === 0) {
      this.#native = cacheDoor.get()?.symbols.agent_core_cache_clock;
      // In this order, so that the readings to come lag behind and never run ahead.
      if (this.#native !== undefined) this.#offset = performance.now() - this.#native(1);
    }
    return this.#latest = performance.now();
  }
}
