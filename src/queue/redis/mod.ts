/**
 * A queue on Redis, kept by BullMQ. This module is light: what does the work is loaded at the first call.
 *
 * @module
 */

import { parseAddress } from "../../cache/distributed/address.ts";
import { wrongValue } from "../../shared/arguments.ts";
import { timeLimit } from "../../shared/deadline.ts";
import { DeferredQueue } from "../deferred.ts";
import type { ResolvedQueue } from "../options.ts";
import type { JsonValue, Queue, RedisStoreOption } from "../types.ts";

/** BullMQ's name of a queue that has none here. */
export const DEFAULT_NAME = "default";
/** How long a call waits for the server, unless told otherwise. */
export const DEFAULT_TIMEOUT_MS = 5_000;

/**
 * Makes a queue on Redis. Nothing is connected before the first call.
 *
 * @param options The queue's, checked.
 * @param store Where the server is.
 * @returns The queue.
 * @throws {TypeError | RangeError} If the URL or the name is wrong; no message shows what can hold a password.
 */
export function openRedisQueue<T extends JsonValue, R extends JsonValue>(
  options: ResolvedQueue,
  store: RedisStoreOption,
): Queue<T, R> {
  const address = parseAddress(store.redis, "options.store.redis");
  const timeoutMs = timeLimit(store.timeoutMs, DEFAULT_TIMEOUT_MS);
  const name = options.name ?? DEFAULT_NAME;
  // It would end the name within BullMQ's keys.
  if (name.includes(":")) throw wrongValue("options.name", 'without ":" for Redis', name);
  return new DeferredQueue<T, R>({ name: options.name, implementation: "bullmq" }, async () => {
    const { RedisQueue } = await import("./queue.ts");
    return new RedisQueue<T, R>({ options, name, address, timeoutMs });
  });
}
