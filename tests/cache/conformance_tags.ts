/** What tags do, for every twin: `deleteByTag`, weights, replacement, loads. */

import assert from "assertions";
import { AgentError } from "../../src/shared/errors.ts";
import { ENTRY_OVERHEAD_BYTES, TAG_OVERHEAD_BYTES } from "../../src/cache/mod.ts";
import { factoryOf } from "./conformance.ts";
import { testOf, type Twin } from "../support/twins.ts";
import { delay, wrong } from "../support/values.ts";

/** What tags weigh. */
function weightOf(tags: readonly string[]): number {
  const bytes = tags.map((tag) => new TextEncoder().encode(tag).length + TAG_OVERHEAD_BYTES);
  return bytes.reduce((sum, more) => sum + more, 0);
}

/** Registers the suite for one twin. */
export function cacheTagsConformance(twin: Twin): void {
  const make = factoryOf(twin);
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("cache tags", twin, name, body);

  test("deleteByTag removes what carries the tag and nothing else", () => {
    using cache = make.text();
    cache.set("a", "1", { tags: ["x", "y"] });
    cache.set("b", "2", { tags: ["y"] });
    cache.set("c", "3");
    cache.setMany([["d", "4"], ["e", "5"]], { tags: ["z", "x"] });
    assert.equal(cache.get("a"), "1");
    assert.equal(cache.deleteByTag("none"), 0);
    assert.equal(cache.deleteByTag("x"), 3);
    assert.equal(cache.deleteByTag("x"), 0);
    assert.deepEqual(cache.getMany(["a", "b", "c", "d", "e"]), [
      undefined,
      "2",
      "3",
      undefined,
      undefined,
    ]);
    assert.equal(cache.deleteByTag("z"), 0, "its entries went by their other tag");
    assert.equal(cache.deleteByTag("y"), 1);
    assert.equal(cache.size, 1);
    const { evictions, expirations } = cache.stats();
    assert.deepEqual({ evictions, expirations }, { evictions: 0, expirations: 0 });
  });

  test("a set replaces the tags too", () => {
    using cache = make.text();
    cache.set("a", "1", { tags: ["x"] });
    cache.set("a", "2", { tags: ["y"] });
    assert.equal(cache.deleteByTag("x"), 0);
    assert.equal(cache.get("a"), "2");
    cache.set("a", "3");
    assert.equal(cache.deleteByTag("y"), 0);
    assert.equal(cache.get("a"), "3");
    cache.set("a", "4", { tags: ["y"] });
    cache.setMany([["a", "5"]]);
    assert.equal(cache.deleteByTag("y"), 0);
    cache.setMany([["a", "6"], ["a", "7"]], { tags: ["y"] });
    assert.equal(cache.deleteByTag("y"), 1, "one entry, whatever it was set to before");
    cache.set("a", "8", { tags: ["x"] });
    assert.equal(cache.delete("a"), true);
    cache.set("a", "9");
    assert.equal(cache.deleteByTag("x"), 0);
    cache.set("b", "1", { tags: ["x"] });
    cache.clear();
    cache.set("b", "2");
    assert.equal(cache.deleteByTag("x"), 0);
    assert.equal(cache.get("b"), "2");
  });

  test("an entry's weight grows by its tags", () => {
    using cache = make.text({ maxBytes: 1_000 });
    cache.set("k", "v", { tags: ["tag", "é", "tag"] });
    const weight = 2 + ENTRY_OVERHEAD_BYTES + 5 + 2 * TAG_OVERHEAD_BYTES;
    assert.equal(cache.stats().bytes, weight);
    cache.set("k", "v", { tags: ["tag"] });
    assert.equal(cache.stats().bytes, weight - 2 - TAG_OVERHEAD_BYTES);
    cache.set("k", "v");
    assert.equal(cache.stats().bytes, 2 + ENTRY_OVERHEAD_BYTES);
    const room = 1_000 - 2 - ENTRY_OVERHEAD_BYTES - TAG_OVERHEAD_BYTES;
    cache.set("k", "v", { tags: ["t".repeat(room)] });
    assert.equal(cache.stats().bytes, 1_000);
    const heavy = (error: unknown): boolean =>
      AgentError.is(error, "TOO_LARGE") && error.details.size === 1_001;
    assert.throws(() => cache.set("k", "w", { tags: ["t".repeat(room + 1)] }), heavy);
    assert.throws(() => cache.setMany([["k", "w"]], { tags: ["t".repeat(room + 1)] }), heavy);
    assert.equal(cache.get("k"), "v");
    assert.equal(cache.deleteByTag("t".repeat(room)), 1);
    assert.equal(cache.stats().bytes, 0);
  });

  test("the bound of bytes holds with tags", () => {
    using cache = make.text({ maxBytes: 20_000 });
    for (let i = 0; i < 2_000; i++) {
      cache.set(`key ${i}`, "v".repeat(i % 50), { tags: [`tag ${i}`, `group ${i % 7}`, "all"] });
      if (i % 3 === 0) cache.get(`key ${i}`);
      assert.ok(cache.stats().bytes <= 20_000);
    }
    const { entries, evictions } = cache.stats();
    assert.ok(entries > 10 && entries < 70 && evictions > 1_000);
    assert.equal(cache.deleteByTag("tag 0"), 0, "what was evicted carries nothing");
    assert.equal(cache.deleteByTag("all"), entries);
    assert.equal(cache.stats().bytes, 0);
  });

  test("tags are made well-formed and duplicates count once", () => {
    using cache = make.text();
    cache.set("a", "1", { tags: ["x\ud800", "x\udfff", "x\ufffd"] });
    assert.equal(cache.stats().bytes, 2 + ENTRY_OVERHEAD_BYTES + 4 + TAG_OVERHEAD_BYTES);
    assert.equal(cache.deleteByTag("x\udbff"), 1);
    const odd = ["\0", "\n", "a\nb", "🙂", "\u202e", "__proto__", " ", "h\ud83d", "\ude42t"];
    cache.set("b", "1", { tags: odd });
    for (const tag of odd) {
      assert.equal(cache.deleteByTag(tag), 1, JSON.stringify(tag));
      cache.set("b", "1", { tags: odd });
    }
    cache.set("c", "1", { tags: Array.from({ length: 1_000 }, (_, i) => `${i % 64}`) });
    assert.equal(cache.deleteByTag("63"), 1);
    cache.set("d", "1", { tags: ["é".repeat(512)] });
    assert.equal(cache.deleteByTag("é".repeat(512)), 1);
    cache.set("e", "1", { tags: [] });
    assert.equal(cache.stats().bytes, 2 * (2 + ENTRY_OVERHEAD_BYTES) + weightOf(odd));
  });

  test("wrong tags are refused and change nothing", async () => {
    using cache = make.text();
    cache.set("a", "1", { tags: ["x"] });
    const many = Array.from({ length: 65 }, (_, i) => `${i}`);
    for (
      const [tags, kind, words] of [
        ["x", TypeError, /options\.tags must be an array of strings, got "x"/],
        [7, TypeError, /got 7/],
        [null, TypeError, /got null/],
        [["x", 5], TypeError, /tag must be a string, got 5/],
        [[undefined], TypeError, /got undefined/],
        [[""], RangeError, /not empty, got ""/],
        [["x".repeat(1_025)], RangeError, /at most 1024 bytes/],
        [["é".repeat(513)], RangeError, /at most 1024 bytes of UTF-8.* 1026/],
        [["\ud800".repeat(342)], RangeError, /1026/],
        [many, RangeError, /at most 64 different tags, got "64"/],
      ] as const
    ) {
      const refused = (error: unknown): boolean =>
        error instanceof kind && words.test(error.message);
      assert.throws(() => cache.set("a", "2", { tags: wrong(tags) }), refused);
      assert.throws(() => cache.setMany([["a", "2"]], { tags: wrong(tags) }), refused);
      await assert.rejects(cache.getOrSet("b", () => "2", { tags: wrong(tags) }), refused);
    }
    for (const tag of [7, undefined, "", "x".repeat(1_025)]) {
      assert.throws(() => cache.deleteByTag(wrong(tag)), /tag/i);
    }
    assert.equal(cache.get("a"), "1");
    assert.equal(cache.deleteByTag("x"), 1);
    cache.close();
    assert.throws(() => cache.deleteByTag("x"), (error) => AgentError.is(error, "CLOSED"));
  });

  test("what has expired is removed and not counted", async () => {
    using cache = make.text();
    cache.set("a", "1", { ttlMs: 1, tags: ["x"] });
    cache.set("b", "2", { ttlMs: 1, graceMs: 60_000, tags: ["x"] });
    cache.set("c", "3", { tags: ["x"] });
    await delay(60);
    assert.equal(cache.deleteByTag("x"), 1);
    assert.equal(await cache.getOrSet("b", () => "new"), "new", "its grace is over too");
    assert.equal(cache.stats().expirations, 2);
    cache.set("d", "1", { ttlMs: 1, tags: ["x"] });
    await delay(60);
    cache.purgeExpired();
    cache.set("d", "2");
    assert.equal(cache.deleteByTag("x"), 0);
  });

  test("getOrSet stores with its tags", async () => {
    using cache = make.json();
    assert.deepEqual(await cache.getOrSet("a", () => [1], { tags: ["x", "y"] }), [1]);
    assert.equal(cache.stats().bytes, 4 + ENTRY_OVERHEAD_BYTES + 2 + 2 * TAG_OVERHEAD_BYTES);
    assert.equal(cache.deleteByTag("y"), 1);
    assert.equal(cache.get("a"), undefined);
    using small = make.text({ maxBytes: ENTRY_OVERHEAD_BYTES + 20 });
    assert.equal(await small.getOrSet("a", () => "1", { tags: ["x"] }), "1");
    assert.equal(small.has("a"), false, "its tag makes it too heavy to be kept");
    assert.equal(await small.getOrSet("a", () => "1"), "1");
  });

  /** A load of `a` that began; `finish` has it answer and says what `a` is then. */
  const begun = (
    cache: ReturnType<typeof make.text>,
    tags?: string[],
  ): { finish(): Promise<string | undefined> } => {
    let open!: (value: string) => void;
    const load = new Promise<string>((resolve) => open = resolve);
    const result = cache.getOrSet("a", () => load, tags === undefined ? {} : { tags });
    return {
      async finish() {
        open("old");
        assert.equal(await result, "old");
        return cache.get("a");
      },
    };
  };

  test("a load that began before a deleteByTag of one of its tags is not stored", async () => {
    using cache = make.text();
    const first = begun(cache, ["x", "y"]);
    assert.equal(cache.deleteByTag("y"), 0);
    assert.equal(await first.finish(), undefined);
    const second = begun(cache, ["x"]);
    cache.deleteByTag("y");
    assert.equal(await second.finish(), "old", "another tag is no matter");
    cache.delete("a");
    const third = begun(cache);
    cache.deleteByTag("x");
    assert.equal(await third.finish(), "old", "it carries none");
  });

  test("a load of a key whose entry was deleted by tag is not stored", async () => {
    using cache = make.text();
    cache.set("a", "stale", { ttlMs: 1, graceMs: 60_000, tags: ["x"] });
    await delay(60);
    let open!: (value: string) => void;
    const load = new Promise<string>((resolve) => open = resolve);
    assert.equal(await cache.getOrSet("a", () => load), "stale");
    assert.equal(cache.deleteByTag("x"), 0);
    open("old");
    await delay(10);
    assert.equal(cache.get("a"), undefined);
  });

  test("after a deleteByTag the key is loaded anew, and that one is stored", async () => {
    using cache = make.text();
    const old = begun(cache, ["x"]);
    cache.deleteByTag("x");
    assert.equal(await cache.getOrSet("a", () => "new", { tags: ["x"] }), "new");
    assert.equal(await old.finish(), "new");
    assert.equal(cache.deleteByTag("x"), 1);
    const next = begun(cache, ["x"]);
    assert.equal(await next.finish(), "old", "it began after the last deleteByTag");
  });

  test("ten thousand entries under one tag, and as many tags", () => {
    using cache = make.text({ maxEntries: 20_000 });
    for (let i = 0; i < 10_000; i++) {
      cache.set(`key ${i}`, `${i}`, { tags: [`tag ${i}`, i % 2 === 0 ? "even" : "odd"] });
    }
    assert.equal(cache.deleteByTag("tag 5"), 1);
    assert.equal(cache.deleteByTag("even"), 5_000);
    assert.equal(cache.size, 4_999);
    assert.equal(cache.get("key 7"), "7");
    for (let i = 1; i < 10_000; i += 2) cache.deleteByTag(`tag ${i}`);
    assert.equal(cache.size, 0);
    assert.equal(cache.stats().bytes, 0);
  });
}
