/**
 * The part of BullMQ that is used here, in types of our own: its own ones are wider than what it keeps. Types only.
 *
 * @module
 */

import type { JsonValue } from "../types.ts";

/** Where BullMQ says that a job stands. */
export type BullState =
  | "waiting"
  | "prioritized"
  | "paused"
  | "delayed"
  | "waiting-children"
  | "active"
  | "completed"
  | "failed"
  | "unknown";

/** Options of a job as they are kept with it; any BullMQ worker follows them. */
export interface BullJobOptions {
  jobId?: string | undefined;
  priority?: number | undefined;
  delay?: number | undefined;
  attempts?: number | undefined;
  backoff?:
    | { type: "exponential" | "fixed"; delay: number; jitter?: number | undefined }
    | undefined;
  removeOnComplete?: { age?: number | undefined; count?: number | undefined } | undefined;
  removeOnFail?: boolean | undefined;
  deduplication?: { id: string } | undefined;
  failParentOnFailure?: boolean | undefined;
  ignoreDependencyOnFailure?: boolean | undefined;
  /** Ours: how many children it waits for. BullMQ keeps it and does not look at it. */
  children?: number | undefined;
  /** Ours: how long one try may take, in milliseconds. BullMQ keeps it and does not look at it. */
  timeout?: number | undefined;
  repeat?: BullRepeat | undefined;
}

/** When a scheduler adds its jobs. */
export interface BullRepeat {
  /** The first time, milliseconds since 1970. */
  startDate?: number;
  every?: number;
  pattern?: string;
  tz?: string;
}

/** A job as BullMQ reads it. */
export interface BullJob {
  readonly id?: string;
  readonly name: string;
  readonly data: JsonValue;
  readonly opts: BullJobOptions;
  readonly priority: number;
  readonly attemptsMade: number;
  readonly attemptsStarted: number;
  readonly timestamp: number;
  readonly delay: number;
  readonly finishedOn?: number | null;
  readonly failedReason?: string | null;
  readonly returnvalue: JsonValue | undefined;
  readonly progress: JsonValue;
  readonly processedBy?: string;
  readonly repeatJobKey?: string;
  readonly deduplicationId?: string;
  readonly parentKey?: string;
  readonly stalledCounter: number;
  extendLock(token: string, leaseMs: number): Promise<number>;
  moveToWait(token: string): Promise<unknown>;
  /** False if no child is unfinished. */
  moveToWaitingChildren(token: string): Promise<boolean>;
  retry(state: "failed", options: { resetAttemptsMade: boolean }): Promise<void>;
  updateProgress(progress: JsonValue): Promise<void>;
  /** Results by the keys of the jobs, which end with a colon and the id. */
  getChildrenValues(): Promise<Record<string, JsonValue> | undefined>;
}

/** What all objects of BullMQ can do. */
interface BullObject {
  on(event: "error", listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}

/** What a scheduler adds. */
export interface BullTemplate {
  name: string;
  data: JsonValue;
  opts: BullJobOptions;
}

/** BullMQ's queue. */
export interface BullQueue extends BullObject {
  readonly qualifiedName: string;
  toKey(type: string): string;
  add(name: string, data: JsonValue, options: BullJobOptions): Promise<BullJob>;
  addBulk(
    jobs: readonly { name: string; data: JsonValue; opts: BullJobOptions }[],
  ): Promise<BullJob[]>;
  getJob(id: string): Promise<BullJob | undefined>;
  getJobState(id: string): Promise<BullState>;
  getJobs(states: readonly string[], start: number, end: number, asc: boolean): Promise<
    (BullJob | undefined)[]
  >;
  getJobCounts(...states: string[]): Promise<Record<string, number>>;
  isPaused(): Promise<boolean>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** 1 if it was removed, 0 if it is running or not there. */
  remove(id: string, options?: { removeChildren?: boolean }): Promise<number>;
  clean(graceMs: number, limit: number, state: "completed" | "failed"): Promise<string[]>;
  upsertJobScheduler(
    id: string,
    repeat: BullRepeat,
    template: BullTemplate,
  ): Promise<BullJob | undefined>;
  removeJobScheduler(id: string): Promise<boolean>;
  getJobSchedulersCount(): Promise<number>;
}

/** BullMQ's worker. */
export interface BullWorker extends BullObject {
  /** When the next delayed job is due, milliseconds since 1970; 0 if it knows of none. */
  readonly blockUntil: number;
  /** Notes how long nothing may be taken, and when the next delayed job is due; without either it forgets both. */
  updateDelays(...delays: [limitMs?: number | undefined, until?: number | undefined]): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "lockRenewalFailed", listener: (ids: string[]) => void): unknown;
  run(): Promise<void>;
  getBackend(): { moveStalledJobsToWait(): Promise<string[]> };
  close(force?: boolean): Promise<void>;
}

/** BullMQ's reader of what happens in a queue. */
export interface BullEvents extends BullObject {
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "completed", listener: (told: { jobId: string; returnvalue: JsonValue }) => void): void;
  on(event: "failed", listener: (told: { jobId: string; failedReason: string }) => void): void;
  on(event: "removed", listener: (told: { jobId: string }) => void): void;
  on(event: "progress", listener: (told: { jobId: string; data: JsonValue }) => void): void;
}

/** A job of a flow. */
export interface BullFlow {
  name: string;
  queueName: string;
  data: JsonValue;
  opts: BullJobOptions;
  children?: BullFlow[];
}

/** BullMQ's adder of flows. */
export interface BullFlowProducer extends BullObject {
  add(flow: BullFlow): Promise<unknown>;
}

/** Runs a job; its third parameter makes BullMQ give it a signal. */
export type BullProcessor = (
  job: BullJob,
  token: string | undefined,
  signal: AbortSignal | undefined,
) => Promise<JsonValue | undefined>;

/** BullMQ's module. */
export interface BullModule {
  Queue: new (name: string, options: object) => BullQueue;
  Worker: new (name: string, processor: BullProcessor, options: object) => BullWorker;
  QueueEvents: new (name: string, options: object) => BullEvents;
  FlowProducer: new (options: object) => BullFlowProducer;
  UnrecoverableError: new (message: string) => Error;
  WaitingError: new () => Error;
  WaitingChildrenError: new () => Error;
  /** The next time of a pattern, in milliseconds since 1970. */
  defaultRepeatStrategy(millis: number, repeat: BullRepeat): number | undefined;
}
