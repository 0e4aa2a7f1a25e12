/** What callers can say about a load or a life in a distributed cache, and what it does without a server. */

import assert from "assertions";
import { connectCache, type DistributedOptions, type JsonValue } from "../../src/cache/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import "../support/default_twin.ts";
import { Server, sharedServer } from "../support/redis.ts";
import { delay, wrong } from "../support/values.ts";
import { eventually, pairOf, redisTest } from "./distributed.ts";

const server = sharedServer();
const named = (options: Partial<DistributedOptions> = {}): DistributedOptions => ({
  redis: server().url(),
  name: `tests ${crypto.randomUUID()}`,
  ...options,
});
/** Generously beyond any clock's resolution. */
const after = (ms: number): Promise<void> => delay(ms + 60);

redisTest("expire gives an entry another end, for every reader", async () => {
  const [here, there] = await pairOf(server(), { graceMs: 60_000 });
  await using _here = here;
  await using _there = there;
  await here.set("longer", "1", { ttlMs: 300, tags: ["x"] });
  await here.set("shorter", "2", { ttlMs: 60_000 });
  await here.set("ever", "3", { ttlMs: 300 });
  await here.set("brief", "4");
  assert.deepEqual(await there.getMany(["longer", "shorter", "ever", "brief"]), [..."1234"]);
  assert.equal(await here.expire("longer", 60_000), true);
  assert.equal(await here.expire("shorter", 100), true);
  assert.equal(await here.expire("ever", Infinity), true);
  assert.equal(await here.expire("brief", 100), true);
  assert.equal(await here.expire("none", 60_000), false);
  await after(300);
  assert.deepEqual((await here.keys()).sort(), ["ever", "longer"]);
  await eventually(
    () => there.getMany(["shorter", "brief"]),
    ([a, b]) => a === undefined && b === a,
  );
  assert.deepEqual(await there.getMany(["longer", "ever"]), ["1", "3"]);
  assert.equal(await here.expire("shorter", 60_000), false, "what has ended stays so");
  assert.equal(await here.getOrSet("brief", () => "new"), "4", "it got the cache's grace");
  assert.equal(await here.deleteByTag("x"), 1);
  await assert.rejects(here.expire("ever", 0), RangeError);
  await assert.rejects(here.expire("ever", wrong("5")), TypeError);
});

redisTest("keepTtl keeps the end of an entry that is there", async () => {
  await using cache = await connectCache(named());
  await cache.set("a", "1", { ttlMs: 300 });
  await cache.set("a", "2", { ttlMs: 60_000, keepTtl: true });
  await cache.set("new", "1", { ttlMs: 300, keepTtl: true });
  await cache.set("ever", "1");
  await cache.setMany([["ever", "2"], ["many", "1"]], { ttlMs: 300, keepTtl: true });
  await cache.set("tagged", "1", { ttlMs: 60_000, tags: ["x"] });
  await cache.set("tagged", "2", { ttlMs: 1, keepTtl: true, tags: ["y"] });
  assert.deepEqual(await cache.getMany(["a", "ever", "tagged"]), ["2", "2", "2"]);
  assert.equal(await cache.deleteByTag("x"), 0, "its tags are the new ones");
  await after(300);
  assert.deepEqual((await cache.keys()).sort(), ["ever", "tagged"]);
  assert.equal(await cache.deleteByTag("y"), 1);
});

redisTest(
  "a loader hears of its callers' signals and of the old value, and tells its life",
  async () => {
    await using cache = await connectCache<JsonValue>({
      ...named({ graceMs: 60_000 }),
      codec: "json",
    });
    const control = new AbortController();
    let inner: AbortSignal | undefined;
    const waiting = cache.getOrSet("a", (signal) => {
      inner = signal;
      return new Promise<JsonValue>(() => {});
    }, { signal: control.signal });
    await eventually(() => Promise.resolve(inner), (signal) => signal !== undefined);
    control.abort(new Error("enough"));
    await assert.rejects(waiting, /enough/);
    assert.equal(inner?.aborted, true);
    await assert.rejects(cache.getOrSet("a", () => 1, { signal: control.signal }), /enough/);

    assert.equal(await cache.getOrSet("a", (_, entry) => (entry.skip(), 1)), 1);
    assert.equal(await cache.get("a"), undefined);
    assert.equal(await cache.getOrSet("a", (_, entry) => (entry.ttl(50), 2)), 2);
    await after(50);
    let stale: unknown;
    assert.equal(await cache.getOrSet("a", (_, entry) => (stale = entry.stale, null)), 2);
    await eventually(() => cache.get("a"), (value) => value === null);
    assert.equal(stale, 2);
  },
);

redisTest("a JSON null is served from the copy", async () => {
  await using cache = await connectCache<JsonValue>({ ...named(), codec: "json" });
  await cache.set("a", null);
  for (let i = 0; i < 100; i++) assert.equal(await cache.get("a"), null);
  assert.deepEqual(await cache.getMany(["a"]), [null]);
  assert.equal(await cache.getOrSet("a", () => 1), null);
  assert.equal(await cache.has("a"), true);
  const { hits, misses, copyHits } = await cache.stats();
  assert.deepEqual({ hits, misses }, { hits: 102, misses: 0 });
  assert.ok(copyHits >= 100, `${copyHits} of 102 came from the copy`);
});

redisTest("a failing load behind readers pauses, and tells", async () => {
  const told: [unknown, string][] = [];
  await using cache = await connectCache(
    named({ graceMs: 60_000, onError: (error, key) => told.push([error, key]) }),
  );
  const failure = new Error("no network");
  await cache.set("a", "old", { ttlMs: 1 });
  await after(1);
  let calls = 0;
  for (const end = performance.now() + 250; performance.now() < end; await delay(1)) {
    const value = await cache.getOrSet("a", () => {
      calls++;
      return Promise.reject(failure);
    });
    assert.equal(value, "old");
  }
  assert.ok(calls >= 1 && calls <= 3, `${calls} calls`);
  await eventually(() => Promise.resolve(told.length), (length) => length === calls);
  assert.deepEqual(told[0], [failure, "a"]);
});

redisTest(
  "with fallback the loader runs while the server is away, once for all who wait",
  async () => {
    await using own = await Server.start();
    await using cache = await connectCache({ redis: own.url(), fallback: "load", timeoutMs: 500 });
    await using other = await connectCache({ redis: own.url(), timeoutMs: 500 });
    await own.kill();
    await eventually(() => Promise.resolve(cache.connected), (connected) => !connected);
    let calls = 0;
    const load = async (): Promise<string> => {
      calls++;
      await delay(20);
      return "loaded";
    };
    const three = await Promise.all([1, 2, 3].map(() => cache.getOrSet("a", load)));
    assert.deepEqual(three, ["loaded", "loaded", "loaded"]);
    assert.equal(calls, 1);
    const away = new AgentError("UNAVAILABLE", "The shop is closed", { server: "shop" });
    let ownCalls = 0;
    await assert.rejects(
      cache.getOrSet("b", () => {
        ownCalls++;
        throw away;
      }),
      away,
    );
    assert.equal(ownCalls, 1, "the loader's own error is no reason to load again");
    await assert.rejects(cache.get("a"), (error) => AgentError.is(error, "UNAVAILABLE"));
    await assert.rejects(other.getOrSet("a", load), (error) => AgentError.is(error, "UNAVAILABLE"));
    await own.resume();
    await eventually(() => cache.get("a").catch(() => "away"), (value) => value === undefined);
    assert.equal(await cache.getOrSet("a", load), "loaded");
    assert.equal(await cache.get("a"), "loaded");
  },
);

Deno.test("distributed cache: one that is not enabled needs no server", async () => {
  await using cache = await connectCache({ redis: "redis://127.0.0.1:1", enabled: false });
  assert.equal(cache.connected, false);
  await cache.set("a", "1");
  await cache.setMany([["a", "1"]]);
  assert.equal(await cache.get("a"), undefined);
  assert.equal(await cache.getOrSet("a", () => "1"), "1");
  assert.equal(await cache.has("a"), false);
  assert.deepEqual(await cache.getMany(["a"]), [undefined]);
  assert.equal(await cache.size(), 0);
  await assert.rejects(
    connectCache({ redis: "redis://127.0.0.1:1", fallback: wrong("yes") }),
    TypeError,
  );
});
