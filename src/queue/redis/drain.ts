/**
 * Waiting until nothing is left to be done. BullMQ tells of each job that ends; what is asked here is whether one is
 * left, at growing pauses, by one script: what is counted in several looks may move from one place to another between.
 *
 * @module
 */

import type { Connection, Opened } from "./connection.ts";

const FIRST_PAUSE_MS = 10;
const LAST_PAUSE_MS = 500;
/** The longest pause before a new try, with a minute more for clocks that differ. */
const MOST_RETRY_MS = 3_660_000;
/** BullMQ's scores of delayed jobs are their times, times this. */
const DELAYED_STEP = 4_096;

/** The lists and sets of BullMQ in which a job is not for later. */
const LISTS = ["wait", "paused", "active"];
const SETS = ["prioritized", "waiting-children"];

/**
 * Whether a job is left: KEYS are the lists, the sets and the delayed ones, ARGV how many lists there are, whether
 * delayed ones count, the prefix of the jobs' keys, and the last score at which one may wait for a new try.
 */
const SCRIPT = `
local lists = tonumber(ARGV[1])
for i = 1, #KEYS - 1 do
  local count = i <= lists and redis.call("LLEN", KEYS[i]) or redis.call("ZCARD", KEYS[i])
  if count > 0 then return 1 end
end
local delayed = KEYS[#KEYS]
if ARGV[2] == "1" then return redis.call("ZCARD", delayed) > 0 and 1 or 0 end
for _, id in ipairs(redis.call("ZRANGEBYSCORE", delayed, "-inf", ARGV[4])) do
  if tonumber(redis.call("HGET", ARGV[3] .. id, "atm") or "0") > 0 then return 1 end
end
return 0`;

/** Resolves when nothing waits, runs, or pauses before a new try. */
export async function drained(
  connection: Connection,
  { delayed, signal }: { readonly delayed: boolean; readonly signal: AbortSignal | undefined },
): Promise<void> {
  for (let pause = FIRST_PAUSE_MS;; pause = Math.min(pause * 1.5, LAST_PAUSE_MS)) {
    signal?.throwIfAborted();
    if (!await connection.call((opened) => isOneLeft(opened, delayed))) return;
    signal?.throwIfAborted();
    await pauseFor(pause, signal);
  }
}

async function isOneLeft({ queue, calls }: Opened, delayed: boolean): Promise<boolean> {
  const keys = [...LISTS, ...SETS, "delayed"].map((name) => queue.toKey(name));
  const last = `${(Date.now() + MOST_RETRY_MS) * DELAYED_STEP}`;
  const args = [`${LISTS.length}`, delayed ? "1" : "0", queue.toKey(""), last];
  return await calls.sendCommand(["EVAL", SCRIPT, `${keys.length}`, ...keys, ...args]) === 1;
}

function pauseFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
