/**
 * The jobs of one queue in this isolate's memory, and how they go from state to state. It defines what
 * rust/areas/queue does for all isolates; which view of it may do what, and who is told, is store.ts.
 *
 * @module
 */

import { childError } from "../../flow.ts";
import { seqOf } from "../../ids.ts";
import type { NewJob } from "../../store.ts";
import type { JobState } from "../../types.ts";
import { Entry, EntryList, Rare } from "./entry.ts";
import { Heap } from "./heap.ts";
import { Index } from "./index.ts";
import { isBefore, Lanes } from "./lanes.ts";

/** Who is told what happens. */
export interface Listener {
  /** Something may be taken. */
  onReady(): void;
  /** A job has ended. */
  onEnded(entry: Entry): void;
  /** A job was taken from its holder. */
  onRevoked(entry: Entry): void;
  /** The first delayed job is another one. */
  onAlarm(): void;
}

/** What the core needs to know of its queue. */
export interface CoreOptions {
  readonly doneMs: number;
  readonly doneCount: number;
}

/** The jobs. */
export class MemoryCore {
  readonly entries: Index = new Index();
  readonly counts: Record<JobState, number> = {
    waiting: 0,
    delayed: 0,
    blocked: 0,
    running: 0,
    done: 0,
    dead: 0,
    cancelled: 0,
  };
  retrying = 0;
  paused = false;
  readonly lanes = new Lanes();
  readonly delayed = new Heap<Entry>(isBefore);
  readonly #running = new Map<number, Entry>();
  readonly #keys = new Map<string, Entry>();
  /** Those that are done and those that were cancelled, in the order of their ends. */
  readonly #kept = { done: new EntryList(), cancelled: new EntryList() };
  readonly #options: CoreOptions;
  readonly #listener: Listener;
  /** When it began: all times here count from then. */
  readonly #base: number;
  #lastToken = 0;

  constructor(options: CoreOptions, listener: Listener, base: number) {
    this.#options = options;
    this.#listener = listener;
    this.#base = base;
  }

  /** The job with an id. */
  find(id: string): Entry | undefined {
    return this.entries.get(seqOf(id));
  }

  /** Adds jobs; parents come before their children. */
  add(jobs: readonly NewJob[], now: number): string[] {
    this.promote(now);
    const ids = new Array<string>(jobs.length);
    /** Ids of those that were not added, and what holds for them. */
    let instead: Map<string, Entry> | undefined;
    for (let i = 0; i < jobs.length; i++) {
      const job = jobs[i]!;
      const holder = job.key !== ""
        ? this.#keys.get(job.key)
        : job.parent !== ""
        ? instead?.get(job.parent)
        : undefined;
      if (holder !== undefined) {
        (instead ??= new Map()).set(job.id, holder);
        job.live = holder;
        ids[i] = holder.id;
      } else {
        job.live = this.#insert(job, now);
        ids[i] = job.id;
      }
    }
    return ids;
  }

  /** Adds one job, or gives the one that has its key. */
  addOne(job: NewJob, now: number): Entry {
    this.promote(now);
    return (job.key === "" ? undefined : this.#keys.get(job.key)) ?? this.#insert(job, now);
  }

  #insert(job: NewJob, now: number): Entry {
    const entry = new Entry(job, now, job.runAt - this.#base);
    this.entries.add(job.seq, entry);
    if (job.key !== "") this.#keys.set(job.key, entry);
    if (job.parent !== "") {
      const parent = this.find(job.parent)!;
      (entry.rare = new Rare()).parent = parent;
      parent.rare!.children.push(entry);
    }
    if (job.children > 0) (entry.rare ??= new Rare()).pending = job.children;
    this.#admit(entry, now);
    return entry;
  }

  /** A job that is in no list goes where it belongs. */
  #admit(entry: Entry, now: number): void {
    if (entry.rare !== undefined && entry.rare.pending > 0) {
      entry.state = "blocked";
      this.counts.blocked++;
    } else if (entry.dueAt > now) {
      entry.state = "delayed";
      this.counts.delayed++;
      if (entry.attempt > 0) this.retrying++;
      this.delayed.push(entry);
      if (this.delayed.top === entry) this.#listener.onAlarm();
    } else {
      entry.state = "waiting";
      this.counts.waiting++;
      this.lanes.push(entry);
      if (!this.paused) this.#listener.onReady();
    }
  }

  /** Takes a job out of the list that it is in. */
  #withdraw(entry: Entry): void {
    this.counts[entry.state]--;
    switch (entry.state) {
      case "waiting":
        return this.lanes.remove(entry);
      case "delayed":
        if (entry.attempt > 0) this.retrying--;
        return this.delayed.remove(entry);
      case "running":
        this.#running.delete(entry.token);
        return;
      case "done":
      case "cancelled":
        return this.#kept[entry.state].remove(entry);
    }
  }

  /** Delayed jobs that are due wait from now on. */
  promote(now: number): void {
    for (;;) {
      const { top } = this.delayed;
      if (top === undefined || top.dueAt > now) return;
      this.#withdraw(top);
      this.#admit(top, now);
    }
  }

  /** Hands out jobs to a holder. */
  take(most: number, now: number, holder: object): Entry[] {
    this.promote(now);
    const taken: Entry[] = [];
    if (this.paused) return taken;
    while (taken.length < most) {
      const entry = this.lanes.shift();
      if (entry === undefined) break;
      this.counts.waiting--;
      this.counts.running++;
      entry.state = "running";
      entry.attempt++;
      entry.token = ++this.#lastToken;
      entry.holder = holder;
      this.#running.set(entry.token, entry);
      if (entry.repeat !== "") this.#releaseKey(entry);
      taken.push(entry);
    }
    return taken;
  }

  /** The job that a token holds. */
  held(token: number): Entry | undefined {
    return this.#running.get(token);
  }

  /** Ends a held job with its result. */
  complete(token: number, result: string, now: number): boolean {
    const entry = this.#running.get(token);
    if (entry === undefined) return false;
    this.#withdraw(entry);
    entry.result = result;
    this.#end(entry, "done", now);
    return true;
  }

  /** Ends a try of a held job. */
  fail(token: number, error: string, retryAt: number | undefined, now: number): boolean {
    const entry = this.#running.get(token);
    if (entry === undefined) return false;
    this.#withdraw(entry);
    entry.error = error;
    if (retryAt === undefined) {
      this.#end(entry, "dead", now);
    } else {
      entry.dueAt = Math.max(retryAt, now);
      this.promote(now);
      this.#admit(entry, now);
    }
    return true;
  }

  /** Gives a held job back. */
  release(token: number): boolean {
    const entry = this.#running.get(token);
    if (entry === undefined) return false;
    this.#withdraw(entry);
    entry.attempt--;
    entry.state = "waiting";
    this.counts.waiting++;
    this.lanes.putBack(entry);
    if (!this.paused) this.#listener.onReady();
    return true;
  }

  /** Cancels a job and its children. */
  cancel(first: Entry, now: number): boolean {
    if (first.ended) return false;
    const open = [first];
    for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
      if (entry.ended) continue;
      const wasRunning = entry.state === "running";
      this.#withdraw(entry);
      if (wasRunning) this.#listener.onRevoked(entry);
      this.#end(entry, "cancelled", now);
      const children = entry.rare?.children ?? [];
      for (let i = children.length - 1; i >= 0; i--) open.push(children[i]!);
    }
    return true;
  }

  #end(first: Entry, state: "done" | "dead" | "cancelled", now: number): void {
    let entry: Entry | undefined = first;
    while (entry !== undefined) {
      entry.state = state;
      entry.finishedAt = now;
      this.counts[state]++;
      if (entry.key !== "") this.#releaseKey(entry);
      if (state !== "dead") this.#kept[state].push(entry);
      this.#listener.onEnded(entry);
      entry = this.#childEnded(entry, state, now);
      // Only a death goes on to the parent, and the parent's is a death too.
      state = "dead";
    }
    this.#retain(now);
  }

  /** Tells a parent; gives it back where it must die too. */
  #childEnded(child: Entry, state: JobState, now: number): Entry | undefined {
    const parent = child.rare?.parent;
    if (parent === undefined || parent.state !== "blocked") return undefined;
    if (state === "done" || parent.tolerant) {
      if (--parent.rare!.pending > 0) return undefined;
      this.#withdraw(parent);
      this.promote(now);
      if (parent.dueAt < now) parent.dueAt = now;
      this.#admit(parent, now);
      return undefined;
    }
    this.#withdraw(parent);
    parent.error = childError(child.id, state === "dead" ? child.error : undefined);
    return parent;
  }

  #releaseKey(entry: Entry): void {
    if (this.#keys.get(entry.key) === entry) this.#keys.delete(entry.key);
  }

  /** Lets go of what has been kept long enough. */
  #retain(now: number): void {
    const { doneMs, doneCount } = this.#options;
    for (const kept of [this.#kept.done, this.#kept.cancelled]) {
      while (
        kept.head !== undefined && (kept.size > doneCount || kept.head.finishedAt + doneMs <= now)
      ) this.#forget(kept.head);
    }
  }

  #forget(entry: Entry): void {
    this.#withdraw(entry);
    entry.place = -2;
    this.entries.delete(entry.seq);
  }

  /** Puts dead jobs back. */
  retry(ids: readonly string[] | undefined, now: number): number {
    this.promote(now);
    let count = 0;
    const named = ids === undefined
      ? [...this.entries.values()].filter(({ state }) => state === "dead")
      : ids.map((id) => this.find(id)).filter((entry) => entry !== undefined);
    const stuck = new Set<Entry>();
    for (const entry of named.sort((a, b) => a.seq - b.seq)) {
      if (entry.state === "dead") count += this.#revive(entry, now, stuck);
    }
    return count;
  }

  /**
   * Puts a dead job back with what it waits for; none if that cannot be. Then that job and all above it are stuck, so
   * that a long chain is not gone through anew for each of its jobs.
   */
  #revive(first: Entry, now: number, stuck: Set<Entry>): number {
    const family = [first];
    /** Through whom each came into the family. */
    const by = [-1];
    for (let at = 0; at < family.length; at++) {
      const entry = family[at]!;
      const isKeyTaken = entry.key !== "" && entry.repeat === "" && this.#keys.has(entry.key);
      if (entry.gone || isKeyTaken || stuck.has(entry)) {
        for (let above = at; above >= 0; above = by[above]!) stuck.add(family[above]!);
        return 0;
      }
      if (entry.tolerant) continue;
      for (const child of entry.rare?.children ?? []) {
        if (child.state !== "dead" && child.state !== "cancelled") continue;
        family.push(child);
        by.push(at);
      }
    }
    for (const entry of family) {
      this.#withdraw(entry);
      entry.attempt = 0;
      entry.error = undefined;
      entry.dueAt = now;
      if (entry.key !== "" && entry.repeat === "") this.#keys.set(entry.key, entry);
    }
    for (const entry of family) {
      // A parent that goes without a dead child waits for it after all, where it has not begun.
      const parent = entry.rare?.parent;
      if (parent?.state === "blocked" && parent.tolerant) parent.rare!.pending++;
      if (entry.rare !== undefined) entry.rare.pending = entry.tolerant ? 0 : unfinished(entry);
      this.#admit(entry, now);
    }
    return family.length;
  }

  /** Removes jobs that ended. */
  purge(state: JobState, before: number): number {
    let count = 0;
    for (const entry of this.entries.values()) {
      if (entry.state !== state || entry.finishedAt > before) continue;
      this.#forget(entry);
      count++;
    }
    return count;
  }

  /** Looks at the time. */
  tick(now: number): void {
    this.promote(now);
    this.#retain(now);
  }
}

function unfinished({ rare }: Entry): number {
  let count = 0;
  for (const child of rare?.children ?? []) if (child.state !== "done") count++;
  return count;
}
