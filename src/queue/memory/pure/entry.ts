/**
 * One job in the pure store, and the lists that hold it: each job is in exactly one at a time.
 *
 * @module
 */

import type { LiveJob, NewJob, StoredJob, TakenJob, Waiter } from "../../store.ts";
import type { JobState } from "../../types.ts";

const NOTHING: readonly (readonly [string, string])[] = [];

/** What few jobs have. */
export class Rare {
  parent: Entry | undefined = undefined;
  readonly children: Entry[] = [];
  /** How many children it waits for. */
  pending = 0;
  progress: string | undefined = undefined;
  reports: Set<(value: string) => void> | undefined = undefined;
}

/**
 * A job. What a worker is handed is this very object; what changes of it (try and token) is read at once. Times count
 * from the beginning of the store: they then are small integers, which V8 keeps without an object of their own.
 */
export class Entry implements LiveJob, TakenJob {
  state: JobState = "waiting";
  readonly addedAt: number;
  /** When it became or becomes due. */
  dueAt: number;
  finishedAt = 0;
  attempt = 0;
  /** The holder's, or the last one's. */
  token = 0;
  result: string | undefined = undefined;
  error: string | undefined = undefined;
  /** Neighbours in the list of its bucket, or of those that ended. */
  previous: Entry | undefined = undefined;
  next: Entry | undefined = undefined;
  /** The list of its group and priority, while it waits there. */
  bucket: EntryList | undefined = undefined;
  /** Its place among the delayed; -2 once it was removed from the store. */
  place = -1;
  rare: Rare | undefined = undefined;
  /** Who waits for its end; one or some. */
  waiters: Waiter | Waiter[] | undefined = undefined;
  /** The view that took it. */
  holder: object | undefined = undefined;

  constructor(readonly job: NewJob, now: number, runAt: number) {
    this.addedAt = now;
    this.dueAt = runAt > now ? runAt : now;
  }

  get id(): string {
    return this.job.id;
  }

  get seq(): number {
    return this.job.seq;
  }

  get data(): string {
    return this.job.data;
  }

  get priority(): number {
    return this.job.priority;
  }

  get retries(): number {
    return this.job.retries;
  }

  get backoffMs(): number {
    return this.job.backoffMs;
  }

  get timeoutMs(): number {
    return this.job.timeoutMs;
  }

  get key(): string {
    return this.job.key;
  }

  get group(): string {
    return this.job.group;
  }

  get repeat(): string {
    return this.job.repeat;
  }

  get tolerant(): boolean {
    return this.job.tolerant;
  }

  /** How often it was tried. */
  get attempts(): number {
    return this.attempt;
  }

  /** Whether a try failed. */
  get failed(): boolean {
    return this.error !== undefined;
  }

  /** Whether it is done, dead or cancelled. */
  get ended(): boolean {
    return this.state === "done" || this.state === "dead" || this.state === "cancelled";
  }

  /** Whether it was removed from the store. */
  get gone(): boolean {
    return this.place === -2;
  }

  /** What its children came to. */
  get childResults(): readonly (readonly [string, string])[] {
    if (this.rare === undefined) return NOTHING;
    const results: [string, string][] = [];
    for (const { id, state, result } of this.rare.children) {
      if (state === "done") results.push([id, result!]);
    }
    return results;
  }

  wait(waiter: Waiter): void {
    const { waiters } = this;
    if (waiters === undefined) this.waiters = waiter;
    else if (Array.isArray(waiters)) waiters.push(waiter);
    else this.waiters = [waiters, waiter];
  }

  /** Lets a waiter go. */
  unwait(waiter: Waiter): void {
    const { waiters } = this;
    if (waiters === waiter) this.waiters = undefined;
    else if (Array.isArray(waiters)) this.waiters = waiters.filter((other) => other !== waiter);
  }

  /** Tells all who wait. */
  tellWaiters(): void {
    const { waiters } = this;
    if (waiters === undefined) return;
    this.waiters = undefined;
    if (!Array.isArray(waiters)) return waiters.settled(this);
    for (const waiter of waiters) waiter.settled(this);
  }

  /** As it stands, in a store that began at a time. */
  toStored(base: number): StoredJob {
    const { id, state, data, result, error, attempts, priority, key, group, repeat } = this;
    return {
      id,
      state,
      data,
      result,
      error,
      attempts,
      progress: this.rare?.progress,
      addedAt: base + this.addedAt,
      finishedAt: this.ended ? base + this.finishedAt : undefined,
      priority,
      key,
      group,
      repeat,
      runAt: base + this.dueAt,
    };
  }
}

/** A list of entries by their own links. */
export class EntryList {
  head: Entry | undefined = undefined;
  tail: Entry | undefined = undefined;
  size = 0;

  /** Puts one at the end. */
  push(entry: Entry): void {
    entry.previous = this.tail;
    entry.next = undefined;
    if (this.tail === undefined) this.head = entry;
    else this.tail.next = entry;
    this.tail = entry;
    this.size++;
  }

  /** Puts one before another, which is in the list. */
  insertBefore(entry: Entry, other: Entry): void {
    entry.next = other;
    entry.previous = other.previous;
    if (other.previous === undefined) this.head = entry;
    else other.previous.next = entry;
    other.previous = entry;
    this.size++;
  }

  /** Takes one out, which is in the list. */
  remove(entry: Entry): void {
    const { previous, next } = entry;
    if (previous === undefined) this.head = next;
    else previous.next = next;
    if (next === undefined) this.tail = previous;
    else next.previous = previous;
    entry.previous = entry.next = undefined;
    this.size--;
  }
}
