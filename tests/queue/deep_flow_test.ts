/**
 * Long chains of jobs that wait for each other: what is kept of one that dies, and what its death and its retry cost,
 * counted in characters and bytes. BullMQ has its own way with flows and is left out.
 */

import assert from "assertions";
import { childError } from "../../src/queue/flow.ts";
import { createQueue, type FlowJob, type Queue, type QueueOptions } from "../../src/queue/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { testNeeding } from "../support/needs.ts";
import { temporary } from "../support/programs.ts";
import { twins } from "../support/twins.ts";

/** No error of a parent is longer. */
const MOST_CHARACTERS = 1_000;
/** What a job of a chain takes at most in a file and its log: its rows, each page of them written in a few states. */
const MOST_BYTES = 12_000;

function chain(levels: number): FlowJob<number> {
  let flow: FlowJob<number> = { data: levels };
  for (let level = levels - 1; level >= 0; level--) flow = { data: level, children: [flow] };
  return flow;
}

Deno.test("queue: the error of a long path names its ends and its length, and is short", () => {
  let error = "broken";
  const errors: string[] = [];
  for (let level = 1; level <= 20_000; level++) errors.push(error = childError(`c${level}`, error));
  assert.deepEqual(errors.slice(0, 5), [
    "Child c1 failed: broken",
    "Child c2 failed: Child c1 failed: broken",
    "Child c3 failed: Child c2 failed: Child c1 failed: broken",
    "Child c4 failed: [1 level down] Child c2 failed: Child c1 failed: broken",
    "Child c5 failed: [2 levels down] Child c2 failed: Child c1 failed: broken",
  ]);
  assert.equal(
    error,
    "Child c20000 failed: [19997 levels down] Child c2 failed: Child c1 failed: broken",
  );
  for (const fill of ["a", "\u00e9", "\u20ac", "\u{1f600}"]) {
    let long = fill.repeat(4_000);
    for (let level = 0; level < 10; level++) {
      long = childError(`c${level}`, long);
      assert.ok(long.length === MOST_CHARACTERS || long.length === MOST_CHARACTERS - 1);
      assert.ok(long.endsWith("...") && long.isWellFormed());
    }
  }
  for (
    const odd of [
      "Child  failed: x",
      "Child a failed:x",
      "Child a failed: [x levels down] y",
      "Child a failed: [4294967296 levels down] y",
      "",
    ]
  ) assert.equal(childError("i", odd), `Child i failed: ${odd}`);
});

for (const twin of twins("queue").each) {
  for (const store of ["memory", "file"] as const) {
    const test = (
      name: string,
      levels: number,
      body: (
        make: (options?: QueueOptions) => Queue<number, number>,
        bytes: () => number,
      ) => Promise<void>,
    ): void =>
      testNeeding(
        [twin.missing],
        `queue (${store}, ${twin.name}): ${name}, ${levels} levels`,
        () =>
          temporary(async (folder) => {
            const file = `${folder}/queue.db`;
            const size = (end: string): number => Deno.statSync(file + end).size;
            const make = (options?: QueueOptions): Queue<number, number> =>
              createQueue<number, number>({
                implementation: twin.name,
                name: "deep",
                shared: "preferred",
                store: store === "memory" ? "memory" : { file, synchronous: "normal" },
                ...options,
              });
            await body(make, () => store === "memory" ? 0 : size("") + size("-wal"));
            await twin.idle();
          }),
      );

    for (const levels of [2_000, 20_000]) {
      test("a chain dies of its last job, and is retried", levels, async (make, bytes) => {
        await using queue = make();
        let isWell = false;
        let runs = 0;
        const root = await queue.addFlow(chain(levels));
        const worker = queue.process(({ data }) => {
          runs++;
          if (!isWell) throw new Error(`broken ${"x".repeat(4_000)}`);
          return data;
        });
        await assert.rejects(root.result(), (error) => {
          assert.ok(AgentError.is(error, "JOB_FAILED"));
          assert.match(
            error.details.error,
            new RegExp(
              `^Child \\w+ failed: \\[${
                levels - 3
              } levels down\\] Child \\w+ failed: Child \\w+ failed: broken xxx`,
            ),
          );
          return true;
        });
        assert.equal(runs, 1);
        await worker.close();
        const dead = await queue.list("dead", { limit: 100_000 });
        assert.equal(dead.length, levels + 1);
        const parents = dead.filter(({ data }) => data !== levels);
        assert.equal(Math.max(...parents.map(({ error }) => error!.length)), MOST_CHARACTERS);
        assert.ok(bytes() <= levels * MOST_BYTES, `${bytes()} bytes`);
        isWell = true;
        assert.equal(await queue.retry(), levels + 1);
        assert.equal(await root.cancel(), true);
        assert.equal((await queue.stats()).blocked, 0);
      });

      // Looking through the chain again for each of its jobs would take 200,000,000 looks.
      test("a chain that cannot be retried is gone through once", levels, async (make) => {
        await using queue = make({ retention: { doneCount: 0 } });
        const root = await queue.addFlow(chain(levels));
        const [last] = await queue.list("waiting");
        assert.equal(await queue.cancel(last!.id), true);
        assert.equal(await queue.get(last!.id), undefined);
        assert.equal((await queue.stats()).dead, levels);
        assert.equal(await queue.retry(), 0);
        assert.equal(await queue.retry([root.id]), 0);
        assert.equal((await queue.stats()).dead, levels);
      });
    }
  }
}
