/**
 * A limiter on Redis: what several processes use together of a limit that all want more of, whether it is ever more than
 * there is, and what a reservation takes that need not wait, which is a round trip.
 */

import type { Bar, Context, Fact, Figures } from "./area.ts";
import { ROOT, runProgram } from "./programs.ts";

const SERVER = "redis-server";
const PORT = 26_392;
const PROCESSES = 4;
const LIMIT = 1_000;
const WINDOWS = 6;
/** Until all processes have begun. */
const BEGIN_MS = 4_000;

const USED = `share of a limit on Redis that ${PROCESSES} processes use together`;
const SHORTEST = "the shortest time in which one more than the limit on Redis was reserved";

/** Measures it; takes some twenty seconds. */
export async function redisFacts(context: Context): Promise<Fact[]> {
  if (context.quick) return [];
  if (!context.may({ name: "run", command: SERVER }) || !isThere()) {
    context.leaveOut(`limiters on Redis (needs ${SERVER} and --allow-run=${SERVER})`);
    return [];
  }
  context.note(`${PROCESSES} processes that share a limit on Redis`);
  const server = new Deno.Command(SERVER, {
    args: ["--port", `${PORT}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    const facts = await shared();
    for (const atOnce of [1, 64]) {
      const us = await run<number>(`cost ${atOnce}`, "cost", atOnce, 10_000);
      facts.push({
        name: `reserve and settle on Redis, ${atOnce} at once`,
        value: us,
        unit: "\u00b5s",
      });
    }
    return facts;
  } finally {
    server.kill("SIGKILL");
    await server.status;
  }
}

/** What was promised. */
export function redisBar(figures: Figures): Bar {
  const name = `What ${PROCESSES} processes together use of a limit on Redis`;
  const promised = "98 to 100 %";
  const used = figures.fact(USED);
  if (used === undefined) return { name, promised };
  // A time is read when a process sees its reservation, which is late where the machine is busy; so is the shortest.
  return { name, promised, measured: `${used.toFixed(2)} %`, met: used >= 98 && used <= 100.5 };
}

async function shared(): Promise<Fact[]> {
  const endAt = Date.now() + BEGIN_MS + (WINDOWS + 1) * 1_000;
  const each = Array.from(
    { length: PROCESSES },
    () => run<number[]>("share", "share", LIMIT, endAt),
  );
  const times = (await Promise.all(each)).flat().sort((a, b) => a - b);
  // The last ones: by then all processes ask.
  const last = times.slice(-(LIMIT * WINDOWS + 1));
  if (last.length <= LIMIT * WINDOWS) throw new Error(`only ${last.length} were reserved`);
  let shortest = Infinity;
  for (let i = LIMIT; i < times.length; i++) {
    shortest = Math.min(shortest, times[i]! - times[i - LIMIT]!);
  }
  const spanMs = last.at(-1)! - last[0]!;
  return [
    { name: USED, value: 100 * WINDOWS * 1_000 / spanMs, unit: "%" },
    { name: SHORTEST, value: shortest, unit: "ms of 1,000" },
  ];
}

async function run<T>(name: string, ...args: (string | number)[]): Promise<T> {
  const output = await runProgram("programs/limiter_redis.ts", {
    flags: [`--allow-net=127.0.0.1:${PORT}`],
    args: [`${PORT}`, `bench ${name}`, ...args.map(String)],
  });
  return JSON.parse(output) as T;
}

function isThere(): boolean {
  try {
    return new Deno.Command(SERVER, { args: ["--version"] }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
