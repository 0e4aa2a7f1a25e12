/**
 * Reserves from a limiter on Redis, and writes what came of it as JSON. Arguments: the port, the limiter's name, and
 * either `share` with the limit in a second and how long to go on, in milliseconds since 1970 at which it ends, which
 * gives the times of all reservations; or `cost` with how many are under way at once and how many there are in all,
 * which gives the microseconds of one.
 */

import { createLimiter } from "@agent/runtime/http";

const [port = "", name = "", what = "", first = "", second = ""] = Deno.args;
const redis = `redis://127.0.0.1:${port}`;
const MUCH = 1e9;
/** How many of a process ask at once, so that somebody always waits. */
const ASKING = 16;

async function share(limit: number, endAt: number): Promise<number[]> {
  const limiter = createLimiter({ name, redis, requestsPerSecond: limit, redisTimeoutMs: 10_000 });
  const times: number[] = [];
  await Promise.all(Array.from({ length: ASKING }, async () => {
    for (let left = endAt - Date.now(); left > 0; left = endAt - Date.now()) {
      try {
        const reservation = await limiter.reserve(1, { timeoutMs: left });
        times.push(performance.timeOrigin + performance.now());
        reservation.settle();
      } catch {
        return;
      }
    }
  }));
  await limiter.close();
  return times;
}

async function cost(atOnce: number, count: number): Promise<number> {
  const limiter = createLimiter({ name, redis, requestsPerMinute: MUCH, tokensPerMinute: MUCH });
  let left = 0;
  const run = async (): Promise<void> => {
    while (left-- > 0) (await limiter.reserve(10)).settle(10);
  };
  let start = 0;
  for (const round of [count / 4, count]) {
    left = round;
    start = performance.now();
    await Promise.all(Array.from({ length: atOnce }, run));
  }
  const us = (performance.now() - start) * 1_000 / count;
  await limiter.close();
  return us;
}

const said = what === "share"
  ? await share(Number(first), Number(second))
  : await cost(Number(first), Number(second));
await new Blob([JSON.stringify(said)]).stream().pipeTo(Deno.stdout.writable);
