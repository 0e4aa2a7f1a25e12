/**
 * Who wants to know what of a queue in a file: workers that wait for jobs, callers that wait for ends and reports.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { StoredJob } from "../store.ts";
import type { News } from "./units.ts";

/** However far the next delayed job is, the clock is looked at so often: it may be set. */
const MOST_PAUSE_MS = 1_000;

type Settled = (job: StoredJob | undefined) => void;
type Reported = (value: string) => void;

/** The listeners of one store. */
export class Listeners {
  readonly #clock: Clock;
  readonly #added: () => void;
  readonly #watchers = new Set<() => void>();
  readonly #enders = new Set<() => void>();
  readonly #settled = new Map<string, Set<Settled>>();
  readonly #progress = new Map<string, { last: string | undefined; calls: Set<Reported> }>();
  /** How many jobs had ended when last looked; -1 before it is known. */
  #since = -1;
  #ended = -1;
  #closed = false;
  #alarm: (() => void) | undefined;
  #alarmAt = Infinity;
  /** Keeps the program alive while somebody waits for the end of a job. */
  #alive: ReturnType<typeof setInterval> | undefined;

  /** Nobody yet; calls back when somebody comes. */
  constructor(clock: Clock, added: () => void) {
    this.#clock = clock;
    this.#added = added;
  }

  /** Whether anybody listens. */
  get any(): boolean {
    return this.#watchers.size > 0 || this.#enders.size > 0 || this.#settled.size > 0 ||
      this.#progress.size > 0;
  }

  /** Whether somebody waits for the end of a job. */
  get waitsForEnds(): boolean {
    return this.#settled.size > 0;
  }

  /** From which end on ends are of interest; -1 if none are. */
  get since(): number {
    return this.#settled.size > 0 ? this.#since : -1;
  }

  /** Jobs whose reports are of interest. */
  get reported(): string[] {
    return [...this.#progress.keys()];
  }

  /** See `QueueStore.watch`. */
  watch(ready: () => void): () => void {
    const call = (): void => ready();
    this.#watchers.add(call);
    queueMicrotask(() => {
      if (this.#watchers.has(call)) call();
    });
    this.#added();
    return () => {
      this.#watchers.delete(call);
      if (this.#watchers.size === 0) this.#stopAlarm();
    };
  }

  /** See `QueueStore.onEnded`. */
  ended(ended: () => void): () => void {
    const call = (): void => ended();
    this.#enders.add(call);
    this.#added();
    return () => this.#enders.delete(call);
  }

  /** See `QueueStore.onSettled`; `isFirst` says that nobody waited before. */
  settle(id: string, settled: Settled): { end: () => void; isFirst: boolean } {
    const isFirst = this.#settled.size === 0;
    if (isFirst) {
      this.#since = -1;
      this.#alive ??= setInterval(() => {}, 1 << 30);
    }
    let calls = this.#settled.get(id);
    if (calls === undefined) this.#settled.set(id, calls = new Set());
    const call: Settled = (job) => settled(job);
    calls.add(call);
    this.#added();
    const end = (): void => {
      const there = this.#settled.get(id);
      if (there?.delete(call) !== true || there.size > 0) return;
      this.#settled.delete(id);
      this.#letGo();
    };
    return { end, isFirst };
  }

  /** See `QueueStore.onProgress`. */
  progress(id: string, reported: Reported): () => void {
    let entry = this.#progress.get(id);
    if (entry === undefined) {
      this.#progress.set(id, entry = { last: UNKNOWN, calls: new Set() });
    }
    const call: Reported = (value) => reported(value);
    entry.calls.add(call);
    this.#added();
    const { calls } = entry;
    return () => {
      calls.delete(call);
      if (calls.size === 0 && this.#progress.get(id)?.calls === calls) this.#progress.delete(id);
    };
  }

  /** Tells what others did. */
  hear(news: News, reported: readonly string[], since: number): void {
    if (this.#closed) return;
    this.setAlarm(news.nextDue);
    if (since < 0) {
      // The first look, from which on ends are told.
      if (this.#settled.size > 0 && this.#since < 0) this.#since = news.ended;
    } else {
      this.#since = Math.max(this.#since, news.ended);
      for (const job of news.settled) this.settled(job.id, job);
    }
    reported.forEach((id, at) => this.#heard(id, news.progress[at]));
    if (news.ended !== this.#ended) {
      this.#ended = news.ended;
      this.callEnded();
    }
    if (news.waiting) this.callReady();
  }

  #heard(id: string, value: string | undefined): void {
    const entry = this.#progress.get(id);
    if (entry === undefined) return;
    const { last } = entry;
    entry.last = value;
    if (last === UNKNOWN || value === undefined || value === last) return;
    for (const call of [...entry.calls]) call(value);
  }

  /** Tells what was reported here. */
  reported1(id: string, value: string): void {
    const entry = this.#progress.get(id);
    if (entry === undefined) return;
    entry.last = value;
    for (const call of [...entry.calls]) call(value);
  }

  /** Tells that a job has ended, or is not there. */
  settled(id: string, job: StoredJob | undefined): void {
    const calls = this.#settled.get(id);
    if (calls === undefined || this.#closed) return;
    this.#settled.delete(id);
    this.#letGo();
    for (const call of calls) call(job);
  }

  /** Tells workers that there may be something. */
  callReady(): void {
    for (const call of [...this.#watchers]) call();
  }

  /** Tells those who look at ends. */
  callEnded(): void {
    for (const call of [...this.#enders]) call();
  }

  /** Calls workers when a delayed job is due; a time of -1 says nothing. */
  setAlarm(at: number): void {
    if (at < 0 || this.#watchers.size === 0 || at >= this.#alarmAt || this.#closed) return;
    this.#stopAlarm();
    this.#alarmAt = at;
    const pause = Math.min(Math.max(at - this.#clock.now(), 1), MOST_PAUSE_MS);
    this.#alarm = this.#clock.after(pause, () => {
      this.#alarm = undefined;
      this.#alarmAt = Infinity;
      if (this.#clock.now() >= at) this.callReady();
      else this.setAlarm(at);
    });
  }

  /** Nobody is called any more. */
  close(): void {
    this.#closed = true;
    this.#watchers.clear();
    this.#enders.clear();
    this.#settled.clear();
    this.#progress.clear();
    this.#letGo();
    this.#stopAlarm();
  }

  #letGo(): void {
    if (this.#settled.size > 0) return;
    clearInterval(this.#alive);
    this.#alive = undefined;
  }

  #stopAlarm(): void {
    this.#alarm?.();
    this.#alarm = undefined;
    this.#alarmAt = Infinity;
  }
}

/** No report is this text: it is no JSON. */
const UNKNOWN = "\0";
