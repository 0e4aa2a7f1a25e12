/**
 * Another process with a worker of ours, for the tests. Arguments: the URL of the server, the queue's name, what the
 * handler does, a file, its lease. It writes a line for each thing that happens.
 *
 * - `wait`: until its signal fires, then writes its reason's code
 * - `block`: keeps the event loop busy for two leases
 * - `done`: appends the job's id to a file (a fourth argument), a little later
 */

import { createQueue } from "../../../src/queue/mod.ts";
import { AgentError } from "../../../src/shared/errors.ts";

const [redis = "", name = "", what = "", file = "", lease = "400"] = Deno.args;
const leaseMs = Number(lease);

await using queue = createQueue<number, string>({
  name,
  store: { redis },
  leaseMs,
  concurrency: 4,
  retention: { doneMs: Infinity, doneCount: Infinity },
});

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

const worker = queue.process(async (job, signal) => {
  say(`runs ${job.data}`);
  if (what === "wait") {
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    say(`aborted ${AgentError.is(signal.reason) ? signal.reason.code : "?"}`);
  } else if (what === "block") {
    const end = performance.now() + 2 * leaseMs;
    while (performance.now() < end);
  } else {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
    Deno.writeTextFileSync(file, `${job.id}\n`, { append: true });
  }
  return what;
});
say("ready");
for await (const _ of Deno.stdin.readable);
await worker.close({ graceMs: 0 });
