/** What time does to a cache: entries leave by themselves, programs end, memory stays flat. */

import assert from "assertions";
import fc from "fast-check";
import { platformClock, QuickClock } from "../../src/cache/pure/clock.ts";
import { createCache } from "../../src/cache/mod.ts";
import { coarseClock } from "../../src/cache/native/clock.ts";
import { Store } from "../../src/cache/pure/store.ts";
import { type Timed, Wheel } from "../../src/cache/pure/wheel.ts";
import { DENO, start } from "../support/programs.ts";
import { heldBy, testOf, twins } from "../support/twins.ts";
import { delay } from "../support/values.ts";

const { each, native } = twins("cache");

Deno.test("wheel: everything comes when it is due", () => {
  const amount = fc.oneof(fc.nat(200), fc.nat(100_000), fc.nat(2 ** 31 - 1).map((n) => n * 8_192));
  fc.assert(
    fc.property(
      fc.nat(2 ** 31 - 1),
      fc.array(amount, { minLength: 1, maxLength: 60 }),
      fc.array(amount, { minLength: 1, maxLength: 20 }),
      fc.nat(60),
      (start, delays, moments, removed) => {
        const wheel = new Wheel<Timed>(start);
        const items = delays.map((after): Timed => {
          const item = { due: start + after, before: null, after: null };
          wheel.add(item);
          return item;
        });
        if (removed < items.length) {
          wheel.remove(items[removed]!);
          wheel.remove(items[removed]!);
          items.splice(removed, 1);
        }
        let seen = 0;
        for (const moment of moments.sort((a, b) => a - b)) {
          const now = start + moment;
          const found: Timed[] = [];
          // In slices of three steps, as if others had to run in between.
          while (!wheel.advance(now, 3, (item) => found.push(item)));
          seen += found.length;
          assert.ok(found.every((item) => item.due <= now));
          // What is due at once waits for the next millisecond at most.
          const due = items.filter((item) => Math.max(item.due, start + 1) <= now).length;
          assert.equal(seen, due);
          assert.equal(wheel.count, items.length - seen);
          const left = items.filter((item) => item.due > now).map((item) => item.due);
          if (left.length > 0) {
            assert.ok(wheel.next > now && wheel.next <= Math.min(...left));
          }
        }
      },
    ),
    { numRuns: 500, seed: 20_264 },
  );
});

Deno.test("store: what expired leaves memory without traffic", async () => {
  const bounds = { maxEntries: 100_000, maxBytes: Infinity };
  const store = new Store<string>(bounds, platformClock);
  for (let i = 0; i < 20_000; i++) {
    store.set(`k${i}`, "v", 200, { ttlMs: 1 + i % 50, graceMs: 0 });
  }
  store.set("graceful", "v", 200, { ttlMs: 1, graceMs: 20 });
  store.set("stays", "v", 200, { ttlMs: Infinity, graceMs: 0 });
  assert.equal(store.held, 20_002);
  for (let i = 0; i < 500 && store.held > 1; i++) await delay(10);
  assert.equal(store.held, 1);
  assert.equal(store.expirations, 20_001);
  store.clear();
});

testOf("cache", native, "the quick clock neither goes back nor runs ahead", async () => {
  const clock = new QuickClock(coarseClock);
  let latest = 0;
  for (let i = 0; i < 60_000; i++) {
    const now = clock.read();
    assert.ok(now >= latest && now <= performance.now() + 0.05);
    latest = now;
  }
  const before = clock.exact();
  await delay(30);
  assert.ok(clock.read() > before, "it goes on");
});

testOf("cache", native, "what has expired is gone by the quick clock too", async () => {
  using cache = createCache({ implementation: "auto", ttlMs: 60_000 });
  cache.set("stays", "v");
  for (let i = 0; i < 60_000; i++) assert.ok(cache.has("stays"));
  for (let ttlMs = 1; ttlMs < 30; ttlMs += 4) {
    const start = performance.now();
    cache.set("a", "v", { ttlMs });
    while (cache.has("a")) await delay(0);
    assert.ok(performance.now() - start >= ttlMs - 0.05, `${ttlMs}`);
    assert.equal(cache.get("a"), undefined);
    assert.equal(cache.size, 1);
  }
});

for (const twin of each) {
  testOf("cache", twin, "keeps no program running", async () => {
    const cache = new URL("../../src/cache/mod.ts", import.meta.url).href;
    const script = `
      import { createCache } from ${JSON.stringify(cache)};
      const cache = createCache({ implementation: ${JSON.stringify(twin.name)} });
      cache.set("a", "1", { ttlMs: 3_600_000 });
      cache.set("b", "1", { ttlMs: 1 });
      await cache.getOrSet("c", () => "1");
      console.log(cache.get("a"));`;
    const flags = ["--no-prompt", "--allow-read", "--allow-ffi", "--allow-env"];
    const { code, stdout, stderr } = await start(DENO, ["run", ...flags, "-"], { stdin: script });
    assert.equal(stdout, "1\n", stderr);
    assert.equal(code, 0);
  });

  testOf("cache", twin, "a million cycles leave memory where it was", () => {
    using cache = createCache({ implementation: twin.name, maxEntries: 2_000 });
    const value = "v".repeat(100);
    const cycle = (count: number): void => {
      for (let i = 0; i < count; i++) {
        const key = `key ${i % 5_000}`;
        cache.set(key, value, { ttlMs: 60_000 + i % 1_000 });
        cache.get(key);
        if (i % 3 === 0) cache.delete(key);
      }
    };
    cycle(200_000);
    const before = Deno.memoryUsage().rss;
    cycle(800_000);
    const grown = Deno.memoryUsage().rss - before;
    assert.ok(grown < 64 << 20, `grew by ${grown >> 20} MiB`);
    assert.ok(cache.stats().entries <= 2_000);
  });
}

testOf("cache", native, "a closed cache leaves no handle", () => {
  const held = heldBy("cache");
  const before = held.handles();
  for (let i = 0; i < 1_000; i++) {
    using cache = createCache({ implementation: "native" });
    cache.set("a", "1");
    assert.equal(cache.get("a"), "1");
  }
  assert.equal(held.handles(), before);
});
