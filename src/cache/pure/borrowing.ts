/**
 * Which strings are copied when they are stored, and which a moment later.
 *
 * A string that was cut out of a large text keeps the whole of it in memory, and nobody can tell by
 * looking; so what is stored must become a copy. That costs as much as storing. In a run of calls close
 * together it is put off: the timer sees to it as soon as the event loop turns, and what was evicted or
 * written over by then needed none. Meanwhile the heap is watched: where it grows by much before the
 * timer comes, what was put off is done, and copies are made at once for a while.
 *
 * @module
 */

import { ownText, SLICED_FROM } from "../codec.ts";
import type { Directory } from "./directory.ts";
import { BORROWED, type Slots } from "./slots.ts";

/** Strings that are stored as they are until the heap is looked at; doubled with each look that finds nothing. */
const FIRST_WINDOW = 16;
const LAST_WINDOW = 2_048;
/** Milliseconds in which no program makes so many strings that it would be harmful to look at the heap later. */
const LOOK_MS = 8;
/** Strings that are copied at once, at the beginning and after a suspicion. */
const PROBATION = 512;
/** By how much the heap may grow while copies are put off: bytes, or a part of it. */
const HARMLESS_BYTES = 32 * 2 ** 20;
const HARMLESS_SHARE = 0.5;
/** And for each entry of the store, whose map grows too. */
const ENTRY_BYTES = 128;
/** Milliseconds after which what was put off is done. */
const PAUSE_MS = 5;
/** Milliseconds of that work after which others run. */
const TICK_MS = 0.5;

/** The strings of one store that are not copies yet. */
export class Borrowing {
  readonly #slots: Slots<unknown>;
  readonly #directory: Directory;
  readonly #texts: boolean;
  readonly #weak = new WeakRef(this);
  /** Where the search for what was put off goes on. */
  #hand = 0;
  #probation = PROBATION;
  #window = 0;
  #left = 0;
  /** When the heap was last looked at, in the time of the callers. */
  #looked = -Infinity;
  /** Whether copies are being made, and whether more was put off since that began. */
  #settles = false;
  #more = false;
  /** The least that the heap was since nothing was put off; `Infinity` before the first look at it. */
  #least = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** For the keys of `slots`, which `directory` finds, and for their values if those are `texts`. */
  constructor(slots: Slots<unknown>, directory: Directory, texts: boolean) {
    this.#slots = slots;
    this.#directory = directory;
    this.#texts = texts;
  }

  /** In a run of calls: whether a string may be stored as it is, `now`. */
  may(now: number): boolean {
    this.#more = true;
    // With a timer that is on its way, if anything is put off.
    if (this.#left > 0 && this.#timer !== undefined) {
      this.#left--;
      return true;
    }
    return this.#look(now);
  }

  /** Does what was put off. */
  settle(): void {
    this.#timer = undefined;
    // What is put off from here on may lie behind where copies are made.
    if (!this.#settles) this.#more = false;
    this.#settles = true;
    const end = performance.now() + TICK_MS;
    let done = false;
    while (!done && performance.now() < end) done = this.#own(64);
    if (!done) return this.#arm(0);
    this.#settles = false;
    if (this.#more) return this.#arm(PAUSE_MS);
    this.#least = Infinity;
    this.#left = 0;
  }

  /** Lets go of the timer. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#left = 0;
    this.#settles = false;
  }

  /** The entries are gone. */
  clear(): void {
    this.#hand = 0;
  }

  /** Makes copies of so many; whether all are copies now. */
  #own(most: number): boolean {
    const { keys, values, state, used } = this.#slots;
    let slot = this.#hand;
    for (; slot < used && most > 0; slot++) {
      const is = state[slot] as number;
      if ((is & BORROWED) === 0) continue;
      state[slot] = is & ~BORROWED;
      most--;
      if (this.#texts) values[slot] = ownText(values[slot] as string);
      if ((keys[slot] as string).length >= SLICED_FROM) this.#directory.own(slot);
    }
    this.#hand = slot < used ? slot : 0;
    return slot >= used;
  }

  #look(now: number): boolean {
    if (this.#probation > 0) {
      this.#probation--;
      return false;
    }
    // A look takes as long as hundreds of calls, where the heap is large.
    if (now - this.#looked < LOOK_MS && this.#window > 0 && this.#timer !== undefined) {
      this.#left = this.#window - 1;
      return true;
    }
    this.#looked = now;
    const heap = Deno.memoryUsage().heapUsed;
    const least = this.#least = Math.min(this.#least, heap);
    const harmless = Math.max(HARMLESS_BYTES, least * HARMLESS_SHARE);
    if (heap - least > harmless + this.#directory.size * ENTRY_BYTES) {
      this.#probation = PROBATION;
      this.#window = 0;
      this.#least = Infinity;
      this.#own(Infinity);
      return false;
    }
    this.#window = this.#window === 0 ? FIRST_WINDOW : Math.min(2 * this.#window, LAST_WINDOW);
    this.#left = this.#window - 1;
    if (this.#timer === undefined) this.#arm(PAUSE_MS);
    return true;
  }

  #arm(delay: number): void {
    this.#timer = startTimer(this.#weak, delay);
  }
}

/** On its own, so that nothing but the weak reference is kept by the timer. */
function startTimer(weak: WeakRef<Borrowing>, delay: number): ReturnType<typeof setTimeout> {
  const id = setTimeout(() => weak.deref()?.settle(), delay);
  // A cache alone keeps no program running.
  Deno.unrefTimer(id);
  return id;
}
