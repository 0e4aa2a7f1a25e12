/**
 * Which strings are copied when they are stored, and which a moment later.
 *
 * A string that was cut out of a large text keeps the whole of it in memory, and nobody can tell by
 * looking; so what is stored must become a copy. That costs as much as storing. In a run of calls close
 * together it is put off: the timer sees to it as soon as the event loop turns, and what was evicted or
 * written over by then needed none. Meanwhile the heap is watched: where it grows by more than what is
 * stored, strings may be parts of large ones, and copies are made at once.
 *
 * @module
 */

/** Strings that are stored as they are until the heap is looked at; doubled with each look that finds nothing. */
const FIRST_WINDOW = 16;
const LAST_WINDOW = 1_024;
/** Strings that are copied at once, at the beginning and after a suspicion. */
const PROBATION = 512;
/** Bytes by which the heap may grow: for each string, and for each entry of the store, whose map grows too. */
const HARMLESS_BYTES = 1_024;
const ENTRY_BYTES = 128;
/** Milliseconds after which what was put off is done. */
const PAUSE_MS = 5;
/** Milliseconds of that work after which others run. */
const TICK_MS = 0.5;

/** Who has borrowed strings. */
export interface Borrower {
  /** How many entries it has. */
  readonly held: number;
  /** Copies some that are not copies yet; whether all are now. */
  own(most: number): boolean;
  /** The timer has come for that. */
  settleDebts(): void;
}

/** The borrowing of one store. */
export class Borrowing {
  readonly #borrower: Borrower;
  readonly #weak: WeakRef<Borrower>;
  #probation = PROBATION;
  #window = 0;
  #left = 0;
  #heap = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The timer does not keep the borrower alive. */
  constructor(borrower: Borrower) {
    this.#borrower = borrower;
    this.#weak = new WeakRef(borrower);
  }

  /** In a run of calls: whether a string of so many units may be stored as it is. */
  may(): boolean {
    // With a timer that is on its way, if anything is put off.
    if (this.#left > 0 && this.#timer !== undefined) {
      this.#left--;
      return true;
    }
    return this.#look();
  }

  /** Does what was put off. */
  settle(): void {
    this.#timer = undefined;
    const end = performance.now() + TICK_MS;
    let done = false;
    while (!done && performance.now() < end) done = this.#borrower.own(64);
    if (!done) this.#arm(0);
  }

  /** Lets go of the timer. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#left = 0;
  }

  #look(): boolean {
    if (this.#probation > 0) {
      this.#probation--;
      return false;
    }
    const heap = Deno.memoryUsage().heapUsed;
    // A collection makes it shrink, which tells nothing; the next look does.
    const grown = heap - this.#heap;
    const isFirst = this.#window === 0;
    this.#heap = heap;
    if (!isFirst && grown > this.#window * HARMLESS_BYTES + this.#borrower.held * ENTRY_BYTES) {
      this.#probation = PROBATION;
      this.#window = 0;
      this.#borrower.own(Infinity);
      return false;
    }
    this.#window = isFirst ? FIRST_WINDOW : Math.min(2 * this.#window, LAST_WINDOW);
    this.#left = this.#window - 1;
    if (this.#timer === undefined) this.#arm(PAUSE_MS);
    return true;
  }

  #arm(delay: number): void {
    this.#timer = startTimer(this.#weak, delay);
  }
}

/** On its own, so that nothing but the weak reference is kept by the timer. */
function startTimer(weak: WeakRef<Borrower>, delay: number): ReturnType<typeof setTimeout> {
  const id = setTimeout(() => weak.deref()?.settleDebts(), delay);
  // A cache alone keeps no program running.
  Deno.unrefTimer(id);
  return id;
}
