/**
 * Computes in Workers, on all cores, with jobs in a file: what was taken is done even if the program is killed, and done
 * once more by whoever comes next.
 *
 * deno run --allow-read --allow-write=. examples/queue_workers.ts 10000 20000 30000
 */

import { createQueue, workerPool } from "@agent/runtime/queue";

// A module whose default export does the work; a file of your project, as import.meta.resolve("./primes.ts") gives it.
const primes = `data:text/javascript,${
  encodeURIComponent(`
  export default (below) => {
    let count = 0;
    for (let n = 2; n < below; n++) {
      let divisor = 2;
      while (divisor * divisor <= n && n % divisor !== 0) divisor++;
      if (divisor * divisor > n) count++;
    }
    return count;
  };
`)
}`;

await using pool = workerPool<number, number>(primes);
await using queue = createQueue<number, number>({
  store: { file: "primes.sqlite" },
  concurrency: pool.size,
});
queue.process(pool.handler);
const jobs = await Promise.all(
  Deno.args.map((below) => queue.add(Number(below), { retries: 2, timeoutMs: 60_000 })),
);
for (const [at, job] of jobs.entries()) {
  console.log(`${await job.result()} primes below ${Deno.args[at]}`);
}
