/**
 * When the entries of a pure cache end: what is due is found by going over their column of times, and a
 * timer sees to it without any traffic. Setting a time costs nothing but a comparison, and a million
 * times are looked through in a millisecond or two. Work is done in slices, so that it is never a pause.
 *
 * Twin: rust/areas/cache/src/wheel.rs, which finds the same by other means.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import { type Slots, STALE } from "./slots.ts";

/** Entries that are looked at, and ended, before the time is looked at again. */
const SLICE_LOOKS = 16_384;
const SLICE_ENDS = 250;
/** Entries that one who waits ends at most; the others are left to the timer. */
const MOST_ENDS = 1_000;
/** Milliseconds of work after which the timer lets others run. */
const TICK_MS = 0.5;
/** The timer comes again after this many milliseconds at the earliest, or later where looking takes longer. */
const PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 700;
const LOOKS_A_MS = 10_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** From so many entries on it is worth looking whether all of them are over. */
const MANY = 1_000;

/** What the times belong to. */
export interface Timed {
  /** An entry is due: it expired, or its grace is over. */
  end(slot: number): void;
  /** All entries are over. */
  endAll(): void;
  /** The timer has come. */
  tick(): void;
}

interface Timer {
  id: ReturnType<typeof setTimeout> | undefined;
}

/** A store that nobody has any more needs no timer. */
const forgotten = new FinalizationRegistry<Timer>(({ id }) => clearTimeout(id));

/** The times of a store's entries. */
export class Expiry {
  readonly #slots: Slots<unknown>;
  readonly #clock: Clock;
  readonly #timed: Timed;
  readonly #weak: WeakRef<Timed>;
  readonly #timer: Timer = { id: undefined };
  #timerAt = Infinity;
  /** Before this nothing is due. */
  #next = Infinity;
  /** What the next round will say, as far as is known: the earliest of what was added and looked at since. */
  #coming = Infinity;
  /** Where a round that is not finished goes on. */
  #hand = 0;
  /** Before this no round is begun for want of room. */
  #roundAt = -Infinity;

  /** Watches over the times of `slots` for `timed`, which the timer does not keep alive. */
  constructor(slots: Slots<unknown>, clock: Clock, timed: Timed) {
    this.#slots = slots;
    this.#clock = clock;
    this.#timed = timed;
    this.#weak = new WeakRef(timed);
    forgotten.register(timed, this.#timer);
  }

  /** Whether something may be due. */
  isDue(now: number): boolean {
    return this.#next <= now;
  }

  /** An entry will be due at this time or later; most are no news to {@linkcode Expiry.add}. */
  get coming(): number {
    return this.#coming;
  }

  /** An entry will be due, before what was coming. */
  add(due: number, now: number): void {
    this.#coming = due;
    if (due >= this.#next) return;
    this.#next = due;
    this.#arm(now, PAUSE_MS);
  }

  /** Ends everything that is due. */
  sweep(now: number): void {
    if (this.#next <= now && !this.#endedAll(now)) this.#round(now, Infinity);
  }

  /** Ends much of what is due. How many entries have expired and were not ended. */
  settle(now: number): number {
    if (this.#next > now || this.#endedAll(now)) return 0;
    const left = this.#round(now, MOST_ENDS);
    if (left > 0) this.#arm(now, 0);
    return left;
  }

  /** Ends something that is due, for want of room. */
  makeRoom(now: number): void {
    if (this.#next > now || now < this.#roundAt) return;
    const { used } = this.#slots;
    if (this.#advance(now, 4 * SLICE_LOOKS, SLICE_ENDS)) {
      this.#roundAt = now + used / (2 * LOOKS_A_MS);
    }
  }

  /** The timer's work. */
  tick(): void {
    clearTimeout(this.#timer.id);
    this.#timer.id = undefined;
    this.#timerAt = Infinity;
    const start = this.#clock.exact();
    if (this.#next > start) return this.#arm(start, PAUSE_MS);
    if (this.#endedAll(start)) return;
    let now = start;
    let done = false;
    while (!done && now - start < TICK_MS) {
      done = this.#advance(start, SLICE_LOOKS, SLICE_ENDS);
      now = this.#clock.exact();
    }
    this.#arm(now, done ? PAUSE_MS : 0);
  }

  /** Forgets everything. */
  clear(): void {
    clearTimeout(this.#timer.id);
    this.#timer.id = undefined;
    this.#timerAt = this.#next = this.#coming = Infinity;
    this.#hand = 0;
  }

  /** Whether all entries were over and have been ended together. */
  #endedAll(now: number): boolean {
    const { used, expires } = this.#slots;
    if (used < MANY) return false;
    const grace = this.#slots.grace;
    for (let slot = 0; slot < used; slot++) {
      const end = expires[slot] as number;
      // NaN, where there is no entry, is not more than anything.
      if (end > now || (grace !== undefined && end + (grace[slot] as number) > now)) return false;
    }
    this.#timed.endAll();
    return true;
  }

  /** A round from the beginning. How many entries have expired and were not ended. */
  #round(now: number, most: number): number {
    this.#hand = 0;
    const slots = this.#slots;
    const { expires, state, used } = slots;
    let coming = Infinity;
    let left = 0;
    for (let slot = 0; slot < used; slot++) {
      const end = expires[slot] as number;
      if (end > now) {
        if (end < coming) coming = end;
        continue;
      }
      let due = this.#due(slot, end);
      if (due <= now && most > 0) {
        most--;
        this.#timed.end(slot);
        due = this.#due(slot, expires[slot] as number);
      } else if (due <= now && ((state[slot] as number) & STALE) === 0) {
        left++;
      }
      if (due < coming) coming = due;
    }
    this.#next = this.#coming = coming;
    return left;
  }

  /** Goes on with the round for so many steps. Whether it is finished. */
  #advance(now: number, looks: number, ends: number): boolean {
    const { expires, used } = this.#slots;
    let slot = this.#hand;
    let coming = slot === 0 ? Infinity : this.#coming;
    for (; slot < used && looks > 0 && ends > 0; slot++, looks--) {
      const end = expires[slot] as number;
      if (end > now) {
        if (end < coming) coming = end;
        continue;
      }
      let due = this.#due(slot, end);
      if (due <= now) {
        ends--;
        this.#timed.end(slot);
        due = this.#due(slot, expires[slot] as number);
      }
      if (due < coming) coming = due;
    }
    const done = slot >= used;
    this.#hand = done ? 0 : slot;
    this.#coming = coming;
    if (done) this.#next = coming;
    return done;
  }

  /** When an entry is next due; NaN where there is none. */
  #due(slot: number, expires: number): number {
    return ((this.#slots.state[slot] as number) & STALE) === 0 ? expires : this.#slots.gone(slot);
  }

  /** Sees to it that the timer runs soon enough for the next thing that is due. */
  #arm(now: number, soonest: number): void {
    const next = this.#next;
    if (next === Infinity || this.#timerAt <= Math.max(next, now) + PAUSE_MS) return;
    clearTimeout(this.#timer.id);
    const pause = soonest === 0
      ? 0
      : Math.min(Math.max(soonest, this.#slots.used / LOOKS_A_MS), LONGEST_PAUSE_MS);
    const delay = Math.min(Math.max(next - now, pause), LONGEST_TIMER_MS);
    this.#timerAt = now + delay;
    this.#timer.id = startTimer(this.#weak, delay);
  }
}

/** On its own, so that nothing but the weak reference is kept by the timer. */
function startTimer(weak: WeakRef<Timed>, delay: number): ReturnType<typeof setTimeout> {
  const id = setTimeout(() => weak.deref()?.tick(), delay);
  // A cache alone keeps no program running.
  Deno.unrefTimer(id);
  return id;
}
