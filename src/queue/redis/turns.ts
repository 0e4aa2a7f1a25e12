/**
 * Hands out the answers of a server a few in each turn of the event loop.
 *
 * A server answers in one go what it was sent in one go, and node-redis sends in one go what was asked for in a turn. So
 * jobs that are done at once are soon done in step: the server idles while all of them are worked on here, and then all
 * of them wait for the server. Where the first ones have asked for more before the last ones have their answers, both
 * sides work at the same time.
 *
 * @module
 */

import { nodeTimers } from "../../shared/builtin.ts";

/** How many are handed out in a turn: with fewer, sending costs more than is won. */
const FEWEST = 4;
/** Of many, a turn hands out one part of so many: thousands that come at once are not held up for long. */
const PARTS = 4;

/** Answers in the order in which they came. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  /** How many this turn hands out, and has handed out. */
  #share = FEWEST;
  #handed = 0;
  #isPlanned = false;

  /** Whether an answer has to wait for its turn; one that has not is counted. */
  mustWait(): boolean {
    this.#plan();
    if (this.#handed >= this.#share) return true;
    this.#handed++;
    return false;
  }

  /** Resolves when it is its turn. */
  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    nodeTimers().setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#share = Math.max(FEWEST, Math.ceil(this.#waiting.length / PARTS));
    const now = this.#waiting.splice(0, this.#share);
    this.#handed = now.length;
    this.#isPlanned = false;
    // What comes while these are worked on waits behind them, for the turn after this one.
    if (now.length > 0) this.#plan();
    for (const go of now) go();
  };
}
