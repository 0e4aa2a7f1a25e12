/** Jobs go to and come from programs that know BullMQ alone, under Node and under Deno. */

import assert from "assertions";
import { createQueue, type JsonValue, type Queue } from "../../../src/queue/mod.ts";
import { AgentError } from "../../../src/shared/errors.ts";
import { testNeeding } from "../../support/needs.ts";
import { missing, sharedServer } from "../../support/redis.ts";
import { until } from "../../support/values.ts";
import { Plain, type Runtime, runtimes } from "./plain.ts";

const server = sharedServer();

function open(name: string): Queue<JsonValue, JsonValue> {
  return createQueue({ name, store: { redis: server().url() } });
}

interface Seen {
  name: string;
  data: JsonValue;
  state: string;
  result: JsonValue;
  opts: Record<string, JsonValue>;
  failedReason?: string;
}

for (const runtime of ["Node", "Deno"] as const satisfies readonly Runtime[]) {
  const test = (name: string, body: (queue: string) => Promise<void>): void =>
    testNeeding(
      [missing, runtimes[runtime]],
      `queue (Redis, plain BullMQ, ${runtime}): ${name}`,
      () => body(`plain-${runtime}-${name.replaceAll(" ", "-")}`),
    );

  test("its workers do our jobs", async (name) => {
    await using queue = open(name);
    await using plain = Plain.start(runtime, server().port, name);
    await plain.do("work");
    const job = await queue.add({ to: "you" }, { priority: 7, timeoutMs: 60_000, key: "k" });
    const result = { plain: { to: "you" }, name: "job", children: [], token: "string" };
    assert.deepEqual(await job.result(), result);
    assert.equal((await queue.get(job.id))!.state, "done");
    const later = await queue.add("later", { delayMs: 30 });
    assert.deepEqual((await later.result() as { plain: string }).plain, "later");
    const again = await queue.add("fail once", { retries: 1, backoffMs: 20 });
    assert.deepEqual((await again.result() as { plain: string }).plain, "fail once");
    assert.equal((await queue.get(again.id))!.attempts, 2);
    await assert.rejects((await queue.add("fail")).result(), (error) => {
      assert.ok(AgentError.is(error, "JOB_FAILED"));
      assert.equal(error.details.error, "plain failure");
      return true;
    });
    const seen: JsonValue[] = [];
    const reporting = await queue.add("report", { delayMs: 50 });
    reporting.onProgress((value) => seen.push(value));
    await reporting.result();
    assert.deepEqual(seen, [{ half: true }]);
    const flow = await queue.addFlow({ data: "p", children: [{ data: "a" }, { data: "b" }] });
    const { children } = await flow.result() as { children: { plain: string }[] };
    assert.deepEqual(children.map((child) => child.plain).sort(), ["a", "b"]);
  });

  test("our workers do its jobs", async (name) => {
    await using queue = open(name);
    await using plain = Plain.start(runtime, server().port, name);
    queue.process((job) => {
      if (job.data === "bad") throw new Error("ours failed");
      return { ours: job.data, attempt: job.attempt };
    });
    const jobs: { [key: string]: JsonValue; data: JsonValue }[] = [
      { jobName: "email", data: { to: 1 }, options: {} },
      { jobName: "email", data: [2], options: { priority: 5, attempts: 3, backoff: 100 } },
      { jobName: "later", data: "x", options: { delay: 20, removeOnComplete: false } },
    ];
    for (const job of jobs) {
      const id = await plain.do<string>("add", job);
      assert.deepEqual(await plain.do("result", { id }), { ours: job.data, attempt: 1 });
      assert.equal((await queue.get(id))!.state, "done");
      assert.deepEqual(await queue.result(id), { ours: job.data, attempt: 1 });
    }
    const bad = await plain.do<string>("add", { jobName: "bad", data: "bad", options: {} });
    await assert.rejects(plain.do("result", { id: bad }), { message: "ours failed" });
    assert.equal((await queue.list("dead"))[0]!.id, bad);
    const counts = await plain.do<Record<string, number>>("counts");
    assert.equal(counts["completed"], 3);
    assert.equal(counts["failed"], 1);
  });

  test("it sees our jobs as its own", async (name) => {
    await using queue = open(name);
    await using plain = Plain.start(runtime, server().port, name);
    const job = await queue.add({ deep: [1, null] }, { priority: 1_000_000, retries: 4 });
    const seen = await plain.do<Seen>("job", { id: job.id });
    assert.equal(seen.name, "job");
    assert.deepEqual(seen.data, { deep: [1, null] });
    assert.equal(seen.state, "prioritized");
    assert.equal(seen.opts["priority"], 1);
    assert.equal(seen.opts["attempts"], 5);
    assert.deepEqual(seen.opts["backoff"], { type: "exponential", delay: 1_000, jitter: 0.5 });
    await queue.add("tick", { key: "every:hour", repeat: { everyMs: 3_600_000 } });
    await queue.add("tock", { key: "cron", repeat: { cron: "0 3 * * *", timeZone: "UTC" } });
    const schedulers = await plain.do<{ key: string; every?: number; pattern?: string }[]>(
      "schedulers",
    );
    const found = schedulers.map(({ key, every, pattern }) => `${key} ${every} ${pattern}`);
    assert.deepEqual(found.sort(), ["cron undefined 0 3 * * *", "every%3Ahour 3600000 undefined"]);
    await plain.do("pause");
    assert.equal((await queue.stats()).paused, true);
    await queue.resume();
    await queue.pause();
    await plain.do("resume");
    assert.equal((await queue.stats()).paused, false);
  });

  test("a job that it runs cannot be cancelled, and that is said", async (name) => {
    await using queue = open(name);
    await using plain = Plain.start(runtime, server().port, name);
    await plain.do("work");
    const job = await queue.add("hang");
    await until(async () => (await queue.get(job.id))!.state === "running");
    await assert.rejects(job.cancel(), (error: Error) => {
      assert.ok(AgentError.is(error, "UNSUPPORTED"));
      assert.match(error.message, /another program/);
      return true;
    });
    await job.result();
  });
}
