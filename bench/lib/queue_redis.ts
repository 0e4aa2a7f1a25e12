/**
 * Jobs a second by the queue on Redis under Deno, beside BullMQ alone under Node on the same server: each in a process
 * of its own, in turns. The jobs do nothing, 16 are added and 16 are done at once, and nothing is kept on disk.
 *
 * The server is what limits them, and it has more to do for a job with a priority and an id of its sender's, which all
 * of ours have: BullMQ is measured with such jobs and with its plainest.
 */

import { atLeast, type Bar, type Context, type Fact, type Figures } from "./area.ts";
import { PEERS_FOLDER } from "./peers.ts";
import { ROOT, runProgram } from "./programs.ts";

const PORT = 26_391;
const SERVER = "redis-server";
const NODE = "node";
const JOBS = ["3000", "20000"];
const ROUNDS = 3;
const UNIT = "jobs a second";

const OURS = "queue on Redis, added and done, 16 at once: Deno";
const SAME =
  "queue on Redis, added and done, 16 at once: BullMQ alone, Node, with ids and priorities as ours";
const PLAIN = "queue on Redis, added and done, 16 at once: BullMQ alone, Node, without";

/** Measures both; takes a minute. */
export async function queueRedisFacts(context: Context): Promise<Fact[]> {
  if (context.quick) return [];
  for (const program of [SERVER, NODE]) {
    if (mayRun(context, program)) continue;
    context.leaveOut(`the queue on Redis (needs ${program} and --allow-run=${program})`);
    return [];
  }
  const server = new Deno.Command(SERVER, {
    args: ["--port", `${PORT}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const ours: number[] = [];
  const same: number[] = [];
  const plain: number[] = [];
  try {
    for (let round = 1; round <= ROUNDS; round++) {
      context.note(`the queue on Redis, round ${round} of ${ROUNDS}`);
      const flags = [`--allow-net=127.0.0.1:${PORT}`];
      const args = [`${PORT}`, ...JOBS];
      ours.push(perSecond(await runProgram("programs/queue_redis_ours.ts", { flags, args })));
      same.push(perSecond(await runNode("same", args)));
      plain.push(perSecond(await runNode("bare", args)));
    }
  } finally {
    try {
      server.kill("SIGKILL");
    } catch {
      context.note(`the server had ended; is port ${PORT} taken?`);
    }
    await server.status;
  }
  return [
    { name: OURS, value: median(ours), unit: UNIT },
    { name: SAME, value: median(same), unit: UNIT },
    { name: PLAIN, value: median(plain), unit: UNIT },
  ];
}

/** What was promised. */
export function queueRedisBars(figures: Figures): Bar[] {
  const ours = figures.fact(OURS);
  const beside = (name: string) => {
    const theirs = figures.fact(name);
    return ours === undefined || theirs === undefined ? undefined : ours / theirs;
  };
  return [
    atLeast("Queue on Redis under Deno, beside BullMQ under Node doing the same", beside(SAME), 1),
    atLeast(
      "Queue on Redis under Deno, beside BullMQ's plainest jobs under Node",
      beside(PLAIN),
      0.9,
    ),
  ];
}

async function runNode(what: "same" | "bare", args: readonly string[]): Promise<string> {
  const program = new URL("programs/queue_redis_plain.mjs", import.meta.url).pathname;
  const [port = "", ...counts] = args;
  const { success, stdout } = await new Deno.Command(NODE, {
    args: [program, PEERS_FOLDER.pathname, port, what, ...counts],
    cwd: ROOT,
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("BullMQ under Node failed; deno task bench:peers installs it");
  return new TextDecoder().decode(stdout);
}

function mayRun(context: Context, command: string): boolean {
  if (!context.may({ name: "run", command })) return false;
  try {
    return new Deno.Command(command, { args: ["--version"] }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function perSecond(output: string): number {
  return (JSON.parse(output) as { perSecond: number }).perSecond;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
