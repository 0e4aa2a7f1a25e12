/**
 * A program that uses a queue on Redis, for tests of what it may do. Argument: the URL. It writes JSON: the results of
 * its jobs and how often `process.env` was seen to be another's, or the error.
 */

import process from "node:process";
import { createQueue } from "../../../src/queue/mod.ts";
import { AgentError } from "../../../src/shared/errors.ts";

const [redis = ""] = Deno.args;

function say(value: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(value)));
}

const environment = process.env;
let changed = 0;
const looking = setInterval(() => {
  if (process.env !== environment) changed++;
}, 0);
try {
  await using queue = createQueue<number, number>({ store: { redis, timeoutMs: 3_000 } });
  queue.process((job) => job.data + 1);
  const job = await queue.add(41);
  const flow = await queue.addFlow({ data: 1, children: [{ data: 2 }] });
  const results = [await job.result(), await flow.result()];
  say({ results, changed, same: process.env === environment });
} catch (error) {
  if (!AgentError.is(error)) throw error;
  const { code, message, details } = error;
  say({ error: { code, message, details, shown: Deno.inspect(error) } });
} finally {
  clearInterval(looking);
}
