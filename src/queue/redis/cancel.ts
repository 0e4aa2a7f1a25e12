/**
 * Cancelling: a job that waits is removed, one that runs has its handler's signal aborted, here or in another process,
 * and is removed by its worker. BullMQ keeps no cancelled jobs.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { endRepeat, nextOf } from "./ahead.ts";
import type { BullJob } from "./bullmq.ts";
import { hears, tellWorker } from "./cancels.ts";
import type { Connection, Opened } from "./connection.ts";
import { unsupported } from "./errors.ts";
import { idOfKey } from "./keys.ts";
import { findJob } from "./records.ts";

/** How often a worker that was told is looked after. */
const LOOK_MS = 10;

/** Cancels a job that runs in this isolate; false if none does. */
type CancelHere = (id: string) => boolean;

/** What cancelling needs to know. */
export interface CancelContext {
  readonly connection: Connection;
  /** How long the worker that runs a job may take to give it up. */
  readonly timeoutMs: number;
  readonly here: CancelHere;
}

/** Cancels a job and its children; false if it had ended, or is not there. */
export async function cancelJob(context: CancelContext, id: string): Promise<boolean> {
  const { connection, timeoutMs } = context;
  const end = performance.now() + timeoutMs;
  let told = false;
  for (;;) {
    const found = await connection.call((opened) => findJob(opened, id));
    // Its worker has removed it.
    if (found === undefined) return told;
    const { job, state } = found;
    if (state === "done" || state === "dead") return false;
    if (state === "running") {
      if (!told) await tell(context, job, id);
      told = true;
    } else {
      told = false;
      const children = state === "blocked" ? await childrenOf(connection, id) : [];
      const once = "it may be cancelled";
      if (await connection.call((opened) => removeWaiting(opened, job, id), once)) {
        // Without their parent they are jobs like others.
        for (const child of children) await cancelJob(context, child);
        return true;
      }
    }
    if (performance.now() >= end) {
      throw new AgentError(
        "UNAVAILABLE",
        `The worker that runs job ${id} was told to cancel it, and has not done so within ${timeoutMs} ms`,
        { server: connection.server },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function tell(
  { connection, here }: CancelContext,
  job: BullJob,
  id: string,
): Promise<void> {
  if (here(id)) return;
  const { processedBy } = job;
  if (!hears(processedBy)) {
    throw unsupported(
      "cancelling in another program",
      `Job ${id} runs in a worker of another program, which BullMQ cannot tell to stop; wait for it, or stop it there`,
    );
  }
  if (await connection.call((opened) => tellWorker(opened, processedBy, id))) return;
  // It may have ended in between, as its worker may.
  const now = await connection.call((opened) => findJob(opened, id));
  if (now?.state !== "running" || now.job.processedBy !== processedBy) return;
  throw new AgentError(
    "UNAVAILABLE",
    `The worker that runs job ${id} is gone or cut off; the job comes back after its lease, and can be cancelled then`,
    { server: connection.server },
  );
}

/** The children that are not finished. */
async function childrenOf(connection: Connection, id: string): Promise<string[]> {
  const keys = await connection.call(({ calls, queue }) =>
    calls.sendCommand(["SMEMBERS", `${queue.toKey(id)}:dependencies`])
  ) as readonly string[];
  return keys.map(idOfKey).sort();
}

/** Removes a job that does not run; false if it does by now. */
async function removeWaiting(opened: Opened, job: BullJob, id: string): Promise<boolean> {
  const { queue, calls } = opened;
  const { repeatJobKey, parentKey } = job;
  // The next occurrence of a repeat: with it the repeat ends.
  if (repeatJobKey !== undefined && await nextOf(opened, repeatJobKey) === id) {
    return await endRepeat(opened, repeatJobKey, id);
  }
  const kills = parentKey !== undefined && job.opts.failParentOnFailure === true;
  if (kills && await calls.sendCommand(["EXISTS", parentKey]) === 1) {
    throw unsupported(
      "cancelling a child that waits",
      `Job ${id} is waited for by another, and BullMQ would run that as if there had been no such child; cancel that one (with all its children), or add the flow with childFailure "ignore"`,
    );
  }
  return await queue.remove(id, { removeChildren: false }) === 1;
}
