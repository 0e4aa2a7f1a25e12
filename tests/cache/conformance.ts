/**
 * What a cache does, for every twin: one suite, given a maker of caches.
 *
 * Not part of the contract: which entry is evicted, the order of `keys()`, and how long after its
 * end (at most a second) an expired entry still takes up memory. No test depends on speed.
 */

import assert from "assertions";
import { AgentError } from "../../src/shared/errors.ts";
import type { CacheOptions, JsonValue, TtlCache } from "../../src/cache/mod.ts";
import { createCache, ENTRY_OVERHEAD_BYTES } from "../../src/cache/mod.ts";
import { testOf, type Twin } from "../support/twins.ts";
import { delay, wrong } from "../support/values.ts";

/** Makes caches of one twin. */
export interface CacheFactory {
  text(options?: CacheOptions): TtlCache<string>;
  bytes(options?: CacheOptions): TtlCache<Uint8Array>;
  json(options?: CacheOptions): TtlCache<JsonValue>;
}

/** The makers of a twin's caches. */
export function factoryOf({ name }: Twin): CacheFactory {
  const implementation = name;
  return {
    text: (options) => createCache({ implementation, ...options }),
    bytes: (options) => createCache({ implementation, ...options, codec: "bytes" }),
    json: (options) => createCache({ implementation, ...options, codec: "json" }),
  };
}

/** Lets time pass for an entry that lives `ms`, generously beyond any clock's resolution. */
function after(ms: number): Promise<void> {
  return delay(ms + 60);
}

const ABSENT = "no such key";
const closed = (error: unknown): boolean => AgentError.is(error, "CLOSED");
const tooLarge = (error: unknown): boolean => AgentError.is(error, "TOO_LARGE");

/** Registers the suite for one twin. */
export function cacheConformance(twin: Twin): void {
  const make = factoryOf(twin);
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("cache", twin, name, body);

  test("set and get give back the value, peek and has too", () => {
    using cache = make.text();
    assert.equal(cache.implementation, twin.name);
    assert.equal(cache.shared, false);
    assert.equal(cache.get("a"), undefined);
    cache.set("a", "1");
    cache.set("b", "2");
    cache.set("a", "3");
    assert.equal(cache.get("a"), "3");
    assert.equal(cache.get("a"), "3");
    assert.equal(cache.peek("b"), "2");
    assert.equal(cache.has("b"), true);
    assert.equal(cache.has(ABSENT), false);
    assert.equal(cache.peek(ABSENT), undefined);
    assert.equal(cache.size, 2);
    assert.deepEqual(cache.keys().sort(), ["a", "b"]);
  });

  test("delete and clear", () => {
    using cache = make.text();
    cache.setMany([["a", "1"], ["b", "2"], ["c", "3"]]);
    assert.equal(cache.get("a"), "1");
    assert.equal(cache.delete("a"), true);
    assert.equal(cache.delete("a"), false);
    assert.equal(cache.get("a"), undefined);
    assert.equal(cache.get("b"), "2");
    cache.clear();
    assert.equal(cache.size, 0);
    assert.equal(cache.get("b"), undefined);
    assert.deepEqual(cache.keys(), []);
    cache.set("a", "4");
    assert.equal(cache.get("a"), "4");
    assert.equal(cache.stats().evictions, 0);
  });

  test("any string is a key and a value", () => {
    using cache = make.text();
    const strings = [
      "",
      "\0",
      "a\0b",
      "\n",
      "a\nb",
      "é",
      "日本",
      "🙂",
      "\u202eabc",
      "\ufeffa",
      "__proto__",
    ];
    for (const [i, s] of strings.entries()) cache.set(s, `${s}${i}`);
    assert.equal(cache.size, strings.length);
    for (const [i, s] of strings.entries()) assert.equal(cache.get(s), `${s}${i}`);
    assert.deepEqual(cache.getMany(strings), strings.map((s, i) => `${s}${i}`));
    assert.deepEqual(cache.keys().sort(), [...strings].sort());
    cache.set("empty", "");
    assert.equal(cache.get("empty"), "");
    assert.equal(cache.has("empty"), true);
    assert.deepEqual(cache.getMany(["empty", ABSENT]), ["", undefined]);
  });

  test("lone surrogates become U+FFFD in keys and values", () => {
    using cache = make.text();
    cache.set("a\ud800", "x\udc00y");
    assert.deepEqual(cache.keys(), ["a\ufffd"]);
    assert.equal(cache.get("a\ufffd"), "x\ufffdy");
    assert.equal(cache.get("a\ud800"), "x\ufffdy");
    assert.equal(cache.get("a\udfff"), "x\ufffdy");
    assert.equal(cache.has("a\ud800"), true);
    assert.equal(cache.peek("a\ud800"), "x\ufffdy");
    // Halves of a pair in neighbouring keys stay apart.
    cache.setMany([["h\ud83d", "1"], ["\ude42t", "2"]]);
    assert.deepEqual(cache.getMany(["h\ufffd", "\ufffdt"]), ["1", "2"]);
    assert.deepEqual(cache.getMany(["h\ud83d", "\ude42t"]), ["1", "2"]);
    assert.equal(cache.delete("a\ud800"), true);
  });

  test("keys and values of a megabyte", () => {
    using cache = make.text();
    const key = "k".repeat(1 << 20);
    const value = "ü".repeat(1 << 20);
    cache.set(key, value);
    cache.set(key + "2", "short");
    // Compared by hand: a report of the difference would be megabytes.
    assert.ok(cache.get(key) === value);
    assert.ok(cache.get(key) === value);
    const many = cache.getMany([key, key + "2", key + "3"]);
    assert.ok(many[0] === value && many[1] === "short" && many[2] === undefined);
    assert.equal(cache.stats().bytes, 4 * (1 << 20) + 6 + 2 * ENTRY_OVERHEAD_BYTES);
    assert.equal(cache.delete(key), true);
    assert.ok(cache.keys()[0] === key + "2");
    assert.equal(cache.size, 1);
  });

  test("bytes are copied on the way in and on the way out", () => {
    using cache = make.bytes();
    const mine = new Uint8Array([1, 2, 3]);
    cache.set("a", mine);
    mine[0] = 9;
    for (let i = 0; i < 3; i++) {
      const got = cache.get("a");
      assert.deepEqual(got, new Uint8Array([1, 2, 3]));
      got![1] = 9;
    }
    const peeked = cache.peek("a");
    peeked![0] = 7;
    cache.getMany(["a"])[0]![2] = 7;
    assert.deepEqual(cache.get("a"), new Uint8Array([1, 2, 3]));
    cache.set("none", new Uint8Array(0));
    assert.deepEqual(cache.get("none"), new Uint8Array(0));
    cache.set("part", new Uint8Array([0, 1, 2, 3]).subarray(1, 3));
    assert.deepEqual(cache.get("part"), new Uint8Array([1, 2]));
    const large = new Uint8Array(3 << 20).map((_, i) => i * 7);
    cache.setMany([["large", large]]);
    assert.deepEqual(cache.get("large"), large);
    assert.deepEqual(cache.getMany(["large"])[0], large);
  });

  test("JSON values come out frozen and are never the caller's", () => {
    using cache = make.json();
    const mine = { list: [1, { deep: true }], "__proto__x": null };
    cache.set("a", mine);
    mine.list.push(2);
    const got = cache.get("a") as { list: unknown[] };
    assert.deepEqual(got, { list: [1, { deep: true }], "__proto__x": null });
    assert.ok(Object.isFrozen(got) && Object.isFrozen(got.list) && Object.isFrozen(got.list[1]));
    assert.throws(() => got.list.push(1), TypeError);
    for (const value of [null, true, 0, -1.5, "", "text", [], {}, [null], "\ud800"]) {
      cache.set("v", value);
      assert.deepEqual(cache.get("v"), value);
      assert.deepEqual(cache.getMany(["v"]), [value]);
    }
    let nested: JsonValue = [];
    for (let i = 0; i < 2_000; i++) nested = [nested];
    cache.set("nested", nested);
    assert.equal(JSON.stringify(cache.get("nested")), JSON.stringify(nested));
  });

  test("getMany and setMany keep order, take duplicates and nothing at all", () => {
    using cache = make.text();
    cache.setMany(new Map([["a", "1"], ["b", "2"]]));
    cache.setMany([["c", "3"], ["c", "4"]]);
    assert.deepEqual(cache.getMany(["c", ABSENT, "a", "c"]), ["4", undefined, "1", "4"]);
    assert.deepEqual(cache.getMany([]), []);
    cache.setMany([]);
    assert.equal(cache.size, 3);
    const many = Array.from({ length: 3_000 }, (_, i) => [`k${i}`, `v${i}`] as const);
    cache.setMany(many);
    assert.deepEqual(cache.getMany(many.map(([key]) => key)), many.map(([, value]) => value));
    assert.equal(cache.keys().length, 3_003);
  });

  test("statistics count what happened", () => {
    using cache = make.text();
    cache.setMany([["a", "12345"], ["b", "é"]]);
    cache.get("a");
    cache.get("a");
    cache.get(ABSENT);
    cache.getMany(["a", "b", ABSENT]);
    cache.peek("a");
    cache.has("a");
    assert.deepEqual(cache.stats(), {
      entries: 2,
      bytes: 1 + 5 + 1 + 2 + 2 * ENTRY_OVERHEAD_BYTES,
      hits: 4,
      misses: 2,
      evictions: 0,
      expirations: 0,
    });
    cache.set("a", "1");
    cache.delete("b");
    assert.equal(cache.stats().bytes, 1 + 1 + ENTRY_OVERHEAD_BYTES);
  });

  test("what has expired is gone everywhere, a key's own time over the cache's", async () => {
    using cache = make.text({ ttlMs: 30 });
    cache.set("short", "1");
    cache.set("long", "2", { ttlMs: 60_000 });
    cache.set("ever", "3", { ttlMs: Infinity });
    cache.setMany([["x", "1"], ["y", "2"]], { ttlMs: 20 });
    cache.get("short");
    await after(30);
    assert.equal(cache.get("short"), undefined);
    assert.equal(cache.peek("x"), undefined);
    assert.equal(cache.has("y"), false);
    assert.equal(cache.delete("short"), false);
    assert.deepEqual(cache.getMany(["short", "long", "x"]), [undefined, "2", undefined]);
    assert.equal(cache.size, 2);
    assert.deepEqual(cache.keys().sort(), ["ever", "long"]);
    const { entries, bytes, expirations, evictions } = cache.stats();
    assert.deepEqual({ entries, expirations, evictions }, {
      entries: 2,
      expirations: 3,
      evictions: 0,
    });
    assert.equal(bytes, 8 + 2 + 2 * ENTRY_OVERHEAD_BYTES);
    cache.set("short", "again", { ttlMs: 60_000 });
    assert.equal(cache.get("short"), "again");
  });

  test("a new value has a time of its own", async () => {
    using cache = make.text();
    cache.set("a", "1", { ttlMs: 20 });
    cache.set("a", "2");
    cache.set("b", "1");
    cache.set("b", "2", { ttlMs: 20 });
    await after(20);
    assert.equal(cache.get("a"), "2");
    assert.equal(cache.get("b"), undefined);
  });

  test("an entry does not expire early", async () => {
    using cache = make.text();
    for (let ttlMs = 1; ttlMs < 40; ttlMs += 3) {
      const start = performance.now();
      cache.set("a", "1", { ttlMs });
      while (cache.has("a")) await new Promise((resolve) => setTimeout(resolve, 0));
      assert.ok(performance.now() - start >= ttlMs - 0.05, `${ttlMs}`);
    }
  });

  test("purgeExpired removes what is over", async () => {
    using cache = make.text();
    for (let i = 0; i < 50; i++) cache.set(`k${i}`, "v", { ttlMs: 10 + i % 7 });
    cache.set("stays", "v");
    assert.equal(cache.purgeExpired(), 0);
    await after(20);
    assert.ok(cache.purgeExpired() <= 50);
    assert.equal(cache.purgeExpired(), 0);
    assert.equal(cache.stats().expirations, 50);
    assert.deepEqual(cache.keys(), ["stays"]);
  });

  test("very long and very short times", async () => {
    using cache = make.text();
    cache.set("fraction", "v", { ttlMs: 0.25 });
    cache.set("days", "v", { ttlMs: 40 * 86_400_000 });
    cache.set("ages", "v", { ttlMs: Number.MAX_SAFE_INTEGER });
    cache.set("beyond", "v", { ttlMs: Number.MAX_VALUE });
    await after(1);
    assert.equal(cache.has("fraction"), false);
    assert.deepEqual(cache.keys().sort(), ["ages", "beyond", "days"]);
  });

  test("the bound of entries holds at every moment", () => {
    for (const maxEntries of [1, 2, 3, 10, 100]) {
      using cache = make.text({ maxEntries });
      for (let i = 0; i < 500; i++) {
        cache.set(`k${i % 230}`, `v${i}`);
        assert.ok(cache.size <= maxEntries);
        assert.equal(cache.get(`k${i % 230}`), `v${i}`, "the newest entry is there");
      }
      assert.equal(cache.size, maxEntries);
      assert.ok(cache.stats().evictions > 0);
      assert.equal(cache.keys().length, maxEntries);
    }
  });

  test("the bound of bytes holds at every moment", () => {
    const maxBytes = 20 * (ENTRY_OVERHEAD_BYTES + 50);
    using cache = make.bytes({ maxBytes });
    for (let i = 0; i < 1_000; i++) {
      cache.set(`key${i % 90}`, new Uint8Array((i * 37) % 200));
      assert.ok(cache.stats().bytes <= maxBytes);
    }
    assert.ok(cache.stats().evictions > 0);
  });

  test("an entry heavier than the bound is refused and changes nothing", () => {
    using cache = make.text({ maxBytes: ENTRY_OVERHEAD_BYTES + 100 });
    cache.set("a", "x".repeat(99));
    assert.throws(() => cache.set("a", "x".repeat(100)), tooLarge);
    assert.throws(() => cache.set("b", "é".repeat(50)), tooLarge);
    assert.throws(() => cache.setMany([["a", "ok"], ["b", "x".repeat(100)]]), tooLarge);
    assert.equal(cache.get("a"), "x".repeat(99));
    assert.equal(cache.stats().evictions, 0);
  });

  test("an entry that is read often outlives a scan", () => {
    using cache = make.text({ maxEntries: 100 });
    for (let i = 0; i < 40; i++) cache.set(`hot${i}`, "v");
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 40; i++) cache.get(`hot${i}`);
    }
    for (let i = 0; i < 1_000; i++) cache.set(`scan${i}`, "v");
    const left = cache.getMany(Array.from({ length: 40 }, (_, i) => `hot${i}`));
    assert.ok(left.filter((value) => value !== undefined).length >= 36);
  });

  test("wrong arguments are TypeErrors and RangeErrors", () => {
    using cache = make.text();
    for (const key of [undefined, null, 1, {}, Symbol("s"), 1n, []]) {
      assert.throws(() => cache.get(wrong(key)), TypeError);
      assert.throws(() => cache.peek(wrong(key)), TypeError);
      assert.throws(() => cache.has(wrong(key)), TypeError);
      assert.throws(() => cache.delete(wrong(key)), TypeError);
      assert.throws(() => cache.set(wrong(key), "v"), TypeError);
      assert.throws(() => cache.getMany(wrong([key])), TypeError);
      assert.throws(() => cache.setMany([[wrong(key), "v"]]), TypeError);
    }
    for (const value of [undefined, null, 1, {}, new Uint8Array(1)]) {
      assert.throws(() => cache.set("k", wrong(value)), TypeError);
      assert.throws(() => cache.setMany([["a", "ok"], ["k", wrong(value)]]), TypeError);
    }
    for (const keys of [undefined, null, "abc", 7, new Map()]) {
      assert.throws(() => cache.getMany(wrong(keys)), TypeError);
    }
    for (const entries of [undefined, null, "abc", 7, {}, ["ab"], [["a"]], [null]]) {
      assert.throws(() => cache.setMany(wrong(entries)), TypeError);
    }
    for (const ttlMs of [NaN, 0, -1, -Infinity]) {
      assert.throws(() => cache.set("k", "v", { ttlMs }), RangeError);
      assert.throws(() => cache.setMany([["k", "v"]], { ttlMs }), RangeError);
    }
    assert.throws(() => cache.set("k", "v", { ttlMs: wrong("5") }), TypeError);
    assert.throws(() => cache.set("k", "v", wrong(5)), TypeError);
    assert.equal(cache.size, 0, "nothing was stored");

    using bytes = make.bytes();
    assert.throws(() => bytes.set("k", wrong("text")), TypeError);
    assert.throws(() => bytes.set("k", wrong([1])), TypeError);
    assert.throws(() => bytes.set("k", wrong(new Uint16Array(1))), TypeError);
    using json = make.json();
    const ring: unknown[] = [];
    ring.push(ring);
    for (const value of [undefined, () => 1, Symbol("s"), 1n, ring]) {
      assert.throws(() => json.set("k", wrong(value)), TypeError);
    }
  });

  test("options that make no sense are refused", () => {
    for (const maxEntries of [0, -1, 1.5, NaN, Infinity, 2 ** 31]) {
      assert.throws(() => make.text({ maxEntries }), RangeError);
    }
    for (const maxBytes of [0, -1, 1.5, NaN]) {
      assert.throws(() => make.text({ maxBytes }), RangeError);
    }
    for (const ttlMs of [0, -1, NaN]) assert.throws(() => make.text({ ttlMs }), RangeError);
    assert.throws(() => make.text({ graceMs: -1 }), RangeError);
    assert.throws(() => make.text({ maxEntries: wrong("5") }), TypeError);
    assert.throws(() => make.text({ ttlMs: wrong(null) }), TypeError);
    assert.throws(() => make.text({ name: "" }), TypeError);
    assert.throws(() => make.text({ name: wrong(5) }), TypeError);
    assert.throws(() => make.text({ shared: "preferred" }), TypeError);
    assert.throws(() => make.text({ name: "n", shared: wrong("yes") }), TypeError);
    assert.throws(() => make.text(wrong({ codec: "xml" })), TypeError);
  });

  test("a closed cache says so, and closing twice is nothing", async () => {
    const cache = make.text();
    cache.set("a", "1", { ttlMs: 60_000 });
    cache.get("a");
    cache.close();
    cache.close();
    cache[Symbol.dispose]();
    assert.throws(() => cache.get("a"), closed);
    assert.throws(() => cache.peek("a"), closed);
    assert.throws(() => cache.has("a"), closed);
    assert.throws(() => cache.set("a", "1"), closed);
    assert.throws(() => cache.delete("a"), closed);
    assert.throws(() => cache.clear(), closed);
    assert.throws(() => cache.keys(), closed);
    assert.throws(() => cache.size, closed);
    assert.throws(() => cache.getMany(["a"]), closed);
    assert.throws(() => cache.setMany([["a", "1"]]), closed);
    assert.throws(() => cache.purgeExpired(), closed);
    assert.throws(() => cache.stats(), closed);
    await assert.rejects(cache.getOrSet("a", () => "1"), closed);
    assert.equal(cache.implementation, twin.name);
    assert.equal(cache.shared, false);
  });
}
