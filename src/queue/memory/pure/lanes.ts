/**
 * What waits and is due: a lane for each group, in it a list for each priority. Taking costs the logarithm of how
 * many priorities there are, whatever the number of jobs; adding and removing do not look at others.
 *
 * @module
 */

import { type Entry, EntryList } from "./entry.ts";
import { Heap } from "./heap.ts";

/** The jobs of one group and priority, first come first. */
export class Bucket extends EntryList {
  /** Its place in the lane's heap. */
  place = -1;

  constructor(readonly lane: Lane, readonly priority: number) {
    super();
  }
}

/** One group's. */
class Lane {
  readonly buckets = new Map<number, Bucket>();
  readonly order = new Heap<Bucket>((a, b) => a.priority > b.priority);
  size = 0;
  /** Neighbours in the turn, while it has anything. */
  previous: Lane | undefined = undefined;
  next: Lane | undefined = undefined;

  constructor(readonly group: string) {}
}

/** All lanes and whose turn it is. */
export class Lanes {
  /** How many jobs wait. */
  size = 0;
  readonly #lanes = new Map<string, Lane>();
  #first: Lane | undefined = undefined;
  #last: Lane | undefined = undefined;

  /** Puts a job at the end of those of its group and priority. */
  push(entry: Entry): void {
    const bucket = this.#bucketOf(entry);
    bucket.push(entry);
    this.#added(bucket.lane);
  }

  /** Puts a job back to where it was: before what became due after it. */
  putBack(entry: Entry): void {
    const bucket = this.#bucketOf(entry);
    let later = bucket.head;
    while (later !== undefined && isBefore(later, entry)) later = later.next;
    if (later === undefined) bucket.push(entry);
    else bucket.insertBefore(entry, later);
    this.#added(bucket.lane);
  }

  /** Takes the next one out, if there is one. */
  shift(): Entry | undefined {
    const lane = this.#first;
    if (lane === undefined) return undefined;
    const bucket = this.#topOf(lane);
    const entry = bucket.head!;
    bucket.remove(entry);
    entry.bucket = undefined;
    this.size--;
    if (--lane.size === 0) this.#leave(lane);
    else if (lane.next !== undefined) {
      this.#unlink(lane);
      this.#link(lane);
    }
    return entry;
  }

  /** Takes out one that waits. */
  remove(entry: Entry): void {
    // Nothing but this class enters a bucket, and only those that it makes.
    const bucket = entry.bucket as Bucket;
    bucket.remove(entry);
    entry.bucket = undefined;
    this.size--;
    if (--bucket.lane.size === 0) this.#leave(bucket.lane);
  }

  #bucketOf(entry: Entry): Bucket {
    let lane = this.#lanes.get(entry.group);
    if (lane === undefined) this.#lanes.set(entry.group, lane = new Lane(entry.group));
    let bucket = lane.buckets.get(entry.priority);
    if (bucket === undefined) {
      bucket = new Bucket(lane, entry.priority);
      lane.buckets.set(entry.priority, bucket);
      lane.order.push(bucket);
    }
    entry.bucket = bucket;
    return bucket;
  }

  /** The list that is next in a lane that has something; empty ones before it go. */
  #topOf(lane: Lane): Bucket {
    for (;;) {
      const bucket = lane.order.top!;
      if (bucket.size > 0) return bucket;
      lane.order.remove(bucket);
      lane.buckets.delete(bucket.priority);
    }
  }

  #added(lane: Lane): void {
    this.size++;
    if (lane.size++ === 0) this.#link(lane);
  }

  /** A lane that has nothing has no turn; that of jobs without a group stays for the next. */
  #leave(lane: Lane): void {
    this.#unlink(lane);
    if (lane.group !== "" || lane.buckets.size > 1) this.#lanes.delete(lane.group);
  }

  #link(lane: Lane): void {
    lane.previous = this.#last;
    if (this.#last === undefined) this.#first = lane;
    else this.#last.next = lane;
    this.#last = lane;
  }

  #unlink(lane: Lane): void {
    const { previous, next } = lane;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    lane.previous = lane.next = undefined;
  }
}

/** Whether a job became due before another, or then and was added before. */
export function isBefore(a: Entry, b: Entry): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.seq < b.seq);
}
