/** What the queue on Redis does in a way of its own, as docs/queue.md says. */

import assert from "assertions";
import { createQueue, type Job, type Queue, type QueueOptions } from "../../../src/queue/mod.ts";
import {
  fromBullPriority,
  keyOf,
  schedulerOf,
  toBullPriority,
} from "../../../src/queue/redis/mapping.ts";
import { AgentError } from "../../../src/shared/errors.ts";
import { testNeeding } from "../../support/needs.ts";
import { missing, sharedServer } from "../../support/redis.ts";
import { until } from "../../support/values.ts";

const server = sharedServer();
let names = 0;

function test(name: string, body: (make: Make) => Promise<void>): void {
  testNeeding([missing], `queue (Redis): ${name}`, async () => {
    const queue = `own-${++names}`;
    await body((options) =>
      createQueue({ name: queue, store: { redis: server().url() }, ...options })
    );
  });
}

type Make = (options?: QueueOptions) => Queue<string, string>;

const coded = (code: AgentError["code"]) => (error: unknown): boolean => AgentError.is(error, code);

Deno.test("priorities and keys go to BullMQ and back", () => {
  assert.equal(toBullPriority(1_000_000), 1);
  assert.equal(toBullPriority(-1_000_000), 2_000_001);
  // What BullMQ takes at most.
  assert.ok(toBullPriority(-1_000_000) < 2 ** 21);
  for (const priority of [-1_000_000, -1, 0, 1, 1_000_000]) {
    assert.equal(fromBullPriority(toBullPriority(priority)), priority);
    assert.ok(priority === 1_000_000 || toBullPriority(priority) > toBullPriority(priority + 1));
  }
  assert.equal(fromBullPriority(0), 1_000_000);
  assert.equal(fromBullPriority(2 ** 21 - 1), -1_000_000);
  for (const key of ["a", "a:b", "100%", "%3A:", "a:1::UTC:5"]) {
    assert.ok(!schedulerOf(key).includes(":"));
    assert.equal(keyOf(schedulerOf(key)), key);
  }
});

test("a flow is cancelled with all that waits", async (make) => {
  await using queue = make();
  const root = await queue.addFlow({
    data: "root",
    children: [{ data: "a", children: [{ data: "b" }] }, { data: "c" }],
  });
  const other = await queue.add("other");
  assert.equal(await root.cancel(), true);
  await assert.rejects(root.result(), coded("CANCELLED"));
  const { waiting, blocked, cancelled } = await queue.stats();
  assert.deepEqual([waiting, blocked, cancelled], [1, 0, 0]);
  const ran: string[] = [];
  queue.process((job) => {
    ran.push(job.data);
    return "";
  });
  await other.result();
  await queue.drain();
  assert.deepEqual(ran, ["other"]);
});

test("a flow is cancelled with a child that runs", async (make) => {
  await using queue = make({ concurrency: 2 });
  const aborted: string[] = [];
  let running = 0;
  queue.process((job, signal) => {
    running++;
    return new Promise<string>((_, reject) =>
      signal.addEventListener("abort", () => {
        aborted.push(job.data);
        reject(signal.reason);
      })
    );
  });
  const root = await queue.addFlow({ data: "root", children: [{ data: "a" }, { data: "b" }] });
  await until(() => running === 2);
  assert.equal(await root.cancel(), true);
  await until(() => aborted.length === 2);
  await queue.drain();
  const { dead, done } = await queue.stats();
  assert.deepEqual([dead, done, running], [0, 0, 2]);
});

test("a child that runs is cancelled, and its parent dies", async (make) => {
  await using queue = make();
  let child: Job<string, string> | undefined;
  queue.process((job, signal) => {
    child = job;
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject("ended")));
  });
  const root = await queue.addFlow({ data: "root", children: [{ data: "a" }] });
  await until(() => child !== undefined);
  assert.equal(await child!.cancel(), true);
  await assert.rejects(root.result(), (error) => {
    assert.ok(AgentError.is(error, "JOB_FAILED"));
    assert.equal(error.details.error, `Child ${child!.id} was cancelled`);
    return true;
  });
});

test("a repeat that is changed keeps its time, and has the new data", async (make) => {
  await using queue = make();
  const hour = { key: "k:1", delayMs: 3_600_000, repeat: { everyMs: 3_600_000 } };
  const first = await queue.add("a", hour);
  assert.equal((await queue.add("a", hour)).id, first.id);
  await queue.add("b", { ...hour, priority: 3 });
  const [job, ...more] = await queue.list("delayed");
  assert.deepEqual(more, []);
  assert.equal(job!.data, "b");
  assert.equal(job!.priority, 3);
  assert.equal(job!.key, "k:1");
  await queue.add("b", { ...hour, repeat: { everyMs: 60_000 } });
  assert.deepEqual((await queue.list("delayed")).map(({ repeat }) => repeat), [{
    everyMs: 60_000,
  }]);
  assert.equal(await queue.cancel((await queue.list("delayed"))[0]!.id), true);
  assert.equal((await queue.stats()).delayed, 0);
  assert.equal(await queue.stopRepeat("k:1"), false);
});

test("a cron expression that BullMQ does not know is refused", async (make) => {
  await using queue = make();
  await assert.rejects(
    queue.add("x", { repeat: { cron: "0 0 15W * *", timeZone: "UTC" } }),
    coded("UNSUPPORTED"),
  );
  await assert.rejects(queue.add("x", { repeat: { cron: "61 * * * *" } }), RangeError);
  const job = await queue.add("x", {
    repeat: { cron: "*/10 2 * * 1-5", timeZone: "Europe/Berlin" },
  });
  assert.equal((await queue.get(job.id))!.state, "delayed");
});

test("keys and groups that BullMQ has not are refused", async (make) => {
  await using queue = make();
  await assert.rejects(queue.add("x", { group: "g" }), coded("UNSUPPORTED"));
  await assert.rejects(queue.addMany(["x"], { group: "g" }), coded("UNSUPPORTED"));
  await assert.rejects(
    queue.addFlow({ data: "x", children: [{ data: "y", group: "g" }] }),
    coded("UNSUPPORTED"),
  );
  assert.equal((await queue.stats()).waiting, 0);
});

test("a result is known after its job is gone", async (make) => {
  await using queue = make({ retention: { doneCount: 0 } });
  await using other = make();
  queue.process((job) => job.data.toUpperCase());
  const job = await queue.add("loud");
  assert.equal(await job.result(), "LOUD");
  await until(async () => await queue.get(job.id) === undefined);
  assert.equal(await other.result(job.id), "LOUD");
  await assert.rejects(other.result("nobody"), coded("NOT_FOUND"));
});

test("a handler's words are no orders to BullMQ", async (make) => {
  await using queue = make();
  queue.process((job) => {
    throw Object.assign(new Error(job.data), { name: "DelayedError" });
  });
  for (const word of ["bullmq:rateLimitExceeded", "bullmq:movedToDelayed", "plain"]) {
    await assert.rejects((await queue.add(word)).result(), coded("JOB_FAILED"));
  }
  assert.equal((await queue.stats()).dead, 3);
});

test("many are purged and put back", async (make) => {
  await using queue = make({ concurrency: 32, retention: { doneCount: Infinity } });
  const isOdd = (data: string): boolean => Number(data) % 2 === 1;
  let heals = false;
  queue.process((job) => {
    if (isOdd(job.data) && !heals) throw new Error("odd");
    return job.data;
  });
  const jobs = await queue.addMany(Array.from({ length: 2_600 }, (_, i) => `${i}`));
  await queue.drain();
  const before = await queue.stats();
  assert.deepEqual([before.done, before.dead], [1_300, 1_300]);
  assert.equal((await queue.list("dead", { limit: 2_000 })).length, 1_300);
  assert.equal((await queue.list("dead", { offset: 1_290 })).length, 10);
  assert.equal(await queue.purge("done"), 1_300);
  heals = true;
  assert.equal(await queue.retry(), 1_300);
  await queue.drain();
  assert.equal(await jobs[1]!.result(), "1");
  assert.equal((await queue.stats()).dead, 0);
});
