/**
 * The part of the queue's suite about calls that do not wait for each other: whatever keeps the jobs, each is done after
 * those before it, with what it was given when it was called.
 */

import assert from "assertions";
import type { FlowJob, JobOptions, Queue } from "../../src/queue/mod.ts";
import { delay, wrong } from "../support/values.ts";
import { coded, type Subject, testsOf } from "./subject.ts";

/** Registers it. */
export function callsConformance(subject: Subject): void {
  const test = testsOf(subject);

  test("what is called in one go is done in that order", undefined, async ({ make }) => {
    await using watch = make<number, number>();
    await watch.pause();
    const queue = make<number, number>();
    const [, , first, , paused, , resumed, , closed] = await Promise.all([
      queue.resume(),
      queue.pause(),
      queue.add(1),
      queue.add(2),
      queue.stats(),
      queue.resume(),
      queue.stats(),
      queue.pause(),
      queue.close(),
    ]);
    assert.deepEqual([paused.waiting, paused.paused], [2, true]);
    assert.deepEqual([resumed.waiting, resumed.paused], [2, false]);
    assert.equal(closed, undefined);
    assert.deepEqual([(await watch.stats()).waiting, (await watch.stats()).paused], [2, true]);
    assert.equal((await watch.get(first.id))!.data, 1);
  });

  test("a queue that is paused in the same go hands out nothing", undefined, async ({ make }) => {
    const queue = make<number, number>();
    const ran: number[] = [];
    const added = queue.add(1);
    queue.process((job) => {
      ran.push(job.data);
      return 0;
    });
    const paused = queue.pause();
    const more = queue.add(2);
    await Promise.all([added, paused, more]);
    await delay(30);
    assert.deepEqual(ran, []);
    assert.equal((await queue.stats()).waiting, 2);
    const resumed = queue.resume();
    const drained = queue.drain();
    await Promise.all([resumed, drained]);
    assert.deepEqual(ran, [1, 2]);
    await queue.close();
  });

  test(
    "what is called after a close is refused, however it is called",
    undefined,
    async ({ make }) => {
      const calls: Record<string, (queue: Queue<number, number>) => Promise<unknown>> = {
        add: (queue) => queue.add(wrong(1n)),
        addMany: (queue) => queue.addMany(wrong(5)),
        addFlow: (queue) => queue.addFlow(wrong(5)),
        get: (queue) => queue.get(wrong(5)),
        result: (queue) => queue.result(wrong(5)),
        cancel: (queue) => queue.cancel(wrong(5)),
        list: (queue) => queue.list(wrong(5)),
        retry: (queue) => queue.retry(wrong(5)),
        purge: (queue) => queue.purge(wrong(5)),
        stopRepeat: (queue) => queue.stopRepeat(wrong(5)),
        pause: (queue) => queue.pause(),
        resume: (queue) => queue.resume(),
        drain: (queue) => queue.drain(wrong(5)),
        stats: (queue) => queue.stats(),
      };
      // One that nothing was asked of before, and one that was.
      for (const isUsed of [false, true]) {
        const queue = make<number, number>();
        if (isUsed) await queue.stats();
        const closing = queue.close();
        for (const [name, call] of Object.entries(calls)) {
          await assert.rejects(call(queue), coded("CLOSED"), name);
        }
        assert.throws(() => queue.process(wrong(5)), coded("CLOSED"));
        await Promise.all([closing, queue.close({ graceMs: 0 }), queue.close()]);
      }
    },
  );

  test("what is changed after a call is not the call's", undefined, async ({ make }) => {
    await using queue = make<number, number>();
    const data = [1, 2];
    const options: JobOptions = { retries: 1 };
    const many = queue.addMany(data, options);
    options.retries = wrong("many");
    data.push(3);
    assert.equal((await many).length, 2);
    const range = { limit: 1 };
    const listed = queue.list("waiting", range);
    range.limit = wrong("all");
    assert.equal((await listed).length, 1);
  });

  test("what is changed after a flow was added is not the flow's", "flows", async ({ make }) => {
    await using queue = make<number, number>();
    const flow: FlowJob<number> & { children: FlowJob<number>[] } = {
      data: 1,
      priority: 2,
      children: [{ data: 2, retries: 3 }],
    };
    const adding = queue.addFlow(flow);
    flow.data = 5;
    flow.priority = wrong("high");
    flow.children.push({ data: 6 });
    const parent = await adding;
    const record = (await queue.get(parent.id))!;
    assert.deepEqual([record.data, record.priority], [1, 2]);
    assert.equal((await queue.list("waiting")).length, 1);
  });

  test("options that nobody knows are refused with the nearest", undefined, async ({ make }) => {
    await using queue = make<number, number>();
    const unknown = (name: string, message: RegExp) => (error: unknown): boolean =>
      error instanceof TypeError && error.message.startsWith(`${name} has no field "`) &&
      message.test(error.message);
    assert.throws(
      () => make(wrong({ concurency: 2 })),
      unknown("options", /mean concurrency\?$/),
    );
    assert.throws(
      () => make(wrong({ retention: { done: 5 } })),
      unknown("options.retention", /mean doneMs\?$/),
    );
    for (
      const [options, message] of [
        [{ prioritty: 1 }, /"prioritty"; did you mean priority\?$/],
        [{ delay: 1 }, /did you mean delayMs\?$/],
        [{ retry: 1 }, /did you mean retries\?$/],
        [{ x: 1 }, /there are priority, delayMs, retries, /],
        [{ children: [] }, /"children"/],
      ] as const
    ) {
      await assert.rejects(queue.add(1, wrong(options)), unknown("options", message));
      await assert.rejects(queue.addMany([1], wrong(options)), unknown("options", message));
    }
    await assert.rejects(
      queue.add(1, { repeat: wrong({ everyMs: 1, timezone: "UTC" }) }),
      unknown("options.repeat", /mean timeZone\?$/),
    );
    await assert.rejects(
      queue.list("done", wrong({ limits: 1 })),
      unknown("options", /mean limit\?$/),
    );
    await assert.rejects(
      queue.purge("done", wrong({ olderThan: 1 })),
      unknown("options", /mean olderThanMs\?$/),
    );
    await assert.rejects(
      queue.drain(wrong({ delay: true })),
      unknown("options", /mean delayed\?$/),
    );
    await assert.rejects(queue.close(wrong({ grace: 1 })), unknown("options", /mean graceMs\?$/));
    assert.throws(
      () => queue.process(() => 1, wrong({ onerror: () => {} })),
      unknown("options", /mean onError\?$/),
    );
    await queue.add(1, wrong({ unknown: undefined }));
    assert.equal((await queue.stats()).waiting, 1);
  });

  test("flows refuse such options too", "flows", async ({ make }) => {
    await using queue = make<number, number>();
    await assert.rejects(
      queue.addFlow({ data: 1, children: [wrong({ data: 2, childfailure: "ignore" })] }),
      {
        name: "TypeError",
        message: /^flow\.children\[0\] has no field "childfailure"; did you mean childFailure\?$/,
      },
    );
  });
}
