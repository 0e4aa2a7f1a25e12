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

/** A queue of entries from oldest to newest. */
class Queue {
  oldest = NONE;
  newest = NONE;
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
    const { weights } = this.#slots;
    const queue = this.#queueOf(slot);
    if (weights !== undefined) queue.bytes -= weights[slot] as number;
    this.#unlink(queue, slot);
  }

  /** Takes out the entry that has to go next, whose key is remembered for a while. */
  victim(): number {
    const small = this.#small;
    const main = this.#main;
    const { keys, prints, state, weights } = this.#slots;
    for (let spared = 0;; spared++) {
      const isSmall = main.count === 0 || small.count > this.#smallEntries ||
        small.bytes > this.#smallBytes;
      const queue = isSmall ? small : main;
      const slot = queue.oldest;
      const is = state[slot] as number;
      this.#shift(queue, slot);
      if ((is & STALE) === 0 && spared < MAX_SPARED) {
        const reads = is & READS;
        if (isSmall && reads >= PROMOTING_READS) {
          state[slot] = is - reads | MAIN;
          this.#push(main, slot);
          if (weights !== undefined) {
            small.bytes -= weights[slot] as number;
            main.bytes += weights[slot] as number;
          }
          continue;
        }
        if (!isSmall && reads > 0) {
          state[slot] = is - 1;
          this.#push(main, slot);
          continue;
        }
      }
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
    for (const queue of [this.#small, this.#main]) {
      queue.oldest = queue.newest = NONE;
      queue.count = queue.bytes = 0;
    }
  }

  #queueOf(slot: number): Queue {
    return ((this.#slots.state[slot] as number) & MAIN) === 0 ? this.#small : this.#main;
  }

  #push(queue: Queue, slot: number): void {
    const { newer, older } = this.#slots;
    const { newest } = queue;
    older[slot] = newest;
    newer[slot] = NONE;
    if (newest === NONE) queue.oldest = slot;
    else newer[newest] = slot;
    queue.newest = slot;
    queue.count++;
  }

  /** Takes out the oldest. */
  #shift(queue: Queue, slot: number): void {
    const after = queue.oldest = this.#slots.newer[slot] as number;
    if (after === NONE) queue.newest = NONE;
    else this.#slots.older[after] = NONE;
    queue.count--;
  }

  #unlink(queue: Queue, slot: number): void {
    const { newer, older } = this.#slots;
    const before = older[slot] as number;
    const after = newer[slot] as number;
    if (before === NONE) queue.oldest = after;
    else newer[before] = after;
    if (after === NONE) queue.newest = before;
    else older[after] = before;
    queue.count--;
  }
}
