/**
 * BullMQ under Node: does what each line of its input says ("both" or "add", see bench/lib/queue_file.ts) and answers with
 * the milliseconds that it took. Arguments: the folder of its packages, the server's port, how many jobs.
 */

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [folder, port, jobs] = process.argv.slice(2);
const { Queue, Worker } = createRequire(`${folder}bench.js`)("bullmq");
const connection = { host: "127.0.0.1", port: Number(port), maxRetriesPerRequest: null };
const count = Number(jobs);
const queue = new Queue("bench", { connection });
queue.on("error", () => {});
await queue.waitUntilReady();

async function callers(number) {
  let next = 0;
  await Promise.all(Array.from({ length: number }, async () => {
    while (next < count) await queue.add("job", { n: next++ });
  }));
}

async function both() {
  let done = 0;
  let finished;
  const all = new Promise((resolve) => finished = resolve);
  const handler = () => {
    if (++done === count) finished();
    return Promise.resolve({ ok: true });
  };
  const options = { connection, concurrency: 16, removeOnComplete: { count: 1000 } };
  const worker = new Worker("bench", handler, options);
  await worker.waitUntilReady();
  const start = performance.now();
  await callers(16);
  await all;
  const time = performance.now() - start;
  await worker.close();
  return time;
}

async function add() {
  const start = performance.now();
  await callers(100);
  const time = performance.now() - start;
  await queue.drain();
  return time;
}

process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${await (line === "both" ? both() : add())}\n`);
}
await queue.close();
