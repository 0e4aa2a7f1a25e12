/** What time does to a cache: entries leave by themselves, programs end, memory stays flat. */

import assert from "assertions";
import fc from "fast-check";
import { createCache, ENTRY_OVERHEAD_BYTES } from "../../src/cache/mod.ts";
import { Clock } from "../../src/cache/pure/clock.ts";
import { Store } from "../../src/cache/pure/store.ts";
import { DENO, start } from "../support/programs.ts";
import { heldBy, testOf, twins } from "../support/twins.ts";
import { delay } from "../support/values.ts";

const { each, native } = twins("cache");

/** A store by a clock that goes on when it is told, and by a little whenever it is read. */
function storeAt(start: number, step = 0): { store: Store<string>; pass: (ms: number) => void } {
  let now = start;
  const clock = new Clock(() => now += step);
  const store = new Store<string>({ maxEntries: 100_000, maxBytes: Infinity }, clock);
  return { store, pass: (ms) => void (now += ms) };
}

Deno.test("store: everything ends when it is due, and not before", () => {
  const times = fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 80 }));
  fc.assert(
    fc.property(
      fc.array(times, { minLength: 1, maxLength: 60 }),
      fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 20 }),
      fc.nat(2),
      (lives, pauses, way) => {
        const { store, pass } = storeAt(1_000);
        for (const [i, [ttlMs, graceMs]] of lives.entries()) {
          store.set(`${i}`, "v", 0, { ttlMs, graceMs });
        }
        let now = 0;
        for (const ms of pauses) {
          pass(ms);
          now += ms;
          if (way === 0) store.sweep();
          if (way === 1) store.tick();
          const live = lives.filter(([ttlMs]) => ttlMs > now).length;
          assert.equal(store.size, live);
          assert.equal(store.keys().length, live);
          for (const [i, [ttlMs, graceMs]] of lives.entries()) {
            assert.equal(store.peek(`${i}`) >= 0, ttlMs > now);
            assert.equal(store.peekStale(`${i}`) >= 0, ttlMs <= now && now < ttlMs + graceMs);
          }
          const held = lives.filter(([ttlMs, graceMs]) => ttlMs + graceMs > now).length;
          if (way === 0) assert.equal(store.held, held);
          assert.equal(store.expirations, lives.length - live);
        }
        store.close();
      },
    ),
    { numRuns: 300, seed: 20_264 },
  );
});

Deno.test("store: a million entries that end at once are counted at once, and go in slices", () => {
  const { store, pass } = storeAt(0, 0.05);
  for (let i = 0; i < 20_000; i++) {
    store.set(`${i}`, "v", 0, { ttlMs: 10_000 + i % 2 * 10_000, graceMs: 0 });
  }
  pass(14_000);
  assert.equal(store.size, 10_000, "what has expired is not counted");
  assert.ok(store.held > 15_000, "though most of it is still there");
  assert.equal(store.bytes, 10_000 * (1 + ENTRY_OVERHEAD_BYTES) + digits(20_000, 1));
  store.tick();
  const held = store.held;
  assert.ok(held > 10_000 && held < 19_500, `one visit of the timer took ${20_000 - held}`);
  while (store.held > 10_000) store.tick();
  pass(10_000);
  assert.equal(store.size, 0);
  assert.equal(store.held, 0, "all that are over go together");
  assert.equal(store.expirations, 20_000);
  store.close();
});

/** How long the numbers below `count` are that leave 1, written behind each other. */
function digits(count: number, odd: number): number {
  let length = 0;
  for (let i = odd; i < count; i += 2) length += `${i}`.length;
  return length;
}

Deno.test("store: nothing ends early though the clock is read once for many calls", () => {
  let now = 0;
  const clock = new Clock(() => now);
  const store = new Store<string>({ maxEntries: 1_000, maxBytes: Infinity }, clock);
  for (let i = 0; i < 100; i++) {
    now += 0.001;
    store.set(`${i}`, "v", 0, { ttlMs: 50, graceMs: 0 });
  }
  assert.ok(clock.runs, "it is a run");
  // Whatever else takes the time between two of them.
  for (let i = 0; i < 40; i++) {
    now += 30;
    const set = now;
    store.set("late", "v", 0, { ttlMs: 50, graceMs: 0 });
    now = set + 49.9;
    assert.ok(store.peek("late") >= 0, `${i}`);
    now = set + 20;
  }
  store.close();
});

Deno.test("store: what expired leaves memory without traffic", async () => {
  const bounds = { maxEntries: 100_000, maxBytes: Infinity };
  const store = new Store<string>(bounds, new Clock());
  for (let i = 0; i < 20_000; i++) {
    store.set(`k${i}`, "v", 200, { ttlMs: 1 + i % 50, graceMs: 0 });
  }
  store.set("graceful", "v", 200, { ttlMs: 1, graceMs: 20 });
  store.set("stays", "v", 200, { ttlMs: Infinity, graceMs: 0 });
  assert.equal(store.held, 20_002);
  for (let i = 0; i < 500 && store.held > 1; i++) await delay(10);
  assert.equal(store.held, 1);
  assert.equal(store.expirations, 20_001);
  store.close();
});

Deno.test("clock: neither goes back nor runs ahead, and goes on when the event loop turns", async () => {
  const clock = new Clock();
  let latest = 0;
  for (let i = 0; i < 60_000; i++) {
    const now = clock.read();
    assert.ok(now >= latest && now <= performance.now());
    latest = now;
  }
  await delay(30);
  assert.ok(clock.read() >= latest + 25);
  clock.stop();
});

Deno.test("cache: what has expired is gone after many reads too", async () => {
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
