/**
 * Dead jobs back to be tried anew, their tries counted from the first. A parent that died of its children waits for
 * those that are tried anew with it: its worker looks at them first.
 *
 * @module
 */

import type { BullJob } from "./bullmq.ts";
import type { Connection, Opened } from "./connection.ts";
import { idOfKey } from "./keys.ts";

/** How many are put back at a time. */
const AT_ONCE = 16;
const PAGE = 1_000;

/** Puts back those with these ids, or all; says how many. */
export async function retryDead(
  connection: Connection,
  ids: readonly string[] | undefined,
): Promise<number> {
  if (ids !== undefined) return await retryAll(connection, ids);
  let count = 0;
  for (;;) {
    const jobs = await connection.call(({ queue }) => queue.getJobs(["failed"], 0, PAGE - 1, true));
    const found = jobs.flatMap((job) => job?.id ?? []);
    const done = await retryAll(connection, found);
    count += done;
    // What cannot be put back stays at the front; then all that can has been.
    if (done === 0) return count;
  }
}

async function retryAll(connection: Connection, ids: readonly string[]): Promise<number> {
  let count = 0;
  const left = new Set(ids).values();
  const work = async (): Promise<void> => {
    for (const id of left) {
      const put = await connection.call((opened) => retryOne(opened, id));
      count += put;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return count;
}

/** How many: a parent brings its children with it. */
async function retryOne(opened: Opened, id: string): Promise<number> {
  const job = await opened.queue.getJob(id);
  if (job === undefined) return 0;
  const children = (job.opts.children ?? 0) > 0 ? await retryChildren(opened, job) : 0;
  return await putBack(job) ? children + 1 : children;
}

/** The children that failed: back among those that their parent waits for. */
async function retryChildren(opened: Opened, parent: BullJob): Promise<number> {
  const { calls, queue } = opened;
  const key = `${queue.toKey(parent.id ?? "")}:unsuccessful`;
  const children = await calls.sendCommand(["ZRANGE", key, "0", "-1"]) as readonly string[];
  let count = 0;
  for (const child of children) {
    const put = await retryOne(opened, idOfKey(child));
    count += put;
    // One that was cancelled is not there any more, and would keep its parent from ever being done.
    if (put === 0) await calls.sendCommand(["ZREM", key, child]);
  }
  return count;
}

/** False if it is not dead. */
async function putBack(job: BullJob): Promise<boolean> {
  try {
    await job.retry("failed", { resetAttemptsMade: true });
    return true;
  } catch (error) {
    // Another has put it back, or purged it.
    if (error instanceof Error && /not in the failed state|Missing key/.test(error.message)) {
      return false;
    }
    throw error;
  }
}
