/** The part of the queue's suite about time: delays, repeats, retention. */

import assert from "assertions";
import type { JobRecord } from "../../src/queue/mod.ts";
import { delay, until } from "../support/values.ts";
import { type Bench, coded, type Subject, testsOf } from "./subject.ts";

/** Registers it. */
export function timeConformance(subject: Subject): void {
  const test = testsOf(subject);
  const { slackMs = 0 } = subject;
  const attempt = async ({ make }: Bench): Promise<void> => {
    await using queue = make();
    await queue.add(1, { repeat: { everyMs: 1_000 } });
  };

  test("a delayed job does not run before its time", undefined, async ({ make }) => {
    await using queue = make<string, number>();
    queue.process(() => Date.now());
    const start = Date.now();
    const soonMs = 30 + 10 * slackMs;
    const late = await queue.add("late", { delayMs: 2 * soonMs });
    const soon = await queue.add("soon", { delayMs: soonMs });
    const now = await queue.add("now");
    assert.equal((await queue.get(late.id))!.state, "delayed");
    assert.ok(Math.abs((await queue.get(late.id))!.runAt - start - 2 * soonMs) <= soonMs);
    const times = [await now.result(), await soon.result(), await late.result()];
    assert.ok(times[1]! >= start + soonMs);
    assert.ok(times[2]! >= start + 2 * soonMs);
    assert.ok(times[0]! <= times[1]! && times[1]! <= times[2]!);
  });

  test("a delay that comes first is not held up by a longer one", undefined, async ({ make }) => {
    await using queue = make<string, string>();
    queue.process((job) => job.data);
    await queue.add("far", { delayMs: 3_600_000 });
    assert.equal(await (await queue.add("near", { delayMs: 5 })).result(), "near");
    assert.equal((await queue.stats()).delayed, 1);
    await queue.drain();
  });

  test("a repeat comes again and again, each time once", "repeats", async ({ make }) => {
    await using queue = make<string, null>();
    const seen: number[] = [];
    queue.process((job) => {
      assert.equal(job.data, "tick");
      seen.push(Date.now());
      return null;
    });
    const first = await queue.add("tick", { key: "t", repeat: { everyMs: 20 + slackMs } });
    await first.result();
    const same = await queue.add("tick", { key: "t", repeat: { everyMs: 20 + slackMs } });
    assert.notEqual(same.id, first.id);
    await until(() => seen.length >= 4);
    // The next one is there but for the moment in which one begins.
    let next: JobRecord | undefined;
    await until(async () => {
      const [job, ...more] = await queue.list("delayed");
      assert.deepEqual(more, []);
      next = job;
      return job !== undefined;
    });
    assert.deepEqual(next!.repeat, { everyMs: 20 + slackMs });
    assert.equal(next!.key, "t");
    assert.equal(await queue.stopRepeat("t"), true);
    const count = seen.length;
    await queue.drain({ delayed: true });
    await delay(60 + slackMs);
    assert.ok(seen.length <= count + 1);
    assert.equal(await queue.stopRepeat("t"), false);
  }, attempt);

  test(
    "adding a repeat again changes nothing, or what differs",
    "changing a repeat",
    async ({ make }) => {
      await using queue = make<string, null>();
      const hour = { key: "k", delayMs: 3_600_000, repeat: { everyMs: 3_600_000 } };
      const first = await queue.add("a", hour);
      assert.equal((await queue.add("a", hour)).id, first.id);
      const changed = await queue.add("b", hour);
      assert.notEqual(changed.id, first.id);
      const twice = await queue.add("b", { ...hour, repeat: { everyMs: 7_200_000 } });
      const noKey = await queue.add("b", { delayMs: 9_000_000, repeat: { everyMs: 7_200_000 } });
      assert.equal(
        (await queue.add("b", { delayMs: 9_000_000, repeat: { everyMs: 7_200_000 } })).id,
        noKey.id,
      );
      const ids = (await queue.list("delayed")).map(({ id }) => id);
      assert.deepEqual(ids.sort(), [twice.id, noKey.id].sort());
    },
  );

  test("a repeat by cron is due at its time", "repeats", async ({ make }) => {
    await using queue = make<string, null>();
    const job = await queue.add("yearly", {
      repeat: { cron: "30 4 1 1 *", timeZone: "Asia/Kolkata" },
    });
    const { runAt, repeat, state } = (await queue.get(job.id))!;
    assert.equal(state, "delayed");
    assert.deepEqual(repeat, { cron: "30 4 1 1 *", timeZone: "Asia/Kolkata" });
    // India is five and a half hours ahead, all year.
    assert.match(new Date(runAt).toISOString(), /-12-31T23:00:00/);
    assert.ok(runAt > Date.now());
  }, attempt);

  test(
    "a repeat that is stopped takes what it had waiting with it",
    "repeats",
    async ({ make }) => {
      await using queue = make<string, null>();
      await queue.pause();
      for (const end of ["stopRepeat", "cancel"]) {
        for (const delayMs of [0, 3_600_000]) {
          const job = await queue.add("tick", {
            key: "t",
            delayMs,
            repeat: { everyMs: 3_600_000 },
          });
          const state = delayMs === 0 ? "waiting" : "delayed";
          assert.equal((await queue.get(job.id))!.state, state);
          const rejected = assert.rejects(job.result(), coded("CANCELLED"));
          assert.equal(await (end === "cancel" ? job.cancel() : queue.stopRepeat("t")), true);
          await rejected;
          const { waiting, delayed } = await queue.stats();
          assert.deepEqual([waiting, delayed], [0, 0], `${end}, ${state}`);
          assert.equal(await queue.stopRepeat("t"), false);
        }
      }
      await queue.resume();
    },
    attempt,
  );

  test("a repeat that fails comes again all the same", "repeats", async ({ make }) => {
    await using queue = make<string, null>();
    let ran = 0;
    queue.process(() => {
      ran++;
      throw new Error("each time");
    });
    await queue.add("x", { key: "x", repeat: { everyMs: 10 + slackMs } });
    await until(() => ran >= 3);
    await queue.stopRepeat("x");
    await queue.drain({ delayed: true });
    assert.ok((await queue.stats()).dead >= 3);
  });

  test("done jobs are kept up to a number", undefined, async ({ make }) => {
    await using queue = make<number, number>({ retention: { doneCount: 3 } });
    queue.process((job) => job.data);
    const jobs = await queue.addMany([1, 2, 3, 4, 5, 6]);
    await queue.drain();
    await until(async () => (await queue.stats()).done === 3);
    assert.deepEqual((await queue.list("done")).map(({ data }) => data), [4, 5, 6]);
    assert.equal(await queue.get(jobs[0]!.id), undefined);
  });

  test(
    "who added a job has its result, though more ended than are kept",
    "results after retention",
    async ({ make }) => {
      await using queue = make<number, number>({ retention: { doneCount: 2 } });
      queue.process((job) => job.data);
      const jobs = [await queue.add(0), ...await queue.addMany([1, 2, 3, 4, 5])];
      await queue.drain();
      const results: number[] = [];
      for (const job of jobs) results.push(await job.result());
      assert.deepEqual(results, [0, 1, 2, 3, 4, 5]);
    },
  );

  test(
    "who waits for a result has it, though none is kept",
    "results after retention",
    async ({ make }) => {
      for (const retention of [{ doneCount: 0 }, { doneMs: 0 }]) {
        await using queue = make<number, number>({ retention, concurrency: 4 });
        queue.process((job) => job.data);
        const numbers = Array.from({ length: 30 }, (_, n) => n);
        const alone = await Promise.all(numbers.map(async (n) => (await queue.add(n)).result()));
        assert.deepEqual(alone, numbers);
        const jobs = await queue.addMany(numbers);
        assert.deepEqual(await Promise.all(jobs.map((job) => job.result())), numbers);
      }
    },
  );

  test(
    "the result of a job that is gone is not there by its id",
    "forgetting results",
    async ({ make }) => {
      await using queue = make<number, number>({ retention: { doneCount: 2 } });
      queue.process((job) => job.data);
      const jobs = await queue.addMany([0, 1, 2, 3, 4, 5]);
      await queue.drain();
      await until(async () => (await queue.stats()).done === 2);
      await assert.rejects(queue.result(jobs[0]!.id), coded("NOT_FOUND"));
    },
  );

  test("done jobs are kept for a time", undefined, async ({ make }) => {
    await using queue = make<number, number>({ retention: { doneMs: 0 } });
    queue.process((job) => job.data);
    await queue.pause();
    const job = await queue.add(1);
    const result = job.result();
    await queue.resume();
    assert.equal(await result, 1);
    await until(async () => await queue.get(job.id) === undefined);
  });
}
