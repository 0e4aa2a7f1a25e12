/**
 * Lists of jobs of one state. BullMQ keeps those that wait in two places, which are listed as one: first those without
 * a priority, which other programs add, as they run first.
 *
 * @module
 */

import type { JobRecord, JobState } from "../types.ts";
import type { BullJob } from "./bullmq.ts";
import type { Opened } from "./connection.ts";
import { BULL_STATES } from "./mapping.ts";
import { recordOf } from "./records.ts";

/** How many jobs are read by one call. */
const PAGE = 500;

/** Lists jobs of a state. */
export async function listJobs(
  opened: Opened,
  state: JobState,
  { offset, limit }: { offset: number; limit: number },
): Promise<JobRecord[]> {
  const states = BULL_STATES[state];
  const counts = await opened.queue.getJobCounts(...states);
  const records: JobRecord[] = [];
  let skip = offset;
  for (const theirs of states) {
    const count = counts[theirs] ?? 0;
    for (let at = Math.min(skip, count); at < count && records.length < limit; at += PAGE) {
      const end = Math.min(at + PAGE, count, at + limit - records.length);
      const jobs = await opened.queue.getJobs([theirs], at, end - 1, true);
      const there = jobs.filter((job): job is BullJob => job?.id !== undefined);
      records.push(...await Promise.all(there.map((job) => recordOf(opened, job, state))));
    }
    skip = Math.max(skip - count, 0);
  }
  return records;
}
