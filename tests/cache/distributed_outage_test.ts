/** Redis that goes away, does not answer, refuses, and comes back. */

import assert from "assertions";
import { setImmediate } from "node:timers";
import { connectCache } from "../../src/cache/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import "../support/default_twin.ts";
import { Server } from "../support/redis.ts";
import { delay } from "../support/values.ts";
import { eventually, pairOf, redisTest } from "./distributed.ts";

const away = (error: unknown): boolean => AgentError.is(error, "UNAVAILABLE");

redisTest("a server that dies: calls fail at once, and work again when it is back", async () => {
  await using server = await Server.start();
  const [here, there] = await pairOf(server);
  await using _here = here;
  await using _there = there;
  await here.setMany([["a", "1"], ["b", "2"]]);
  assert.deepEqual(await here.getMany(["a", "b"]), ["1", "2"]);
  await server.kill();
  await eventually(
    () => here.get("a").catch((error) => error.code),
    (value) => value === "UNAVAILABLE",
  );
  assert.equal(here.connected, false);
  const calls: (() => Promise<unknown>)[] = [
    () => here.get("a"),
    () => here.peek("a"),
    () => here.has("a"),
    () => here.getMany(["a"]),
    () => here.set("a", "1"),
    () => here.setMany([["a", "1"]]),
    () => here.delete("a"),
    () => here.deleteByTag("a"),
    () => here.clear(),
    () => here.keys(),
    () => here.size(),
    () => here.getOrSet("a", () => "1"),
  ];
  for (const call of calls) {
    await assert.rejects(call, (error) => {
      assert.ok(away(error), `${error}`);
      assert.deepEqual((error as AgentError).details, { server: `127.0.0.1:${server.port}` });
      return true;
    });
  }
  await server.resume();
  await eventually(() => here.get("a").catch(() => "away"), (value) => value === undefined);
  assert.equal(here.connected, true);
  await eventually(() => there.get("a").catch(() => "away"), (value) => value === undefined);
  await here.set("a", "2");
  assert.equal(await there.get("a"), "2");
  await there.set("a", "3");
  await eventually(() => here.get("a"), (value) => value === "3");
});

redisTest("a server that hangs: calls fail in time, and the copy is not believed", async () => {
  await using server = await Server.start();
  const [here, there] = await pairOf(server, { timeoutMs: 500 });
  await using _here = here;
  await using _there = there;
  await here.set("a", "1");
  assert.equal(await here.get("a"), "1");
  server.signal("SIGSTOP");
  await assert.rejects(here.set("b", "1"), away);
  await assert.rejects(here.get("a"), away);
  await assert.rejects(there.getMany(["a", "b"]), away);
  // It hangs still: to connect fails in time too.
  const before = performance.now();
  await assert.rejects(connectCache({ redis: server.url(), timeoutMs: 500 }), away);
  assert.ok(performance.now() - before < 5_000);
  server.signal("SIGCONT");
  await eventually(() => here.get("a").catch(() => "away"), (value) => value === "1");
  await eventually(() => there.get("a").catch(() => "away"), (value) => value === "1");
  await there.set("a", "2");
  await eventually(() => here.get("a").catch(() => "away"), (value) => value === "2");
});

redisTest("a copy is believed only while the server answers", async () => {
  await using server = await Server.start();
  await using cache = await connectCache({ redis: server.url(), timeoutMs: 400 });
  await cache.set("a", "1");
  const until = performance.now() + 1_200;
  // Read all the time, it is at hand all the time: the server is asked in between whether it is there.
  let reads = 0;
  for (; performance.now() < until; reads++) {
    assert.equal(await cache.get("a"), "1");
    if (reads % 1_000 === 0) await delay(0);
  }
  const { copyHits, hits } = await cache.stats();
  assert.ok(copyHits > hits / 2, `${copyHits} of ${hits}`);
  server.signal("SIGSTOP");
  let failed: unknown;
  const stopped = performance.now();
  while (failed === undefined) {
    await cache.get("a").catch((error) => failed = error);
    await delay(1);
    assert.ok(performance.now() - stopped < 5_000, "it is still believed");
  }
  assert.ok(away(failed));
  server.signal("SIGCONT");
});

redisTest("an answer that came in while this isolate was busy is an answer", async () => {
  await using server = await Server.start();
  await using cache = await connectCache({ redis: server.url(), timeoutMs: 300 });
  await cache.set("a", "1");
  const reads = [cache.get("a"), cache.get("b")];
  setImmediate(() => {
    for (const until = performance.now() + 700; performance.now() < until;);
  });
  assert.deepEqual(await Promise.all(reads), ["1", undefined]);
  assert.equal(cache.connected, true);
});

redisTest("a copy that nobody read for a while is not believed without asking", async () => {
  await using server = await Server.start();
  await using cache = await connectCache({ redis: server.url(), timeoutMs: 300 });
  await cache.set("a", "1");
  assert.equal(await cache.get("a"), "1");
  await delay(350);
  const { copyHits } = await cache.stats();
  assert.equal(await cache.get("a"), "1");
  assert.equal((await cache.stats()).copyHits, copyHits);
  await delay(350);
  server.signal("SIGSTOP");
  await assert.rejects(cache.get("a"), away);
  server.signal("SIGCONT");
});

redisTest("a dropped connection: nothing that changed meanwhile is missed", async () => {
  await using server = await Server.start();
  for (let round = 0; round < 10; round++) {
    // What is served meanwhile is forgotten afterwards.
    const [here, there] = await pairOf(server, { graceMs: round % 2 === 0 ? 0 : 60_000 });
    await using _here = here;
    await using _there = there;
    const set = (value: string): Promise<void> =>
      there.set("a", value).catch(() => delay(5).then(() => set(value)));
    await set(`${round}`);
    await eventually(() => here.get("a").catch(() => "away"), (value) => value === `${round}`);
    await server.command("CLIENT", "KILL", "TYPE", "normal");
    await set(`${round} changed`);
    await eventually(
      () => here.get("a").catch(() => "away"),
      (value) => value === `${round} changed`,
    );
  }
});

redisTest("graceMs: readers are served the copy for so long, then it is dropped", async () => {
  await using server = await Server.start();
  await using cache = await connectCache({ redis: server.url(), graceMs: 1_500, timeoutMs: 500 });
  await cache.setMany([["a", "1"], ["b", "2"]]);
  await cache.set("brief", "3", { ttlMs: 300 });
  await cache.getMany(["a", "b", "brief"]);
  const since = performance.now();
  await server.kill();
  await eventually(() => Promise.resolve(cache.connected), (connected) => !connected);
  assert.equal(await cache.get("a"), "1");
  assert.equal(await cache.peek("a"), "1");
  assert.equal(await cache.getOrSet("a", () => "loaded"), "1");
  assert.deepEqual(await cache.getMany(["a", "b"]), ["1", "2"]);
  await assert.rejects(cache.get("unknown"), away);
  await assert.rejects(cache.getMany(["a", "unknown"]), away);
  await assert.rejects(cache.set("a", "2"), away);
  while (performance.now() - since < 350) await delay(10);
  await assert.rejects(cache.get("brief"), away, "its own time is over");
  let served = since;
  for (;;) {
    const at = performance.now();
    if (await cache.get("a").catch(() => undefined) === undefined) break;
    served = at;
    await delay(5);
  }
  assert.ok(served - since <= 1_500, `it was served ${served - since} ms`);
  await server.resume();
  await eventually(() => cache.get("a").catch(() => "away"), (value) => value === undefined);
});

redisTest("who waits for another's load when the server goes is told", async () => {
  await using server = await Server.start();
  const [here, there] = await pairOf(server);
  await using _here = here;
  await using _there = there;
  const { promise, resolve } = Promise.withResolvers<string>();
  const begun = Promise.withResolvers<void>();
  const loading = here.getOrSet("a", () => {
    begun.resolve();
    return promise;
  });
  await begun.promise;
  const waiting = assert.rejects(there.getOrSet("a", () => "other"), away);
  await delay(20);
  await server.kill();
  await waiting;
  resolve("loaded");
  assert.equal(await loading, "loaded", "what was loaded is returned, though nothing can store it");
});

redisTest("closing while the server hangs or is away settles everything", async () => {
  await using server = await Server.start();
  const closed = (error: unknown): boolean => AgentError.is(error, "CLOSED");
  const cache = await connectCache({ redis: server.url() });
  server.signal("SIGSTOP");
  const under = [cache.get("a"), cache.set("a", "1"), cache.keys(), cache.getOrSet("a", () => "1")]
    .map((call) => assert.rejects(call, closed));
  await delay(1);
  await cache.close();
  await Promise.all(under);
  server.signal("SIGCONT");
  const other = await connectCache({ redis: server.url() });
  await server.kill();
  await eventually(() => Promise.resolve(other.connected), (connected) => !connected);
  await delay(60);
  await other.close();
  // And while it is connecting again to one that does not answer.
  await server.resume();
  const third = await connectCache({ redis: server.url(), timeoutMs: 60_000 });
  await server.command("CLIENT", "KILL", "TYPE", "normal");
  server.signal("SIGSTOP");
  await eventually(() => Promise.resolve(third.connected), (connected) => !connected);
  await delay(200);
  await third.close();
  server.signal("SIGCONT");
  // A lease that cannot be given back keeps nobody waiting for longer than a command.
  const fourth = await connectCache({ redis: server.url(), timeoutMs: 300 });
  const begun = Promise.withResolvers<void>();
  const loading = assert.rejects(
    fourth.getOrSet("a", () => {
      begun.resolve();
      return new Promise(() => {});
    }),
    closed,
  );
  await begun.promise;
  server.signal("SIGSTOP");
  const reading = assert.rejects(fourth.get("b"), closed);
  await fourth.close();
  await Promise.all([loading, reading]);
  server.signal("SIGCONT");
});

redisTest("scripts that the server forgot are sent again", async () => {
  await using server = await Server.start();
  await using cache = await connectCache({ redis: server.url() });
  for (let i = 0; i < 3; i++) {
    await cache.set("a", `${i}`);
    assert.equal(await cache.get("a"), `${i}`);
    await server.command("SCRIPT", "FLUSH");
  }
  await cache.setMany(Array.from({ length: 2_500 }, (_, i) => [`k${i}`, "1"] as const));
  assert.equal(await cache.size(), 2_501);
});

redisTest("what the server refuses is said in its words", async () => {
  await using server = await Server.start("--maxmemory", "3mb", "--maxmemory-policy", "noeviction");
  await using cache = await connectCache({ redis: server.url() });
  const full = (error: unknown): boolean => away(error) && /OOM/.test((error as Error).message);
  const fill = async (): Promise<void> => {
    const tags = ["t"];
    for (let i = 0; i < 100; i++) await cache.set(`k${i}`, "x".repeat(100_000), { tags });
  };
  await assert.rejects(fill(), full);
  const many = Array.from({ length: 1_500 }, (_, i) => [`m${i}`, "1"] as const);
  await assert.rejects(cache.setMany(many), full);
  assert.equal(await cache.get("m0"), undefined);
  assert.equal((await cache.get("k0"))?.length, 100_000);
  // What makes room works in a server that is full.
  await cache.delete("k0");
  await cache.clear();
  await assert.doesNotReject(cache.size());
  await assert.rejects(fill(), full);
  assert.ok(await cache.deleteByTag("t") > 0);
  await cache.set("k", "1");
  assert.equal(await cache.get("k"), "1");
});
