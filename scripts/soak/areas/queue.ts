/**
 * Queues: what was acknowledged is done, whatever workers are killed. A file on which two processes work, one of each
 * twin, of which one is killed every few seconds and started again; and queues in memory, named and on Redis, each
 * opened, worked off and closed.
 */

import { createQueue, type Queue, type QueueOptions } from "@agent/runtime/queue";
import { missing, Server } from "../../../tests/support/redis.ts";
import { type Context, inTurn, must, type Open, type TwinName, type Work } from "../work.ts";
import { LEASE_MS, NAME } from "./queue_names.ts";

/** A worker lives so long at least, and by chance up to twice as long. */
const LIFE_MS = 10_000;
const ADDED = 25;
/** Jobs that are looked at in a step. */
const CHECKED = 60;
/** A job that is done was told of by its worker, whose pipe may be read a little later. */
const TOLD_MS = 10_000;
/** All are done so long after the last worker was killed. */
const DONE_MS = 60_000;
/** For a server that is there: the packages of its client are loaded in this time, too, on a machine that does more. */
const REDIS_MS = 120_000;
/** How long it is remembered that a job ran which is known to be done, by a worker that was lost before it told so. */
const REMEMBERED_MS = 60_000;

/** A process that works on the file. */
class WorkerProcess {
  readonly #child: Deno.ChildProcess;
  readonly #read: Promise<void>;
  readonly #complaint: Promise<string>;

  constructor(file: string, twin: TwinName, take: (line: string) => void) {
    const program = new URL("queue_worker.ts", import.meta.url).pathname;
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-prompt", "--no-check", "--cached-only", "--allow-read"],
        ...["--allow-write", "--allow-ffi", "--allow-env", program, file, twin],
      ],
      ...{ stdin: "piped", stdout: "piped", stderr: "piped" },
    }).spawn();
    this.#child = child;
    this.#complaint = new Response(child.stderr).text();
    this.#read = (async () => {
      let rest = "";
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + text).split("\n");
        rest = lines.pop()!;
        lines.forEach(take);
      }
    })();
  }

  /** Kills it, and reads what it said before. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.#read;
    await this.#child.stdin.abort().catch(() => {});
    const complaint = await this.#complaint;
    must(complaint === "", complaint);
  }

  /** Lets it finish what it does. */
  async end(): Promise<void> {
    await this.#child.stdin.close();
    const { code } = await this.#child.status;
    await this.#read;
    must(code === 0, await this.#complaint);
  }
}

/** The file and its processes. */
class OnFile {
  readonly #context: Context;
  readonly #file: string;
  readonly #queue: Queue<number, number>;
  readonly #workers: (WorkerProcess | undefined)[] = [undefined, undefined];
  readonly #left = new Map<string, number>();
  readonly #ran = new Map<string, number>();
  #next = 0;
  #killed = 0;
  #killAt = 0;

  constructor(context: Context) {
    this.#context = context;
    this.#file = `${context.folder}/queue.db`;
    this.#queue = createQueue({
      ...{ name: NAME, leaseMs: LEASE_MS, implementation: inTurn(context.twins, 0) },
      store: { file: this.#file, synchronous: "normal" },
      retention: { doneMs: 600_000, doneCount: 5_000 },
    });
    this.#workers.forEach((_, slot) => this.#begin(slot));
  }

  async step(): Promise<void> {
    await this.#add();
    await this.#check(CHECKED);
    const now = performance.now();
    for (const [id, at] of this.#ran) {
      if (now - at < REMEMBERED_MS) break;
      this.#ran.delete(id);
    }
    if (now > this.#killAt) {
      const slot = this.#killed++ % this.#workers.length;
      await this.#workers[slot]!.kill();
      this.#begin(slot);
    }
  }

  /** Waits until all is done, and tells of what is not. */
  async close(): Promise<void> {
    const end = performance.now() + DONE_MS;
    while (this.#left.size > 0 && performance.now() < end) {
      await this.#check(this.#left.size);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    for (const id of this.#left.keys()) {
      const job = await this.#queue.get(id);
      this.#context.lost(`${id} was acknowledged and is ${job?.state ?? "gone"}`);
    }
    await Promise.all(this.#workers.map((worker) => worker!.end()));
    await this.#queue.close();
  }

  #begin(slot: number): void {
    const { twins, below } = this.#context;
    this.#workers[slot] = new WorkerProcess(this.#file, inTurn(twins, slot), (line) => {
      const [word, id = ""] = line.split(" ", 2) as [string, string?];
      if (word === "ran") this.#ran.set(id, performance.now());
      else if (word === "error") this.#context.lost(`a worker says ${line}`);
    });
    this.#killAt = performance.now() + (LIFE_MS + below(LIFE_MS)) / this.#workers.length;
  }

  async #add(): Promise<void> {
    const { below } = this.#context;
    const acknowledged = (jobs: readonly { id: string }[]): void => {
      for (const { id } of jobs) this.#left.set(id, performance.now());
    };
    acknowledged(await this.#queue.addMany(Array.from({ length: ADDED }, () => this.#next++)));
    const group = `g${below(4)}`;
    acknowledged([
      await this.#queue.add(this.#next++, { group, priority: below(10) }),
      await this.#queue.add(this.#next++, { delayMs: below(2_000), key: `key ${this.#next}` }),
      await this.#queue.addFlow({ data: this.#next++, children: [{ data: this.#next++ }] }),
    ]);
  }

  /** Looks at the oldest of those that are not known to be done. */
  async #check(most: number): Promise<void> {
    const { lost, did } = this.#context;
    for (const [id, at] of [...this.#left].slice(0, most)) {
      const job = await this.#queue.get(id);
      if (job?.state === "done") {
        if (!this.#ran.has(id)) {
          if (performance.now() - at < TOLD_MS) continue;
          lost(`${id} is done, and no worker said that it ran it`);
        }
        if (job.result !== (job.data as number) + 1) lost(`${id} has another's result`);
        did();
      } else if (job === undefined || job.state === "dead" || job.state === "cancelled") {
        lost(`${id} was acknowledged and is ${job?.state ?? "gone"}`);
      } else continue;
      this.#left.delete(id);
      this.#ran.delete(id);
    }
  }
}

/** A queue that is opened, worked off and closed: results, tries, flows, a cancelled and a dead one. */
async function whole(context: Context, options: QueueOptions): Promise<void> {
  const { did, lost, below } = context;
  await using queue = createQueue<number, number>({ ...options, concurrency: 8 });
  const failed = new Set<string>();
  queue.process(async (job, signal) => {
    signal.throwIfAborted();
    if (job.data < 0) throw new Error("dead by intent");
    if (job.data % 10 === 7 && !failed.has(job.id)) {
      failed.add(job.id);
      throw new Error("once");
    }
    if (job.data % 4 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await job.report({ at: job.data });
    return job.childResults.reduce((sum, one) => sum + one, job.data);
  });
  const data = Array.from({ length: 60 }, () => below(1_000));
  const jobs = await queue.addMany(data, { retries: 2, backoffMs: 1 });
  const flow = await queue.addFlow({ data: 1, children: [{ data: 2 }, { data: 3 }] });
  const dead = await queue.add(-1);
  const late = await queue.add(5, { delayMs: 60_000 });
  const results = await Promise.all(jobs.map((job) => job.result()));
  results.forEach((result, at) => {
    if (result !== data[at]) lost(`a job of ${data[at]} has the result ${result}`);
  });
  if (await flow.result() !== 6) lost("a flow has another result");
  if (await dead.result().then(() => true, () => false)) lost("a job that failed has a result");
  if (!await late.cancel()) lost("a job that waits could not be cancelled");
  await queue.purge("done");
  await queue.purge("dead");
  await queue.purge("cancelled");
  did(jobs.length + 6);
}

const open: Open = async (context): Promise<Work> => {
  const { twins } = context;
  const file = new OnFile(context);
  const server = missing === undefined ? await Server.start() : undefined;
  let turn = 0;
  return {
    everyMs: 500,
    async step() {
      turn++;
      await file.step();
      const implementation = inTurn(twins, turn);
      const kinds: QueueOptions[] = [{ implementation }];
      if (twins.includes("native")) kinds.push({ name: `named ${turn}` });
      // Each on Redis opens connections of its own.
      if (server !== undefined && turn % 10 === 0) {
        kinds.push({
          name: `on redis ${turn % 50}`,
          store: { redis: server.url(), timeoutMs: REDIS_MS },
        });
      }
      for (const options of kinds) await whole(context, options);
    },
    async close() {
      await file.close();
      await server?.[Symbol.asyncDispose]();
    },
  };
};

export default open;
