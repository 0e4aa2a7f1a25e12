/**
 * What users of other caches reported: names of every object, values that are false, clocks that are set, what a
 * refusal says, bounds and lives that are no numbers, what comes after expiry, and values in their grace.
 */

import assert from "assertions";
import { AgentError, createCache } from "../../src/cache/mod.ts";
import { testOf, twins } from "../support/twins.ts";
import { delay } from "../support/values.ts";

for (const twin of twins("cache").each) {
  const implementation = twin.name;
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("cache", twin, name, body);

  test("names that every object has are keys like others", () => {
    using cache = createCache({ implementation });
    for (const key of ["__proto__", "constructor", "hasOwnProperty", "toString", "valueOf", ""]) {
      assert.equal(cache.has(key), false, key);
      assert.equal(cache.get(key), undefined, key);
      cache.set(key, `value of ${key}`);
      assert.equal(cache.get(key), `value of ${key}`);
      assert.deepEqual(cache.keys(), [key]);
      assert.equal(cache.delete(key), true);
      assert.equal(cache.has(key), false, key);
    }
  });

  test("values that are false in conditions are values", async () => {
    using cache = createCache<boolean | number | string | null>({ implementation, codec: "json" });
    for (const value of [0, false, null, ""]) {
      cache.set("key", value);
      assert.equal(cache.has("key"), true);
      assert.equal(await cache.getOrSet("key", () => assert.fail("loaded")), value);
      cache.delete("key");
      let loads = 0;
      const load = (): typeof value => (loads++, value);
      for (let i = 0; i < 3; i++) assert.equal(await cache.getOrSet("key", load), value);
      assert.equal(loads, 1, "what a loader returns is kept too");
    }
  });

  test("a clock that is set, back or forth, changes no life", async () => {
    using cache = createCache({ implementation });
    const { now } = Date;
    try {
      for (const shift of [-86_400_000, 86_400_000]) {
        cache.set("long", "there", { ttlMs: 60_000 });
        cache.set("short", "gone", { ttlMs: 20 });
        Date.now = () => now() + shift;
        await delay(60);
        assert.equal(cache.get("long"), "there");
        assert.equal(cache.get("short"), undefined);
      }
    } finally {
      Date.now = now;
    }
  });

  test("a refusal says what weighed how much", () => {
    using cache = createCache({ implementation, maxBytes: 1_000 });
    const says = (text: string) => (error: unknown): boolean =>
      AgentError.is(error, "TOO_LARGE") && error.message === text;
    const told = (key: number, value: number, tags: number): string =>
      `The entry weighs ${
        key + value + tags + 112
      } bytes (key ${key}, value ${value}, tags ${tags}, ` +
      "overhead 112) and the cache takes 1000: raise maxBytes or store less";
    const heavy = "é".repeat(500);
    assert.throws(() => cache.set("ab", heavy), says(told(2, 1_000, 0)));
    assert.throws(
      () => cache.setMany([["a", "light"], ["abc", heavy], ["abcd", heavy]]),
      says(told(3, 1_000, 0)),
    );
    const tagged = ((): string => {
      try {
        cache.set("ab", heavy, { tags: ["tag"] });
      } catch (error) {
        return (error as Error).message;
      }
      return assert.fail("not refused");
    })();
    assert.match(tagged, /\(key 2, value 1000, tags [1-9]\d*, overhead 112\)/);
    assert.equal(cache.size, 0);
  });

  test("a bound that is no whole number is refused, not taken for none", () => {
    for (const maxEntries of ["10", true, 2.5, 0, NaN, null, false, ""]) {
      assert.throws(
        () => createCache({ implementation, maxEntries: maxEntries as number }),
        /maxEntries/,
        String(maxEntries),
      );
    }
  });

  test("a life of 0 is refused, not taken for one without end", () => {
    using cache = createCache({ implementation });
    assert.throws(() => cache.set("key", "value", { ttlMs: 0 }), RangeError);
    assert.throws(() => createCache({ implementation, ttlMs: 0 }), RangeError);
    assert.equal(cache.has("key"), false);
  });

  test("a life longer than any timer ends neither early nor at once", async () => {
    using cache = createCache({ implementation });
    for (const ttlMs of [2 ** 31 + 5, 2 ** 32 + 5, 2 ** 45]) {
      cache.set(`${ttlMs}`, "there", { ttlMs });
    }
    await delay(30);
    assert.equal(cache.purgeExpired(), 0);
    assert.equal(cache.size, 3);
  });

  test("what is set in the place of what has expired lives", async () => {
    using cache = createCache({ implementation, ttlMs: 30, maxEntries: 4 });
    // Full of what has expired, again and again: it must take in what is new.
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 6; i++) cache.set(`key ${i % 4}`, `${round}`);
      assert.equal(cache.size, 4);
      for (let i = 0; i < 4; i++) assert.equal(cache.get(`key ${i}`), `${round}`);
      await delay(60);
      assert.deepEqual([cache.size, cache.has("key 0"), cache.keys().length], [0, false, 0]);
    }
  });

  test("while a value in its grace is loaded anew, all get it at once and one loads", async () => {
    using cache = createCache({ implementation, ttlMs: 20, graceMs: 60_000 });
    cache.set("key", "old");
    await delay(50);
    const { promise, resolve } = Promise.withResolvers<string>();
    const seen: unknown[] = [];
    const load = (_: AbortSignal, entry: { stale: string | undefined }) => {
      seen.push(entry.stale);
      return promise;
    };
    // The new value is to live for longer than this test.
    const options = { ttlMs: 60_000 };
    for (let i = 0; i < 3; i++) assert.equal(await cache.getOrSet("key", load, options), "old");
    assert.deepEqual(seen, ["old"]);
    resolve("new");
    await delay(5);
    assert.equal(cache.get("key"), "new");
  });

  test("what is deleted, by its key or its tag, has no grace", async () => {
    using cache = createCache({ implementation, ttlMs: 20, graceMs: 60_000 });
    cache.set("a", "old");
    cache.set("b", "old", { tags: ["tag"] });
    await delay(50);
    cache.delete("a");
    cache.deleteByTag("tag");
    assert.equal(await cache.getOrSet("a", () => Promise.resolve("new")), "new");
    assert.equal(await cache.getOrSet("b", () => Promise.resolve("new")), "new");
  });

  test("bytes add up after values of other sizes took each other's places", () => {
    using cache = createCache({ implementation, maxBytes: 2_000 });
    for (let i = 0; i < 500; i++) cache.set(`key ${i % 7}`, "x".repeat((i * 37) % 300));
    assert.ok(cache.stats().bytes <= 2_000);
    for (const key of cache.keys()) cache.delete(key);
    assert.equal(cache.stats().bytes, 0);
  });
}
