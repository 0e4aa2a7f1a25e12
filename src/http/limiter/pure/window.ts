/**
 * A sliding window: what was taken in the last so long, counted by slots of a 500th of it.
 *
 * What is taken counts until its slot is wholly out of the window, so no window, wherever it begins, ever holds more
 * than the limit; at most a 501st of it is not used. Twin: rust/areas/limiter/src/window.rs, which does the same
 * arithmetic in the same order.
 *
 * @module
 */

/** Into how many slots a window is cut. */
export const SLOTS = 500;
/** One more: the slot that has begun. */
const KEPT = SLOTS + 1;

/** A window. Times are whole microseconds of a clock that never goes back. */
export class Window {
  readonly #limit: number;
  readonly #slotUs: number;
  readonly #counts = new Float64Array(KEPT);
  #sum = 0;
  /** The slot that has begun; its place is the rest of its division by `KEPT`. */
  #last = 0;
  #place = 0;
  #ends = 0;

  /** Makes an empty one. */
  constructor(limit: number, lengthUs: number) {
    this.#limit = limit;
    this.#slotUs = Math.ceil(lengthUs / SLOTS);
    this.#ends = this.#slotUs;
  }

  /** What is left of the limit; negative where more was used than was there. */
  get room(): number {
    return this.#limit - this.#sum;
  }

  /** Lets time pass. */
  advance(now: number): void {
    if (now < this.#ends) return;
    const slot = Math.floor(now / this.#slotUs);
    for (let steps = Math.min(slot - this.#last, KEPT), at = slot - steps + 1; at <= slot; at++) {
      const place = at % KEPT;
      this.#sum -= this.#counts[place]!;
      this.#counts[place] = 0;
    }
    this.#last = slot;
    this.#place = slot % KEPT;
    this.#ends = (slot + 1) * this.#slotUs;
  }

  /** Counts. */
  add(count: number): void {
    this.#counts[this.#place]! += count;
    this.#sum += count;
  }

  /** Counts no longer what was counted at a time; nothing if that is out of the window. */
  giveBack(count: number, takenAt: number): void {
    const slot = Math.floor(takenAt / this.#slotUs);
    if (slot < this.#last - SLOTS) return;
    this.#counts[slot % KEPT]! -= count;
    this.#sum -= count;
  }

  /** From when on there is room for so much, which the limit allows; 0 for now. */
  freeAt(count: number): number {
    let excess = this.#sum + count - this.#limit;
    if (excess <= 0) return 0;
    for (let slot = Math.max(0, this.#last - SLOTS); slot <= this.#last; slot++) {
      excess -= this.#counts[slot % KEPT]!;
      if (excess <= 0) return (slot + KEPT) * this.#slotUs;
    }
    return (this.#last + KEPT) * this.#slotUs;
  }
}
