/**
 * What a queue does, whatever keeps its jobs: one suite in some files, given a store. Run it with
 * `queueConformance(subject)`. No test depends on speed; the times in it are bounds that a hang would break.
 */

import assert from "assertions";
import { wrong } from "../support/values.ts";
import { callsConformance } from "./conformance_calls.ts";
import { failureConformance } from "./conformance_failure.ts";
import { flowConformance } from "./conformance_flow.ts";
import { lifeConformance } from "./conformance_life.ts";
import { orderConformance } from "./conformance_order.ts";
import { timeConformance } from "./conformance_time.ts";
import { coded, type Subject, testsOf } from "./subject.ts";

export type { Feature, Subject } from "./subject.ts";

/** Registers the whole suite for a store. */
export function queueConformance(subject: Subject): void {
  basicConformance(subject);
  callsConformance(subject);
  orderConformance(subject);
  failureConformance(subject);
  flowConformance(subject);
  timeConformance(subject);
  lifeConformance(subject);
}

function basicConformance(subject: Subject): void {
  const test = testsOf(subject);

  test("a job's result is what its handler returned", undefined, async ({ make }) => {
    await using queue = make<number, number>();
    const job = await queue.add(20);
    assert.equal(job.data, 20);
    assert.equal(job.attempt, 0);
    assert.deepEqual(job.childResults, []);
    queue.process((job, signal) => {
      assert.equal(job.attempt, 1);
      assert.equal(signal.aborted, false);
      return Promise.resolve(job.data + 1);
    });
    assert.equal(await job.result(), 21);
    assert.equal(await job.result(), 21);
    assert.equal(await queue.result(job.id), 21);
    assert.equal(await (await queue.add(30)).result(), 31);
  });

  test("what is added and returned is copied", undefined, async ({ make }) => {
    await using queue = make<{ list: number[] }, { list: number[] }>();
    const data = { list: [1] };
    const job = await queue.add(data);
    data.list.push(2);
    let kept: { list: number[] } | undefined;
    queue.process((job) => {
      kept = job.data;
      return kept;
    });
    const result = await job.result();
    assert.deepEqual(result, { list: [1] });
    assert.notEqual(result, kept);
    kept!.list.push(3);
    assert.deepEqual(await job.result(), { list: [1] });
    assert.deepEqual(job.data, { list: [1] });
  });

  test("any JSON comes through", undefined, async ({ make }) => {
    await using queue = make();
    queue.process((job) => job.data);
    for (
      const value of [
        null,
        true,
        0,
        -0.5,
        1e300,
        "",
        "\0",
        "\n\u2028'\"",
        "日本🙂",
        "\ud800",
        [],
        [[], {}],
        { "": { __proto__x: 1 }, "a b": [null, false] },
        "x".repeat(100_000),
      ]
    ) {
      assert.deepEqual(await (await queue.add(value)).result(), value);
    }
  });

  test("a handler that returns nothing gives null", undefined, async ({ make }) => {
    await using queue = make();
    queue.process(wrong(() => {}));
    assert.equal(await (await queue.add("work")).result(), null);
  });

  test("what JSON cannot hold is refused with its place", undefined, async ({ make }) => {
    await using queue = make();
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    for (
      const [value, place] of [
        [undefined, /^data must/],
        [{ a: [1, { b: () => 1 }] }, /^data\.a\[1\]\.b must .* got a function/],
        [[undefined], /^data\[0\] must .* got undefined/],
        [{ "a b": NaN }, /^data\["a b"\] must .* got NaN/],
        [5n, /^data must/],
        [new Date(0), /^data must .* class Date/],
        [{ m: new Map() }, /^data\.m must .* class Map/],
        [{ toJSON: () => 1 }, /^data must/],
        [circle, /nested deeper|holds itself/],
      ] as [unknown, RegExp][]
    ) {
      await assert.rejects(queue.add(wrong(value)), { name: "TypeError", message: place });
    }
    await assert.rejects(queue.addMany(wrong([1, Infinity])), { message: /^data\[1\] must/ });
    await assert.rejects(queue.addMany(wrong("ab")), { name: "TypeError" });
    queue.process(wrong(() => ({ at: new Set() })));
    await assert.rejects(
      (await queue.add(1)).result(),
      (error: Error) => coded("JOB_FAILED")(error) && /result\.at must/.test(error.message),
    );
    assert.deepEqual(await (await queue.add(wrong({ a: undefined, b: 1 }))).data, { b: 1 });
  });

  test("wrong options are refused", undefined, async ({ make }) => {
    await using queue = make();
    for (
      const [options, name, message] of [
        [{ priority: 0.5 }, "RangeError", /options\.priority/],
        [{ priority: 1_000_001 }, "RangeError", /options\.priority/],
        [{ priority: "1" }, "TypeError", /options\.priority/],
        [{ delayMs: -1 }, "RangeError", /options\.delayMs/],
        [{ delayMs: NaN }, "RangeError", /options\.delayMs/],
        [{ retries: -1 }, "RangeError", /options\.retries/],
        [{ backoffMs: 3_600_001 }, "RangeError", /options\.backoffMs/],
        [{ timeoutMs: 0 }, "RangeError", /options\.timeoutMs/],
        [{ key: "" }, "RangeError", /options\.key/],
        [{ key: "x".repeat(201) }, "RangeError", /options\.key/],
        [{ group: 5 }, "TypeError", /options\.group/],
        [{ repeat: {} }, "TypeError", /options\.repeat/],
        [{ repeat: { everyMs: 0 } }, "RangeError", /options\.repeat\.everyMs/],
        [{ repeat: { everyMs: 5, cron: "* * * * *" } }, "TypeError", /options\.repeat/],
        [{ repeat: { cron: "never" } }, "RangeError", /options\.repeat\.cron/],
        [{ repeat: { cron: "* * * * *", timeZone: "Mars/X" } }, "RangeError", /timeZone/],
        [7, "TypeError", /options must be an object/],
      ] as [unknown, string, RegExp][]
    ) {
      await assert.rejects(queue.add(1, wrong(options)), { name, message });
    }
    assert.throws(() => queue.process(wrong(5)), { name: "TypeError", message: /handler/ });
    assert.throws(() => queue.process(() => 1, { concurrency: 0 }), { name: "RangeError" });
    await assert.rejects(queue.list(wrong("lost")), { name: "TypeError", message: /state/ });
    await assert.rejects(queue.purge(wrong("waiting")), { name: "TypeError" });
    await assert.rejects(queue.addMany([1], wrong({ key: "k" })), { message: /options\.key/ });
    assert.equal((await queue.stats()).waiting, 0);
  });

  test("many jobs are each done once", undefined, async ({ make }) => {
    await using queue = make<number, number>();
    const seen: number[] = [];
    queue.process(async (job) => {
      seen.push(job.data);
      if (job.data % 3 === 0) await Promise.resolve();
      return job.data;
    }, { concurrency: 16 });
    const numbers = Array.from({ length: 500 }, (_, i) => i);
    const jobs = await queue.addMany(numbers);
    assert.deepEqual(await queue.addMany([]), []);
    assert.deepEqual(await Promise.all(jobs.map((job) => job.result())), numbers);
    assert.deepEqual(seen.sort((a, b) => a - b), numbers);
    assert.equal(new Set(jobs.map(({ id }) => id)).size, 500);
    assert.deepEqual(jobs.map(({ id }) => id), jobs.map(({ id }) => id).sort());
  });

  test("no more than `concurrency` run at once", undefined, async ({ make }) => {
    await using queue = make<number, number>({ concurrency: 3 });
    let running = 0;
    let most = 0;
    const worker = queue.process(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      return 0;
    });
    const jobs = await queue.addMany(Array.from({ length: 30 }, (_, i) => i));
    await Promise.all(jobs.map((job) => job.result()));
    assert.equal(most, 3);
    await worker.close();
    assert.equal(worker.running, 0);
  });

  test("records tell how jobs stand", undefined, async ({ make }) => {
    await using queue = make<number, string>();
    const job = await queue.add(7, { priority: 3 });
    const before = (await queue.get(job.id))!;
    assert.equal(before.id, job.id);
    assert.equal(before.state, "waiting");
    assert.equal(before.data, 7);
    assert.equal(before.priority, 3);
    assert.equal(before.attempts, 0);
    assert.ok(Math.abs(before.addedAt - Date.now()) < 60_000);
    assert.ok(!("result" in before) && !("finishedAt" in before) && !("error" in before));
    queue.process(() => "ok");
    await job.result();
    const after = (await queue.get(job.id))!;
    assert.equal(after.state, "done");
    assert.equal(after.result, "ok");
    assert.equal(after.attempts, 1);
    assert.ok(after.finishedAt! >= after.addedAt);
    assert.deepEqual((await queue.list("done")).map(({ id }) => id), [job.id]);
    assert.equal(await queue.get("unknown"), undefined);
    await assert.rejects(queue.result("unknown"), coded("NOT_FOUND"));
    assert.equal(await queue.purge("done"), 1);
    assert.equal(await queue.get(job.id), undefined);
    assert.equal(await queue.purge("done"), 0);
  });
}
