/**
 * What the monitor is measured with, in processes of their own that may do everything. The first argument says what:
 *
 * - `sleep <count>`: holds so many processes that do nothing, until its input ends;
 * - `pure`: a snapshot by the pure twin for each byte of its input, answered with a line;
 * - `exporter <scrapes>`: node_exporter with the collectors for the same figures; prints the milliseconds of CPU that a scrape took it, or
 *   nothing if it is not installed.
 */

import { openSource } from "../../../src/monitor/source/mod.ts";

const [what, count] = Deno.args as [string, string | undefined];
const PORT = 26_391;
const COLLECTORS =
  "cpu diskstats filesystem hwmon loadavg meminfo netdev pressure processes stat thermal_zone vmstat"
    .split(" ");

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

async function eachByte(body?: () => Promise<void>): Promise<void> {
  const byte = new Uint8Array(1);
  while (await Deno.stdin.read(byte) !== null) await body?.();
}

async function sleep(): Promise<void> {
  const children = Array.from(
    { length: Number(count) },
    () => new Deno.Command("/bin/sleep", { args: ["3600"], stdin: "null" }).spawn(),
  );
  say("ready");
  await eachByte();
  for (const child of children) child.kill("SIGKILL");
  for (const child of children) await child.status;
}

async function pure(): Promise<void> {
  const source = openSource({ implementation: "pure" });
  let before = await source.read();
  say("ready");
  await eachByte(async () => {
    const now = await source.read();
    say(String(source.derive(before, now).processes!.count));
    before = now;
  });
}

async function exporter(): Promise<void> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("prometheus-node-exporter", {
      args: [
        `--web.listen-address=127.0.0.1:${PORT}`,
        "--collector.disable-defaults",
        ...COLLECTORS.map((name) => `--collector.${name}`),
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  } catch {
    return;
  }
  try {
    const scrape = async (): Promise<void> => {
      const response = await fetch(`http://127.0.0.1:${PORT}/metrics`);
      await response.bytes();
    };
    for (let attempt = 0;; attempt++) {
      try {
        await scrape();
        break;
      } catch (error) {
        if (attempt === 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    for (let i = 0; i < 5; i++) await scrape();
    const began = ticks(child.pid);
    for (let i = 0; i < Number(count); i++) await scrape();
    say(String((ticks(child.pid) - began) * 10 / Number(count)));
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
}

/** Hundredths of a second of CPU that a process took. */
function ticks(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

switch (what) {
  case "sleep":
    await sleep();
    break;
  case "pure":
    await pure();
    break;
  case "exporter":
    await exporter();
}
