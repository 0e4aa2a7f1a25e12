/**
 * The pure memory store: one object's view of a queue in this isolate's memory. All with one name share it.
 * Twin: memory/native, where all isolates share it.
 *
 * @module
 */

import { type Clock, MOST_PAUSE_MS } from "../../clock.ts";
import { checkSameQueue, type ResolvedQueue } from "../../options.ts";
import type { Counts, NewJob, Outcome, QueueStore, StoredJob, Waiter } from "../../store.ts";
import type { JobState } from "../../types.ts";
import { MemoryCore } from "./core.ts";
import { type Entry, Rare } from "./entry.ts";

/** One queue's jobs and all views of them. */
class Shared {
  readonly core: MemoryCore;
  readonly views = new Set<PureStore>();
  readonly watchers = new Set<() => void>();
  readonly enders = new Set<() => void>();
  #alarm: (() => void) | undefined;
  #alarmAt = 0;

  /** When it began. */
  readonly base: number;

  constructor(readonly options: ResolvedQueue, readonly clock: Clock) {
    this.base = clock.now();
    this.core = new MemoryCore(options, {
      onReady: () => {
        for (const ready of this.watchers) ready();
      },
      onEnded: (entry) => this.#ended(entry),
      onRevoked: (entry) => (entry.holder as PureStore).revoke(entry),
      onAlarm: () => this.setAlarm(),
    }, this.base);
  }

  /** The time, as the core counts it. */
  now(): number {
    return this.clock.now() - this.base;
  }

  /** A timer for the first delayed job, while somebody waits for jobs. */
  setAlarm(): void {
    const { top } = this.core.delayed;
    if (top === undefined || this.watchers.size === 0) return this.#clearAlarm();
    if (this.#alarm !== undefined && this.#alarmAt === top.dueAt) return;
    this.#clearAlarm();
    this.#alarmAt = top.dueAt;
    const pause = Math.min(Math.max(top.dueAt - this.now(), 1), MOST_PAUSE_MS);
    this.#alarm = this.clock.after(pause, () => {
      this.#alarm = undefined;
      this.core.tick(this.now());
      this.setAlarm();
    });
  }

  #clearAlarm(): void {
    this.#alarm?.();
    this.#alarm = undefined;
  }

  #ended(entry: Entry): void {
    entry.tellWaiters();
    if (this.enders.size > 0) { for (const ended of this.enders) ended(); }
  }
}

/** Queues by their names, in this isolate. */
const named = new Map<string, Shared>();

function open(options: ResolvedQueue, clock: Clock): Shared {
  const { name } = options;
  if (name === undefined) return new Shared(options, clock);
  let shared = named.get(name);
  if (shared === undefined) named.set(name, shared = new Shared(options, clock));
  else checkSameQueue(shared.options, options);
  return shared;
}

/** A view. What its methods do is said in {@linkcode QueueStore}. */
export class PureStore implements QueueStore {
  readonly implementation = "pure";
  readonly shared = false;
  readonly #shared: Shared;
  readonly #core: MemoryCore;
  #revoked: ((id: string, token: number) => void) | undefined;
  /** What ends the listeners of this view. */
  readonly #ends = new Set<() => void>();
  /** What this view holds, by tokens; kept only where others could go on with it. */
  readonly #held: Set<number> | undefined;

  constructor(options: ResolvedQueue, clock: Clock) {
    this.#shared = open(options, clock);
    this.#core = this.#shared.core;
    this.#shared.views.add(this);
    this.#held = options.name === undefined ? undefined : new Set();
  }

  add(jobs: readonly NewJob[]): string[] {
    return this.#core.add(jobs, this.#shared.now());
  }

  addOne(job: NewJob): Entry {
    return this.#core.addOne(job, this.#shared.now());
  }

  take(most: number): Entry[] {
    const taken = this.#core.take(most, this.#shared.now(), this);
    if (this.#held !== undefined) { for (const { token } of taken) this.#held.add(token); }
    return taken;
  }

  watch(ready: () => void): () => void {
    const { watchers } = this.#shared;
    const call = (): void => ready();
    watchers.add(call);
    this.#shared.setAlarm();
    if (this.#core.lanes.size > 0 && !this.#core.paused) ready();
    return this.#endOf(() => {
      watchers.delete(call);
      if (watchers.size === 0) this.#shared.setAlarm();
    });
  }

  complete(_id: string, token: number, result: string): boolean {
    return this.completeHeld(token, result);
  }

  completeHeld(token: number, result: string): boolean {
    this.#held?.delete(token);
    return this.#core.complete(token, result, this.#shared.now());
  }

  fail(_id: string, token: number, error: string, retryAt: number | undefined): boolean {
    this.#held?.delete(token);
    const { base } = this.#shared;
    const again = retryAt === undefined ? undefined : retryAt - base;
    return this.#core.fail(token, error, again, this.#shared.now());
  }

  release(_id: string, token: number): boolean {
    this.#held?.delete(token);
    return this.#core.release(token);
  }

  report(_id: string, token: number, progress: string): boolean {
    const entry = this.#core.held(token);
    if (entry === undefined) return false;
    const rare = entry.rare ??= new Rare();
    rare.progress = progress;
    for (const call of rare.reports ?? []) call(progress);
    return true;
  }

  cancel(id: string): boolean {
    const entry = this.#core.find(id);
    return entry !== undefined && this.#core.cancel(entry, this.#shared.now());
  }

  onRevoked(revoked: (id: string, token: number) => void): void {
    this.#revoked = revoked;
  }

  /** Tells this view that a job is no longer its own. */
  revoke(entry: Entry): void {
    this.#held?.delete(entry.token);
    this.#revoked?.(entry.id, entry.token);
  }

  onSettled(id: string, settled: (job: Outcome | undefined) => void): () => void {
    const entry = this.#core.find(id);
    if (entry === undefined || entry.ended) {
      settled(entry);
      return nothing;
    }
    const waiter: Waiter = { settled: () => settled(entry) };
    entry.wait(waiter);
    return () => entry.unwait(waiter);
  }

  onEnded(ended: () => void): () => void {
    const { enders } = this.#shared;
    const call = (): void => ended();
    enders.add(call);
    return this.#endOf(() => enders.delete(call));
  }

  onProgress(id: string, progress: (value: string) => void): () => void {
    const entry = this.#core.find(id);
    if (entry === undefined) return nothing;
    const reports = (entry.rare ??= new Rare()).reports ??= new Set();
    const call = (value: string): void => progress(value);
    reports.add(call);
    return this.#endOf(() => reports.delete(call));
  }

  get(id: string): StoredJob | undefined {
    this.#core.tick(this.#shared.now());
    return this.#core.find(id)?.toStored(this.#shared.base);
  }

  list(state: JobState, offset: number, limit: number): StoredJob[] {
    this.#core.tick(this.#shared.now());
    const jobs: StoredJob[] = [];
    for (const entry of this.#core.entries.values()) {
      if (jobs.length >= limit) break;
      if (entry.state === state && offset-- <= 0) jobs.push(entry.toStored(this.#shared.base));
    }
    return jobs;
  }

  retry(ids: readonly string[] | undefined): number {
    return this.#core.retry(ids, this.#shared.now());
  }

  purge(state: JobState, before: number): number {
    return this.#core.purge(state, before - this.#shared.base);
  }

  setPaused(paused: boolean): void {
    if (this.#core.paused === paused) return;
    this.#core.paused = paused;
    if (!paused && this.#core.lanes.size > 0) {
      for (const ready of this.#shared.watchers) ready();
    }
  }

  isPaused(): boolean {
    return this.#core.paused;
  }

  counts(): Counts {
    this.#core.tick(this.#shared.now());
    return { ...this.#core.counts, retrying: this.#core.retrying };
  }

  close(): void {
    if (!this.#shared.views.delete(this)) return;
    for (const end of [...this.#ends]) end();
    for (const token of this.#held ?? []) this.#core.release(token);
    const { name } = this.#shared.options;
    if (name !== undefined && this.#shared.views.size === 0) named.delete(name);
  }

  #endOf(end: () => void): () => void {
    const once = (): void => {
      if (this.#ends.delete(once)) end();
    };
    this.#ends.add(once);
    return once;
  }
}

function nothing(): void {}
