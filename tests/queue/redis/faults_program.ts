/**
 * A process that works on a queue on Redis, and adds jobs to it if it is told to, until its input ends or it is killed.
 * Writes a line for each job that was acknowledged ("added ID"), for each run that begins ("ran ID RUN", RUN being the
 * job's result), and for what goes wrong but that the server is away ("error TEXT"). Arguments: the URL, the lease in
 * milliseconds, `add` or `work`.
 */

import { createQueue } from "../../../src/queue/mod.ts";
import { AgentError } from "../../../src/shared/errors.ts";

const [redis = "", leaseMs = "", what = ""] = Deno.args;

const encoder = new TextEncoder();
/** At once: what is buffered is lost with the process. */
const say = (line: string): void => {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
};
const complain = (error: unknown): void => {
  if (!AgentError.is(error, "UNAVAILABLE")) say(`error ${error}`);
};

const queue = createQueue<number, string>({
  name: "faults",
  store: { redis, timeoutMs: 20_000 },
  leaseMs: Number(leaseMs),
  retention: { doneMs: Infinity, doneCount: Infinity },
});
let going = true;
const ended = (async () => {
  for await (const _ of Deno.stdin.readable);
  going = false;
})();
queue.process(async (job) => {
  const run = crypto.randomUUID();
  say(`ran ${job.id} ${run}`);
  if (job.data % 3 === 0) await new Promise((resolve) => setTimeout(resolve, job.data % 20));
  return run;
}, { concurrency: 8, onError: complain });
say("ready");
if (what === "add") {
  let next = 0;
  await Promise.all(Array.from({ length: 4 }, async () => {
    while (going) {
      try {
        const job = await queue.add(next++, { priority: next % 3 });
        say(`added ${job.id}`);
      } catch (error) {
        complain(error);
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }));
}
await ended;
await queue.drain();
await queue.close();
