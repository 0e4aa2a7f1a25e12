/**
 * Scans of a host behind a link with delay and loss, by a twin or by another program; prints as JSON what was to be
 * found, what was found and how long it took. Run in a network namespace:
 *
 *     deno run -A lossy_program.ts scan TWIN PORTS DELAY_MS LOSS ROUNDS
 *     deno run -A lossy_program.ts scan nmap PORTS DELAY_MS LOSS ROUNDS
 */

import { fileURLToPath } from "node:url";
import { scanPorts } from "@agent/runtime/security";
import type { TwinName } from "../../support/twins.ts";

const SELF = fileURLToPath(import.meta.url);
const LINK = fileURLToPath(new URL("../../support/lossy_link.ts", import.meta.url));
const FAR = "10.98.0.2";
const LISTENERS = 20;

const [role = "", how = "", ports = "", delayMs = "10", loss = "0.01", rounds = "1"] = Deno.args;

function print(value: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(value)}\n`));
}

/** Starts a program and waits for its first line. */
async function started(
  program: string,
  args: string[],
): Promise<{ child: Deno.ChildProcess; line: string }> {
  const child = new Deno.Command(program, { args, stdin: "null", stdout: "piped" }).spawn();
  const reader = child.stdout.getReader();
  let line = "";
  while (!line.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`${program} ended before it was ready`);
    line += new TextDecoder().decode(value);
  }
  reader.releaseLock();
  return { child, line };
}

async function scanned(): Promise<number[]> {
  if (how !== "nmap") {
    const implementation = how as TwinName;
    const rates = { rate: Infinity, hostRate: Infinity };
    const report = await scanPorts(FAR, { ports, implementation, ...rates });
    return report.ports.map(({ port }) => port);
  }
  const args = ["-sT", "-T4", "-n", "-Pn", "-p", ports === "all" ? "-" : ports, "-oG", "-", FAR];
  const { stdout } = await new Deno.Command("nmap", { args }).output();
  const found = new TextDecoder().decode(stdout).matchAll(/(\d+)\/open\/tcp/g);
  return Array.from(found, (match) => Number(match[1]));
}

/** The far end: listens at some of the ports, evenly, and waits for its end. */
async function listen(): Promise<void> {
  const [first = 1, last = 65_535] = ports === "all" ? [] : ports.split("-").map(Number);
  const step = Math.floor((last - first + 1) / LISTENERS);
  const own = Array.from({ length: LISTENERS }, (_, at) => first + at * step);
  for (const port of own) Deno.listen({ hostname: "0.0.0.0", port });
  print(own);
  await new Promise((resolve) => setTimeout(resolve, 600_000));
}

async function main(): Promise<void> {
  if (role === "listen") return await listen();
  const far = await started("unshare", [
    "--net",
    Deno.execPath(),
    "run",
    "-A",
    SELF,
    "listen",
    how,
    ports,
  ]);
  const link = await started(Deno.execPath(), [
    "run",
    "-A",
    LINK,
    String(far.child.pid),
    delayMs,
    loss,
    "4711",
  ]);
  try {
    const own = JSON.parse(far.line) as number[];
    const results = [];
    for (let round = 0; round < Number(rounds); round++) {
      const start = performance.now();
      const found = await scanned();
      results.push({ found, ms: performance.now() - start });
    }
    print({ own, results });
  } finally {
    for (const { child } of [link, far]) child.kill("SIGKILL");
  }
}

await main();
Deno.exit(0);
