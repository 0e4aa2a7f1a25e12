/**
 * The native memory store: one isolate's view of a queue that all Workers of the process share. What it does is
 * memory/pure's, which defines it; Rust: rust/areas/queue/src/memory.
 *
 * Ends of jobs are told in batches, jobs come in batches. What other isolates do comes through the library's ring, by
 * one operation that waits while somebody here listens; nothing is asked again and again.
 *
 * @module
 */

import { RESULT } from "../../../native/call.ts";
import {
  queueAdd,
  queueAwaitEnd,
  queueCancel,
  queueComplete,
  queueCounts,
  queueEvents,
  queueFail,
  queueFlags,
  queueGet,
  queueIsPaused,
  queueList,
  queueListen,
  queueOpen,
  queuePurge,
  queueRelease,
  queueReport,
  queueRetry,
  queueSetPaused,
  queueTake,
  queueTakeEvents,
  queueTick,
  queueWake,
  queueWatch,
} from "../../../native/generated/queue.ts";
import { NativeHandle } from "../../../native/handle.ts";
import { type Clock, MOST_PAUSE_MS } from "../../clock.ts";
import { checkSameQueue, type ResolvedQueue } from "../../options.ts";
import {
  type Counts,
  type NewJob,
  type Outcome,
  type QueueStore,
  STATES,
  type StoredJob,
  type TakenJob,
} from "../../store.ts";
import type { JobState } from "../../types.ts";
import { numbersOf, readTaken, textsOf } from "./frames.ts";
import { type NativeEvents, StoreListeners } from "./listeners.ts";

/** The flags of what a view was not told. */
const READY = 1;
const ALARM = 2;
const ENDED = 4;
const MORE = 8;
/** So many ends are told at once. */
const MOST_ENDS = 1_024;

function openView(options: ResolvedQueue): number {
  const { name = "", doneMs, doneCount } = options;
  const [handle, existingMs, existingCount] = queueOpen(name, doneMs, doneCount);
  if (handle !== 0) return handle!;
  checkSameQueue({ doneMs: existingMs!, doneCount: existingCount! }, options);
  throw new RangeError(`The queue ${name} exists with other options`);
}

/** A view. What its methods do is said in {@linkcode QueueStore}. */
export class NativeStore extends NativeHandle implements QueueStore {
  readonly implementation = "native";
  readonly shared: boolean;
  readonly #clock: Clock;
  readonly #listeners = new StoreListeners();
  /** Tokens and results of jobs whose ends are to be told. */
  #tokens: number[] = [];
  #results: string[] = [];
  /** The ids that belong to them, where somebody wants to know. */
  #ids: string[] = [];
  #completed: ((id: string, result: string) => void) | undefined;
  /** Jobs that are held: while there are any, their loss must be heard of. */
  #held = 0;
  /** The operation that waits for events, while it is under way. */
  #listening: Promise<void> | undefined;
  #alarm: (() => void) | undefined;
  #alarmAt = 0;
  readonly #flushSoon = (): void => {
    if (!this.closed) this.#flush();
  };

  /** Opens a view. */
  constructor(options: ResolvedQueue, clock: Clock) {
    super("core-utils", openView(options), "queue");
    this.shared = options.name !== undefined;
    this.#clock = clock;
  }

  add(jobs: readonly NewJob[]): string[] {
    const written = queueAdd(this.#ready, this.#clock.now(), numbersOf(jobs), textsOf(jobs));
    const ids = jobs.map(({ id }) => id);
    if (written > 0) {
      const taken = JSON.parse(RESULT.text(0, written)) as [number, string][];
      const instead = new Map(taken.map(([place, id]) => [ids[place]!, id]));
      for (let i = 0; i < ids.length; i++) {
        const holder = instead.get(ids[i]!) ?? instead.get(jobs[i]!.parent);
        if (holder === undefined) continue;
        instead.set(ids[i]!, holder);
        ids[i] = holder;
      }
    }
    this.#look();
    return ids;
  }

  take(most: number): TakenJob[] {
    const taken = readTaken(queueTake(this.#ready, this.#clock.now(), most));
    this.#held += taken.length;
    this.#look();
    return taken;
  }

  watch(ready: () => void): () => void {
    const call = (): void => ready();
    const { ready: watchers } = this.#listeners;
    watchers.add(call);
    if (this.#watch()) ready();
    this.#setAlarm();
    return () => {
      if (!watchers.delete(call) || this.closed) return;
      this.#watch();
      if (watchers.size === 0) this.#clearAlarm();
    };
  }

  complete(id: string, token: number, result: string): boolean {
    this.#flush();
    this.#held--;
    this.#tokens.push(token);
    this.#results.push(result);
    this.#ids.push(id);
    return this.#flush();
  }

  onCompleted(completed: (id: string, result: string) => void): void {
    this.#completed = completed;
  }

  completeSoon(id: string, token: number, result: string): void {
    this.#held--;
    if (this.#tokens.push(token) === 1) queueMicrotask(this.#flushSoon);
    this.#results.push(result);
    this.#ids.push(id);
    if (this.#tokens.length >= MOST_ENDS) this.#flush();
  }

  /** Tells the ends that are to be told; whether the last one held. */
  #flush(): boolean {
    if (this.#tokens.length === 0) return true;
    const tokens = Float64Array.from(this.#tokens);
    const results = this.#results;
    const ids = this.#ids;
    this.#tokens = [];
    this.#results = [];
    this.#ids = [];
    queueComplete(this.handle, this.#clock.now(), tokens, results);
    // Copied: who is told below may call again.
    const kept = RESULT.bytes.slice(0, tokens.length);
    for (let i = 0; i < ids.length; i++) {
      if (kept[i] !== 1) continue;
      const result = results[i]!;
      this.#completed?.(ids[i]!, result);
      // Native code tells others of this, but not who told it.
      this.#listeners.settled.settle(ids[i]!, { ...DONE, result });
    }
    this.#look();
    return kept.at(-1) === 1;
  }

  fail(_id: string, token: number, error: string, retryAt: number | undefined): boolean {
    const isHeld = queueFail(this.#ready, this.#clock.now(), token, retryAt ?? -1, error) === 1;
    this.#held--;
    this.#look();
    return isHeld;
  }

  release(_id: string, token: number): boolean {
    const isHeld = queueRelease(this.#ready, token) === 1;
    this.#held--;
    this.#look();
    return isHeld;
  }

  report(_id: string, token: number, progress: string): boolean {
    const isHeld = queueReport(this.#ready, token, progress) === 1;
    this.#look();
    return isHeld;
  }

  cancel(id: string): boolean {
    const isCancelled = queueCancel(this.#ready, this.#clock.now(), id) === 1;
    this.#look();
    return isCancelled;
  }

  onRevoked(revoked: (id: string, token: number) => void): void {
    this.#listeners.revoked = revoked;
  }

  onSettled(id: string, settled: (job: Outcome | undefined) => void): () => void {
    const call = (job: Outcome | undefined): void => settled(job);
    const { settled: waiters } = this.#listeners;
    if (waiters.add(id, call) && queueAwaitEnd(this.#ready, id) === 0) {
      waiters.settle(id, this.get(id));
      return nothing;
    }
    this.#listen();
    return () => {
      if (waiters.remove(id, call)) this.#unlisten();
    };
  }

  onEnded(ended: () => void): () => void {
    const call = (): void => ended();
    const { ended: enders } = this.#listeners;
    enders.add(call);
    this.#watch();
    return () => {
      if (enders.delete(call) && !this.closed) this.#watch();
    };
  }

  onProgress(id: string, progress: (value: string) => void): () => void {
    const call = (value: string): void => progress(value);
    const { progress: reports } = this.#listeners;
    if (reports.add(id, call)) queueListen(this.#ready, id, true);
    this.#listen();
    return () => {
      if (!reports.remove(id, call) || this.closed) return;
      queueListen(this.handle, id, false);
      this.#unlisten();
    };
  }

  get(id: string): StoredJob | undefined {
    const written = queueGet(this.#ready, this.#clock.now(), id);
    const text = RESULT.text(0, written);
    this.#look();
    return written === 0 ? undefined : storedOf(JSON.parse(text) as StoredJob);
  }

  list(state: JobState, offset: number, limit: number): StoredJob[] {
    const number = STATES.indexOf(state);
    const jobs = queueList(this.#ready, this.#clock.now(), number, offset, limit);
    this.#look();
    return (jobs as StoredJob[]).map(storedOf);
  }

  retry(ids: readonly string[] | undefined): number {
    const count = queueRetry(this.#ready, this.#clock.now(), ids === undefined, ids ?? []);
    this.#look();
    return count;
  }

  purge(state: JobState, before: number): number {
    return queuePurge(this.#ready, STATES.indexOf(state), before);
  }

  setPaused(paused: boolean): void {
    queueSetPaused(this.#ready, paused);
    this.#look();
  }

  isPaused(): boolean {
    return queueIsPaused(this.#ready) === 1;
  }

  counts(): Counts {
    const numbers = queueCounts(this.#ready, this.#clock.now());
    const counts = { retrying: numbers[STATES.length]! } as Counts;
    for (let i = 0; i < STATES.length; i++) counts[STATES[i]!] = numbers[i]!;
    this.#look();
    return counts;
  }

  /** Resolves when nothing of it is under way: the operation that waits for events comes back a moment later. */
  override close(): Promise<void> {
    if (!this.closed) {
      this.#flush();
      this.#clearAlarm();
      queueWake(this.handle);
      super.close();
    }
    return this.#listening ?? Promise.resolve();
  }

  /** The handle, after all ends were told: whatever is asked next sees them. */
  get #ready(): number {
    if (this.#tokens.length > 0) this.#flush();
    return this.handle;
  }

  /** Says natively what is listened to; whether there is something to take. */
  #watch(): boolean {
    const { ready, ended } = this.#listeners;
    const isReady = queueWatch(this.#ready, ready.size > 0, ended.size > 0) === 1;
    if (this.#listeners.any) this.#listen();
    else this.#unlisten();
    return isReady;
  }

  /** Looks for what a call of our own brought about. */
  #look(): void {
    const flags = queueFlags(this.handle);
    if (flags !== 0) this.#deliver(flags);
    if (this.#held > 0) this.#listen();
  }

  #deliver(flags: number): void {
    if ((flags & MORE) !== 0) {
      const { settled, revoked, progress } = queueTakeEvents(this.handle) as NativeEvents;
      const listeners = this.#listeners;
      for (const [id, value] of progress) listeners.progress.tell(id, value);
      for (const [id, token] of revoked) {
        this.#held--;
        listeners.revoked?.(id, token);
      }
      for (const job of settled) listeners.settled.settle(job.id, job);
    }
    if ((flags & ALARM) !== 0) this.#setAlarm();
    if ((flags & READY) !== 0) { for (const ready of this.#listeners.ready) ready(); }
    if ((flags & ENDED) !== 0) { for (const ended of this.#listeners.ended) ended(); }
  }

  /** Waits for events, unless it does already. */
  #listen(): void {
    if (this.#listening !== undefined) return;
    this.#listening = queueEvents(this.handle).then(() => {
      this.#listening = undefined;
      if (this.closed) return;
      const flags = queueFlags(this.handle);
      if (flags !== 0) this.#deliver(flags);
      if (!this.closed && (this.#listeners.any || this.#held > 0)) this.#listen();
    }, () => {
      this.#listening = undefined;
    });
  }

  /** Where nobody listens any more the operation must not keep the program alive. */
  #unlisten(): void {
    if (this.#listening === undefined || this.closed) return;
    queueMicrotask(() => {
      if (this.closed || this.#listeners.any || this.#held > 0) return;
      queueWake(this.handle);
    });
  }

  /** A timer for the first delayed job, while somebody waits for jobs. */
  #setAlarm(): void {
    if (this.#listeners.ready.size === 0) return this.#clearAlarm();
    const now = this.#clock.now();
    const dueAt = queueTick(this.#ready, now);
    if (dueAt === Infinity) return this.#clearAlarm();
    if (this.#alarm !== undefined && this.#alarmAt === dueAt) return;
    this.#clearAlarm();
    this.#alarmAt = dueAt;
    this.#alarm = this.#clock.after(Math.min(Math.max(dueAt - now, 1), MOST_PAUSE_MS), () => {
      this.#alarm = undefined;
      this.#setAlarm();
      this.#look();
    });
  }

  #clearAlarm(): void {
    this.#alarm?.();
    this.#alarm = undefined;
  }
}

const DONE = { state: "done", error: undefined, attempts: 1 } as const;
const ABSENT = {
  result: undefined,
  error: undefined,
  progress: undefined,
  finishedAt: undefined,
};

/** A job with what JSON leaves out. */
function storedOf(job: StoredJob): StoredJob {
  return { ...ABSENT, ...job };
}

function nothing(): void {}
