/**
 * The same with BullMQ alone, under Node with ioredis. Arguments: the folder with its packages, the port, `bare` or `same`,
 * the warm-up's number of jobs, and the number that is measured. With `same`, each job has what each of ours has: an id
 * that its sender gives, so that it is there once however often it is sent, and a priority.
 */

import { createRequire } from "node:module";
import process from "node:process";

const [packages, port, what, ...counts] = process.argv.slice(2);
const { Queue, Worker } = createRequire(packages)("bullmq");
const AT_ONCE = 16;

const connection = { host: "127.0.0.1", port: Number(port) };
const name = `bench-${process.pid}`;
// What is done is kept as long as the queue keeps it; unless told, BullMQ keeps it for ever.
const removeOnComplete = { age: 3_600, count: 1_000 };
const optionsOf = what === "same"
  ? (n) => ({ jobId: `${Date.now().toString(36)}job${1_000_000_000 + n}`, priority: 1_000_001 })
  : () => undefined;
const queue = new Queue(name, { connection, defaultJobOptions: { removeOnComplete } });
let left = 0;
let ended;
const work = (job) => {
  if (--left === 0) ended();
  return job.data;
};
const worker = new Worker(name, (job) => Promise.resolve(work(job)), {
  connection,
  concurrency: AT_ONCE,
});
await worker.waitUntilReady();

async function round(count) {
  const all = new Promise((resolve) => ended = resolve);
  left = count;
  let next = 0;
  const start = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < count) {
      const n = next++;
      await queue.add("job", n, optionsOf(n));
    }
  }));
  await all;
  for (;;) {
    const { active, waiting, prioritized } = await queue.getJobCounts(
      "active",
      "waiting",
      "prioritized",
    );
    if (active + waiting + prioritized === 0) break;
  }
  return count / (performance.now() - start) * 1_000;
}

let perSecond = 0;
for (const count of counts) perSecond = await round(Number(count));
process.stdout.write(JSON.stringify({ perSecond }));
await worker.close();
await queue.close();
