/**
 * A task queue: priorities, delays, retries, fair groups, flows and repeats, in memory, in a file, or on Redis.
 *
 * @example
 * ```ts
 * import { createQueue } from "@agent/runtime/queue";
 * import assert from "node:assert/strict";
 *
 * await using queue = createQueue<number, number>();
 * queue.process((job) => job.data * 2);
 * const jobs = await queue.addMany([1, 2, 3]);
 * assert.deepEqual(await Promise.all(jobs.map((job) => job.result())), [2, 4, 6]);
 * ```
 *
 * @module
 */

export * from "../shared/errors.ts";
export type { Implementation } from "../shared/implementation.ts";
export { createQueue } from "./create.ts";
export * from "./pool.ts";
export type {
  PoolContext,
  PoolHandler,
  PoolOptions,
  RunOptions,
  WorkerPool,
} from "./pool_types.ts";
export type * from "./types.ts";
