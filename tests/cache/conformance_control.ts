/** What callers can say about a load or a life, for every twin: signals, entries, ends, failures, and nothing at all. */

import assert from "assertions";
import { AgentError } from "../../src/shared/errors.ts";
import { ENTRY_OVERHEAD_BYTES } from "../../src/cache/mod.ts";
import { testOf, type Twin } from "../support/twins.ts";
import { delay, wrong } from "../support/values.ts";
import { factoryOf } from "./conformance.ts";

function after(ms: number): Promise<void> {
  return delay(ms + 60);
}

/** Waits until something is so, however busy the machine is. */
async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !holds() && Date.now() < end;) await delay(5);
  assert.ok(holds());
}

/** Registers the suite for one twin. */
export function cacheControlConformance(twin: Twin): void {
  const make = factoryOf(twin);
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("cache control", twin, name, body);

  test("a caller's signal ends its waiting, and the load when nobody else waits", async () => {
    using cache = make.text();
    const [first, second] = [new AbortController(), new AbortController()];
    const why = new Error("no longer needed");
    let inner: AbortSignal | undefined;
    let open!: (value: string) => void;
    const load = (signal: AbortSignal): Promise<string> => {
      inner = signal;
      return new Promise((resolve) => open = resolve);
    };
    const one = cache.getOrSet("a", load, { signal: first.signal });
    const other = cache.getOrSet("a", load, { signal: second.signal });
    first.abort(why);
    await assert.rejects(one, why);
    assert.equal(inner?.aborted, false, "somebody still waits");
    second.abort(why);
    await assert.rejects(other, why);
    assert.equal(inner?.aborted, true);
    assert.equal(inner?.reason, why);
    open("late");
    await delay(1);
    assert.equal(cache.has("a"), false);

    const third = new AbortController();
    const patient = cache.getOrSet("a", load);
    const hasty = cache.getOrSet("a", load, { signal: third.signal });
    third.abort(why);
    await assert.rejects(hasty, why);
    open("value");
    assert.equal(await patient, "value", "who has no signal waits to the end");
    assert.equal(cache.get("a"), "value");
    let calls = 0;
    const aborted = AbortSignal.abort(why);
    await assert.rejects(cache.getOrSet("b", () => `${++calls}`, { signal: aborted }), why);
    assert.equal(calls, 0, "an aborted caller loads nothing");
    await assert.rejects(cache.getOrSet("a", load, { signal: wrong({}) }), TypeError);
  });

  test("a load tells its time to live, or that it is not to be kept", async () => {
    using cache = make.text({ ttlMs: 60_000 });
    const brief = await cache.getOrSet("brief", (_, entry) => {
      entry.ttl(20);
      assert.equal(entry.stale, undefined);
      return "1";
    }, { ttlMs: 30_000 });
    assert.equal(brief, "1");
    assert.equal(await cache.getOrSet("none", (_, entry) => (entry.skip(), "2")), "2");
    assert.equal(cache.has("none"), false);
    assert.equal(await cache.getOrSet("none", () => "3"), "3");
    await after(20);
    assert.equal(cache.has("brief"), false);
    assert.equal(cache.has("none"), true);
    for (const ms of [0, -1, NaN]) {
      const bad = cache.getOrSet("bad", (_, entry) => (entry.ttl(ms), "v"));
      await assert.rejects(bad, RangeError);
    }
    await assert.rejects(
      cache.getOrSet("bad", (_, entry) => (entry.ttl(wrong("5")), "v")),
      TypeError,
    );
    assert.equal(cache.has("bad"), false);
  });

  test("a load behind readers is told the value that it replaces", async () => {
    using cache = make.json({ graceMs: 60_000 });
    cache.set("a", [1], { ttlMs: 5 });
    await after(5);
    let stale: unknown;
    assert.deepEqual(
      await cache.getOrSet("a", (_, entry) => (stale = entry.stale, [2])),
      [1],
    );
    await until(() => cache.has("a"));
    assert.deepEqual(stale, [1]);
    assert.deepEqual(cache.get("a"), [2]);
  });

  test("a failing load behind readers pauses longer and longer, and tells", async () => {
    const told: [unknown, string][] = [];
    using cache = make.text({ graceMs: 60_000, onError: (error, key) => told.push([error, key]) });
    const failure = new Error("no network");
    cache.set("a", "old", { ttlMs: 1 });
    await after(1);
    let calls = 0;
    const load = (): Promise<string> => {
      calls++;
      return Promise.reject(failure);
    };
    const start = performance.now();
    while (performance.now() - start < 200) {
      assert.equal(await cache.getOrSet("a", load), "old");
      await delay(1);
    }
    assert.ok(calls >= 1 && calls <= 3, `${calls} calls`);
    assert.deepEqual(told, Array.from({ length: calls }, () => [failure, "a"]));
    // Then it works again, and everything is as it was.
    await until(() => {
      cache.getOrSet("a", () => "new").catch(() => {});
      return cache.get("a") === "new";
    });
    assert.throws(() => make.text({ onError: wrong("log") }), TypeError);
  });

  test("an error of a load that somebody waits for is theirs alone", async () => {
    let told = 0;
    using cache = make.text({ onError: () => told++ });
    await assert.rejects(cache.getOrSet("a", () => Promise.reject(new Error("no"))));
    assert.equal(told, 0);
  });

  test("expire gives an entry another end", async () => {
    using cache = make.text({ graceMs: 60_000 });
    cache.set("longer", "1", { ttlMs: 30, tags: ["x"] });
    cache.set("shorter", "2", { ttlMs: 60_000 });
    cache.set("ever", "3", { ttlMs: 30 });
    cache.set("brief", "4");
    assert.equal(cache.get("longer"), "1");
    assert.equal(cache.expire("longer", 60_000), true);
    assert.equal(cache.expire("shorter", 20), true);
    assert.equal(cache.expire("ever", Infinity), true);
    assert.equal(cache.expire("brief", 20), true);
    assert.equal(cache.expire("none", 60_000), false);
    assert.equal(cache.get("longer"), "1");
    await after(30);
    assert.deepEqual(cache.keys().sort(), ["ever", "longer"]);
    assert.equal(cache.expire("shorter", 60_000), false, "what has ended stays so");
    assert.equal(await cache.getOrSet("brief", () => "new"), "4", "it got the cache's grace");
    assert.equal(cache.deleteByTag("x"), 1);
    for (const ms of [0, -1, NaN]) assert.throws(() => cache.expire("ever", ms), RangeError);
    assert.throws(() => cache.expire("ever", wrong("5")), TypeError);
    assert.throws(() => cache.expire(wrong(5), 5), TypeError);
    cache.close();
    assert.throws(() => cache.expire("ever", 5), (error) => AgentError.is(error, "CLOSED"));
  });

  test("keepTtl keeps the end of an entry that is there", async () => {
    using cache = make.text({ maxEntries: 100 });
    cache.set("a", "1", { ttlMs: 40 });
    cache.set("a", "2", { ttlMs: 60_000, keepTtl: true });
    cache.set("new", "1", { ttlMs: 40, keepTtl: true });
    cache.set("ever", "1");
    cache.setMany([["ever", "2"], ["many", "1"]], { ttlMs: 40, keepTtl: true });
    cache.set("tagged", "1", { ttlMs: 60_000, tags: ["x"] });
    cache.set("tagged", "2", { ttlMs: 1, keepTtl: true, tags: ["y"] });
    assert.equal(cache.get("a"), "2");
    assert.equal(cache.deleteByTag("x"), 0, "its tags are the new ones");
    await after(40);
    assert.deepEqual(cache.keys().sort(), ["ever", "tagged"]);
    cache.set("a", "3", { ttlMs: 60_000, keepTtl: true });
    assert.equal(cache.get("a"), "3", "one that has ended had none to keep");
    assert.equal(cache.deleteByTag("y"), 1);
    assert.throws(() => cache.set("a", "1", { keepTtl: wrong(1) }), TypeError);
  });

  test("a cache that is not enabled keeps nothing", async () => {
    using cache = make.text({
      enabled: false,
      name: `off ${crypto.randomUUID()}`,
      maxBytes: 1_000,
    });
    assert.equal(cache.implementation, twin.name);
    assert.equal(cache.shared, false);
    cache.set("a", "1");
    cache.setMany([["b", "2"]]);
    assert.equal(cache.get("a"), undefined);
    assert.deepEqual(cache.getMany(["a", "b"]), [undefined, undefined]);
    let calls = 0;
    assert.equal(await cache.getOrSet("a", () => `${++calls}`), "1");
    assert.equal(await cache.getOrSet("a", () => `${++calls}`), "2");
    const both = [cache.getOrSet("a", () => `${++calls}`), cache.getOrSet("a", () => `${++calls}`)];
    assert.deepEqual(await Promise.all(both), ["3", "3"], "one load at a time");
    assert.equal(cache.has("a"), false);
    assert.equal(cache.delete("a"), false);
    assert.equal(cache.expire("a", 5), false);
    assert.deepEqual(cache.keys(), []);
    const { entries, bytes, hits, misses } = cache.stats();
    assert.deepEqual({ entries, bytes, hits, misses }, {
      entries: 0,
      bytes: 0,
      hits: 0,
      misses: 7,
    });
    const heavy = "x".repeat(1_000 - ENTRY_OVERHEAD_BYTES);
    assert.throws(() => cache.set("a", heavy), (error) => AgentError.is(error, "TOO_LARGE"));
    assert.throws(
      () => cache.setMany([["a", heavy]]),
      (error) => AgentError.is(error, "TOO_LARGE"),
    );
    assert.throws(() => cache.set("a", wrong(5)), TypeError);
    assert.throws(() => make.text({ enabled: wrong("no") }), TypeError);
  });
}
