/**
 * BullMQ's worker as it is used here.
 *
 * @module
 */

import type { BullProcessor, BullWorker } from "./bullmq.ts";
import type { RawClient } from "./client.ts";
import type { Opened } from "./connection.ts";
import { strategyOf } from "./repeats.ts";

/** How long BullMQ waits before it tells the server again what it could not tell. */
const TELL_AGAIN_MS = 500;
/** How long it waits for a job before it looks by itself, in seconds. */
const LOOK_SECONDS = 1;

/** What it is made with. */
export interface BullWorkerSettings {
  readonly queueName: string;
  /** Its own name, which BullMQ keeps with the jobs that it takes. */
  readonly name: string;
  readonly connection: RawClient;
  readonly concurrency: number;
  readonly leaseMs: number;
  /** How often jobs whose worker is gone are looked for. */
  readonly lookMs: number;
}

/** Makes one that does not run yet. */
export function makeBullWorker(
  { bullmq }: Opened,
  settings: BullWorkerSettings,
  process: BullProcessor,
): BullWorker {
  const { queueName, name, connection, concurrency, leaseMs, lookMs } = settings;
  const worker = new bullmq.Worker(queueName, process, {
    connection,
    concurrency,
    name,
    autorun: false,
    lockDuration: leaseMs,
    stalledInterval: lookMs,
    skipStalledCheck: true,
    // At least once: a job whose worker is gone comes back, however often that happens.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    runRetryDelay: TELL_AGAIN_MS,
    drainDelay: LOOK_SECONDS,
    settings: { repeatStrategy: strategyOf(bullmq) },
  });
  keepNextTime(worker);
  return worker;
}

/**
 * BullMQ remembers when the next delayed job is due. A job that fails at the moment in which another one's time was
 * heard of makes it forget that, and the job comes as late as the next look. What it was told nothing about is kept.
 */
function keepNextTime(worker: BullWorker): void {
  const update = worker.updateDelays;
  worker.updateDelays = function (this: BullWorker, ...delays): void {
    const [limit, until] = delays;
    if (delays.length === 2 && until === undefined) update.call(this, limit, this.blockUntil);
    else update.apply(this, delays);
  };
}
