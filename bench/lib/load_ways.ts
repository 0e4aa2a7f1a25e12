/** The ways of putting a server under load that are compared: each for a second with so many connections. */

import { loadTest } from "@agent/runtime/monitor";
import { fileURLToPath } from "node:url";
import type { Twin } from "./group.ts";
import { PEERS_FOLDER } from "./peers.ts";
import { ROOT } from "./programs.ts";

const SECONDS = 1;
/** All have as many threads as this machine has processors, which the server shares. */
const THREADS = navigator.hardwareConcurrency;
const AUTOCANNON = fileURLToPath(new URL("autocannon/autocannon.js", PEERS_FOLDER));
const STALL = fileURLToPath(new URL("./programs/stall_server.ts", import.meta.url));

/** Requests a second by `loadTest`. */
export async function byLoadTest(
  url: string,
  connections: number,
  implementation: Twin,
): Promise<number> {
  const report = await loadTest(url, { connections, durationMs: SECONDS * 1_000, implementation });
  if (report.failed > 0) throw new Error(`loadTest: ${JSON.stringify(report.errors)}`);
  return report.achievedRate;
}

/** Requests a second by wrk. */
export async function byWrk(url: string, connections: number): Promise<number> {
  const said = await output("wrk", [`-t${THREADS}`, `-c${connections}`, `-d${SECONDS}s`, url]);
  const rate = Number(/^Requests\/sec:\s+([\d.]+)$/m.exec(said)?.[1]);
  if (!(rate > 0) || /Non-2xx|Socket errors/.test(said)) throw new Error(`wrk: ${said}`);
  return rate;
}

/** Requests a second by oha. What is under way at the end is no failure, and no request that is counted. */
export async function byOha(url: string, connections: number): Promise<number> {
  const asked = ["-c", `${connections}`, "-z", `${SECONDS}s`, "--no-tui"];
  const said = await output("oha", [...asked, "--output-format", "json", url]);
  const { summary, statusCodeDistribution, errorDistribution } = JSON.parse(said) as {
    summary: { total: number };
    statusCodeDistribution: Record<string, number>;
    errorDistribution: Record<string, number>;
  };
  const others = Object.entries(statusCodeDistribution).filter(([status]) => status !== "200");
  const errors = Object.keys(errorDistribution).filter((error) => !/deadline/.test(error));
  if (others.length + errors.length > 0) throw new Error(`oha: ${said}`);
  return (statusCodeDistribution["200"] ?? 0) / summary.total;
}

/** Requests a second by autocannon under Node. */
export async function byAutocannon(url: string, connections: number): Promise<number> {
  const counts = ["-c", `${connections}`, "-d", `${SECONDS}`, "-w", `${THREADS}`];
  const said = await output("node", [AUTOCANNON, ...counts, "--json", "--no-progress", url]);
  const { requests, duration, errors, non2xx } = JSON.parse(said) as {
    requests: { total: number };
    duration: number;
    errors: number;
    non2xx: number;
  };
  if (errors + non2xx > 0) throw new Error(`autocannon: ${errors} errors, ${non2xx} not 2xx`);
  return requests.total / duration;
}

/** Whether a program is there; some fail as nothing else was asked of them than their version. */
export function isInstalled(program: string, version: string): boolean {
  try {
    new Deno.Command(program, { args: [version], stdout: "null", stderr: "null" }).outputSync();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * The p99 that `loadTest` gives of a server that stalls for 1 s in every 10 s, milliseconds. A tenth of all starts meets the
 * stall and waits from 0 to 1,000 ms, evenly, so that 1 of 100 waits longer than 900.
 */
export async function stallP99(rate: number, durationMs: number): Promise<number> {
  const server = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-net=127.0.0.1", STALL],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const port = (await reader.read()).value!.trim();
  try {
    const report = await loadTest(`http://127.0.0.1:${port}/`, {
      rate,
      durationMs,
      connections: 50,
      timeoutMs: 5_000,
      implementation: "native",
    });
    if (report.succeeded !== report.requests) throw new Error(JSON.stringify(report.errors));
    return report.response.p99;
  } finally {
    await server.stdin.close();
    await reader.cancel();
    await server.status;
  }
}

async function output(program: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${program}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}
