/**
 * The queue on Redis: BullMQ's queue, workers, events, flows and schedulers behind the one interface of all stores.
 *
 * What BullMQ keeps differently: a cancelled job is removed, so none is ever listed as such; waiting jobs are listed in
 * the order in which they run, delayed ones by when they are due.
 *
 * @module
 */

import type { Address } from "../../cache/distributed/address.ts";
import { checkString, checkStrings } from "../../shared/arguments.ts";
import { closedError } from "../../shared/closed.ts";
import { idOf, nextSeq } from "../ids.ts";
import { toJson } from "../json.ts";
import {
  checkWords,
  type ResolvedQueue,
  resolveDrain,
  resolveJob,
  resolveList,
  resolveMany,
  resolvePurge,
} from "../options.ts";
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
} from "../types.ts";
import { checkProcess, graceOf } from "../worker.ts";
import { endRepeat, nextOf } from "./ahead.ts";
import { type CancelContext, cancelJob } from "./cancel.ts";
import { Connection } from "./connection.ts";
import { drained } from "./drain.ts";
import { addFlow } from "./flows.ts";
import { BULL_STATES, bullOptions, JOB_NAME, schedulerOf } from "./mapping.ts";
import { findJob, reasonOf, recordOf, stateOfJob } from "./records.ts";
import { endedError, lastWord } from "./last_word.ts";
import { addRepeat } from "./repeats.ts";
import { Results } from "./results.ts";
import { retryDead } from "./retry.ts";
import { RedisWorker } from "./worker.ts";
import { type RedisHost, RedisJob } from "./job.ts";
import { listJobs } from "./list.ts";

const STATES = Object.keys(BULL_STATES) as JobState[];

/** What a queue on Redis is made with. */
export interface RedisQueueSettings {
  readonly options: ResolvedQueue;
  /** BullMQ's name of it. */
  readonly name: string;
  readonly address: Address;
  readonly timeoutMs: number;
}

/** A queue on Redis. */
export class RedisQueue<T extends JsonValue, R extends JsonValue>
  implements Queue<T, R>, RedisHost {
  readonly name: string | undefined;
  readonly implementation = "bullmq";
  readonly shared = true;
  readonly #options: ResolvedQueue;
  readonly #bullName: string;
  readonly #timeoutMs: number;
  readonly #connection: Connection;
  readonly #results: Results;
  readonly #workers = new Set<RedisWorker<T, R>>();
  #closed: Promise<void> | undefined;

  constructor({ options, name, address, timeoutMs }: RedisQueueSettings) {
    this.name = options.name;
    this.#options = options;
    this.#bullName = name;
    this.#timeoutMs = timeoutMs;
    this.#connection = new Connection({ name, address, timeoutMs });
    this.#results = new Results(this.#connection, name, (id) => this.#lookup(id));
  }

  async add(data: T, options?: JobOptions): Promise<Job<T, R>> {
    this.#check();
    const json = toJson(data, "data");
    const job = resolveJob(options);
    const opts = bullOptions(job, this.#options);
    // A copy: what the caller changes later is not the job's.
    const value = JSON.parse(json) as JsonValue;
    const { repeat: rule } = job;
    if (rule !== undefined) {
      // A scheduler sets when; the rest is the same for each occurrence.
      const { delay: _, ...each } = opts;
      const template = { data: value, opts: each };
      const next = await this.#connection.call(({ bullmq, queue }) =>
        addRepeat(bullmq, queue, { json, job, rule, template })
      );
      return new RedisJob<T, R>(this, next?.id ?? "", () => json);
    }
    const jobId = idOf(nextSeq());
    const { key } = job;
    const all = { ...opts, jobId, ...(key === "" ? {} : { deduplication: { id: key } }) };
    // The id makes it one job, however often it is sent.
    return await this.#connection.call(async ({ queue }) => {
      const { id = jobId } = await queue.add(JOB_NAME, value, all);
      const there = id === jobId ? undefined : await queue.getJob(id);
      const held = there === undefined ? json : JSON.stringify(there.data);
      return new RedisJob<T, R>(this, id, () => held);
    });
  }

  async addMany(
    data: readonly T[],
    options?: Omit<JobOptions, "key" | "repeat">,
  ): Promise<Job<T, R>[]> {
    this.#check();
    const { texts, job } = resolveMany(data, options);
    const opts = bullOptions(job, this.#options);
    if (texts.length === 0) return [];
    const jobs = texts.map((json) => ({
      name: JOB_NAME,
      data: JSON.parse(json) as JsonValue,
      opts: { ...opts, jobId: idOf(nextSeq()) },
    }));
    await this.#connection.call(({ queue }) => queue.addBulk(jobs));
    return jobs.map(({ opts: { jobId } }, i) => new RedisJob<T, R>(this, jobId, () => texts[i]!));
  }

  async addFlow(flow: FlowJob<T>): Promise<Job<T, R>> {
    this.#check();
    const { id, json, add } = addFlow(flow, this.#bullName, this.#options);
    await this.#connection.call(add);
    return new RedisJob<T, R>(this, id, () => json);
  }

  process(handler: Handler<T, R>, options?: ProcessOptions): QueueWorker {
    this.#check();
    const worker = new RedisWorker<T, R>({
      connection: this.#connection,
      host: this,
      name: this.#bullName,
      ...checkProcess(handler, options, this.#options.concurrency),
      leaseMs: this.#options.leaseMs,
      handler,
      onClosed: (closed) => this.#workers.delete(closed),
    });
    this.#workers.add(worker);
    return worker;
  }

  async get(id: string): Promise<JobRecord | undefined> {
    this.#check();
    checkString(id, "id");
    return await this.#connection.call(async (opened) => {
      const found = await findJob(opened, id);
      return found && await recordOf(opened, found.job, found.state);
    });
  }

  result(id: string): Promise<R> {
    try {
      checkString(id, "id");
      return this.resultOf(id) as Promise<R>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The result of a job. */
  resultOf(id: string): Promise<JsonValue> {
    if (this.#closed !== undefined) return Promise.reject(closedError("queue"));
    const result = this.#results.result(id);
    // It may come before who asked for it looks; that ends no program.
    result.catch(() => {});
    return result;
  }

  async cancel(id: string): Promise<boolean> {
    this.#check();
    checkString(id, "id");
    const workers = [...this.#workers];
    const context: CancelContext = {
      connection: this.#connection,
      timeoutMs: this.#timeoutMs,
      here: (id) => workers.some((worker) => worker.cancel(id)),
    };
    return await cancelJob(context, id);
  }

  progressOf(id: string, call: (value: string) => void): () => void {
    this.#check();
    return this.#results.onProgress(id, call);
  }

  async list(
    state: JobState,
    options?: { offset?: number; limit?: number },
  ): Promise<JobRecord[]> {
    this.#check();
    const range = resolveList(state, options);
    return await this.#connection.call((opened) => listJobs(opened, state, range));
  }

  async retry(ids?: readonly string[]): Promise<number> {
    this.#check();
    if (ids !== undefined) checkStrings(ids, "ids");
    const chosen = ids === undefined ? undefined : [...ids];
    return await retryDead(this.#connection, chosen);
  }

  async purge(
    state: "done" | "dead" | "cancelled",
    options?: { olderThanMs?: number },
  ): Promise<number> {
    this.#check();
    const { olderThanMs } = resolvePurge(state, options);
    if (state === "cancelled") return 0;
    const set = state === "done" ? "completed" : "failed";
    let count = 0;
    // In parts, each a call of its own, so that a server that is slow is not one that is away.
    for (;;) {
      const gone = await this.#connection.call(({ queue }) =>
        queue.clean(olderThanMs, PURGED_AT_ONCE, set)
      );
      count += gone.length;
      if (gone.length < PURGED_AT_ONCE) return count;
    }
  }

  async stopRepeat(key: string): Promise<boolean> {
    this.#check();
    const scheduler = schedulerOf(checkWords(key, "key"));
    let next: string | undefined;
    return await this.#connection.call(async (opened) => {
      // Known from before the connection was lost, if it was.
      next ??= await nextOf(opened, scheduler);
      if (next !== undefined) await endRepeat(opened, scheduler, next);
      return next !== undefined;
    });
  }

  async pause(): Promise<void> {
    this.#check();
    await this.#connection.call(({ queue }) => queue.pause());
  }

  async resume(): Promise<void> {
    this.#check();
    await this.#connection.call(({ queue }) => queue.resume());
  }

  async drain(options?: { delayed?: boolean; signal?: AbortSignal }): Promise<void> {
    this.#check();
    await drained(this.#connection, resolveDrain(options));
  }

  async stats(): Promise<QueueStats> {
    this.#check();
    return await this.#connection.call(async ({ queue }) => {
      const [counts, paused] = await Promise.all([
        queue.getJobCounts(...Object.values(BULL_STATES).flat()),
        queue.isPaused(),
      ]);
      const stats = { paused } as QueueStats;
      for (const state of STATES) {
        stats[state] = BULL_STATES[state].reduce((sum, theirs) => sum + (counts[theirs] ?? 0), 0);
      }
      return stats;
    });
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

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(options: CloseOptions | undefined): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.close(options)));
    await this.#results.close();
    await this.#connection.close();
  }

  #check(): void {
    if (this.#closed !== undefined) throw closedError("queue");
  }

  /** The result of a job that has ended; throws why it has none. */
  async #lookup(id: string): Promise<{ result: JsonValue } | undefined> {
    return await this.#connection.call(async (opened) => {
      const state = await stateOfJob(opened.queue, id);
      // Most often it has just been added, and is asked for what is not there yet.
      if (state !== undefined && state !== "done" && state !== "dead") return undefined;
      const job = state && await opened.queue.getJob(id);
      if (job === undefined) return await lastWord(opened, id);
      if (state === "done") return { result: job.returnvalue ?? null };
      const error = await reasonOf(opened, job.failedReason ?? "");
      throw endedError(id, "dead", error, job.attemptsMade);
    });
  }
}

/** How many jobs are removed by one call. */
const PURGED_AT_ONCE = 1_000;
