/**
 * A worker on the queue file of the soak, until its input ends or it is killed. Arguments: the file, a twin. Writes a
 * line for each job that it ran, before the queue is told.
 */

import { createQueue } from "@agent/runtime/queue";
import { LEASE_MS, NAME } from "./queue_names.ts";

const [file = "", implementation = "pure"] = Deno.args;
const say = (line: string): void => {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
};
await using queue = createQueue<number, number>({
  ...{ name: NAME, leaseMs: LEASE_MS, store: { file, synchronous: "normal" } },
  implementation: implementation as "native" | "pure",
});
await using _worker = queue.process(async (job) => {
  if (job.data % 5 === 0) await new Promise((resolve) => setTimeout(resolve, job.data % 50));
  say(`ran ${job.id}`);
  return job.data + 1;
}, { concurrency: 4, onError: (error) => say(`error ${error}`) });
say("ready");
for await (const _ of Deno.stdin.readable) continue;
