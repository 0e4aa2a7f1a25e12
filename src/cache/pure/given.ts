/**
 * Times that were given to entries in a run of calls, by a clock that was not read for each of them: if it
 * turns out that it stood still for long, they are put right.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import type { Slots } from "./slots.ts";

/** No more calls than this share a reading of the clock. */
const MOST = 16;

/** The times that were given since the clock was last read. */
export class Given {
  readonly #clock: Clock;
  readonly #slots = new Int32Array(MOST);
  readonly #times = new Float64Array(MOST);
  #look = 0;
  #count = 0;

  readonly #entries: Slots<unknown>;

  /** Nothing is given yet. */
  constructor(clock: Clock, entries: Slots<unknown>) {
    this.#clock = clock;
    this.#entries = entries;
  }

  /** An entry was given its end. */
  add(slot: number): void {
    if (this.#look !== this.#clock.looks) {
      this.#look = this.#clock.looks;
      this.#count = 0;
    }
    const at = this.#count++ % MOST;
    this.#slots[at] = slot;
    this.#times[at] = this.#entries.expires[slot] as number;
  }

  /**
   * The clock stood still for so long. The times that were counted from it are as much too early as it
   * may have been; nothing may end early.
   */
  catchUp(ms: number): void {
    const { expires } = this.#entries;
    if (this.#look === this.#clock.looks) {
      for (let at = Math.min(this.#count, MOST) - 1; at >= 0; at--) {
        const slot = this.#slots[at] as number;
        if (expires[slot] === this.#times[at]) expires[slot]! += Math.ceil(ms);
      }
    }
    this.#count = 0;
  }

  /** The entries are gone. */
  clear(): void {
    this.#count = 0;
  }
}
