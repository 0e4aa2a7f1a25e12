/** The part of the queue's suite about drain, progress, closing, and several who share the jobs. */

import assert from "assertions";
import { AgentError } from "../../src/shared/errors.ts";
import { delay, until, wrong } from "../support/values.ts";
import { coded, gate, type Subject, testsOf } from "./subject.ts";

/** Registers it. */
export function lifeConformance(subject: Subject): void {
  const test = testsOf(subject);

  test("drain waits for what is there, not for what is for later", undefined, async ({ make }) => {
    await using queue = make<number, number>({ concurrency: 2 });
    await queue.drain();
    let ended = 0;
    queue.process(async (job) => {
      await delay(5);
      if (job.data === 3 && job.attempt === 1) throw new Error("once");
      return ++ended;
    });
    await queue.addMany([1, 2, 4, 5]);
    await queue.add(3, { retries: 1, backoffMs: 20 });
    await queue.add(6, { delayMs: 3_600_000 });
    await queue.drain();
    assert.equal(ended, 5);
    await assert.rejects(
      queue.drain({ delayed: true, signal: AbortSignal.timeout(20) }),
      { name: "TimeoutError" },
    );
  });

  test("progress reaches those who listen, and the record", undefined, async ({ make }) => {
    await using queue = make<string, string>();
    const job = await queue.add("work");
    const seen: unknown[] = [];
    const end = job.onProgress((value) => seen.push(value));
    const heard = gate();
    job.onProgress((value) => value === 1 && heard.resolve());
    queue.process(async (job) => {
      assert.equal(await job.report({ part: 0.5 }), true);
      assert.equal(await job.report(1), true);
      await heard.promise;
      assert.throws(() => void job.report(wrong(() => 1)), { name: "TypeError" });
      return "ok";
    });
    await job.result();
    assert.deepEqual(seen, [{ part: 0.5 }, 1]);
    assert.equal((await queue.get(job.id))!.progress, 1);
    end();
    end();
    await assert.rejects(job.report(1), coded("UNSUPPORTED"));
  });

  test("close waits for what runs", undefined, async ({ make }) => {
    const queue = make<number, number>();
    const open = gate();
    const started = gate();
    let ended = false;
    const worker = queue.process(async (job) => {
      started.resolve();
      await open.promise;
      ended = true;
      return job.data;
    });
    const job = await queue.add(1);
    const result = job.result();
    await started.promise;
    assert.equal(worker.running, 1);
    const closing = worker.close();
    const rest = await queue.add(2);
    open.resolve();
    await closing;
    assert.equal(ended, true);
    assert.equal(await result, 1);
    const waited = rest.result();
    waited.catch(() => {});
    await queue.close();
    await queue.close();
    await assert.rejects(waited, coded("CLOSED"));
    await assert.rejects(queue.add(3), coded("CLOSED"));
    await assert.rejects(queue.stats(), coded("CLOSED"));
    await assert.rejects(rest.result(), coded("CLOSED"));
    assert.throws(() => queue.process(() => 1), coded("CLOSED"));
  });

  test("what was asked for before a close has its answer", undefined, async ({ make }) => {
    const queue = make<number, number>();
    const worker = queue.process((job) => job.data);
    const done = await queue.add(1);
    assert.equal(await done.result(), 1);
    await worker.close();
    const waiting = await queue.add(2);
    const asked = [queue.result("unknown"), queue.result(done.id), queue.result(waiting.id)];
    const told = Promise.allSettled([...asked, queue.get("unknown")]);
    await queue.close();
    const [unknown, ended, open, got] = await told;
    assert.ok(unknown?.status === "rejected" && coded("NOT_FOUND")(unknown.reason));
    assert.deepEqual(ended, { status: "fulfilled", value: 1 });
    assert.ok(open?.status === "rejected" && coded("CLOSED")(open.reason));
    assert.deepEqual(got, { status: "fulfilled", value: undefined });
    // Nobody was asked anything before.
    const unused = make<number, number>();
    const first = unused.result("unknown");
    const refused = assert.rejects(first, coded("NOT_FOUND"));
    await unused.close();
    await refused;
  });

  test("after its grace a worker gives its jobs back", undefined, async ({ make }) => {
    await using queue = make<number, string>();
    const open = gate<string>();
    const started = gate();
    let reason: unknown;
    const first = queue.process((_job, signal) => {
      signal.addEventListener("abort", () => reason = signal.reason);
      started.resolve();
      return open.promise;
    });
    const job = await queue.add(1);
    await started.promise;
    await first.close({ graceMs: 5 });
    assert.ok(AgentError.is(reason, "CLOSED"));
    assert.equal((await queue.get(job.id))!.state, "waiting");
    assert.equal((await queue.get(job.id))!.attempts, 0);
    queue.process((job) => `again, try ${job.attempt}`);
    open.resolve("late");
    assert.equal(await job.result(), "again, try 1");
  });

  test(
    "whatever a handler throws or gives back, its job ends and the next one runs",
    undefined,
    async ({ make }) => {
      await using queue = make<number, number>();
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      const odd: (() => unknown)[] = [
        () => {
          throw Object.assign(new Error("x"), { message: 42 });
        },
        () => {
          throw proxy;
        },
        () => ({
          get then() {
            throw new Error("no then");
          },
        }),
        () => proxy,
        () => {
          throw new Error("a\0b");
        },
      ];
      queue.process((job) => odd[job.data] === undefined ? job.data : odd[job.data]!() as number);
      const jobs = await queue.addMany([0, 1, 2, 3, 4, 5]);
      for (const job of jobs.slice(0, 5)) await assert.rejects(job.result(), coded("JOB_FAILED"));
      assert.equal(await jobs[5]!.result(), 5);
      await assert.rejects(jobs[4]!.result(), /a\ufffdb/);
    },
  );

  test("keys and groups have no NUL", "groups", async ({ make }) => {
    await using queue = make<number, number>();
    await assert.rejects(queue.add(1, { key: "a\0b" }), RangeError);
    await assert.rejects(queue.add(1, { group: "a\0b" }), RangeError);
  });

  test("who closes again may have less patience", undefined, async ({ make }) => {
    const queue = make<number, number>();
    const open = gate<number>();
    const started = gate();
    const worker = queue.process(() => {
      started.resolve();
      return open.promise;
    });
    await queue.add(1);
    await started.promise;
    const patient = worker.close();
    const closed = queue.close();
    await queue.close({ graceMs: 5 });
    await patient;
    await closed;
    open.resolve(1);
  });

  test("two queues on one place see the same jobs", undefined, async ({ make }) => {
    await using here = make<number, number>();
    await using there = make<number, number>();
    there.process((job) => job.data + 1);
    const jobs = await here.addMany([1, 2, 3]);
    assert.deepEqual(await Promise.all(jobs.map((job) => job.result())), [2, 3, 4]);
    assert.equal(await there.result(jobs[0]!.id), 2);
    assert.equal((await there.get(jobs[1]!.id))!.state, "done");
    await here.pause();
    assert.equal((await there.stats()).paused, true);
    const later = await there.add(4);
    assert.equal(await here.cancel(later.id), true);
    await there.resume();
    await there.drain();
  });

  test("a closed queue gives its jobs to another", undefined, async ({ make }) => {
    const here = make<number, string>();
    await using there = make<number, string>();
    const open = gate<string>();
    const started = gate();
    here.process(() => {
      started.resolve();
      return open.promise;
    });
    const job = await there.add(1);
    const result = job.result();
    await started.promise;
    await here.close({ graceMs: 0 });
    there.process(() => "there");
    assert.equal(await result, "there");
    open.resolve("late");
    await until(async () => (await there.stats()).done === 1);
  });

  test(
    "waiting for a result ends with the job, whoever asks first",
    undefined,
    async ({ make }) => {
      await using queue = make<number, number>();
      const job = await queue.add(1);
      const early = [job.result(), job.result(), queue.result(job.id)];
      queue.process((job) => job.data);
      assert.deepEqual(await Promise.all(early), [1, 1, 1]);
      assert.equal(await job.result(), 1);
    },
  );
}
