/**
 * Jobs as BullMQ keeps them, made into records.
 *
 * @module
 */

import { childError } from "../flow.ts";
import type { JobRecord, JobState } from "../types.ts";
import type { BullJob, BullQueue } from "./bullmq.ts";
import type { Opened } from "./connection.ts";
import { fromBullPriority, fromBullRepeat, keyOf, stateOf } from "./mapping.ts";

/** BullMQ's score of a delayed job: its time, and then so many for the order. */
const DELAYED_STEP = 4_096;
/** What BullMQ says of a parent whose child failed. */
const CHILD_FAILED = /^child (.+):([^:]+) failed$/;

/** A job with its state; undefined if it is not there. */
export async function findJob(
  { queue }: Opened,
  id: string,
): Promise<{ job: BullJob; state: JobState } | undefined> {
  // The state first: a job that ends in between has its result when it is read.
  const state = await stateOfJob(queue, id);
  if (state === undefined) return undefined;
  const job = await queue.getJob(id);
  return job && { job, state };
}

/** Where a job stands; undefined if it is not there. */
export async function stateOfJob(queue: BullQueue, id: string): Promise<JobState | undefined> {
  return stateOf(await queue.getJobState(id));
}

/** What is known of a job. */
export async function recordOf(
  opened: Opened,
  job: BullJob,
  state: JobState,
): Promise<JobRecord> {
  const { id = "", opts, timestamp } = job;
  const hasEnded = state === "done" || state === "dead";
  const record: JobRecord = {
    id,
    state,
    data: job.data,
    attempts: job.attemptsMade + (state === "running" ? 1 : 0),
    addedAt: timestamp,
    runAt: state === "delayed" ? await dueTime(opened, job) : timestamp + (opts.delay ?? 0),
    priority: fromBullPriority(job.priority),
  };
  if (state === "done") record.result = job.returnvalue ?? null;
  if (job.failedReason) record.error = await reasonOf(opened, job.failedReason);
  if (job.progress !== 0 || await hasReported(opened, id)) record.progress = job.progress;
  if (hasEnded && job.finishedOn) record.finishedAt = job.finishedOn;
  const repeat = fromBullRepeat(opts.repeat);
  if (repeat !== undefined) record.repeat = repeat;
  if (job.repeatJobKey !== undefined) record.key = keyOf(job.repeatJobKey);
  else if (job.deduplicationId !== undefined) record.key = job.deduplicationId;
  return record;
}

/** What a job failed with; of a parent, that of its child. */
export async function reasonOf(opened: Opened, reason: string): Promise<string> {
  const { queue } = opened;
  const [, prefix, child = ""] = CHILD_FAILED.exec(reason) ?? [];
  if (prefix !== queue.qualifiedName) return reason;
  const failed = await queue.getJob(child);
  const error = failed?.failedReason;
  return childError(child, error ? await reasonOf(opened, error) : undefined);
}

/** When a delayed job is due: its delay counts from when it was put there last. */
async function dueTime({ calls, queue }: Opened, job: BullJob): Promise<number> {
  const score = await calls.sendCommand(["ZSCORE", queue.toKey("delayed"), job.id ?? ""]);
  const time = Math.floor(Number(score) / DELAYED_STEP);
  return score === null || !Number.isFinite(time) ? job.timestamp + job.delay : time;
}

/** BullMQ says 0 of a job that has not reported. */
async function hasReported({ calls, queue }: Opened, id: string): Promise<boolean> {
  return await calls.sendCommand(["HEXISTS", queue.toKey(id), "progress"]) === 1;
}
