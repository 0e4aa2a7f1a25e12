/** What snapshots do, for every twin: a file of the entries, and back within bounds and time. */

import assert from "assertions";
import { AgentError } from "../../src/shared/errors.ts";
import { createCache } from "../../src/cache/mod.ts";
import { factoryOf } from "./conformance.ts";
import { temporary } from "../support/programs.ts";
import { testOf, type Twin } from "../support/twins.ts";
import { delay, wrong } from "../support/values.ts";

/** Registers the suite for one twin. */
export function cacheSnapshotConformance(twin: Twin): void {
  const make = factoryOf(twin);
  const test = (name: string, body: (folder: string) => Promise<void>): void =>
    testOf("cache snapshot", twin, name, () => temporary(body));
  const names = async (folder: string): Promise<string[]> =>
    (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();

  test("restore gives back what snapshot wrote", async (folder) => {
    const path = `${folder}/cache`;
    using from = make.text();
    from.set("a", "1");
    from.set("é\n", "", { ttlMs: 3_600_000, tags: ["x", "🙂"] });
    from.set("", "3", { ttlMs: 3_600_000, graceMs: Infinity });
    from.set("\ufeff", "\ufeff\0");
    const written = await from.snapshot(path);
    assert.deepEqual(written, { entries: 4, bytes: (await Deno.stat(path)).size });
    assert.deepEqual(await names(folder), ["cache"]);
    using to = make.text();
    assert.deepEqual(await to.restore(path), { entries: 4, expired: 0 });
    assert.deepEqual(to.keys().sort(), from.keys().sort());
    assert.deepEqual(to.getMany(from.keys()), from.getMany(from.keys()));
    assert.equal(to.stats().bytes, from.stats().bytes);
    assert.equal(to.deleteByTag("🙂"), 1);
    assert.equal(to.get("é\n"), undefined);
    assert.deepEqual(
      await to.restore(path),
      { entries: 4, expired: 0 },
      "a file can be used again",
    );
    assert.equal(to.get("é\n"), "");
  });

  test("every codec", async (folder) => {
    const path = `${folder}/cache`;
    using bytes = make.bytes();
    bytes.set("a", new Uint8Array([0, 255, 128]));
    bytes.set("empty", new Uint8Array(0));
    assert.equal((await bytes.snapshot(path)).entries, 2);
    using again = make.bytes();
    await again.restore(path);
    assert.deepEqual(again.getMany(["a", "empty"]), bytes.getMany(["a", "empty"]));
    using json = make.json();
    const value = { b: [1, null, "\ud800"], 1: -0, "": { x: true }, e: 1e300 };
    json.set("read", value);
    json.set("unread", value);
    const read = json.get("read");
    await json.snapshot(path);
    using other = make.json();
    await other.restore(path);
    assert.deepEqual(other.get("read"), read);
    assert.deepEqual(other.get("unread"), read);
    assert.equal(other.stats().bytes, json.stats().bytes);
    assert.equal((await bytes.restore(path)).refused?.code, "CODEC");
  });

  test("an empty cache, a key of a megabyte, many pages", async (folder) => {
    const path = `${folder}/cache`;
    using empty = make.text();
    assert.equal((await empty.snapshot(path)).entries, 0);
    using to = make.text({ maxEntries: 20_000 });
    assert.deepEqual(await to.restore(path), { entries: 0, expired: 0 });
    using large = make.text({ maxEntries: 20_000 });
    const key = "ü".repeat(1 << 20);
    large.set(key, "");
    large.set("value", "v".repeat(3 << 20));
    for (let i = 0; i < 10_000; i++) large.set(`key ${i}`, `${i}`.repeat(i % 50));
    large.set("last", "é".repeat(3 << 20));
    large.set("after", "small");
    assert.equal((await large.snapshot(path)).entries, 10_004);
    assert.deepEqual(await to.restore(path), { entries: 10_004, expired: 0 });
    assert.ok(to.get("last") === large.get("last") && to.get("after") === "small");
    assert.ok(to.has(key) && to.get("value") === large.get("value"));
    assert.deepEqual(to.get("key 9999"), large.get("key 9999"));
    assert.equal(to.stats().bytes, large.stats().bytes);
  });

  test("time on disk counts", async (folder) => {
    const path = `${folder}/cache`;
    using from = make.text();
    from.set("short", "1", { ttlMs: 80, graceMs: 60_000 });
    from.set("gone", "1", { ttlMs: 1, graceMs: 60_000 });
    from.set("long", "2", { ttlMs: 60_000 });
    from.set("ever", "3");
    await delay(20);
    assert.equal((await from.snapshot(path)).entries, 3, "what has expired is not written");
    await delay(150);
    using to = make.text();
    assert.deepEqual(await to.restore(path), { entries: 2, expired: 1 });
    assert.deepEqual(to.keys().sort(), ["ever", "long"]);
    assert.equal(
      await to.getOrSet("short", () => "new"),
      "new",
      "its grace is not restored either",
    );
  });

  test("a restored entry ends when it would have, with its grace", async (folder) => {
    const path = `${folder}/cache`;
    using from = make.text();
    from.set("a", "old", { ttlMs: 300, graceMs: 60_000 });
    const end = performance.now() + 302;
    await from.snapshot(path);
    using to = make.text();
    await to.restore(path);
    assert.equal(to.get("a"), "old");
    while (performance.now() < end + 20) await delay(10);
    assert.equal(to.get("a"), undefined);
    assert.equal(await to.getOrSet("a", () => "new"), "old", "served in its grace");
    await delay(20);
    assert.equal(to.get("a"), "new");
  });

  test("a wall clock that went back gives no entry more time", async (folder) => {
    const path = `${folder}/cache`;
    const { now } = Date;
    using from = make.text();
    from.set("a", "1", { ttlMs: 200 });
    using to = make.text();
    try {
      Date.now = () => now() + 3_600_000;
      await from.snapshot(path);
      Date.now = now;
      assert.deepEqual(await to.restore(path), { entries: 1, expired: 0 });
      // Its time goes on from where it is restored, which a busy machine does late.
      const start = performance.now();
      while (performance.now() - start < 240) await delay(10);
      assert.equal(to.has("a"), false);
      Date.now = () => now() + 7_200_000;
      assert.deepEqual(await to.restore(path), { entries: 0, expired: 1 });
    } finally {
      Date.now = now;
    }
  });

  test("the bounds of the restoring cache hold, and what was used stays", async (folder) => {
    const path = `${folder}/cache`;
    using from = make.text({ maxEntries: 1_000 });
    for (let i = 0; i < 1_000; i++) from.set(`key ${i}`, "v".repeat(i % 100), { tags: ["t"] });
    for (let round = 0; round < 4; round++) for (let i = 0; i < 50; i++) from.get(`key ${i * 20}`);
    await from.snapshot(path);
    using few = make.text({ maxEntries: 100 });
    await few.restore(path);
    assert.equal(few.size, 100);
    const hot = Array.from({ length: 50 }, (_, i) => `key ${i * 20}`).filter((key) => few.has(key));
    assert.ok(hot.length >= 45, `${hot.length} of 50 that were read often`);
    using light = make.text({ maxBytes: 10_000 });
    const { entries } = await light.restore(path);
    assert.equal(entries, 1_000);
    assert.ok(light.stats().bytes <= 10_000 && light.size > 20);
    using lightest = make.text({ maxBytes: 250 });
    const report = await lightest.restore(path);
    assert.ok(report.entries > 0 && report.entries < 1_000, "what is too heavy is left out");
    assert.ok(lightest.stats().bytes <= 250);
  });

  test("restored entries take the place of those of the same keys, and end their loads", async (folder) => {
    const path = `${folder}/cache`;
    using from = make.text();
    from.set("a", "file");
    await from.snapshot(path);
    using to = make.text();
    to.set("a", "mine", { tags: ["x"] });
    to.set("b", "mine");
    assert.equal(to.get("a"), "mine");
    await to.restore(path);
    assert.deepEqual(to.getMany(["a", "b"]), ["file", "mine"]);
    assert.equal(to.deleteByTag("x"), 0);
    to.delete("a");
    let open!: (value: string) => void;
    const loading = to.getOrSet("a", () => new Promise((resolve) => open = resolve));
    await to.restore(path);
    open("late");
    assert.equal(await loading, "late");
    assert.equal(to.get("a"), "file");
  });

  test("a file that is missing or none is refused, and the cache is as it was", async (folder) => {
    const path = `${folder}/cache`;
    using cache = make.text();
    cache.set("a", "1");
    const refused = async (code: string, words: RegExp): Promise<void> => {
      const report = await cache.restore(path);
      assert.deepEqual([report.entries, report.expired, report.refused?.code], [0, 0, code]);
      assert.match(report.refused!.message, words);
      assert.deepEqual(cache.keys(), ["a"]);
    };
    await refused("NOT_FOUND", /no file/);
    await Deno.writeTextFile(path, "");
    await refused("FOREIGN", /not a snapshot/);
    await Deno.writeTextFile(path, "a text that somebody wrote, of some length");
    await refused("FOREIGN", /not a snapshot/);
    await Deno.remove(path);
    await Deno.mkdir(path);
    await refused("FOREIGN", /not a file/);
    await Deno.remove(path);
    await cache.snapshot(path);
    const whole = await Deno.readFile(path);
    const newer = whole.slice();
    newer[8] = 2;
    await Deno.writeFile(path, newer);
    await refused("VERSION", /version 2/);
    await Deno.writeFile(path, whole.subarray(0, whole.length - 1));
    await refused("CORRUPT", /damaged/);
    await Deno.writeFile(path, new Uint8Array([...whole, 0]));
    await refused("CORRUPT", /after its end/);
  });

  test("an abort leaves the older snapshot and no other file", async (folder) => {
    const path = `${folder}/cache`;
    using cache = make.text({ maxEntries: 100_000 });
    cache.set("a", "1");
    await cache.snapshot(path);
    for (let i = 0; i < 80_000; i++) cache.set(`key ${i}`, "v".repeat(100));
    const reason = new Error("enough");
    await assert.rejects(cache.snapshot(path, { signal: AbortSignal.abort(reason) }), reason);
    const controller = new AbortController();
    const writing = cache.snapshot(path, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 2);
    await assert.rejects(writing, reason);
    assert.deepEqual(await names(folder), ["cache"]);
    using to = make.text();
    assert.deepEqual(await to.restore(path), { entries: 1, expired: 0 });
    await assert.rejects(to.restore(path, { signal: AbortSignal.abort(reason) }), reason);
  });

  test("closing ends it", async (folder) => {
    const path = `${folder}/cache`;
    const cache = make.text({ maxEntries: 100_000 });
    for (let i = 0; i < 80_000; i++) cache.set(`key ${i}`, "v".repeat(100));
    const writing = cache.snapshot(path);
    setTimeout(() => cache.close(), 1);
    const closed = (error: unknown): boolean => AgentError.is(error, "CLOSED");
    await assert.rejects(writing, closed);
    await assert.rejects(cache.snapshot(path), closed);
    await assert.rejects(cache.restore(path), closed);
    assert.deepEqual(await names(folder), []);
  });

  test("what cannot be written or read is an error", async (folder) => {
    using cache = make.text();
    const io = (error: unknown): boolean => AgentError.is(error, "IO");
    await assert.rejects(cache.snapshot(`${folder}/none/cache`), io);
    await Deno.mkdir(`${folder}/folder`);
    await assert.rejects(cache.snapshot(`${folder}/folder`), io);
    assert.deepEqual(await names(folder), ["folder"]);
    await assert.rejects(cache.restore(`${folder}/${"x".repeat(300)}`), io);
    for (const path of [undefined, "", 7, "a\0b"]) {
      await assert.rejects(cache.snapshot(wrong(path)), /path must/);
      await assert.rejects(cache.restore(wrong(path)), TypeError);
    }
    for (const options of [7, null, { signal: "now" }]) {
      await assert.rejects(cache.snapshot(`${folder}/cache`, wrong(options)), TypeError);
      await assert.rejects(cache.restore(`${folder}/cache`, wrong(options)), TypeError);
    }
  });

  test("the cache is used while it is written and read", async (folder) => {
    const path = `${folder}/cache`;
    using cache = createCache({ implementation: twin.name, maxEntries: 30_000 });
    for (let i = 0; i < 20_000; i++) cache.set(`key ${i}`, "v".repeat(100));
    const writing = cache.snapshot(path);
    for (let i = 0; i < 40; i++) {
      for (let k = 0; k < 200; k++) cache.set(`key ${i * 200 + k}`, "w");
      cache.delete(`key ${i * 300}`);
      for (let k = 0; k < 50; k++) cache.set(`new ${i * 50 + k}`, "n");
      await delay(0);
    }
    const { entries } = await writing;
    assert.ok(entries >= 19_900 && entries <= 22_100, `${entries}`);
    using to = make.text({ maxEntries: 30_000 });
    const reading = to.restore(path);
    for (let i = 0; i < 20; i++) {
      to.get(`key ${i}`);
      await delay(0);
    }
    assert.deepEqual(await reading, { entries, expired: 0 });
    for (const key of to.keys()) assert.ok(["w", "n", "v".repeat(100)].includes(to.get(key)!));
  });
}
