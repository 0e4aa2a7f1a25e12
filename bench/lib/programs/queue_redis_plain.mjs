/**
 * The same with BullMQ alone, under Node with ioredis. Arguments: the folder with its packages, the port, the warm-up's
 * number of jobs, and the number that is measured.
 */

import { createRequire } from "node:module";
import process from "node:process";

const [packages, port, ...counts] = process.argv.slice(2);
const { Queue, Worker } = createRequire(packages)("bullmq");
const AT_ONCE = 16;

const connection = { host: "127.0.0.1", port: Number(port) };
const name = `bench-${process.pid}`;
// What is done is kept as long as the queue keeps it; unless told, BullMQ keeps it for ever.
const removeOnComplete = { age: 3_600, count: 1_000 };
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
    while (next < count) await queue.add("job", next++);
  }));
  await all;
  for (;;) {
    const { active, waiting } = await queue.getJobCounts("active", "waiting");
    if (active + waiting === 0) break;
  }
  return count / (performance.now() - start) * 1_000;
}

let perSecond = 0;
for (const count of counts) perSecond = await round(Number(count));
process.stdout.write(JSON.stringify({ perSecond }));
await worker.close();
await queue.close();
