/** Leases: jobs of what ended, stood still or was busy; clocks that are set; results that come too late. */

import assert from "assertions";
import { DatabaseSync } from "node:sqlite";
import { createQueue } from "../../../src/queue/mod.ts";
import { Leases } from "../../../src/queue/file/pure/leases.ts";
import type { QueueStore, TakenJob } from "../../../src/queue/store.ts";
import { testNeeding } from "../../support/needs.ts";
import { temporary } from "../../support/programs.ts";
import { testOf, twins } from "../../support/twins.ts";
import { until } from "../../support/values.ts";
import { FileWorker, linesOf, newJob, open, startProgram, takeOne } from "./support.ts";

const { native, each } = twins("queue");
const OTHER = { native: "pure", pure: "native" } as const;

/** Waits until a job can be taken. */
async function takeSoon(store: QueueStore): Promise<TakenJob> {
  const stop = store.watch(() => {});
  try {
    let job: TakenJob | undefined;
    await until(async () => (job = (await store.take(1))[0]) !== undefined);
    return job!;
  } finally {
    stop();
  }
}

/** A process that took the job of a file and does nothing more, not even on its event loop. */
async function stuckProgram(
  file: string,
  twin: string,
  leaseMs: number,
): Promise<Deno.ChildProcess> {
  const program = startProgram("stuck_program.ts", file, twin, String(leaseMs));
  for await (const line of linesOf(program)) {
    assert.match(line, /^took /);
    break;
  }
  return program;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

async function kill(program: Deno.ChildProcess): Promise<void> {
  program.kill("SIGCONT");
  program.kill("SIGKILL");
  await program.status;
  await program.stderr.cancel();
  await program.stdin.close().catch(() => {});
}

for (const twin of each) {
  testOf("queue file", twin, "a killed process's job comes back after one lease", async () => {
    await temporary(async (folder) => {
      const file = `${folder}/queue.db`;
      const store = open(file, twin.name, { leaseMs: 500 });
      await store.add([newJob("1")]);
      const program = await stuckProgram(file, OTHER[twin.name], 500);
      assert.deepEqual(await store.take(1), []);
      await kill(program);
      const job = await takeSoon(store);
      assert.equal(job.attempt, 1, "a try that was lost is none");
      assert.ok(await store.complete(job.id, job.token, "2"));
      assert.equal((await store.get(job.id))!.result, "2");
      await store.close();
    });
  });

  testOf("queue file", twin, "what stood still for a lease is fenced", async () => {
    await temporary(async (folder) => {
      const file = `${folder}/queue.db`;
      const store = open(file, twin.name, { leaseMs: 500 });
      await store.add([newJob("1")]);
      const program = await stuckProgram(file, OTHER[twin.name], 500);
      program.kill("SIGSTOP");
      const job = await takeSoon(store);
      program.kill("SIGCONT");
      // It goes on and completes with the token that it had.
      await program.stdin.close();
      await program.stderr.cancel();
      assert.equal((await program.status).code, 3, "its result was refused");
      assert.equal((await store.get(job.id))!.state, "running");
      assert.ok(await store.complete(job.id, job.token, "2"));
      assert.equal((await store.get(job.id))!.result, "2");
      await store.close();
    });
  });

  testOf("queue file", twin, "an old token does nothing", async () => {
    await temporary(async (folder) => {
      const store = open(`${folder}/queue.db`, twin.name);
      await store.add([newJob("1")]);
      const first = await takeOne(store);
      assert.ok(await store.release(first.id, first.token));
      const second = await takeOne(store);
      assert.ok(second.token > first.token);
      const { id } = first;
      assert.equal(await store.complete(id, first.token, "1"), false);
      assert.equal(await store.fail(id, first.token, "no", undefined), false);
      assert.equal(await store.fail(id, first.token, "no", Date.now()), false);
      assert.equal(await store.release(id, first.token), false);
      assert.equal(await store.report(id, first.token, "1"), false);
      assert.ok(await store.complete(id, second.token, "2"));
      assert.equal(await store.complete(id, second.token, "3"), false);
      assert.equal((await store.get(id))!.result, "2");
      await store.close();
    });
  });

  testOf("queue file", twin, "what is lost again and again is dead at last", async () => {
    await temporary(async (folder) => {
      const file = `${folder}/queue.db`;
      const before = open(file, twin.name);
      await before.add([newJob("1")]);
      await before.close();
      const other = new DatabaseSync(file);
      other.exec("UPDATE jobs SET lost = 19");
      other.close();
      const store = open(file, twin.name, { leaseMs: 300 });
      const program = await stuckProgram(file, OTHER[twin.name], 300);
      await kill(program);
      const stop = store.watch(() => {});
      await until(async () => (await store.counts()).dead === 1);
      stop();
      const [job] = await store.list("dead", 0, 1);
      assert.equal(job!.error, "Lost 20 times: what ran it ended or stood still");
      assert.equal(await store.retry(undefined), 1);
      assert.equal((await takeOne(store)).attempt, 1);
      await store.close();
    });
  });
}

testNeeding(
  [native.missing],
  "queue file (native): a handler that blocks the loop keeps its job",
  async () => {
    await temporary(async (folder) => {
      const file = `${folder}/queue.db`;
      // The other process would take the job if its lease ended.
      const program = startProgram("program.ts", file, "pure", "normal", "600");
      const ended = program.output();
      await using queue = createQueue<number, string>({
        name: "blocked",
        implementation: "native",
        leaseMs: 600,
        store: { file },
      });
      let runs = 0;
      queue.process(() => {
        runs++;
        const end = performance.now() + 1_300;
        while (performance.now() < end);
        return "kept";
      });
      using worker = new FileWorker();
      await worker.ask({ kind: "open", file, twin: "native", leaseMs: 600 });
      assert.equal(await (await queue.add(1)).result(), "kept");
      assert.equal(runs, 1);
      await worker.ask({ kind: "close" });
      await program.stdin.close();
      await ended;
    });
  },
);

testNeeding(
  [native.missing],
  "queue file (pure): a handler that blocks for two leases is fenced",
  async () => {
    await temporary(async (folder) => {
      const file = `${folder}/queue.db`;
      const store = open(file, "pure", { leaseMs: 300 });
      await store.add([newJob("1")]);
      const job = await takeOne(store);
      const revoked: number[] = [];
      store.onRevoked((_, token) => revoked.push(token));
      const taker = startProgram("stuck_program.ts", file, "native", "300");
      const lines = linesOf(taker);
      const end = performance.now() + 20_000;
      // Not one turn of the event loop until the other one has it.
      while (performance.now() < end && !exists(`${file}.took`)) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
      }
      assert.match((await lines.next()).value!, /^took /);
      assert.equal(await store.complete(job.id, job.token, "late"), false);
      await kill(taker);
      await store.close();
    });
  },
);

testNeeding(
  [native.missing],
  "queue file (native): an ended Worker gives its jobs back at once",
  async () => {
    await temporary(async (folder) => {
      const file = `${folder}/queue.db`;
      const store = open(file, "native", { leaseMs: 3_600_000 });
      await store.add([newJob("1")]);
      {
        using worker = new FileWorker();
        await worker.ask({ kind: "open", file, twin: "native", leaseMs: 3_600_000 });
        const { jobs } = await worker.ask({ kind: "take", most: 1 });
        assert.equal(jobs.length, 1);
        assert.deepEqual(await store.take(1), []);
      }
      const job = await takeSoon(store);
      assert.equal(job.attempt, 1);
      await store.close();
    });
  },
);

Deno.test("queue file: a holder is judged by its beats, not by the machine's clock", () => {
  const holder = { id: 1, beat: 5, beatAt: 1_000_000, lease: 30_000 };
  for (const step of [-3_600_000, 0, 3_600_000]) {
    const leases = new Leases(1_000_000, 0);
    assert.deepEqual(leases.look([holder], 1_000_000, 0), []);
    const now = 1_000_000 + step;
    const beaten = { ...holder, beat: 6 };
    assert.deepEqual(leases.look([beaten], now + 10_000, 10_000), []);
    assert.deepEqual(leases.look([beaten], now + 39_999, 39_999), []);
    assert.deepEqual(leases.look([beaten], now + 40_000, 40_000), [1]);
  }
  const late = new Leases(2_000_000, 0);
  assert.deepEqual(late.look([holder], 2_000_000, 0), []);
  assert.deepEqual(late.look([holder], 2_014_999, 14_999), []);
  assert.deepEqual(late.look([holder], 2_015_000, 15_000), [1]);
  // The clock was set just before the watcher began: who lives beats within a third of a lease.
  const young = new Leases(4_600_000, 0);
  assert.deepEqual(young.look([holder], 4_600_000, 0), []);
  assert.deepEqual(young.look([{ ...holder, beat: 6, beatAt: 4_610_000 }], 4_615_000, 15_000), []);
  assert.deepEqual(new Leases(1_050_000, 0).look([holder], 1_050_000, 0), []);
});
