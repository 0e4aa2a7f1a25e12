/** What users of other caches reported: names of every object, values that are false, clocks that are set, what a refusal says. */

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
}
