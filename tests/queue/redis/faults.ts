/** What is done to processes that share a queue on Redis, and to its server, for the tests and for the long soak. */

import assert from "assertions";
import { createQueue } from "../../../src/queue/mod.ts";
import { bareEnvironment, DENO, ROOT } from "../../support/programs.ts";
import { Server } from "../../support/redis.ts";
import { delay } from "../../support/values.ts";

const LEASE_MS = 400;
/** After so long a process or a server does not come any more. */
const COMES_MS = 60_000;

/** What came of it. */
export interface Broken {
  /** Jobs that were acknowledged. */
  readonly added: number;
  /** Runs beyond the first of a job. */
  readonly again: number;
  /** How often a process was killed, one was stopped for two leases, and the server was killed and started again. */
  readonly faults: Record<Fault, number>;
}

type Fault = "kill" | "stop" | "restart";
const FAULTS: readonly Fault[] = ["kill", "stop", "restart"];

/** A run of a job. */
interface Run {
  readonly id: string;
  /** Whether its process had stood still before it said so: then others may have begun after it. */
  readonly late: boolean;
}

/** What all processes said. */
class Said {
  readonly added = new Set<string>();
  /** The runs of a job, in the order in which they were told of. */
  readonly runs = new Map<string, Run[]>();
  readonly errors: string[] = [];
}

/** A process of `faults_program.ts`. */
class Program {
  readonly process: Deno.ChildProcess;
  readonly #said: Said;
  readonly #listening: Promise<void>;
  ready = false;
  /** Whether it has stood still. */
  stopped = false;

  constructor(said: Said, server: Server, what: "add" | "work") {
    this.#said = said;
    this.process = new Deno.Command(DENO, {
      args: [
        ...["run", "--no-prompt", "--quiet", "--config", `${ROOT}deno.json`],
        `--allow-net=127.0.0.1:${server.port}`,
        ...[`${ROOT}tests/queue/redis/faults_program.ts`, server.url(), `${LEASE_MS}`, what],
      ],
      clearEnv: true,
      env: bareEnvironment(),
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#listening = this.#listen();
  }

  async #listen(): Promise<void> {
    const { added, runs, errors } = this.#said;
    let rest = "";
    for await (const text of this.process.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        const [word, id = "", run = ""] = line.split(" ");
        if (word === "ready") this.ready = true;
        else if (word === "added") added.add(id);
        else if (word === "ran") {
          const known = runs.get(id) ?? [];
          runs.set(id, known);
          known.push({ id: run, late: this.stopped });
        } else errors.push(line);
      }
    }
  }

  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.process.status;
    await this.#listening;
    await this.process.stdin.close().catch(() => {});
  }

  async finish(): Promise<void> {
    await this.process.stdin.close();
    const { code } = await this.process.status;
    await this.#listening;
    assert.equal(code, 0);
  }
}

/**
 * Kills and stops processes that add jobs and work on them, and restarts the server, again and again at moments that
 * nobody chose, while another process goes on; then lets that one finish, and checks that each job that was acknowledged
 * is done, and that what is kept is the result of the run that held it last.
 *
 * @param rounds How often.
 * @param chance Numbers from 0 to 1.
 */
export async function broken(rounds: number, chance: () => number): Promise<Broken> {
  await using server = await Server.start("--appendonly", "yes", "--appendfsync", "always");
  const said = new Said();
  const faults = { kill: 0, stop: 0, restart: 0 };
  const steady = new Program(said, server, "work");
  await come(() => steady.ready);
  for (let round = 0; round < rounds; round++) {
    const program = new Program(said, server, "add");
    const before = said.added.size;
    await come(() => said.added.size >= before + 5);
    await delay(chance() * 150);
    const fault = FAULTS[round % FAULTS.length]!;
    faults[fault]++;
    if (fault === "stop") {
      program.process.kill("SIGSTOP");
      // What it had said before is still read, and was said in time.
      await delay(20);
      program.stopped = true;
      await delay(2 * LEASE_MS);
      program.process.kill("SIGCONT");
      await delay(chance() * 100);
    } else if (fault === "restart") {
      await server.kill();
      await delay(chance() * 100);
      await server.resume();
      const start = said.added.size;
      await come(() => said.added.size >= start + 5);
    }
    await program.kill();
  }
  await steady.finish();
  assert.deepEqual(said.errors, []);
  await checkAllDone(server, said);
  let again = 0;
  for (const runs of said.runs.values()) again += runs.length - 1;
  return { added: said.added.size, again, faults };
}

async function come(condition: () => boolean): Promise<void> {
  const end = performance.now() + COMES_MS;
  while (!condition()) {
    assert.ok(performance.now() < end, "nothing was done for a minute");
    await delay(5);
  }
}

async function checkAllDone(server: Server, { added, runs }: Said): Promise<void> {
  await using queue = createQueue<number, string>({
    name: "faults",
    store: { redis: server.url(), timeoutMs: 20_000 },
  });
  const { waiting, running, delayed, dead } = await queue.stats();
  assert.deepEqual([waiting, running, delayed, dead], [0, 0, 0, 0]);
  for (const id of added) {
    const job = await queue.get(id);
    assert.equal(job?.state, "done", `${id} was acknowledged`);
    const ran = runs.get(id) ?? [];
    const last = ran.findLast(({ late }) => !late);
    const kept = ran.find(({ id }) => id === job.result);
    assert.ok(kept !== undefined, `${id} has the result of no run`);
    assert.ok(kept.late || kept === last, `${id} has the result of a run that had lost it`);
  }
}
