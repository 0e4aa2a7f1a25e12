/**
 * Gets one address many times, in a process of its own, and says what that took.
 *
 * Arguments: how (native, pure, auto: fetchMany; "fetch": Deno's own, in a loop over a pool), the address, how many
 * times, how many at once. Prints JSON: milliseconds, CPU milliseconds, the most resident memory in bytes.
 * Needs all permissions: the system's figures of the process are read.
 */

import { createHttpClient } from "@agent/runtime/http";
import process from "node:process";
import { fetchMany, pooledFetch } from "../http_ways.ts";

const [how = "", url = "", count = "0", atOnce = "64"] = Deno.args;

const client = how === "fetch" ? undefined : createHttpClient({
  implementation: how as "native" | "pure" | "auto",
  allowPrivate: true,
  concurrency: Number(atOnce),
  perHost: Number(atOnce),
});
const get = client === undefined
  ? pooledFetch(Number(atOnce))
  : (url: string, count: number) => fetchMany(client, url, count);

await get(url, Number(atOnce));
const cpu = process.cpuUsage();
const begun = performance.now();
await get(url, Number(count));
const ms = performance.now() - begun;
const { user, system } = process.cpuUsage(cpu);
await client?.close();
const peak = /^VmHWM:\s*(\d+) kB/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1];
process.stdout.write(
  JSON.stringify({ ms, cpuMs: (user + system) / 1e3, peak: Number(peak) * 1024 }),
);
// What is pooled would keep it for a while.
Deno.exit(0);
