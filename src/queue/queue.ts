/**
 * A queue over a store: what all stores have in common, written once.
 *
 * @module
 */

import { checkString, checkStrings } from "../shared/arguments.ts";
import { unlessAborted } from "../shared/abort.ts";
import { closedError } from "../shared/closed.ts";
import { retire } from "../shared/live.ts";
import type { Clock } from "./clock.ts";
import { DeferredWorker } from "./deferred_worker.ts";
import { flowParts } from "./flow.ts";
import { AddedJob, type JobHost, recordOf } from "./job.ts";
import { toJson } from "./json.ts";
import { JobToAdd } from "./new_job.ts";
import {
  checkWords,
  type ResolvedJob,
  resolveDrain,
  resolveJob,
  resolveList,
  resolveMany,
  resolvePurge,
} from "./options.ts";
import { readyOf } from "./ready.ts";
import {
  firstOccurrence,
  isSameRepeat,
  nextOccurrence,
  type Occurrence,
  storeKey,
} from "./repeat.ts";
import type { LiveJob, NewJob, QueueStore, TakenJob } from "./store.ts";
import type {
  CloseOptions,
  FlowJob,
  Handler,
  Job,
  JobOptions,
  JobRecord,
  JobState,
  JsonValue,
  ProcessOptions,
  Queue,
  QueueStats,
  QueueWorker,
} from "./types.ts";
import { CallWait, ResultWait, WaitList } from "./waits.ts";
import { checkProcess, graceOf, StoreWorker } from "./worker.ts";

const ENDED: readonly ("done" | "dead" | "cancelled")[] = ["done", "dead", "cancelled"];
/** The results of so many of the jobs that were added last are kept for their adder, while it holds them. */
const MOST_UNFINISHED = 100_000;

/** What a queue is made of. */
export interface QueueParts {
  readonly name: string | undefined;
  readonly store: QueueStore;
  readonly concurrency: number;
  readonly clock: Clock;
  readonly random: () => number;
}

/** A queue over a store. */
export class StoreQueue<T extends JsonValue, R extends JsonValue> implements Queue<T, R>, JobHost {
  readonly name: string | undefined;
  readonly implementation: "native" | "pure" | "bullmq";
  readonly shared: boolean;
  readonly #parts: QueueParts;
  readonly #store: QueueStore;
  readonly #clock: Clock;
  readonly #addOne: ((job: NewJob) => LiveJob) | undefined;
  readonly #workers = new Set<StoreWorker<T, R>>();
  readonly #waits = new WaitList();
  /**
   * Jobs that were added here and are not finished, where the store is not in this isolate's own memory. Of those that
   * nobody holds nothing is kept: they may be done elsewhere, which is not told here.
   */
  readonly #unfinished = new Map<string, WeakRef<AddedJob<T, R>>>();
  readonly #dropped = new FinalizationRegistry<string>((id) => this.#unfinished.delete(id));
  #closed: Promise<void> | undefined;

  constructor(parts: QueueParts) {
    this.#parts = parts;
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#addOne = parts.store.addOne?.bind(parts.store);
    this.name = parts.name;
    this.implementation = parts.store.implementation;
    this.shared = parts.store.shared;
    parts.store.onCompleted?.((id, result) => this.completed(id, result));
    parts.store.onRevoked((_id, token) => {
      for (const worker of this.#workers) worker.revoke(token);
    });
  }

  add(data: T, options?: JobOptions): Promise<Job<T, R>> {
    try {
      this.#check();
      const text = toJson(data, "data");
      const resolved = resolveJob(options);
      if (resolved.repeat !== undefined) return this.#addRepeat(text, resolved);
      const job = this.#newJob(text, resolved);
      if (this.#addOne !== undefined) {
        return Promise.resolve(new AddedJob<T, R>(this, this.#addOne(job)));
      }
      const added = this.#remember(job);
      const ids = this.#store.add([job]);
      if (ids instanceof Promise) return ids.then((ids) => this.#held(added, ids[0]!));
      return Promise.resolve(this.#held(added, ids[0]!));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async addMany(
    data: readonly T[],
    options?: Omit<JobOptions, "key" | "repeat">,
  ): Promise<Job<T, R>[]> {
    this.#check();
    const { texts, job } = resolveMany(data, options);
    const jobs = texts.map((text) => this.#newJob(text, job));
    if (jobs.length === 0) return [];
    return await this.#addAll(jobs);
  }

  async addFlow(flow: FlowJob<T>): Promise<Job<T, R>> {
    this.#check();
    const parts = flowParts(flow);
    const now = this.#clock.now();
    const jobs: JobToAdd[] = [];
    for (const { data, job, tolerant, parent, children } of parts) {
      const place = { parent: parent < 0 ? "" : jobs[parent]!.id, children, tolerant };
      jobs.push(new JobToAdd(data, job, job.delayMs === 0 ? 0 : now + job.delayMs, place, ""));
    }
    const [first] = await this.#addAll(jobs);
    return first!;
  }

  async #addAll(jobs: readonly JobToAdd[]): Promise<Job<T, R>[]> {
    if (this.#addOne !== undefined) {
      await this.#store.add(jobs);
      return jobs.map((job) => new AddedJob<T, R>(this, job.live!));
    }
    const added = jobs.map((job) => this.#remember(job));
    const ids = await this.#store.add(jobs);
    // No other than the first can have a key.
    return [await this.#held(added[0]!, ids[0]!), ...added.slice(1)];
  }

  #newJob(data: string, options: ResolvedJob): JobToAdd {
    const { delayMs } = options;
    const runAt = delayMs === 0 ? 0 : this.#clock.now() + delayMs;
    return new JobToAdd(data, options, runAt, undefined, "");
  }

  /** A job on its way into the store. Its result will be kept where it is finished here, which may be very soon. */
  #remember(job: JobToAdd): AddedJob<T, R> {
    const added = new AddedJob<T, R>(this, job);
    this.#unfinished.set(job.id, new WeakRef(added));
    this.#dropped.register(added, job.id);
    if (this.#unfinished.size > MOST_UNFINISHED) {
      for (const oldest of this.#unfinished.keys()) {
        this.#unfinished.delete(oldest);
        break;
      }
    }
    return added;
  }

  /** A job came to its end here, which the store is being told. */
  completing(id: string, result: string, isKept: Promise<boolean>): void {
    this.#unfinished.get(id)?.deref()?.offer(result, isKept);
  }

  /** A job was finished here. */
  completed(id: string, result: string): void {
    if (this.#unfinished.size === 0) return;
    this.#unfinished.get(id)?.deref()?.keep(result);
    this.#unfinished.delete(id);
  }

  /** What was added, or the job that has its key. */
  #held(added: AddedJob<T, R>, id: string): Job<T, R> | Promise<Job<T, R>> {
    if (id === added.id) return added;
    this.#unfinished.delete(added.id);
    const { data } = added;
    return (async () => {
      const holder = await this.#store.get(id);
      return new AddedJob<T, R>(this, holder ?? { id, data: JSON.stringify(data) });
    })();
  }

  async #addRepeat(data: string, options: ResolvedJob): Promise<Job<T, R>> {
    const now = this.#clock.now();
    const first = await firstOccurrence(data, options, options.repeat!, now);
    for (;;) {
      this.#check();
      const job = this.#occurrence(data, first);
      const [id] = await this.#store.add([job]);
      if (id === job.id) return new AddedJob<T, R>(this, { id, data });
      const there = await this.#store.get(id!);
      // It began meanwhile: its key is free.
      if (there === undefined || there.repeat === "") continue;
      const isSame = there.data === data &&
        isSameRepeat(JSON.parse(there.repeat) as Occurrence, first);
      if (isSame) return new AddedJob<T, R>(this, { id: there.id, data: there.data });
      await this.#store.cancel(there.id);
    }
  }

  #occurrence(data: string, occurrence: Occurrence): JobToAdd {
    const { job, at, key } = occurrence;
    const options = { ...job, delayMs: 0, key: storeKey(key), repeat: undefined };
    return new JobToAdd(data, options, at, undefined, JSON.stringify(occurrence));
  }

  #addNext(taken: TakenJob): unknown {
    const next = nextOccurrence(JSON.parse(taken.repeat) as Occurrence, this.#clock.now());
    if (next instanceof Promise) {
      return next.then((next) => next && this.#store.add([this.#occurrence(taken.data, next)]));
    }
    return this.#store.add([this.#occurrence(taken.data, next)]);
  }

  process(handler: Handler<T, R>, options?: ProcessOptions): QueueWorker {
    this.#check();
    const { concurrency, onError } = checkProcess(handler, options, this.#parts.concurrency);
    const ready = readyOf(handler);
    const start = (): QueueWorker => this.#start(handler, concurrency, onError);
    return ready === undefined ? start() : new DeferredWorker(ready.then(start));
  }

  #start(
    handler: Handler<T, R>,
    concurrency: number,
    onError: ((error: unknown) => void) | undefined,
  ): QueueWorker {
    this.#check();
    const worker = new StoreWorker<T, R>({
      store: this.#store,
      host: this,
      clock: this.#clock,
      random: this.#parts.random,
      concurrency,
      handler,
      onError,
      addNext: (taken) => this.#addNext(taken),
      onClosed: (closed) => this.#workers.delete(closed),
    });
    this.#workers.add(worker);
    return worker;
  }

  async get(id: string): Promise<JobRecord | undefined> {
    this.#check();
    checkString(id, "id");
    const job = await this.#store.get(id);
    return job && recordOf(job);
  }

  async result(id: string): Promise<R> {
    this.#check();
    checkString(id, "id");
    return await this.resultOf(id) as R;
  }

  /** The result of a job; a promise is made when it is asked for, so none rejects unheard. */
  resultOf(job: string | LiveJob): Promise<JsonValue> {
    return new Promise((resolve, reject) => {
      this.#check();
      const wait = new ResultWait(this.#waits, job, resolve, reject);
      if (typeof job === "string") {
        const end = this.#store.onSettled(job, (outcome) => wait.settled(outcome));
        if (!wait.over) wait.end = end;
      } else if (ENDED.includes(job.state as "done")) wait.settled(job);
      else job.wait(wait);
    });
  }

  async cancel(id: string): Promise<boolean> {
    this.#check();
    checkString(id, "id");
    return await this.#store.cancel(id);
  }

  /** What a handler reports. */
  async reportOf(id: string, token: number, progress: string): Promise<boolean> {
    return await this.#store.report(id, token, progress);
  }

  /** Listens to what a job reports. */
  progressOf(id: string, call: (value: string) => void): () => void {
    this.#check();
    return this.#store.onProgress(id, call);
  }

  async list(
    state: JobState,
    options?: { offset?: number; limit?: number },
  ): Promise<JobRecord[]> {
    this.#check();
    const { offset, limit } = resolveList(state, options);
    const jobs = await this.#store.list(state, offset, limit);
    return jobs.map(recordOf);
  }

  async retry(ids?: readonly string[]): Promise<number> {
    this.#check();
    if (ids !== undefined) checkStrings(ids, "ids");
    return await this.#store.retry(ids);
  }

  async purge(
    state: "done" | "dead" | "cancelled",
    options?: { olderThanMs?: number },
  ): Promise<number> {
    this.#check();
    const { olderThanMs } = resolvePurge(state, options);
    return await this.#store.purge(state, this.#clock.now() - olderThanMs);
  }

  async stopRepeat(key: string): Promise<boolean> {
    this.#check();
    const wanted = storeKey(checkWords(key, "key"));
    let isStopped = false;
    for (const state of ["waiting", "delayed"] as const) {
      for (let offset = 0;; offset += 1_000) {
        const jobs = await this.#store.list(state, offset, 1_000);
        for (const job of jobs) {
          if (job.repeat === "" || job.key !== wanted) continue;
          isStopped = await this.#store.cancel(job.id) || isStopped;
        }
        if (jobs.length < 1_000) break;
      }
    }
    return isStopped;
  }

  async pause(): Promise<void> {
    this.#check();
    await this.#store.setPaused(true);
  }

  async resume(): Promise<void> {
    this.#check();
    await this.#store.setPaused(false);
  }

  async drain(options?: { delayed?: boolean; signal?: AbortSignal }): Promise<void> {
    this.#check();
    const { delayed, signal } = resolveDrain(options);
    signal?.throwIfAborted();
    for (;;) {
      this.#check();
      const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
      ended.catch(() => {});
      // Listening begins before the look, so that nothing ends unseen between.
      const wait = new CallWait(
        this.#waits,
        (call) => this.#store.onEnded(call),
        resolve,
        reject,
      );
      try {
        const { waiting, running, blocked, retrying, ...others } = await this.#store.counts();
        const open = waiting + running + blocked + (delayed ? others.delayed : retrying);
        if (open === 0) return;
        await unlessAborted(ended, signal);
      } finally {
        wait.stop();
      }
    }
  }

  async stats(): Promise<QueueStats> {
    this.#check();
    // Asked for in one go, so that a close that follows comes after both.
    const [all, paused] = await Promise.all([this.#store.counts(), this.#store.isPaused()]);
    const { retrying: _, ...counts } = all;
    return { ...counts, paused };
  }

  close(options?: CloseOptions): Promise<void> {
    try {
      graceOf(options);
    } catch (error) {
      return Promise.reject(error);
    }
    // Who asks again may have less patience.
    for (const worker of this.#workers) void worker.close(options);
    return this.#closed ??= this.#close(options);
  }

  async #close(options: CloseOptions | undefined): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.close(options)));
    await this.#store.answered?.();
    this.#waits.failAll(() => closedError("queue"));
    retire(this.#store);
    await this.#store.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #check(): void {
    if (this.#closed !== undefined) throw closedError("queue");
  }
}
