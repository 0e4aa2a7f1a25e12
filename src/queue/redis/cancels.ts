/**
 * Cancelling of a job that runs elsewhere: each of our workers hears on a channel of its own, named by the worker whose
 * name BullMQ keeps with the job. A worker of somebody else hears nothing, and who cancels is told so.
 *
 * @module
 */

import type { RawClient } from "./client.ts";
import type { Opened } from "./connection.ts";

/** What the names of our workers begin with. */
const WORKER = "agent-";

/** A name for a worker. */
export function workerName(): string {
  return `${WORKER}${crypto.randomUUID()}`;
}

/** Whether a worker of that name hears what is told here. */
export function hears(worker: string | undefined): worker is string {
  return worker !== undefined && worker.startsWith(WORKER);
}

/** Tells a worker to cancel a job; false if it is not there. */
export async function tellWorker(opened: Opened, worker: string, id: string): Promise<boolean> {
  return await opened.calls.publish(channelOf(opened, worker), id) > 0;
}

/** Hears what a worker is told, until the client is ended; `heard` resolves when it does. */
export function hearCancels(
  opened: Opened,
  worker: string,
  cancel: (id: string) => void,
): { client: RawClient; heard: Promise<unknown> } {
  const client = opened.clients.make("work");
  const channel = channelOf(opened, worker);
  return { client, heard: client.connect().then(() => client.subscribe(channel, cancel)) };
}

function channelOf({ queue }: Opened, worker: string): string {
  return `${queue.toKey("cancel")}:${worker}`;
}
