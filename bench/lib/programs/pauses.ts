/**
 * The longest pauses while a cache of many entries keeps house. Arguments: the twin, how many entries, a
 * folder for a snapshot. Prints a JSON object of milliseconds.
 *
 * Of the native twin the pauses are those of another Worker, which reads and writes the same cache
 * without a break while this one has entries expire, evicted, cleared, deleted by tag, written to a
 * file and read from it: its longest single call, and the one that 99.99 % of them are quicker than. The
 * same of a Worker that has a cache to itself ("nothing") says what the machine adds. Of the pure twin
 * they are the longest set, for eviction, and else how long the event loop stands still; a
 * deleteByTag of all entries is one call there, so its time is in it.
 */

/// <reference lib="deno.worker" />

import { createCache, type TtlCache } from "@agent/runtime/cache";

type Twin = "native" | "pure";

const NAME = "bench pauses";

/** What a Worker found: its longest calls, longest first. */
interface Calls {
  longest: number;
  /** The call that 99.99 % of all were quicker than. */
  most: number;
  calls: number;
}

/** Calls for as long as `until` says, one after the other. */
function callAll(cache: TtlCache<string>, flag: Int32Array): Calls {
  const buckets = new Uint32Array(20_000);
  let longest = 0;
  let calls = 0;
  while (Atomics.load(flag, 0) === 0) {
    for (let i = 0; i < 64; i++) {
      const key = `worker ${calls % 97}`;
      const start = performance.now();
      if (calls % 4 === 0) cache.set(key, "value");
      else cache.has(key);
      const took = performance.now() - start;
      if (took > longest) longest = took;
      buckets[Math.min(buckets.length - 1, Math.floor(took * 1_000))]!++;
      calls++;
    }
  }
  let left = calls / 10_000;
  let most = buckets.length - 1;
  for (; most > 0 && (left -= buckets[most]!) > 0; most--);
  return { longest, most: (most + 1) / 1_000, calls };
}

if (self.name === "caller") {
  self.onmessage = (
    { data }: MessageEvent<{ flag: SharedArrayBuffer; entries: number; own: boolean }>,
  ) => {
    using cache = createCache(
      data.own
        ? { implementation: "native", maxEntries: data.entries }
        : { implementation: "native", name: NAME, maxEntries: data.entries },
    );
    self.postMessage("ready");
    self.postMessage(callAll(cache, new Int32Array(data.flag)));
  };
} else {
  const [twin, count, folder] = Deno.args as [Twin, string, string];
  await Deno.mkdir(folder, { recursive: true });
  const results = await measure(twin, Number(count), folder);
  await Deno.remove(folder, { recursive: true });
  await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(results)));
  Deno.exit(0);
}

/** Calls of another Worker while `work` runs here. */
async function beside(
  entries: number,
  own: boolean,
  work: () => void | Promise<void>,
): Promise<Calls> {
  const worker = new Worker(import.meta.url, { type: "module", name: "caller" });
  const flag = new SharedArrayBuffer(4);
  const next = (): Promise<unknown> =>
    new Promise((resolve) => worker.onmessage = ({ data }) => resolve(data));
  const ready = next();
  worker.postMessage({ flag, entries, own });
  await ready;
  const found = next();
  await work();
  Atomics.store(new Int32Array(flag), 0, 1);
  const calls = await found as Calls;
  worker.terminate();
  return calls;
}

/** The longest time for which the event loop stood still while `work` ran. */
async function gap(work: () => void | Promise<void>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 0);
  await work();
  await sleep(5);
  clearInterval(timer);
  return longest;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function measure(
  twin: Twin,
  entries: number,
  folder: string,
): Promise<Record<string, number>> {
  const results: Record<string, number> = {};
  const cache = createCache(
    twin === "native"
      ? { implementation: twin, name: NAME, maxEntries: entries }
      : { implementation: twin, maxEntries: entries },
  );
  const fill = (options: { ttlMs?: number; tags?: string[] }): void => {
    for (let i = 0; i < entries; i++) cache.set(`key:${i}`, `value ${i}`, options);
  };
  /** While entries are put in one by one over the bound. */
  const evict = (): void => {
    for (let i = 0; i < entries / 4; i++) cache.set(`more:${i}`, `value ${i}`);
  };
  const works: [string, () => void, () => void | Promise<void>][] = [
    ["expiry", () => fill({ ttlMs: 2_000 }), async () => {
      for (const end = performance.now() + 4_000; performance.now() < end;) await sleep(20);
    }],
    ["eviction", () => fill({}), evict],
    ["deleteByTag", () => fill({ tags: ["all"] }), () => void cache.deleteByTag("all")],
    ["clear", () => fill({ ttlMs: 60_000, tags: ["all"] }), async () => {
      cache.clear();
      await sleep(500);
    }],
    ["snapshot", () => fill({ ttlMs: 60_000 }), async () => {
      await cache.snapshot(`${folder}/pauses`);
    }],
    ["restore", () => cache.clear(), async () => {
      await cache.restore(`${folder}/pauses`);
    }],
  ];
  if (twin === "native") {
    const idle = await beside(entries, true, () => sleep(2_000));
    results["nothing: longest"] = idle.longest;
    results["nothing: 99.99 %"] = idle.most;
  }
  for (const [name, prepare, work] of works) {
    prepare();
    if (twin === "native") {
      const calls = await beside(entries, false, work);
      results[`${name}: longest`] = calls.longest;
      results[`${name}: 99.99 %`] = calls.most;
    } else if (name === "eviction") {
      // One call at a time is what a program sees.
      let longest = 0;
      for (let i = 0; i < entries / 4; i++) {
        const start = performance.now();
        cache.set(`more:${i}`, `value ${i}`);
        longest = Math.max(longest, performance.now() - start);
      }
      results[`${name}: longest`] = longest;
    } else {
      results[`${name}: longest`] = await gap(work);
    }
  }
  return results;
}
