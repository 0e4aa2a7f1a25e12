/** Caches that all Workers of the process share. */

import assert from "assertions";
import { createCache } from "../../src/cache/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { SeededRandom } from "../../src/shared/random.ts";
import { testOf, twins } from "../support/twins.ts";
import { delay } from "../support/values.ts";
import { Helper, uniqueName } from "./support.ts";

const { native } = twins("cache");
const implementation = "native";

const test = (name: string, body: () => void | Promise<void>): void =>
  testOf("shared cache", native, name, async () => {
    await body();
    await native.idle();
  });

test("one isolate's change is seen by another's next read", async () => {
  const name = uniqueName();
  using helper = new Helper();
  using here = createCache({ implementation, name });
  assert.deepEqual(await helper.tell({ do: "open", name }), ["native", true]);
  here.set("a", "1");
  assert.equal(await helper.tell({ do: "call", method: "get", args: ["a"] }), "1");
  assert.equal(await helper.tell({ do: "call", method: "get", args: ["a"] }), "1");
  here.set("a", "2");
  assert.equal(await helper.tell({ do: "call", method: "get", args: ["a"] }), "2");
  await helper.tell({ do: "set", key: "a", value: "3" });
  assert.equal(here.get("a"), "3");
  assert.equal(await helper.tell({ do: "call", method: "delete", args: ["a"] }), true);
  assert.equal(here.get("a"), undefined);
  here.set("a", "4");
  here.get("a");
  await helper.tell({ do: "call", method: "clear", args: [] });
  assert.equal(here.get("a"), undefined);
  assert.equal(here.size, 0);
});

test("what is stored, read and written over anywhere is read as it is, not well-formed keys included", () => {
  const name = uniqueName();
  const options = { implementation, name, maxEntries: 40 } as const;
  using one = createCache(options);
  using other = createCache(options);
  const caches = [one, other];
  const random = new SeededRandom(17);
  /** What was stored last; what is not there any more may have been evicted. */
  const latest = new Map<string, string>();
  let found = 0;
  for (let step = 0; step < 20_000; step++) {
    const cache = caches[random.below(2)]!;
    const number = random.below(60);
    const key = random.below(8) === 0 ? `\ud800 key ${number}` : `\ufffd key ${number}`;
    const name = key.toWellFormed();
    const what = random.below(10);
    if (what < 4) {
      const value = `a value that is written in step ${step} \ud800`;
      if (what === 0) cache.setMany([[key, value]]);
      else cache.set(key, value);
      latest.set(name, value.toWellFormed());
      if (what === 1) assert.equal(cache.get(key), latest.get(name));
    } else if (what === 4) {
      cache.delete(key);
      latest.delete(name);
    } else {
      const value = what === 5
        ? cache.getMany([key])[0]
        : what === 6
        ? cache.peek(key)
        : cache.get(key);
      if (value === undefined) continue;
      assert.equal(value, latest.get(name));
      found++;
    }
  }
  assert.ok(found > 2_000, `${found}`);
});

test("hits and misses are summed over isolates, those that are gone included", async () => {
  const name = uniqueName();
  using here = createCache({ implementation, name });
  {
    using helper = new Helper();
    await helper.tell({ do: "open", name });
    await helper.tell({ do: "set", key: "a", value: "1" });
    for (let i = 0; i < 3; i++) await helper.tell({ do: "call", method: "get", args: ["a"] });
    await helper.tell({ do: "call", method: "get", args: ["b"] });
    here.get("a");
    const { hits, misses } = here.stats();
    assert.deepEqual({ hits, misses }, { hits: 4, misses: 1 });
    assert.deepEqual(await helper.tell({ do: "call", method: "stats", args: [] }), here.stats());
  }
  for (let i = 0; i < 100 && here.stats().hits !== 4; i++) await delay(10);
  assert.equal(here.stats().hits, 4);
  assert.equal(here.get("a"), "1", "the entries outlive the isolate that set them");
});

test("two objects of one name in one isolate are one cache", () => {
  const name = uniqueName();
  using one = createCache({ implementation, name, codec: "json" });
  {
    using two = createCache({ implementation, name, codec: "json" });
    one.set("a", [1]);
    assert.deepEqual(two.get("a"), [1]);
    two.delete("a");
    assert.equal(one.get("a"), undefined);
    two.set("b", 2);
  }
  assert.equal(one.get("b"), 2);
});

test("the entries of a name go with its last object", () => {
  const name = uniqueName();
  {
    using cache = createCache({ implementation, name, maxEntries: 5 });
    cache.set("a", "1");
  }
  using cache = createCache({ implementation, name, maxEntries: 6 });
  assert.equal(cache.get("a"), undefined);
});

test("a name has the same options everywhere", () => {
  const name = uniqueName();
  using _cache = createCache({ implementation, name, maxEntries: 5, ttlMs: 1_000 });
  const differs = (what: RegExp) => (error: unknown) =>
    error instanceof RangeError && what.test(error.message);
  assert.throws(
    () => createCache({ implementation, name, maxEntries: 6, ttlMs: 1_000 }),
    differs(/maxEntries must be 5 .* got 6/),
  );
  assert.throws(
    () => createCache({ implementation, name, maxEntries: 5 }),
    differs(/ttlMs must be 1000 .* got Infinity/),
  );
  const bytes = { implementation, name, maxEntries: 5, ttlMs: 1_000, codec: "bytes" } as const;
  assert.throws(() => createCache(bytes), differs(/options\.codec must be text/));
  using _same = createCache({ implementation, name, maxEntries: 5, ttlMs: 1_000 });
});

test("a name without native code is an error unless sharing is only preferred", () => {
  const name = uniqueName();
  assert.throws(
    () => createCache({ name, implementation: "pure" }),
    (error) => AgentError.is(error, "NATIVE_REQUIRED"),
  );
  const options = { name, shared: "preferred", implementation: "pure" } as const;
  using one = createCache(options);
  using two = createCache(options);
  assert.deepEqual([one.implementation, one.shared], ["pure", false]);
  one.set("a", "1");
  assert.equal(two.get("a"), "1", "within the isolate the name still means one cache");
  assert.throws(() => createCache({ ...options, maxEntries: 3 }), RangeError);
  using shared = createCache({ implementation, name, shared: "preferred" });
  assert.deepEqual([shared.implementation, shared.shared], ["native", true]);
});

test("one loader of the process loads a key, the others wait for it", async () => {
  const name = uniqueName();
  using one = new Helper();
  using two = new Helper();
  using here = createCache({ implementation, name });
  await Promise.all([one, two].map((helper) => helper.tell({ do: "open", name })));
  const results = await Promise.all([
    one.tell<[string, number]>({ do: "load", key: "a", value: "one", holdMs: 100 }),
    two.tell<[string, number]>({ do: "load", key: "a", value: "two", holdMs: 100 }),
  ]);
  const [value] = results[0];
  assert.ok(value === "one" || value === "two");
  assert.deepEqual(results.map(([result]) => result), [value, value]);
  assert.equal(results[0][1] + results[1][1], 1, "one load for both");
  assert.equal(here.get("a"), value);
});

test("a loader's failure lets the next one try", async () => {
  const name = uniqueName();
  using helper = new Helper();
  using here = createCache({ implementation, name });
  await helper.tell({ do: "open", name });
  let fail!: (error: Error) => void;
  const failing = here.getOrSet("a", () => new Promise((_, reject) => fail = reject));
  const waiting = helper.tell({ do: "load", key: "a", value: "theirs", holdMs: 0 });
  await delay(50);
  fail(new Error("down"));
  await assert.rejects(failing, /down/);
  assert.deepEqual(await waiting, ["theirs", 1]);
  assert.equal(here.get("a"), "theirs");
});

test("a change by another isolate keeps an older load from being stored", async () => {
  const name = uniqueName();
  using helper = new Helper();
  using here = createCache({ implementation, name });
  await helper.tell({ do: "open", name });
  let finish!: (value: string) => void;
  const loading = here.getOrSet("a", () => new Promise((resolve) => finish = resolve));
  await helper.tell({ do: "call", method: "delete", args: ["a"] });
  assert.deepEqual(await helper.tell({ do: "load", key: "a", value: "newer", holdMs: 0 }), [
    "newer",
    1,
  ]);
  finish("older");
  assert.equal(await loading, "older");
  assert.equal(here.get("a"), "newer");
});

test("the lease of a Worker that is terminated goes to who waits for it", async () => {
  const name = uniqueName();
  using here = createCache({ implementation, name });
  const helper = new Helper();
  await helper.tell({ do: "open", name });
  await helper.tell({ do: "hang", key: "a", loadTimeoutMs: 3_600_000 });
  let loads = 0;
  const waiting = here.getOrSet("a", () => `loaded ${++loads}`);
  await delay(50);
  assert.equal(loads, 0, "the Worker holds the lease");
  helper.terminate();
  assert.equal(await waiting, "loaded 1");
});

test("the lease of a loader that never answers ends with its time", async () => {
  const name = uniqueName();
  using helper = new Helper();
  using here = createCache({ implementation, name });
  await helper.tell({ do: "open", name });
  await helper.tell({ do: "hang", key: "a", loadTimeoutMs: 100 });
  assert.equal(await here.getOrSet("a", () => "mine"), "mine");
});

test("what another isolate deletes by tag is not read again, and its loads are not stored", async () => {
  const name = uniqueName();
  using helper = new Helper();
  using here = createCache({ implementation, name });
  await helper.tell({ do: "open", name });
  const there = (method: "get" | "deleteByTag", key: string) =>
    helper.tell({ do: "call", method, args: [key] });
  await helper.tell({ do: "set", key: "a", value: "1", tags: ["x", "y"] });
  here.set("b", "2", { tags: ["x"] });
  here.set("c", "3", { tags: ["z"] });
  assert.deepEqual([here.get("a"), here.get("b"), here.get("c")], ["1", "2", "3"]);
  assert.equal(await there("get", "b"), "2");
  let finish!: (value: string) => void;
  const loading = here.getOrSet("d", () => new Promise((resolve) => finish = resolve), {
    tags: ["x"],
  });
  assert.equal(await there("deleteByTag", "x"), 2);
  assert.deepEqual([here.get("a"), here.get("b"), here.get("c")], [undefined, undefined, "3"]);
  // The lease of the load that began before is over: the other isolate may load at once.
  assert.deepEqual(
    await helper.tell({ do: "load", key: "d", value: "newer", holdMs: 0, tags: ["x"] }),
    ["newer", 1],
  );
  finish("older");
  assert.equal(await loading, "older");
  assert.equal(here.get("d"), "newer");
  assert.equal(here.deleteByTag("x"), 1);
  assert.equal(await there("get", "d"), undefined);
});

test("who waits for a load that a tag ended gets the newer one", async () => {
  const name = uniqueName();
  using one = new Helper();
  using two = new Helper();
  using here = createCache({ implementation, name });
  await Promise.all([one, two].map((helper) => helper.tell({ do: "open", name })));
  let finish!: (value: string) => void;
  const loading = here.getOrSet("a", () => new Promise((resolve) => finish = resolve), {
    tags: ["x"],
  });
  const waiting = one.tell({ do: "load", key: "a", value: "one", holdMs: 0, tags: ["x"] });
  await delay(50);
  here.deleteByTag("x");
  assert.deepEqual(
    await two.tell({ do: "load", key: "a", value: "two", holdMs: 50, tags: ["x"] }),
    ["two", 1],
  );
  assert.deepEqual(await waiting, ["two", 0]);
  finish("late");
  assert.equal(await loading, "late");
  assert.equal(here.get("a"), "two");
});

test("no read is older than what was written: 4 Workers, 1,000,000 operations", async () => {
  const name = uniqueName();
  const workers = 4;
  const shared = new SharedArrayBuffer(4 * 64);
  // Fewer entries than keys, so that entries are evicted and slots used again all the time.
  using here = createCache({ implementation, name, maxEntries: 24, ttlMs: 60_000 });
  const helpers = Array.from({ length: workers }, () => new Helper());
  try {
    const options = { maxEntries: 24, ttlMs: 60_000 };
    await Promise.all(helpers.map((helper) => helper.tell({ do: "open", name, options })));
    const results = await Promise.all(
      helpers.map((helper, self) =>
        helper.tell<{ reads: number; stale: string[] }>({
          do: "stress",
          shared,
          workers,
          self,
          operations: 250_000,
        })
      ),
    );
    for (const { reads, stale } of results) {
      assert.deepEqual(stale, []);
      assert.ok(reads > 150_000);
    }
    const stats = here.stats();
    assert.ok(stats.hits > 100_000 && stats.evictions > 1_000, JSON.stringify(stats));
    assert.ok(stats.entries <= 24);
  } finally {
    for (const helper of helpers) helper.terminate();
  }
});
