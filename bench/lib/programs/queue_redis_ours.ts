/**
 * Adds and does jobs by a queue on Redis, 16 at once, and writes how many a second. Arguments: the port, the warm-up's
 * number of jobs, and the number that is measured.
 */

import { createQueue } from "@agent/runtime/queue";

const [port, ...counts] = Deno.args.map(Number);
const AT_ONCE = 16;

await using queue = createQueue<number, number>({
  name: `bench-${Deno.pid}`,
  store: { redis: `redis://127.0.0.1:${port}`, timeoutMs: 20_000 },
  concurrency: AT_ONCE,
});
let left = 0;
let ended = Promise.withResolvers<void>();
queue.process((job) => {
  if (--left === 0) ended.resolve();
  return job.data;
});

async function round(count: number): Promise<number> {
  ended = Promise.withResolvers();
  left = count;
  let next = 0;
  const start = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < count) await queue.add(next++);
  }));
  await ended.promise;
  await queue.drain();
  return count / (performance.now() - start) * 1_000;
}

let perSecond = 0;
for (const count of counts) perSecond = await round(count);
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify({ perSecond })));
