/**
 * A process that adds jobs to a queue in a file and works on them, until its input ends or it is killed. Writes a line
 * for each job that was acknowledged ("added ID") and for each that it ran ("ran ID").
 */

import { createQueue } from "../../../src/queue/mod.ts";

const [file, implementation, synchronous, leaseMs] = Deno.args as [
  string,
  "native" | "pure",
  "full" | "normal",
  string,
];

const encoder = new TextEncoder();
/** At once: what is buffered is lost with the process. */
const say = (line: string): void => {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
};

const queue = createQueue<number, number>({
  name: "faults",
  implementation,
  store: { file, synchronous },
  leaseMs: Number(leaseMs),
  retention: { doneMs: Infinity, doneCount: Infinity },
});
let going = true;
(async () => {
  for await (const _ of Deno.stdin.readable);
  going = false;
})();
queue.process(async (job) => {
  if (job.data % 3 === 0) await new Promise((resolve) => setTimeout(resolve, job.data % 5));
  say(`ran ${job.id}`);
  return Deno.pid;
}, { concurrency: 8, onError: (error) => say(`error ${error}`) });
let next = 0;
await Promise.all(Array.from({ length: 4 }, async () => {
  while (going) {
    const job = await queue.add(next++, next % 7 === 0 ? { group: `g${next % 3}` } : {});
    say(`added ${job.id}`);
    if (next % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}));
await queue.drain();
await queue.close();
