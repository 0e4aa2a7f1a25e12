/**
 * The occurrence of a repeat that is ahead, and its end.
 *
 * @module
 */

import type { Opened } from "./connection.ts";

/** The id of the occurrence that is ahead; undefined if there is no such repeat. */
export async function nextOf(
  { queue, calls }: Opened,
  scheduler: string,
): Promise<string | undefined> {
  const time = await calls.sendCommand(["ZSCORE", queue.toKey("repeat"), scheduler]);
  return typeof time === "string" ? `repeat:${scheduler}:${time}` : undefined;
}

/** Ends a repeat whose next occurrence is known, with that; false if it runs by now. */
export async function endRepeat(
  { queue }: Opened,
  scheduler: string,
  next: string,
): Promise<boolean> {
  await queue.removeJobScheduler(scheduler);
  // BullMQ has removed it if it was not due yet; else it waits like any other job.
  return await queue.remove(next, { removeChildren: false }) === 1;
}
