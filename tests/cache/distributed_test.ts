/** What a distributed cache does, over a real Redis. */

import assert from "assertions";
import { connectCache, type DistributedOptions, type JsonValue } from "../../src/cache/mod.ts";
import { runtimeFigures } from "../../src/monitor/runtime_parts.ts";
import { AgentError } from "../../src/shared/errors.ts";
import "../support/default_twin.ts";
import { sharedServer } from "../support/redis.ts";
import { delay, wrong } from "../support/values.ts";
import { eventually, pairOf, redisTest } from "./distributed.ts";

const server = sharedServer();
const named = (options: Partial<DistributedOptions> = {}): DistributedOptions => ({
  redis: server().url(),
  name: `tests ${crypto.randomUUID()}`,
  ...options,
});

redisTest("what one sets, both read; what one removes, neither has", async () => {
  const [here, there] = await pairOf(server());
  await using _here = here;
  await using _there = there;
  assert.equal(here.shared, true);
  assert.equal(here.connected, true);
  assert.equal(await here.get("a"), undefined);
  await here.set("a", "1");
  assert.equal(await here.get("a"), "1");
  assert.equal(await there.get("a"), "1");
  assert.equal(await there.peek("a"), "1");
  assert.equal(await there.has("a"), true);
  assert.equal(await there.has("b"), false);
  await there.setMany([["b", "2"], ["c", "3"], ["a", "4"]]);
  assert.deepEqual(await there.getMany(["a", "b", "c", "d"]), ["4", "2", "3", undefined]);
  await eventually(() => here.get("a"), (value) => value === "4");
  assert.deepEqual((await here.keys()).sort(), ["a", "b", "c"]);
  assert.equal(await here.size(), 3);
  assert.equal(await here.delete("b"), true);
  assert.equal(await here.delete("b"), false);
  assert.equal(await here.get("b"), undefined);
  await eventually(() => there.get("b"), (value) => value === undefined);
  await here.clear();
  assert.equal(await here.get("a"), undefined);
  assert.deepEqual(await here.keys(), []);
  await eventually(() => there.get("a"), (value) => value === undefined);
  await here.set("a", "5");
  assert.equal(await here.get("a"), "5");
});

redisTest(
  "a snapshot of the runtime has it once, its copy with it, until it is closed",
  async () => {
    const options = named();
    const before = runtimeFigures().cache?.count ?? 0;
    const cache = await connectCache(options);
    await cache.set("a", "1");
    await cache.get("a");
    await cache.get("b");
    const { entries, bytes, hits, misses, evictions, expirations } = await cache.stats();
    assert.deepEqual(runtimeFigures()[`cache:${options.name}`], {
      ...{ count: 1, entries, bytes, hits, misses, evictions, expirations },
      hitRatio: 0.5,
    });
    assert.equal(runtimeFigures().cache?.count ?? 0, before);
    await cache.close();
    assert.equal(runtimeFigures()[`cache:${options.name}`], undefined);
  },
);

redisTest("any string is a key and a value", async () => {
  await using cache = await connectCache(named());
  const strings = [
    "",
    "\0",
    "a\0b",
    "\n",
    "é",
    "日本",
    "🙂",
    "\u202eabc",
    "\ufeffa",
    "*",
    "{",
    "}",
  ];
  await cache.setMany(strings.map((s, i) => [s, `${s}${i}`] as const));
  for (let turn = 0; turn < 2; turn++) {
    assert.deepEqual(await cache.getMany(strings), strings.map((s, i) => `${s}${i}`));
  }
  assert.deepEqual((await cache.keys()).sort(), [...strings].sort());
  await cache.set("empty", "");
  for (let turn = 0; turn < 2; turn++) assert.equal(await cache.get("empty"), "");
  await cache.set("a\ud800", "x\udc00y");
  assert.equal(await cache.get("a\ufffd"), "x\ufffdy");
  assert.equal(await cache.delete("a\udfff"), true);
});

redisTest(
  "names are apart, whatever is in them; a codec's entries are those of the codec",
  async () => {
    const names = ["a", "a*", "a}", "a%7D", "{a", "a:v", "", "default"];
    const caches = await Promise.all(
      names.map((name) =>
        connectCache(
          name === "" ? { redis: server().url("/5") } : { redis: server().url("/5"), name },
        )
      ),
    );
    try {
      for (const [i, cache] of caches.entries()) await cache.set("k", names[i] as string);
      for (const [i, cache] of caches.entries()) {
        // Without a name it is "default".
        const expected = names[i] === "" ? "default" : names[i];
        assert.equal(await cache.get("k"), expected);
        assert.deepEqual(await cache.keys(), ["k"]);
      }
      await caches[1]?.clear();
      assert.equal(await caches[0]?.get("k"), "a");
      const options = { redis: server().url("/5"), name: "a" };
      await using bytes = await connectCache({ ...options, codec: "bytes" });
      assert.equal(await bytes.get("k"), undefined);
      await bytes.set("k", new Uint8Array([1]));
      await eventually(async () => await caches[0]?.get("k"), (value) => value === undefined);
      await using elsewhere = await connectCache({ redis: server().url("/6"), name: "a" });
      assert.equal(await elsewhere.has("k"), false, "another database is another place");
    } finally {
      for (const cache of caches) await cache.close();
    }
  },
);

redisTest("bytes are copies", async () => {
  await using cache = await connectCache({ ...named(), codec: "bytes" });
  const mine = new Uint8Array([0, 255, 13, 10]);
  await cache.set("a", mine);
  await cache.set("none", new Uint8Array());
  mine[0] = 9;
  for (let turn = 0; turn < 3; turn++) {
    const value = await cache.get("a") as Uint8Array;
    assert.deepEqual(value, new Uint8Array([0, 255, 13, 10]));
    assert.equal(Object.getPrototypeOf(value), Uint8Array.prototype);
    value[0] = 7;
    assert.deepEqual(await cache.get("none"), new Uint8Array());
  }
  const loaded = await cache.getOrSet("b", () => mine);
  loaded[1] = 1;
  assert.deepEqual(await cache.get("b"), new Uint8Array([9, 255, 13, 10]));
  await assert.rejects(cache.set("a", wrong("text")), TypeError);
});

redisTest("JSON is deep-frozen", async () => {
  await using cache = await connectCache<JsonValue>({ ...named(), codec: "json" });
  for (const value of [{ a: [1, { b: null }] }, [], "text", 1.5, false, null] as JsonValue[]) {
    await cache.set("a", value);
    for (let turn = 0; turn < 3; turn++) {
      const read = await cache.get("a");
      assert.deepEqual(read, value);
      assert.ok(Object.isFrozen(read));
    }
  }
  await cache.set("deep", { a: [1, { b: 2 }] });
  const deep = await cache.getOrSet("deep", () => 0) as { a: [number, { b: number }] };
  assert.ok(Object.isFrozen(deep.a[1]));
  await assert.rejects(cache.set("a", wrong(undefined)), TypeError);
  await assert.rejects(cache.set("a", wrong(1n)), TypeError);
});

redisTest("an entry ends by time, in the copy too, and never early", async () => {
  const [here, there] = await pairOf(server(), { ttlMs: 10_000 });
  await using _here = here;
  await using _there = there;
  const before = performance.now();
  await here.set("brief", "1", { ttlMs: 120 });
  await here.set("long", "2");
  let last = before;
  for (;;) {
    const asked = performance.now();
    const value = await there.get("brief");
    if (value === undefined) {
      assert.ok(performance.now() - before >= 120, "not early");
      break;
    }
    last = asked;
    await delay(2);
  }
  assert.ok(last - before <= 1_000, `it was still read after ${last - before} ms`);
  assert.equal(await here.has("brief"), false);
  assert.deepEqual(await here.keys(), ["long"]);
  assert.equal(await there.get("long"), "2");
});

redisTest("in its grace an entry is served by getOrSet alone, by every machine", async () => {
  const [here, there] = await pairOf(server());
  await using _here = here;
  await using _there = there;
  await here.set("a", "old", { ttlMs: 30, graceMs: 60_000 });
  assert.equal(await there.get("a"), "old");
  await delay(60);
  for (const cache of [here, there]) {
    assert.equal(await cache.get("a"), undefined);
    assert.equal(await cache.peek("a"), undefined);
    assert.equal(await cache.has("a"), false);
    assert.deepEqual(await cache.getMany(["a"]), [undefined]);
  }
  assert.deepEqual(await here.keys(), []);
  const { promise, resolve } = Promise.withResolvers<string>();
  let loads = 0;
  const load = (): Promise<string> => {
    loads++;
    return promise;
  };
  assert.equal(await there.getOrSet("a", load), "old");
  assert.equal(await there.getOrSet("a", load), "old");
  assert.equal(await here.getOrSet("a", load), "old");
  assert.equal(loads, 1, "one load behind all readers");
  resolve("new");
  await eventually(() => here.get("a"), (value) => value === "new");
  assert.equal(await there.getOrSet("a", load), "new");
  assert.equal(await here.delete("a"), true);
});

redisTest("stats count what was read, and what the copy answered", async () => {
  const [here, there] = await pairOf(server());
  await using _here = here;
  await using _there = there;
  await here.set("a", "1");
  await here.get("a");
  await here.get("a");
  await here.getMany(["a", "b"]);
  await here.peek("b");
  await here.getOrSet("c", () => "2");
  await here.getOrSet("c", () => "3");
  const { hits, misses, copyHits, entries, bytes } = await here.stats();
  assert.deepEqual({ hits, misses, copyHits }, { hits: 4, misses: 2, copyHits: 2 });
  assert.equal(entries, 2);
  assert.ok(bytes > 0);
  const { invalidations } = await here.stats();
  await there.set("a", "2");
  await eventually(() => here.stats(), (stats) => stats.invalidations > invalidations);
  assert.equal(await here.purgeExpired(), 0);
});

redisTest("bounds are those of the copy: Redis keeps what does not fit", async () => {
  await using cache = await connectCache(named({ maxEntries: 3, maxBytes: 2_000 }));
  for (let i = 0; i < 10; i++) await cache.set(`k${i}`, "x");
  await cache.set("big", "y".repeat(5_000));
  for (let turn = 0; turn < 2; turn++) {
    for (let i = 0; i < 10; i++) assert.equal(await cache.get(`k${i}`), "x");
    assert.equal((await cache.get("big"))?.length, 5_000);
  }
  const { entries, bytes } = await cache.stats();
  assert.ok(entries <= 3 && bytes <= 2_000);
  assert.equal(await cache.size(), 11);
});

redisTest("thousands of entries in one call", async () => {
  const [here, there] = await pairOf(server(), { timeoutMs: 60_000 });
  await using _here = here;
  await using _there = there;
  const entries = Array.from({ length: 12_345 }, (_, i) => [`k${i}`, `v${i}`] as const);
  await here.setMany(entries, { tags: ["all"] });
  const keys = entries.map(([key]) => key);
  assert.deepEqual(await there.getMany(keys), entries.map(([, value]) => value));
  assert.equal(await there.size(), 12_345);
  assert.equal(await there.deleteByTag("all"), 12_345);
  assert.deepEqual(await there.getMany(keys), keys.map(() => undefined));
  await here.clear();
  assert.equal(await here.size(), 0);
});

redisTest("wrong arguments are refused, and nothing is stored", async () => {
  await using cache = await connectCache(named());
  await assert.rejects(cache.get(wrong(1)), TypeError);
  await assert.rejects(cache.set("a", wrong(1)), TypeError);
  await assert.rejects(cache.set("a", "1", { ttlMs: 0 }), RangeError);
  await assert.rejects(cache.set("a", "1", { tags: wrong("t") }), TypeError);
  await assert.rejects(cache.setMany([["a", "1"], ["b", wrong(2)]]), TypeError);
  await assert.rejects(cache.setMany(wrong("ab")), TypeError);
  await assert.rejects(cache.getMany(wrong("ab")), TypeError);
  await assert.rejects(cache.deleteByTag(""), RangeError);
  await assert.rejects(cache.getOrSet("a", wrong("load")), TypeError);
  assert.equal(await cache.size(), 0);
  await cache.setMany([]);
  assert.deepEqual(await cache.getMany([]), []);
});

redisTest("after close() every call rejects, and what is under way does", async () => {
  const cache = await connectCache(named());
  await cache.set("a", "1");
  const loading = assert.rejects(
    cache.getOrSet(
      "b",
      (signal) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    ),
    closed,
  );
  await delay(20);
  await cache.close();
  await loading;
  await cache.close();
  assert.equal(cache.connected, false);
  const calls = [
    cache.get("a"),
    cache.peek("a"),
    cache.has("a"),
    cache.delete("a"),
    cache.deleteByTag("a"),
    cache.clear(),
    cache.keys(),
    cache.size(),
    cache.set("a", "1"),
    cache.getMany(["a"]),
    cache.setMany([["a", "1"]]),
    cache.getOrSet("a", () => "1"),
    cache.purgeExpired(),
    cache.stats(),
  ];
  for (const call of calls) await assert.rejects(call, closed);
});

const closed = (error: unknown): boolean =>
  AgentError.is(error, "CLOSED") && /connectCache/.test(error.message);
