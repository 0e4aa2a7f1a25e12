/** The queue on Redis while the server is away, restarts, or never was there: nothing that was acknowledged is lost. */

import assert from "assertions";
import { createQueue, type Queue } from "../../../src/queue/mod.ts";
import { AgentError } from "../../../src/shared/errors.ts";
import { testNeeding } from "../../support/needs.ts";
import { missing, Server } from "../../support/redis.ts";
import { unusedPort } from "../../support/servers.ts";
import { delay, until } from "../../support/values.ts";

const AOF = ["--appendonly", "yes", "--appendfsync", "always"];

const unavailable = (error: unknown): boolean => AgentError.is(error, "UNAVAILABLE");

function open(server: Server, timeoutMs = 20_000): Queue<number, number> {
  return createQueue<number, number>({
    name: "outage",
    store: { redis: server.url(), timeoutMs },
    concurrency: 8,
    leaseMs: 2_000,
    retention: { doneMs: Infinity, doneCount: Infinity },
  });
}

async function restart(server: Server): Promise<void> {
  await server.kill();
  await delay(100);
  await server.resume();
}

testNeeding([missing], "queue (Redis): a restart loses no acknowledged job", async () => {
  await using server = await Server.start(...AOF);
  await using producer = open(server);
  await using queue = open(server);
  const done = new Map<string, number>();
  const errors: unknown[] = [];
  queue.process(async (job) => {
    await delay(1);
    done.set(job.id, (done.get(job.id) ?? 0) + 1);
    return job.data;
  }, { onError: (error) => errors.push(error) });
  const acknowledged: string[] = [];
  let adding = true;
  const producers = Array.from({ length: 4 }, async () => {
    while (adding) acknowledged.push((await producer.add(acknowledged.length)).id);
  });
  for (let round = 0; round < 3; round++) {
    const before = acknowledged.length;
    await until(() => acknowledged.length > before + 50);
    await restart(server);
  }
  const before = acknowledged.length;
  await until(() => acknowledged.length > before + 50);
  adding = false;
  await Promise.all(producers);
  await queue.drain();
  for (const id of acknowledged) assert.ok(done.has(id), `job ${id} was never done`);
  assert.equal(new Set(acknowledged).size, acknowledged.length);
  const { dead, done: finished } = await queue.stats();
  assert.equal(dead, 0);
  assert.equal(finished, done.size);
  assert.deepEqual(errors.filter((error) => !unavailable(error)), []);
});

testNeeding(
  [missing],
  "queue (Redis): results, flows and listeners outlive a restart",
  async () => {
    await using server = await Server.start(...AOF);
    await using queue = open(server);
    const job = await queue.add(1);
    const result = job.result();
    await delay(20);
    await restart(server);
    const flow = await queue.addFlow({ data: 5, children: [{ data: 6 }, { data: 7 }] });
    queue.process((job) => job.data + job.childResults.reduce((sum, value) => sum + value, 0));
    assert.equal(await result, 1);
    assert.equal(await flow.result(), 18);
    await restart(server);
    const many = await queue.addMany([1, 2, 3]);
    assert.deepEqual(await Promise.all(many.map((job) => job.result())), [1, 2, 3]);
  },
);

testNeeding([missing], "queue (Redis): what runs during a restart is finished once", async () => {
  await using server = await Server.start(...AOF);
  await using queue = open(server);
  const gate = Promise.withResolvers<void>();
  let ran = 0;
  queue.process(async (job) => {
    ran++;
    await gate.promise;
    return job.data;
  });
  const job = await queue.add(3);
  await until(() => ran === 1);
  await server.kill();
  gate.resolve();
  await delay(50);
  await server.resume();
  assert.equal(await job.result(), 3);
  assert.equal(ran, 1);
});

testNeeding(
  [missing],
  "queue (Redis): what ends while the server is long away is done, and not dead",
  async () => {
    await using server = await Server.start(...AOF);
    // A lease that outlasts it: nobody else is to do the job meanwhile.
    await using queue = createQueue<number, number>({
      name: "long outage",
      store: { redis: server.url(), timeoutMs: 20_000 },
      leaseMs: 60_000,
    });
    const gate = Promise.withResolvers<void>();
    const errors: unknown[] = [];
    let ran = 0;
    queue.process(async (job) => {
      ran++;
      await gate.promise;
      return job.data;
    }, { onError: (error) => errors.push(error) });
    const job = await queue.add(3);
    await until(() => ran === 1);
    await server.kill();
    await until(() => errors.length > 0);
    gate.resolve();
    // Longer than node-redis keeps a command that it cannot send, unless it is told otherwise.
    await delay(6_000);
    await server.resume();
    assert.equal(await job.result(), 3);
    assert.equal(ran, 1);
    const { done, dead } = await queue.stats();
    assert.deepEqual([done, dead], [1, 0]);
    assert.ok(errors.every(unavailable), Deno.inspect(errors));
  },
);

testNeeding([missing], "queue (Redis): calls to a server that is away end", async () => {
  await using server = await Server.start();
  await using queue = open(server, 300);
  const job = await queue.add(1);
  await server.kill();
  await assert.rejects(queue.add(2), unavailable);
  await assert.rejects(queue.stats(), unavailable);
  await assert.rejects(job.cancel(), unavailable);
  await server.resume();
  // It is connected to again by itself, in a moment.
  await until(() => queue.add(3).then(() => true, () => false));
});

testNeeding([missing], "queue (Redis): a server that does not answer is away", async () => {
  await using server = await Server.start();
  await using queue = open(server, 300);
  await queue.add(1);
  server.signal("SIGSTOP");
  await assert.rejects(queue.add(2), unavailable);
  server.signal("SIGCONT");
});

testNeeding([missing], "queue (Redis): closing ends while the server is away", async () => {
  await using server = await Server.start();
  const queue = open(server, 300);
  queue.process((job) => job.data);
  const job = await queue.add(1);
  assert.equal(await job.result(), 1);
  const waited = (await queue.add(2, { delayMs: 3_600_000 })).result();
  await server.kill();
  await queue.close();
  await assert.rejects(waited, (error) => AgentError.is(error, "CLOSED"));
});

Deno.test("queue (Redis): a server that was never there", async () => {
  const port = unusedPort();
  const errors: unknown[] = [];
  const queue = createQueue<number, number>({
    store: { redis: `redis://:secret-word@127.0.0.1:${port}`, timeoutMs: 200 },
  });
  queue.process((job) => job.data, { onError: (error) => errors.push(error) });
  await assert.rejects(queue.add(1), (error: Error) => {
    assert.ok(unavailable(error));
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port} cannot be reached`));
    assert.ok(!Deno.inspect(error).includes("secret-word"));
    return true;
  });
  await until(() => errors.length > 1);
  assert.ok(errors.every(unavailable));
  await queue.close();
});
