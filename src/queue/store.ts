/**
 * What a store of jobs does. The queue above it (workers, signals, timeouts, results, repeats) is written once;
 * the stores are memory (pure, native), file (pure, native) and Redis, which is BullMQ's own way.
 *
 * Every method may be answered at once or later: `Promise` where it says so. Times are milliseconds since 1970.
 *
 * @module
 */

import type { JobState } from "./types.ts";

/** A job to be added. Data, results and errors are JSON texts or plain strings: no store looks into them. */
export interface NewJob {
  /** Its id, made by the queue: unique over processes, and increasing in one of them. */
  readonly id: string;
  /** The number in its id, unique in this isolate: stores that outlive the isolate have no use for it. */
  readonly seq: number;
  /** JSON. */
  readonly data: string;
  readonly priority: number;
  /** Not before; 0 for at once. */
  readonly runAt: number;
  readonly retries: number;
  readonly backoffMs: number;
  /** 0 for none. */
  readonly timeoutMs: number;
  /** "" for none. */
  readonly key: string;
  /** "" for none. */
  readonly group: string;
  /** The id of the job that waits for it, or "". */
  readonly parent: string;
  /** How many children it waits for itself. */
  readonly children: number;
  /** Whether it runs although children died or were cancelled; otherwise it dies with the first. */
  readonly tolerant: boolean;
  /** JSON of the repeat that it is an occurrence of, or "". Such a job holds its key only until it is taken. */
  readonly repeat: string;
  /** Set by a store in this isolate's own memory: the job itself, which stays readable after retention. */
  live: LiveJob | undefined;
}

/** How a job ended, or stands. */
export interface Outcome {
  readonly state: JobState;
  readonly result: string | undefined;
  readonly error: string | undefined;
  readonly attempts: number;
}

/** A job in this isolate's own memory, as it stands at any time. */
export interface LiveJob extends Outcome {
  readonly id: string;
  readonly data: string;
  /** Tells a waiter once when the job has ended, which it has not yet. */
  wait(waiter: Waiter): void;
}

/** Who waits for the end of a job. */
export interface Waiter {
  settled(job: Outcome | undefined): void;
}

/** A job handed to a worker, under a lease. */
export interface TakenJob {
  readonly id: string;
  readonly data: string;
  /** 1 at the first try. */
  readonly attempt: number;
  /** Whether a try of it failed before, through `fail` and not by the loss of its worker. */
  readonly failed: boolean;
  readonly retries: number;
  readonly backoffMs: number;
  readonly timeoutMs: number;
  readonly priority: number;
  readonly key: string;
  readonly group: string;
  readonly repeat: string;
  /** Results of its children by their ids, JSON, in the order in which they were added; those that died are left out. */
  readonly childResults: readonly (readonly [id: string, result: string])[];
  /** The fencing token: what is done with an older one is refused. */
  readonly token: number;
}

/** A job as it stands. */
export interface StoredJob {
  readonly id: string;
  readonly state: JobState;
  readonly data: string;
  readonly result: string | undefined;
  readonly error: string | undefined;
  readonly attempts: number;
  readonly progress: string | undefined;
  readonly addedAt: number;
  readonly finishedAt: number | undefined;
  readonly priority: number;
  readonly key: string;
  readonly group: string;
  readonly repeat: string;
  /** When it is due, or was. */
  readonly runAt: number;
}

/** All states, in the order of their numbers in native code. */
export const STATES: readonly JobState[] = [
  "waiting",
  "delayed",
  "blocked",
  "running",
  "done",
  "dead",
  "cancelled",
];

/** How many jobs stand where. */
export interface Counts extends Record<JobState, number> {
  /** Those of `delayed` that were tried before. */
  retrying: number;
}

/**
 * A store of one queue's jobs.
 *
 * The order: groups that have something due take turns, "" being one of them (one that was served, or that has
 * something again, goes to the end of the turn). Within a group the highest priority is first, then what became due
 * first, then what was added first. A job given back keeps its place.
 *
 * Flows: a parent is blocked until all its children are done; it keeps their results. The first that dies or is
 * cancelled kills it with `childError()` of `flow.ts`, unless it is tolerant. Cancelling a parent cancels its children
 * that have not ended. Retrying a dead parent that is not tolerant retries its dead and cancelled children with it; if
 * one of those was purged it stays dead.
 */
export interface QueueStore {
  /** Which twin, or BullMQ. */
  readonly implementation: "native" | "pure" | "bullmq";
  /** Whether other isolates of the process, or other processes, see the same jobs. */
  readonly shared: boolean;
  /**
   * Adds jobs, all or none (a flow is one call, parents before their children). Gives for each the id that holds:
   * another's where the key is taken; children of such a one are not added and get its id too.
   */
  add(jobs: readonly NewJob[]): string[] | Promise<string[]>;
  /** The same for one job alone, where the store is in this isolate's own memory: gives the job that holds. */
  addOne?(job: NewJob): LiveJob;
  /** Hands out up to so many jobs that are due: highest priority first, groups in turn, then first come. */
  take(most: number): TakenJob[] | Promise<TakenJob[]>;
  /** Calls back when there may be something to take; at once if there is. One listener a worker; returns its end. */
  watch(ready: () => void): () => void;
  /** Finishes a job; false if the token is no longer the holder's. */
  complete(id: string, token: number, result: string): boolean | Promise<boolean>;
  /** The same by the token alone, where the store is in this isolate's own memory and its jobs are `LiveJob`s. */
  completeHeld?(token: number, result: string): boolean;
  /** The same where nobody asks what came of it, told a little later together with others, before any other call. */
  completeSoon?(id: string, token: number, result: string): void;
  /** Called with (id, result) of what `completeSoon` finished, once it holds. */
  onCompleted?(completed: (id: string, result: string) => void): void;
  /** Fails a try: tried again at `retryAt`, or dead where it is undefined; false as above. */
  fail(
    id: string,
    token: number,
    error: string,
    retryAt: number | undefined,
  ): boolean | Promise<boolean>;
  /** Gives a job back untried, as at a close: this try does not count. False as above. */
  release(id: string, token: number): boolean | Promise<boolean>;
  /** Notes what a job reports; false as above. */
  report(id: string, token: number, progress: string): boolean | Promise<boolean>;
  /** Cancels: a job not yet running ends at once, a running one is told through `onCancel`. False if it had ended. */
  cancel(id: string): boolean | Promise<boolean>;
  /** Called with (id, token) of jobs of this store object that were cancelled or lost to another worker. */
  onRevoked(revoked: (id: string, token: number) => void): void;
  /**
   * Calls back once when the job is done, dead or cancelled (at once if it is), with undefined if there is none of
   * that id; returns its end. Nothing is called after `close()`.
   */
  onSettled(id: string, settled: (job: Outcome | undefined) => void): () => void;
  /** Calls back when jobs may have ended, once for several perhaps; returns its end. */
  onEnded(ended: () => void): () => void;
  /** Calls back with each report of a job; returns its end. */
  onProgress(id: string, progress: (value: string) => void): () => void;
  /** A job, or undefined. */
  get(id: string): StoredJob | undefined | Promise<StoredJob | undefined>;
  /** Jobs of a state, oldest first. */
  list(state: JobState, offset: number, limit: number): StoredJob[] | Promise<StoredJob[]>;
  /** Dead jobs back to waiting, tries counted anew: those named, or all, unless another holds the key. How many. */
  retry(ids: readonly string[] | undefined): number | Promise<number>;
  /** Removes jobs of a state (done, dead or cancelled) that finished at a time or before. How many. */
  purge(state: JobState, before: number): number | Promise<number>;
  /** Whether nothing is handed out, for all who share the queue. */
  setPaused(paused: boolean): void | Promise<void>;
  isPaused(): boolean | Promise<boolean>;
  /** Counts by state. */
  counts(): Counts | Promise<Counts>;
  /** Resolves when what was asked before has its answer, where a store does not answer at once. */
  answered?(): Promise<void>;
  /** Gives back what this object holds and lets go. */
  close(): void | Promise<void>;
}
