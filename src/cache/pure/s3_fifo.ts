/**
 * Which entry of a pure cache has to go for another: S3-FIFO.
 *
 * Newcomers wait in a small queue of a tenth of the bounds; those read twice there, or evicted from
 * it a short while ago (the ghost), go to the main queue. So a scan passes through without driving
 * out what is in use. Twin: rust/areas/cache/src/queues.rs.
 *
 * @module
 */

import { Ghost } from "./ghost.ts";
import type { Prints } from "./prints.ts";
import { MAIN, NONE, READS, type Slots, STALE } from "./slots.ts";

/** Reads after which an entry of the small queue is worth keeping. */
const PROMOTING_READS = 2;
/** An eviction spares at most so many entries, so that it is never a pause. */
const MAX_SPARED = 128;

/** Entries in a ring. The oldest is at the hand; sparing it, which makes it the newest, is only a step of the hand. */
class Queue {
  hand = NONE;
  count = 0;
  /** What they weigh together, where they are weighed. */
  bytes = 0;
}

/** All entries, in the order in which they would have to go. */
export class S3Fifo {
  readonly #slots: Slots<unknown>;
  readonly #prints: Prints;
  readonly #small = new Queue();
  readonly #main = new Queue();
  readonly #ghost = new Ghost();
  readonly #smallEntries: number;
  readonly #smallBytes: number;
  /**
   * The entry that was taken out last, which still has its place as the newest in its ring: mostly its number is given
   * to the entry that it went for, which comes to the same place.
   */
  #vacant = NONE;
  #vacantIn = this.#small;

  /** Makes empty queues for a cache with these bounds. */
  constructor(slots: Slots<unknown>, prints: Prints, maxEntries: number, maxBytes: number) {
    this.#slots = slots;
    this.#prints = prints;
    this.#smallEntries = maxEntries / 10;
    this.#smallBytes = maxBytes / 10;
  }

  /** What all entries weigh together, where they are weighed. */
  get bytes(): number {
    return this.#small.bytes + this.#main.bytes;
  }

  /** Takes in an entry; `main` says that it is known to be worth keeping. */
  add(slot: number, main: boolean): void {
    const slots = this.#slots;
    const print = slots.prints[slot] as number;
    if (this.#ghost.take(print, this.#small.count + this.#main.count)) main = true;
    const queue = main ? this.#main : this.#small;
    if (main) slots.state[slot] = MAIN;
    if (slots.weights !== undefined) queue.bytes += slots.weights[slot] as number;
    if (slot === this.#vacant && queue === this.#vacantIn) {
      this.#vacant = NONE;
      queue.count++;
      return;
    }
    this.#vacate();
    this.#push(queue, slot);
  }

  /** Gives an entry another weight, where it is. */
  reweigh(slot: number, weight: number): void {
    const weights = this.#slots.weights as Float64Array;
    this.#queueOf(slot).bytes += weight - (weights[slot] as number);
    weights[slot] = weight;
  }

  /** Takes out an entry. */
  remove(slot: number): void {
    this.#vacate();
    const { weights } = this.#slots;
    const queue = this.#queueOf(slot);
    if (weights !== undefined) queue.bytes -= weights[slot] as number;
    this.#unlink(queue, slot);
  }

  /** Takes out the entry that has to go next, whose key is remembered for a while. */
  victim(): number {
    const small = this.#small;
    const main = this.#main;
    const { keys, links, prints, state, weights } = this.#slots;
    this.#vacate();
    for (let spared = 0;; spared++) {
      const isSmall = main.count === 0 || small.count > this.#smallEntries ||
        small.bytes > this.#smallBytes;
      const queue = isSmall ? small : main;
      const slot = queue.hand;
      const is = state[slot] as number;
      if ((is & STALE) === 0 && spared < MAX_SPARED) {
        const reads = is & READS;
        if (isSmall && reads >= PROMOTING_READS) {
          state[slot] = is - reads | MAIN;
          this.#unlink(small, slot);
          this.#push(main, slot);
          if (weights !== undefined) {
            small.bytes -= weights[slot] as number;
            main.bytes += weights[slot] as number;
          }
          continue;
        }
        if (!isSmall && reads > 0) {
          state[slot] = is - 1;
          main.hand = links[2 * slot] as number;
          continue;
        }
      }
      queue.hand = links[2 * slot] as number;
      queue.count--;
      this.#vacant = slot;
      this.#vacantIn = queue;
      if (weights !== undefined) queue.bytes -= weights[slot] as number;
      if (isSmall) {
        const print = prints[slot] || this.#prints.of(keys[slot] as string);
        this.#ghost.add(print, small.count + main.count + 1);
      }
      return slot;
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.empty();
    this.#ghost.clear();
  }

  /** Forgets the entries, and not what was evicted. */
  empty(): void {
    this.#vacant = NONE;
    for (const queue of [this.#small, this.#main]) {
      queue.hand = NONE;
      queue.count = queue.bytes = 0;
    }
  }

  #queueOf(slot: number): Queue {
    return ((this.#slots.state[slot] as number) & MAIN) === 0 ? this.#small : this.#main;
  }

  /** Nobody came to the place of the entry that was taken out last. */
  #vacate(): void {
    const slot = this.#vacant;
    if (slot === NONE) return;
    this.#vacant = NONE;
    // Which was counted out already.
    this.#vacantIn.count++;
    this.#unlink(this.#vacantIn, slot);
  }

  /** Puts in an entry as the newest. */
  #push(queue: Queue, slot: number): void {
    const { links } = this.#slots;
    const { hand } = queue;
    let newest = slot;
    if (hand === NONE) {
      queue.hand = slot;
      links[2 * slot] = slot;
    } else {
      newest = links[2 * hand + 1] as number;
      links[2 * slot] = hand;
      links[2 * newest] = slot;
      links[2 * hand + 1] = slot;
    }
    links[2 * slot + 1] = newest;
    queue.count++;
  }

  #unlink(queue: Queue, slot: number): void {
    const { links } = this.#slots;
    const newer = links[2 * slot] as number;
    const older = links[2 * slot + 1] as number;
    links[2 * older] = newer;
    links[2 * newer + 1] = older;
    if (queue.hand === slot) queue.hand = --queue.count === 0 ? NONE : newer;
    else queue.count--;
  }
}
