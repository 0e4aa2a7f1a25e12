/**
 * Which queues a server has, for those who look at queues that others made.
 *
 * @module
 */

import { parseAddress } from "../../cache/distributed/address.ts";
import { Connection } from "./connection.ts";
import { DEFAULT_NAME, DEFAULT_TIMEOUT_MS } from "./mod.ts";

/** What BullMQ calls the keys of which a queue has at least one from the first job, pause or worker on. */
const KEYS: readonly string[] = [
  ...["meta", "id", "wait", "paused", "active", "prioritized", "delayed", "waiting-children"],
  ...["completed", "failed", "events", "repeat"],
];

/**
 * Whether a server has a queue. Nothing is made by asking.
 *
 * @param redis The server's URL.
 * @param name The queue's name, if it has one.
 * @throws {TypeError} If the URL is wrong.
 * @throws {AgentError} `UNAVAILABLE` if the server is away, `PERMISSION` if it may not be reached.
 */
export async function hasQueue(redis: string, name: string = DEFAULT_NAME): Promise<boolean> {
  const address = parseAddress(redis, "options.store.redis");
  const connection = new Connection({ name, address, timeoutMs: DEFAULT_TIMEOUT_MS });
  const found = await connection.peek("EXISTS", ...KEYS.map((key) => `bull:${name}:${key}`));
  return Number(found) > 0;
}
