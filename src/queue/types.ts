/**
 * The shapes of the task queue. Types only.
 *
 * @module
 */

import type { Implementation } from "../shared/implementation.ts";
import type { JsonValue } from "../shared/json.ts";

export type { Jsonable, JsonField, JsonValue } from "../shared/json.ts";

/** Where jobs are kept. */
export type StoreOption =
  | "memory"
  | { file: string; synchronous?: "full" | "normal" }
  | RedisStoreOption;

/** A Redis or Valkey server that keeps a queue's jobs, as BullMQ does. */
export interface RedisStoreOption {
  /**
   * `redis://[user:password@]host[:port][/database]`, `rediss://...` for TLS, or `unix:///path[?db=database]`. No error
   * shows the password.
   */
  redis: string;
  /** How long a call waits for the server before it rejects with `UNAVAILABLE`. Default 5,000 ms; at most 24 hours. */
  timeoutMs?: number;
}

/** Options of `createQueue`. */
export interface QueueOptions {
  /** The queue's name, 1 to 200 characters. In memory a name makes it one queue for all Workers of the process. */
  name?: string | undefined;
  /** What holds where one queue for all Workers cannot be had: an error, or a queue of this isolate's own. Default `"required"`. */
  shared?: "required" | "preferred" | undefined;
  /** Where jobs are kept. Default `"memory"`. */
  store?: StoreOption | undefined;
  /** How many jobs one `process()` runs at once. Default 1. */
  concurrency?: number | undefined;
  /** How long a job stays with a worker that gives no sign of life. Default 30 s, in memory unused by pure. */
  leaseMs?: number | undefined;
  /** How long finished and dead jobs are kept, and how many. Default: 1 hour and 1,000 done; dead ones until purged. */
  retention?: { doneMs?: number | undefined; doneCount?: number | undefined } | undefined;
  /** Which twin does the work. Default `"auto"`. */
  implementation?: Implementation | undefined;
}

/** Options of `Queue.add`. */
export interface JobOptions {
  /** Higher runs first, then first come. A whole number of -1,000,000 to 1,000,000. Default 0. */
  priority?: number | undefined;
  /** Not before so many milliseconds from now. Default 0. */
  delayMs?: number | undefined;
  /** How often a failed job is tried again. Default 0. */
  retries?: number | undefined;
  /** The pause before the first new try; it doubles each time, to at most an hour; half of it is by chance. Default 1,000. */
  backoffMs?: number | undefined;
  /** How long one try may take; then its signal fires with `TIMEOUT` and it counts as failed. */
  timeoutMs?: number | undefined;
  /** While a job with this key is not finished, adding another gives that one. */
  key?: string | undefined;
  /** Jobs of different groups take turns, however many each has. */
  group?: string | undefined;
  /**
   * Adds the job again and again, the first at once or after `delayMs` (by cron: at the first time after that). The key
   * (or the data and the times, where there is none) tells one repeat from another: adding it again changes nothing, or
   * its times, data and options where they differ. The next occurrence is added when one begins; those missed while
   * nobody worked are made up for by one.
   */
  repeat?: RepeatOptions | undefined;
}

/** When a job comes again. */
export type RepeatOptions =
  | {
    /** So many milliseconds after the last was due; at least 1. */
    everyMs: number;
  }
  | {
    /** Five fields, or six with seconds in front: minute, hour, day of the month, month, day of the week. */
    cron: string;
    /** The IANA name of a time zone, such as `"Europe/Berlin"`. Default: that of the machine. */
    timeZone?: string | undefined;
  };

/** A job to be added together with those that it waits for. */
export interface FlowJob<T> extends Omit<JobOptions, "repeat"> {
  /** Its data. */
  data: T;
  /** What must be done first. They may have children themselves; only the first job of a flow may have a key. */
  children?: readonly FlowJob<T>[];
  /** What a child that died or was cancelled does: the parent dies too (default), or it runs without its result. */
  childFailure?: "fail" | "ignore";
}

/** Where a job stands. */
export type JobState =
  | "waiting"
  | "delayed"
  | "blocked"
  | "running"
  | "done"
  | "dead"
  | "cancelled";

/** A job, as it stands in the store. */
export interface JobRecord {
  /** Its id. */
  id: string;
  /** Where it stands; `"blocked"` waits for children, `"dead"` failed for good. */
  state: JobState;
  /** Its data. */
  data: JsonValue;
  /** Its result, where it is done. */
  result?: JsonValue;
  /** What it failed with last. */
  error?: string;
  /** How often it was tried. */
  attempts: number;
  /** What it reported last. */
  progress?: JsonValue;
  /** When it was added, milliseconds since 1970. */
  addedAt: number;
  /** When it finished. */
  finishedAt?: number;
  /** When it is due, or was. */
  runAt: number;
  /** Its priority. */
  priority: number;
  /** Its key, where it has one. */
  key?: string;
  /** Its group, where it has one. */
  group?: string;
  /** When it comes again, where it is the occurrence of a repeat. */
  repeat?: RepeatOptions;
}

/** A job: what `add` gives, and what a handler gets. */
export interface Job<T, R> {
  /** Its id. */
  readonly id: string;
  /** Its data: a copy, made when it is first read. */
  readonly data: T;
  /** Which try this is, 1 at the first; 0 outside a handler. */
  readonly attempt: number;
  /** In a handler: the results of the job's children, in the order in which they were added. */
  readonly childResults: readonly R[];
  /**
   * Its result, once it has one.
   *
   * @throws {AgentError} `JOB_FAILED` if it died, `CANCELLED` if it was cancelled, `NOT_FOUND` if it is not there any
   * more, `CLOSED` if the queue is closed first.
   */
  result(): Promise<R>;
  /**
   * Cancels it, and its children: one that waits never runs, one that runs has its signal aborted and its result
   * dropped.
   *
   * @returns False if it had ended already.
   */
  cancel(): Promise<boolean>;
  /**
   * Says how far it is; for the job's handler.
   *
   * @param value What `onProgress` and `JobRecord.progress` shall give.
   * @returns False if the job is no longer this handler's.
   * @throws {TypeError} If the value is not JSON.
   * @throws {AgentError} `UNSUPPORTED` outside a handler.
   */
  report(value: JsonValue): Promise<boolean>;
  /**
   * Calls back with each report.
   *
   * @returns What ends it.
   */
  onProgress(callback: (value: JsonValue) => void): () => void;
}

/** Does the work of a job. What it returns is the result; undefined counts as null. */
export type Handler<T, R> = (
  job: Job<T, R>,
  signal: AbortSignal,
) => R | Promise<R>;

/** Options of `Queue.process`. */
export interface ProcessOptions {
  /** How many jobs are run at once. Default: the queue's. */
  concurrency?: number | undefined;
  /** Called with what went wrong at the store (not in handlers); the worker tries again after a growing pause. */
  onError?: ((error: unknown) => void) | undefined;
}

/** What takes jobs and runs a handler on them. It keeps the program alive until it is closed. */
export interface QueueWorker extends AsyncDisposable {
  /** How many jobs it runs at the moment. */
  readonly running: number;
  /**
   * Takes no more jobs and waits for those that run.
   *
   * @param options `graceMs`: how long it waits; then their signals fire with `CLOSED` and they are given back, to be
   * run again elsewhere. Default: until they end.
   */
  close(options?: CloseOptions): Promise<void>;
}

/** Options of `close`. */
export interface CloseOptions {
  /** How long running handlers may take to end, in milliseconds. Default `Infinity`. */
  graceMs?: number | undefined;
}

/** How many jobs stand where. */
export type QueueStats = Record<JobState, number> & {
  /** Whether nothing is handed out. */
  paused: boolean;
};

/** A queue. Made by `createQueue`; `await using` closes it. */
export interface Queue<T, R> extends AsyncDisposable {
  /** Its name, if it has one. */
  readonly name: string | undefined;
  /** What keeps its jobs. */
  readonly implementation: "native" | "pure" | "bullmq";
  /** Whether others (Workers, processes) see the same jobs. */
  readonly shared: boolean;
  /**
   * Adds a job.
   *
   * @param data What its handler gets; copied as JSON.
   * @param options When and how it is run.
   * @returns The job, or the unfinished one that has its key.
   * @throws {TypeError | RangeError} If the data is not JSON, naming the place, or an option is wrong.
   */
  add(data: T, options?: JobOptions): Promise<Job<T, R>>;
  /** Adds many, all or none, with the same options. A key may not be among them. */
  addMany(data: readonly T[], options?: Omit<JobOptions, "key" | "repeat">): Promise<Job<T, R>[]>;
  /** Adds a job that waits for others, and those; all or none. Gives the first. */
  addFlow(flow: FlowJob<T>): Promise<Job<T, R>>;
  /**
   * Begins to work: runs the handler on each job.
   *
   * @param handler Gets the job and a signal that fires when it is cancelled, over its time, lost to another worker, or
   * when the worker closes and its grace is over.
   * @param options How many at once.
   */
  process(handler: Handler<T, R>, options?: ProcessOptions): QueueWorker;
  /** A job as it stands; undefined if there is none (any more). */
  get(id: string): Promise<JobRecord | undefined>;
  /** The result of a job by its id; see {@linkcode Job.result}. */
  result(id: string): Promise<R>;
  /** Cancels a job by its id; see {@linkcode Job.cancel}. */
  cancel(id: string): Promise<boolean>;
  /** Jobs of a state, oldest first. */
  list(state: JobState, options?: { offset?: number; limit?: number }): Promise<JobRecord[]>;
  /** Puts dead jobs back to be tried anew: those with these ids, or all. How many. */
  retry(ids?: readonly string[]): Promise<number>;
  /** Removes jobs that are done, dead or cancelled and ended so long ago (default 0: all of them). How many. */
  purge(
    state: "done" | "dead" | "cancelled",
    options?: { olderThanMs?: number },
  ): Promise<number>;
  /** Ends a repeat: removes its next occurrence. False if there is none with this key. */
  stopRepeat(key: string): Promise<boolean>;
  /** Hands out no more jobs, for all who share the queue; those that run go on. */
  pause(): Promise<void>;
  /** Hands out jobs again. */
  resume(): Promise<void>;
  /**
   * Waits until nothing is waiting, running, blocked or pausing before a new try. Jobs for later, which the next
   * occurrences of repeats are too, are waited for only where `delayed` says so.
   */
  drain(options?: { delayed?: boolean; signal?: AbortSignal }): Promise<void>;
  /** How many jobs stand where. */
  stats(): Promise<QueueStats>;
  /** Closes its workers as {@linkcode QueueWorker.close} does, and lets go. Results that are waited for reject. */
  close(options?: CloseOptions): Promise<void>;
}
