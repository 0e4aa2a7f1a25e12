/**
 * What a server said is left at it: a bucket that fills at its pace, and that is forgotten after a while.
 *
 * It only holds back: the limiter's own limits hold besides. Twin: rust/areas/limiter/src/hold.rs, which does the same
 * arithmetic in the same order.
 *
 * @module
 */

import type { Left } from "../observed.ts";

/** A bucket. */
export class Hold {
  readonly #cap: number;
  readonly #perUs: number;
  readonly #until: number;
  readonly #since: number;
  #left: number;
  #at: number;

  /** Takes over what a server said at a time. */
  constructor(said: Left, now: number) {
    this.#left = said.left;
    this.#cap = said.cap;
    this.#perUs = said.perUs;
    this.#until = now + said.forUs;
    this.#since = now;
    this.#at = now;
  }

  /** Lets time pass; false if it is to be forgotten. */
  advance(now: number): boolean {
    if (now >= this.#until) return false;
    this.#left = Math.min(this.#cap, this.#left + this.#perUs * (now - this.#at));
    this.#at = now;
    return true;
  }

  /** What is left. */
  get left(): number {
    return this.#left;
  }

  /** When it is forgotten. */
  get until(): number {
    return this.#until;
  }

  /** From when on so much may be taken; 0 for now. What is more than a full bucket may be, of a full one. */
  freeAt(count: number): number {
    const missing = Math.min(count, this.#cap) - this.#left;
    if (missing <= 0) return 0;
    if (this.#perUs <= 0) return this.#until;
    return Math.min(this.#until, this.#at + Math.ceil(missing / this.#perUs));
  }

  /** Takes. */
  take(count: number): void {
    this.#left -= count;
  }

  /** Gives back what was taken at a time; what the server counted before it spoke stays. */
  giveBack(count: number, takenAt: number): void {
    if (takenAt >= this.#since) this.#left = Math.min(this.#cap, this.#left + count);
  }
}
