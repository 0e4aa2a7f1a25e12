/** The queues of a private cache: rings that give entries up in the order in which two plain lists would. */

import assert from "node:assert/strict";
import { Ghost } from "../../src/cache/pure/ghost.ts";
import { Prints } from "../../src/cache/pure/prints.ts";
import { S3Fifo } from "../../src/cache/pure/s3_fifo.ts";
import { MAIN, READS, Slots } from "../../src/cache/pure/slots.ts";
import { Random } from "../../bench/lib/random.ts";

const BOUND = 40;

/** The same rules with lists, the oldest first. */
class Lists {
  small: number[] = [];
  main: number[] = [];
  readonly reads = new Map<number, number>();
  readonly #ghost = new Ghost();

  get size(): number {
    return this.small.length + this.main.length;
  }

  add(slot: number, print: number): void {
    const queue = this.#ghost.take(print, this.size) ? this.main : this.small;
    queue.push(slot);
    this.reads.set(slot, 0);
  }

  remove(slot: number): void {
    for (const queue of [this.small, this.main]) {
      const at = queue.indexOf(slot);
      if (at >= 0) queue.splice(at, 1);
    }
  }

  victim(printOf: (slot: number) => number): number {
    for (;;) {
      const isSmall = this.main.length === 0 || this.small.length > BOUND / 10;
      const slot = (isSmall ? this.small : this.main).shift() as number;
      const reads = this.reads.get(slot) as number;
      if (isSmall ? reads >= 2 : reads > 0) {
        this.main.push(slot);
        this.reads.set(slot, isSmall ? 0 : reads - 1);
        continue;
      }
      if (isSmall) this.#ghost.add(printOf(slot), this.size + 1);
      return slot;
    }
  }
}

Deno.test("queues (pure): what goes is what goes from two lists, whatever came and went before", () => {
  const slots = new Slots<string>(false);
  const prints = new Prints();
  const queues = new S3Fifo(slots, prints, BOUND, Infinity);
  const lists = new Lists();
  const random = new Random(11);
  const held = new Map<string, number>();
  let evicted = 0;
  const leave = (slot: number): void => {
    held.delete(slots.keys[slot] as string);
    slots.give(slot);
  };
  const evict = (): void => {
    const slot = queues.victim();
    assert.equal(slot, lists.victim((slot) => slots.prints[slot] as number));
    evicted++;
    leave(slot);
  };
  for (let step = 0; step < 60_000; step++) {
    const key = `key ${random.below(random.below(2) === 0 ? 30 : 120)}`;
    const slot = held.get(key);
    const what = random.below(20);
    if (what === 0 && slot !== undefined) {
      queues.remove(slot);
      lists.remove(slot);
      leave(slot);
    } else if (what === 1 && held.size > 0) {
      // One after the other, until none is left, or none comes to the place of the first.
      for (let left = random.below(4) === 0 ? held.size : 2; left > 0 && held.size > 0; left--) {
        evict();
      }
    } else if (slot !== undefined) {
      const is = slots.state[slot] as number;
      if ((is & READS) !== READS) slots.state[slot] = is + 1;
      lists.reads.set(slot, Math.min(READS, (lists.reads.get(slot) as number) + 1));
    } else {
      if (held.size >= BOUND) evict();
      const print = prints.of(key);
      const taken = slots.take(key, "", print);
      queues.add(taken, false);
      lists.add(taken, print);
      held.set(key, taken);
    }
    assert.equal(held.size, lists.size);
  }
  assert.ok(evicted > 5_000, `${evicted}`);
  for (const slot of held.values()) {
    assert.equal(((slots.state[slot] as number) & MAIN) !== 0, lists.main.includes(slot));
  }
  while (held.size > 0) evict();
  queues.clear();
});
