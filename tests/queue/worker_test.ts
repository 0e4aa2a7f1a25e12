/** What a worker does when its store fails, and that it lets the event loop run. */

import assert from "assertions";
import { preloadNative } from "../../src/native/status.ts";
import { createQueueIn } from "../../src/queue/create.ts";
import { systemClock } from "../../src/queue/clock.ts";
import { PureStore } from "../../src/queue/memory/pure/store.ts";
import { resolveQueue } from "../../src/queue/options.ts";
import { StoreQueue } from "../../src/queue/queue.ts";
import type { TakenJob } from "../../src/queue/store.ts";
import { createQueue } from "../../src/queue/mod.ts";
import { temporary } from "../support/programs.ts";
import { until } from "../support/values.ts";

// A library that a test opens stays open.
preloadNative();

/** A store that cannot do something for some time. */
class FailingStore extends PureStore {
  readonly failures = { take: 0, complete: 0 };

  constructor() {
    super(resolveQueue({}), systemClock);
  }

  override take(most: number) {
    if (this.failures.take-- > 0) throw new Error("cannot take");
    return super.take(most);
  }

  override completeHeld(token: number, result: string): boolean {
    if (this.failures.complete-- > 0) throw new Error("cannot complete");
    return super.completeHeld(token, result);
  }
}

/** The same, with answers that come later. */
class SlowStore extends PureStore {
  readonly failures = { take: 0, complete: 0 };

  constructor() {
    super(resolveQueue({}), systemClock);
  }

  // deno-lint-ignore no-explicit-any
  override take(most: number): any {
    return this.#later("take", () => super.take(most) as TakenJob[]);
  }

  // deno-lint-ignore no-explicit-any
  override completeHeld(token: number, result: string): any {
    return this.#later("complete", () => super.completeHeld(token, result));
  }

  async #later<T>(what: "take" | "complete", run: () => T): Promise<T> {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (this.failures[what]-- > 0) throw new Error(`cannot ${what}`);
    return run();
  }
}

for (const Store of [FailingStore, SlowStore]) {
  Deno.test(`queue worker: a store that fails is asked again (${Store.name})`, async () => {
    const store = new Store();
    await using queue = new StoreQueue<number, number>({
      name: undefined,
      store,
      concurrency: 3,
      clock: systemClock,
      random: Math.random,
    });
    const errors: unknown[] = [];
    store.failures.take = 2;
    const worker = queue.process((job) => job.data, {
      onError: (error) => errors.push((error as Error).message),
    });
    const jobs = await queue.addMany([1, 2, 3, 4, 5]);
    assert.deepEqual(await Promise.all(jobs.map((job) => job.result())), [1, 2, 3, 4, 5]);
    assert.deepEqual(errors, ["cannot take", "cannot take"]);
    store.failures.complete = 1;
    const lost = await queue.add(6);
    await until(() => errors.length === 3);
    assert.equal(errors[2], "cannot complete");
    // It is still held: no store lets go of a job whose end it could not write.
    assert.equal((await queue.get(lost.id))!.state, "running");
    await worker.close();
    assert.equal(worker.running, 0);
  });
}

Deno.test("queue worker: an endless supply of quick jobs lets the event loop run", async () => {
  await using queue = createQueue<number, number>({ implementation: "pure" });
  let isOver = false;
  queue.process((job) => {
    if (!isOver) void queue.add(job.data + 1);
    return job.data;
  });
  await queue.add(0);
  await new Promise((resolve) => setTimeout(resolve, 5));
  isOver = true;
  await queue.drain();
  assert.ok((await queue.stats()).done > 1);
});

Deno.test("queue worker: pauses before new tries follow the clock and the chances given", async () => {
  let now = 1_000_000;
  const clock = { ...systemClock, now: () => now };
  const surroundings = { clock, random: () => 0.5 };
  await using queue = createQueueIn<number, number>(surroundings, { implementation: "pure" });
  queue.process(() => {
    throw new Error("no");
  });
  const job = await queue.add(1, { retries: 9, backoffMs: 4_000 });
  await until(async () => (await queue.get(job.id))!.state === "delayed");
  assert.equal((await queue.get(job.id))!.runAt, now + 3_000);
  now += 3_000;
  await until(async () => {
    const record = (await queue.get(job.id))!;
    return record.attempts === 2 && record.state === "delayed";
  });
  assert.equal((await queue.get(job.id))!.runAt, now + 6_000);
  await job.cancel();
});

Deno.test("queue: what console.log shows of a job is the job", async () => {
  await temporary(async (folder) => {
    for (const store of ["memory", { file: `${folder}/queue.db` }] as const) {
      await using queue = createQueue<{ page: number }, string>({
        store,
        implementation: "pure",
      });
      const shown = (job: unknown): string => Deno.inspect(job).replace(/\s+/g, " ");
      queue.process((job) => shown(job));
      const job = await queue.add({ page: 7 });
      assert.equal(
        await job.result(),
        `Job { id: "${job.id}", state: "running", attempt: 1, data: { page: 7 } }`,
      );
      assert.equal(shown(job), `Job { id: "${job.id}", data: { page: 7 } }`);
    }
  });
});
