/**
 * What a job is here in BullMQ's words, and back.
 *
 * BullMQ takes 1 for the highest priority and hands out jobs without one before all others; each job of ours has one:
 * 1,000,001 less ours, which is 1 for our highest and 2,000,001 for our lowest.
 *
 * @module
 */

import type { ResolvedJob, ResolvedQueue } from "../options.ts";
import type { JobState, RepeatOptions } from "../types.ts";
import type { BullJobOptions, BullRepeat, BullState } from "./bullmq.ts";
import { unsupported } from "./errors.ts";

/** BullMQ's name of our jobs. */
export const JOB_NAME = "job";

const PRIORITY_BASE = 1_000_001;
const LEAST_PRIORITY = -1_000_000;
const MOST_PRIORITY = 1_000_000;

/** BullMQ's states that are one of ours, in the order in which their jobs run. */
export const BULL_STATES: Readonly<Record<JobState, readonly string[]>> = {
  waiting: ["waiting", "prioritized", "paused"],
  delayed: ["delayed"],
  blocked: ["waiting-children"],
  running: ["active"],
  done: ["completed"],
  dead: ["failed"],
  cancelled: [],
};

/** Our word for a state; undefined for that of a job that is not there. */
export function stateOf(state: BullState): JobState | undefined {
  for (const [ours, theirs] of Object.entries(BULL_STATES)) {
    if (theirs.includes(state)) return ours as JobState;
  }
  return undefined;
}

/** BullMQ's priority for one of ours. */
export function toBullPriority(priority: number): number {
  return PRIORITY_BASE - priority;
}

/** Our priority for one of BullMQ's: what is out of our range counts as its end. */
export function fromBullPriority(priority: number): number {
  if (priority === 0) return MOST_PRIORITY;
  return Math.max(PRIORITY_BASE - priority, LEAST_PRIORITY);
}

/** The options with which BullMQ keeps a job. */
export function bullOptions(job: ResolvedJob, queue: ResolvedQueue): BullJobOptions {
  if (job.group !== "") {
    throw unsupported(
      "groups",
      "A queue on Redis has no groups: BullMQ keeps them for those who pay; leave options.group out, or use another store",
    );
  }
  return {
    priority: toBullPriority(job.priority),
    ...(job.delayMs > 0 ? { delay: job.delayMs } : {}),
    // BullMQ's own way, so that any of its workers knows it; ours caps the pause as well.
    ...(job.retries > 0
      ? {
        attempts: job.retries + 1,
        backoff: { type: "exponential", delay: job.backoffMs, jitter: 0.5 },
      }
      : {}),
    ...(job.timeoutMs > 0 ? { timeout: job.timeoutMs } : {}),
    ...keptFor(queue),
  };
}

function keptFor({ doneMs, doneCount }: ResolvedQueue): BullJobOptions {
  const removeOnComplete = {
    ...(doneMs === Infinity ? {} : { age: Math.ceil(doneMs / 1_000) }),
    ...(doneCount === Infinity ? {} : { count: doneCount }),
  };
  return Object.keys(removeOnComplete).length === 0 ? {} : { removeOnComplete };
}

/** The id of what repeats a job: its key, in which a colon would be BullMQ's. */
export function schedulerOf(key: string): string {
  return key.replaceAll("%", "%25").replaceAll(":", "%3A");
}

/** The key again. */
export function keyOf(scheduler: string): string {
  return scheduler.replaceAll("%3A", ":").replaceAll("%25", "%");
}

/** Our words for when a job comes again. */
export function fromBullRepeat(repeat: BullRepeat | undefined): RepeatOptions | undefined {
  if (repeat?.every !== undefined) return { everyMs: Number(repeat.every) };
  if (repeat?.pattern === undefined) return undefined;
  return { cron: repeat.pattern, ...(repeat.tz === undefined ? {} : { timeZone: repeat.tz }) };
}
