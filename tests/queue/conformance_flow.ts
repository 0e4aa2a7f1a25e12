/** The part of the queue's suite about flows: jobs that wait for others. */

import assert from "assertions";
import { AgentError } from "../../src/shared/errors.ts";
import { wrong } from "../support/values.ts";
import { type Bench, coded, type Subject, testsOf } from "./subject.ts";

/** Registers it. */
export function flowConformance(subject: Subject): void {
  const test = testsOf(subject);
  const attempt = async ({ make }: Bench): Promise<void> => {
    await using queue = make();
    await queue.addFlow({ data: 1, children: [{ data: 2 }] });
  };

  test(
    "a parent runs when its children are done, and sees their results",
    "flows",
    async ({ make }) => {
      await using queue = make<string, string>({ concurrency: 4 });
      const order: string[] = [];
      const parent = await queue.addFlow({
        data: "p",
        children: [
          { data: "a", children: [{ data: "a1" }, { data: "a2" }] },
          { data: "b" },
        ],
      });
      assert.equal(parent.data, "p");
      assert.equal((await queue.get(parent.id))!.state, "blocked");
      const { blocked, waiting } = await queue.stats();
      assert.deepEqual([blocked, waiting], [2, 3]);
      queue.process((job) => {
        order.push(job.data);
        return `${job.data}(${job.childResults.join(",")})`;
      });
      assert.equal(await parent.result(), "p(a(a1(),a2()),b())");
      assert.equal(order.at(-1), "p");
      assert.ok(order.indexOf("a") > order.indexOf("a1"));
      assert.equal((await queue.stats()).done, 5);
    },
    attempt,
  );

  test("a flow without children is a job", "flows", async ({ make }) => {
    await using queue = make<number, number>();
    const job = await queue.addFlow({ data: 1, priority: 3, children: [] });
    assert.equal((await queue.get(job.id))!.state, "waiting");
    queue.process((job) => job.data);
    assert.equal(await job.result(), 1);
  });

  test("a child that dies kills its parents, and its siblings go on", "flows", async ({ make }) => {
    await using queue = make<string, string>();
    const ran: string[] = [];
    queue.process((job) => {
      ran.push(job.data);
      if (job.data === "bad") throw new Error("broken");
      return job.data;
    });
    const root = await queue.addFlow({
      data: "root",
      children: [{ data: "middle", children: [{ data: "bad" }, { data: "good" }] }],
    });
    await assert.rejects(root.result(), (error) => {
      assert.ok(AgentError.is(error, "JOB_FAILED"));
      assert.match(error.details.error, /^Child \S+ failed: Child \S+ failed: broken$/);
      return true;
    });
    await queue.drain();
    assert.deepEqual(ran.sort(), ["bad", "good"]);
    assert.equal((await queue.stats()).dead, 3);
  });

  test("a parent that ignores it runs with what there is", "tolerant flows", async ({ make }) => {
    await using queue = make<string, string>();
    queue.process((job) => {
      if (job.data === "bad") throw new Error("broken");
      return `${job.data}${job.childResults.join()}`;
    });
    const root = await queue.addFlow({
      data: "root",
      childFailure: "ignore",
      children: [{ data: "a" }, { data: "bad" }, { data: "c" }],
    });
    assert.equal(await root.result(), "roota,c");
  }, async ({ make }) => {
    await using queue = make();
    await queue.addFlow({ data: 1, childFailure: "ignore", children: [{ data: 2 }] });
  });

  test("cancelling a parent cancels its children", "cancelling a flow", async ({ make }) => {
    await using queue = make<string, string>();
    const root = await queue.addFlow({
      data: "root",
      children: [{ data: "a", children: [{ data: "b" }] }, { data: "c" }],
    });
    const other = await queue.add("other");
    assert.equal(await root.cancel(), true);
    await assert.rejects(root.result(), coded("CANCELLED"));
    assert.equal((await queue.stats()).cancelled, 4);
    const ran: string[] = [];
    queue.process((job) => {
      ran.push(job.data);
      return "";
    });
    await other.result();
    assert.deepEqual(ran, ["other"]);
  }, async ({ make }) => {
    await using queue = make();
    await (await queue.addFlow({ data: 1, children: [{ data: 2 }] })).cancel();
  });

  test("a cancelled child kills its parent", "cancelling a child", async ({ make }) => {
    await using queue = make<string, string>();
    const root = await queue.addFlow({ data: "root", children: [{ data: "a" }, { data: "b" }] });
    const [a] = await queue.list("waiting");
    assert.equal(await queue.cancel(a!.id), true);
    await assert.rejects(root.result(), (error) => {
      assert.ok(AgentError.is(error, "JOB_FAILED"));
      assert.equal(error.details.error, `Child ${a!.id} was cancelled`);
      return true;
    });
  }, async ({ make }) => {
    await using queue = make<string, string>();
    await queue.addFlow({ data: "root", children: [{ data: "a" }] });
    await queue.cancel((await queue.list("waiting"))[0]!.id);
  });

  test("retrying a dead parent retries what it waits for", "retrying a flow", async ({ make }) => {
    await using queue = make<string, string>();
    let isWell = false;
    const ran: string[] = [];
    queue.process((job) => {
      ran.push(job.data);
      if (job.data === "bad" && !isWell) throw new Error("broken");
      return `${job.data}${job.childResults.join("")}`;
    });
    const root = await queue.addFlow({ data: "r", children: [{ data: "good" }, { data: "bad" }] });
    await assert.rejects(root.result());
    await queue.drain();
    isWell = true;
    assert.equal(await queue.retry([root.id]), 2);
    assert.equal(await root.result(), "rgoodbad");
    assert.deepEqual(ran, ["good", "bad", "bad", "r"]);
  });

  test("a flow whose key is taken is not added", "keys of flows", async ({ make }) => {
    await using queue = make<string, string>();
    const first = await queue.add("one", { key: "k" });
    const flow = await queue.addFlow({ data: "two", key: "k", children: [{ data: "x" }] });
    assert.equal(flow.id, first.id);
    const { waiting, blocked } = await queue.stats();
    assert.deepEqual([waiting, blocked], [1, 0]);
  }, async ({ make }) => {
    await using queue = make();
    await queue.addFlow({ data: 1, key: "k", children: [{ data: 2 }] });
  });

  test("wrong flows are refused with their place", "flows", async ({ make }) => {
    await using queue = make();
    for (
      const [flow, message] of [
        [5, /^flow must be an object/],
        [{ data: 1, children: 5 }, /^flow\.children must be an array/],
        [{ data: 1, children: [{ data: 1n }] }, /^flow\.children\[0\]\.data must/],
        [{ data: 1, children: [{ data: 1, key: "k" }] }, /^flow\.children\[0\]\.key must/],
        [{ data: 1, repeat: { everyMs: 5 } }, /^flow\.repeat must/],
        [{ data: 1, childFailure: "maybe" }, /^flow\.childFailure must/],
        [{ data: 1, children: [{ data: 1, retries: "x" }] }, /^flow\.children\[0\]\.retries/],
      ] as [unknown, RegExp][]
    ) {
      await assert.rejects(queue.addFlow(wrong(flow)), { message });
    }
    assert.equal((await queue.stats()).waiting, 0);
  });
}
