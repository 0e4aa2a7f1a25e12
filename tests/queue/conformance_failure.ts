/** The part of the queue's suite about what goes wrong: retries, deaths, time limits, cancelling. */

import assert from "assertions";
import { AgentError } from "../../src/shared/errors.ts";
import { until } from "../support/values.ts";
import { coded, gate, type Subject, testsOf } from "./subject.ts";

/** Registers it. */
export function failureConformance(subject: Subject): void {
  const test = testsOf(subject);

  test("a job that fails is tried again", undefined, async ({ make }) => {
    await using queue = make<string, number>();
    const tries: number[] = [];
    queue.process((job) => {
      tries.push(job.attempt);
      if (job.attempt < 3) throw new Error(`try ${job.attempt}`);
      return job.attempt;
    });
    const job = await queue.add("work", { retries: 5, backoffMs: 1 });
    assert.equal(await job.result(), 3);
    assert.deepEqual(tries, [1, 2, 3]);
    assert.equal((await queue.get(job.id))!.attempts, 3);
  });

  test("a job that fails for good is dead, and kept", undefined, async ({ make }) => {
    await using queue = make<string, string>();
    let heals = false;
    queue.process((job) => {
      if (!heals) throw new TypeError(`no ${job.data}`);
      return "well";
    });
    const job = await queue.add("luck", { retries: 1, backoffMs: 1 });
    await assert.rejects(job.result(), (error) => {
      assert.ok(AgentError.is(error, "JOB_FAILED"));
      assert.deepEqual(error.details, { job: job.id, attempts: 2, error: "no luck" });
      assert.match(error.message, /failed after 2 tries: no luck/);
      return true;
    });
    await assert.rejects(job.result(), coded("JOB_FAILED"));
    const [dead, ...more] = await queue.list("dead");
    assert.deepEqual(more, []);
    assert.equal(dead!.id, job.id);
    assert.equal(dead!.error, "no luck");
    assert.equal(dead!.attempts, 2);
    assert.equal((await queue.stats()).dead, 1);
    heals = true;
    assert.equal(await queue.retry(["unknown"]), 0);
    assert.equal(await queue.retry(), 1);
    assert.equal(await job.result(), "well");
    assert.equal((await queue.get(job.id))!.attempts, 1);
    assert.equal((await queue.stats()).dead, 0);
  });

  test("the dead are put back one by one, and purged", "retry of some", async ({ make }) => {
    await using queue = make<number, number>();
    let isWell = false;
    queue.process((job) => {
      if (isWell) return job.data;
      throw `bad ${job.data}`;
    });
    const jobs = await queue.addMany([1, 2, 3]);
    await Promise.allSettled(jobs.map((job) => job.result()));
    assert.deepEqual((await queue.list("dead")).map(({ error }) => error), [
      "bad 1",
      "bad 2",
      "bad 3",
    ]);
    assert.deepEqual((await queue.list("dead", { offset: 1, limit: 1 })).map(({ data }) => data), [
      2,
    ]);
    isWell = true;
    assert.equal(await queue.retry([jobs[1]!.id]), 1);
    assert.equal(await jobs[1]!.result(), 2);
    assert.equal(await queue.purge("dead", { olderThanMs: 3_600_000 }), 0);
    assert.equal(await queue.purge("dead"), 2);
    assert.deepEqual(await queue.list("dead"), []);
  });

  test("only the message of an error is kept", undefined, async ({ make }) => {
    await using queue = make<number, number>();
    queue.process((job) => {
      switch (job.data) {
        case 0:
          throw Object.assign(new Error("short"), { secret: "hidden", stack: "hidden" });
        case 1:
          throw new RangeError("");
        case 2:
          throw undefined;
        case 3:
          throw new Error("long".repeat(10_000));
        default:
          throw {
            toString: () => {
              throw new Error("odd");
            },
          };
      }
    });
    const jobs = await queue.addMany([0, 1, 2, 3, 4]);
    await Promise.allSettled(jobs.map((job) => job.result()));
    const errors = (await queue.list("dead")).map(({ error }) => error!);
    assert.equal(errors[0], "short");
    assert.equal(errors[1], "RangeError");
    assert.equal(errors[2], "undefined");
    assert.ok(errors[3]!.startsWith("longlong") && errors[3]!.length < 5_000);
    assert.equal(errors[4], "unknown error");
  });

  test("a try over its time fails, and its place is free at once", undefined, async ({ make }) => {
    await using queue = make<string, string>({ concurrency: 1 });
    const open = gate<string>();
    const reasons: unknown[] = [];
    queue.process((job, signal) => {
      if (job.data === "quick") return "quick";
      if (job.attempt === 2) return "second";
      signal.addEventListener("abort", () => reasons.push(signal.reason));
      return open.promise;
    });
    const slow = await queue.add("slow", { timeoutMs: 20 });
    const quick = await queue.add("quick");
    // The slow handler goes on, and still the next one runs.
    assert.equal(await quick.result(), "quick");
    await assert.rejects(slow.result(), (error) => {
      assert.ok(AgentError.is(error, "JOB_FAILED"));
      assert.match(error.details.error, /not finished within 20 ms/);
      return true;
    });
    assert.ok(AgentError.is(reasons[0], "TIMEOUT"));
    const again = await queue.add("again", { timeoutMs: 20, retries: 1, backoffMs: 1 });
    assert.equal(await again.result(), "second");
    open.resolve("late");
    await Promise.resolve();
    assert.equal(await again.result(), "second");
    assert.equal((await queue.get(slow.id))!.state, "dead");
  });

  test("a job that waits is cancelled", undefined, async ({ make }) => {
    await using queue = make<number, number>();
    const waiting = await queue.add(1);
    const delayed = await queue.add(2, { delayMs: 3_600_000 });
    const result = waiting.result();
    assert.equal(await waiting.cancel(), true);
    await assert.rejects(result, coded("CANCELLED"));
    assert.equal(await waiting.cancel(), false);
    assert.equal(await queue.cancel(delayed.id), true);
    assert.equal(await queue.cancel("unknown"), false);
    let ran = 0;
    queue.process(() => ++ran);
    await queue.drain({ delayed: true });
    assert.equal(ran, 0);
  });

  test("cancelled jobs are kept as such", "cancelled jobs are kept", async ({ make }) => {
    await using queue = make<number, number>();
    const job = await queue.add(1);
    await job.cancel();
    await assert.rejects(job.result(), coded("CANCELLED"));
    assert.equal((await queue.get(job.id))!.state, "cancelled");
    assert.deepEqual((await queue.list("cancelled")).map(({ id }) => id), [job.id]);
    assert.equal((await queue.stats()).cancelled, 1);
    assert.equal(await queue.purge("cancelled"), 1);
  });

  test(
    "a job that runs is cancelled: its signal fires, its place is free",
    "cancelling a running job",
    async ({ make }) => {
      await using queue = make<string, string>({ concurrency: 1 });
      const open = gate<string>();
      const started = gate();
      let reason: unknown;
      queue.process((job, signal) => {
        if (job.data === "next") return "next";
        signal.addEventListener("abort", () => reason = signal.reason);
        started.resolve();
        return open.promise;
      });
      const job = await queue.add("stuck", { retries: 5, backoffMs: 1 });
      const next = await queue.add("next");
      const result = job.result();
      await started.promise;
      assert.equal(await job.cancel(), true);
      await assert.rejects(result, coded("CANCELLED"));
      assert.equal(await next.result(), "next");
      await until(() => reason !== undefined);
      assert.ok(AgentError.is(reason, "CANCELLED"));
      open.resolve("late");
      await queue.drain();
      await assert.rejects(job.result(), coded("CANCELLED"));
    },
    async ({ make }) => {
      await using queue = make<string, string>();
      const open = gate<string>();
      const started = gate();
      queue.process(() => {
        started.resolve();
        return open.promise;
      });
      const job = await queue.add("stuck");
      await started.promise;
      try {
        await job.cancel();
      } finally {
        open.resolve("end");
      }
    },
  );

  test("a result that nobody asks for is no error", undefined, async ({ make }) => {
    await using queue = make<number, number>();
    queue.process(() => {
      throw new Error("unheard");
    });
    await queue.add(1);
    await queue.add(2, { timeoutMs: 1 });
    await queue.drain();
    assert.equal((await queue.stats()).dead, 2);
  });

  test("a handler may ask for, cancel and add jobs", undefined, async ({ make }) => {
    await using queue = make<number, number>({ concurrency: 2 });
    queue.process(async (job) => {
      if (job.data === 0) return 0;
      const child = await queue.add(job.data - 1);
      return job.data > 1 ? 100 + job.data : 10 + await child.result();
    });
    assert.equal(await (await queue.add(1)).result(), 10);
    assert.equal(await (await queue.add(2)).result(), 102);
    await queue.drain();
  });
}
