/** Several processes on one queue: cancelling across them, workers that die or block, at least once and never for ever. */

import assert from "assertions";
import { createQueue, type Queue } from "../../../src/queue/mod.ts";
import { AgentError } from "../../../src/shared/errors.ts";
import { testNeeding } from "../../support/needs.ts";
import { bareEnvironment, DENO, ROOT, temporary } from "../../support/programs.ts";
import { missing, sharedServer } from "../../support/redis.ts";
import { delay } from "../../support/values.ts";

const server = sharedServer();
const ROUNDS = 8;
const LEASE_MS = 400;

/** Another process, `program.ts`. */
class Other implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(name: string, what: string, file = "", leaseMs = LEASE_MS, ...more: string[]) {
    const permissions = [
      `--allow-net=127.0.0.1:${server().port}`,
      `--allow-write=${file || ROOT}`,
      ...more,
    ];
    this.#process = new Deno.Command(DENO, {
      args: [
        ...["run", "--no-prompt", "--quiet", "--config", `${ROOT}deno.json`, ...permissions],
        ...[`${ROOT}tests/queue/redis/program.ts`, server().url(), name, what, file, `${leaseMs}`],
      ],
      clearEnv: true,
      env: bareEnvironment(),
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#reader = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Waits until it has written a line. */
  async said(line: string): Promise<void> {
    while (!this.#text.includes(`${line}\n`)) {
      const { done, value } = await this.#reader.read();
      if (done) throw new Error(`it ended without saying "${line}"`);
      this.#text += value;
    }
  }

  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stdin.close().catch(() => {});
    await this.#reader.cancel();
    await this.#process.status;
  }
}

function open(name: string, leaseMs = LEASE_MS): Queue<number, string> {
  return createQueue<number, string>({
    name,
    store: { redis: server().url() },
    leaseMs,
    retention: { doneMs: Infinity, doneCount: Infinity },
  });
}

testNeeding(
  [missing],
  "queue (Redis): a job that runs in another process is cancelled",
  async () => {
    await using queue = open("elsewhere");
    await using other = new Other("elsewhere", "wait");
    const job = await queue.add(1, { retries: 3 });
    const result = job.result();
    await other.said("runs 1");
    assert.equal(await job.cancel(), true);
    await assert.rejects(result, (error) => AgentError.is(error, "CANCELLED"));
    await other.said("aborted CANCELLED");
    assert.equal(await queue.get(job.id), undefined);
    assert.equal(await job.cancel(), false);
  },
);

testNeeding([missing], "queue (Redis): cancelling what a dead worker held says so", async () => {
  await using queue = open("held");
  const other = new Other("held", "wait");
  const job = await queue.add(1);
  await other.said("runs 1");
  await other.kill();
  await assert.rejects(job.cancel(), (error: Error) => {
    assert.ok(AgentError.is(error, "UNAVAILABLE"));
    assert.match(error.message, /gone or cut off/);
    return true;
  });
  queue.process(() => "here");
  assert.equal(await job.result(), "here");
});

testNeeding(
  [missing],
  "queue (Redis): a worker that blocks for two leases keeps its job where a Worker can be made",
  async () => {
    const leaseMs = 1_500;
    await using queue = open("kept", leaseMs);
    await using other = new Other("kept", "block", "", leaseMs, `--allow-read=${ROOT}src`);
    const job = await queue.add(1);
    await other.said("runs 1");
    // It would be taken here as soon as its lock ends.
    let runs = 0;
    queue.process(() => {
      runs++;
      return "here";
    });
    assert.equal(await job.result(), "block");
    assert.equal(runs, 0);
    const { done, dead, waiting, running } = await queue.stats();
    assert.deepEqual([done, dead, waiting, running], [1, 0, 0, 0]);
  },
);

testNeeding(
  [missing],
  "queue (Redis): one that blocks for two leases where none can be made is fenced",
  async () => {
    await using queue = open("blocked");
    await using other = new Other("blocked", "block");
    const job = await queue.add(1);
    await other.said("runs 1");
    queue.process(() => "here");
    assert.equal(await job.result(), "here");
    // What the other one says when it comes to itself is refused.
    await delay(1_200);
    assert.equal(await queue.result(job.id), "here");
    const { done, dead, waiting, running } = await queue.stats();
    assert.deepEqual([done, dead, waiting, running], [1, 0, 0, 0]);
  },
);

testNeeding([missing], "queue (Redis): kill -9 of workers loses no job", async () => {
  await temporary(async (folder) => {
    await using queue = open("killed");
    const file = `${folder}/done.txt`;
    Deno.writeTextFileSync(file, "");
    const ids: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const other = new Other("killed", "done", file);
      const jobs = await queue.addMany(Array.from({ length: 40 }, (_, i) => i));
      ids.push(...jobs.map(({ id }) => id));
      await other.said("ready");
      await delay(Math.random() * 60);
      await other.kill();
    }
    await using _last = new Other("killed", "done", file);
    await queue.drain();
    const done = new Set(Deno.readTextFileSync(file).split("\n"));
    for (const id of ids) assert.ok(done.has(id), `job ${id} was never done`);
    const stats = await queue.stats();
    assert.deepEqual([stats.done, stats.dead], [ids.length, 0]);
  });
});
