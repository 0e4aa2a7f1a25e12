/** The part of the queue's suite about what comes first: priorities, turns, keys, pauses. */

import assert from "assertions";
import { type Bench, gate, type Subject, testsOf } from "./subject.ts";
import type { JobOptions } from "../../src/queue/mod.ts";

/** Registers it. */
export function orderConformance(subject: Subject): void {
  const test = testsOf(subject);

  /** Adds jobs to a queue at rest and gives the order in which one worker runs them. */
  async function orderOf(
    { make }: Bench,
    jobs: readonly (readonly [string, JobOptions?])[],
  ): Promise<string> {
    await using queue = make<string, null>();
    await queue.pause();
    for (const [data, options] of jobs) await queue.add(data, options);
    const order: string[] = [];
    queue.process((job) => {
      order.push(job.data);
      return null;
    });
    await queue.resume();
    await queue.drain();
    return order.join(" ");
  }

  test("first come, first served", undefined, async (bench) => {
    assert.equal(await orderOf(bench, [["a"], ["b"], ["c"], ["d"]]), "a b c d");
  });

  test("higher priorities first, then first come", "priorities", async (bench) => {
    const order = await orderOf(bench, [
      ["a"],
      ["b", { priority: 5 }],
      ["c", { priority: -5 }],
      ["d", { priority: 5 }],
      ["e"],
      ["f", { priority: 1_000_000 }],
      ["g", { priority: -1_000_000 }],
    ]);
    assert.equal(order, "f b d a e c g");
  });

  test("groups take turns, however many each has", "groups", async (bench) => {
    const order = await orderOf(bench, [
      ["a1", { group: "a" }],
      ["a2", { group: "a" }],
      ["a3", { group: "a" }],
      ["a4", { group: "a" }],
      ["b1", { group: "b" }],
      ["b2", { group: "b" }],
      ["c1"],
      ["c2"],
      ["c3"],
    ]);
    assert.equal(order, "a1 b1 c1 a2 b2 c2 a3 c3 a4");
  }, async ({ make }) => {
    await using queue = make();
    await queue.add(1, { group: "a" });
  });

  test("within a group by priority", "groups", async (bench) => {
    const order = await orderOf(bench, [
      ["a1", { group: "a" }],
      ["a2", { group: "a", priority: 9 }],
      ["b1", { group: "b", priority: -9 }],
      ["b2", { group: "b" }],
      ["a3", { group: "a", priority: 9 }],
    ]);
    assert.equal(order, "a2 b2 a3 b1 a1");
  });

  test("a key gives the job that is there, until it ended", undefined, async ({ make }) => {
    await using queue = make<number, number>();
    const first = await queue.add(1, { key: "k" });
    const second = await queue.add(2, { key: "k" });
    const other = await queue.add(3, { key: "l" });
    assert.equal(second.id, first.id);
    assert.equal(second.data, 1);
    assert.notEqual(other.id, first.id);
    assert.equal((await queue.get(first.id))!.key, "k");
    const open = gate();
    const started = gate();
    queue.process(async (job) => {
      started.resolve();
      await open.promise;
      return job.data;
    });
    await started.promise;
    assert.equal((await queue.add(4, { key: "k" })).id, first.id);
    open.resolve();
    assert.equal(await second.result(), 1);
    const third = await queue.add(5, { key: "k" });
    assert.notEqual(third.id, first.id);
    assert.equal(await third.result(), 5);
    assert.equal(await other.result(), 3);
  });

  test("a key is free again after a death and a cancelling", undefined, async ({ make }) => {
    await using queue = make<number, number>();
    const first = await queue.add(1, { key: "k" });
    assert.equal(await first.cancel(), true);
    const second = await queue.add(2, { key: "k" });
    assert.notEqual(second.id, first.id);
    queue.process((job) => {
      if (job.data === 2) throw new Error("no");
      return job.data;
    });
    await assert.rejects(second.result());
    const third = await queue.add(3, { key: "k" });
    assert.notEqual(third.id, second.id);
    assert.equal(await third.result(), 3);
  });

  test("nothing is handed out while paused", undefined, async ({ make }) => {
    await using queue = make<number, number>();
    await queue.pause();
    await queue.pause();
    assert.equal((await queue.stats()).paused, true);
    let ran = 0;
    queue.process((job) => {
      ran++;
      return job.data;
    });
    const job = await queue.add(1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(ran, 0);
    assert.equal((await queue.stats()).waiting, 1);
    await queue.resume();
    assert.equal(await job.result(), 1);
    assert.equal((await queue.stats()).paused, false);
  });
}
