/** Eviction: bounds as a property, and the share of reads that find something. */

import assert from "assertions";
import fc from "fast-check";
import { LRUCache } from "lru-cache";
import { createCache, ENTRY_OVERHEAD_BYTES } from "../../src/cache/mod.ts";
import { testOf, testOfBoth, twins } from "../support/twins.ts";

const both = twins("cache");

for (const twin of both.each) {
  testOf("cache", twin, "no value is wrong and no bound is passed, whatever is evicted", () => {
    const step = fc.tuple(fc.nat(30), fc.integer({ min: -3, max: 300 }));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 25 }),
        fc.integer({ min: 0, max: 3_000 }),
        fc.array(step, { maxLength: 200, size: "max" }),
        (maxEntries, slack, steps) => {
          const maxBytes = ENTRY_OVERHEAD_BYTES + 302 + slack;
          using cache = createCache({ implementation: twin.name, maxEntries, maxBytes });
          const model = new Map<string, string>();
          for (const [number, size] of steps) {
            const key = `${number}`;
            if (size === -3) {
              cache.delete(key);
              model.delete(key);
            } else if (size < 0) {
              const value = cache.get(key);
              assert.ok(value === undefined || value === model.get(key));
            } else {
              const value = `${number}`.repeat(size).slice(0, size);
              cache.set(key, value);
              model.set(key, value);
              assert.equal(cache.get(key), value);
            }
            const { entries, bytes } = cache.stats();
            assert.ok(entries <= maxEntries && bytes <= maxBytes);
            const keys = cache.keys();
            const weight = (k: string): number =>
              k.length + model.get(k)!.length + ENTRY_OVERHEAD_BYTES;
            assert.equal(keys.length, entries);
            assert.equal(keys.reduce((sum, k) => sum + weight(k), 0), bytes);
          }
        },
      ),
      { numRuns: 150, seed: 20_263 },
    );
  });
}

/** A seeded source of numbers in 0..1. */
function random(seed: number): () => number {
  return () => {
    seed = seed + 0x6d2b79f5 | 0;
    let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  };
}

/** Numbers of keys by a Zipf law: the more often, the smaller. */
function zipf(keys: number, skew: number, next: () => number): () => number {
  const sums = new Float64Array(keys);
  for (let i = 0, sum = 0; i < keys; i++) sums[i] = sum += 1 / (i + 1) ** skew;
  return () => {
    const at = next() * sums[keys - 1]!;
    let low = 0;
    let high = keys - 1;
    while (low < high) {
      const middle = low + high >> 1;
      if (sums[middle]! < at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

const LENGTH = 120_000;
const SIZE = 1_000;

/** Traces: the key of each read. */
const traces: Record<string, () => number[]> = {
  "Zipf 0.7": () => Array.from({ length: LENGTH }, zipf(20_000, 0.7, random(1))),
  "Zipf 1.0": () => Array.from({ length: LENGTH }, zipf(20_000, 1, random(2))),
  "Zipf 1.2": () => Array.from({ length: LENGTH }, zipf(20_000, 1.2, random(3))),
  "a loop that fits": () => Array.from({ length: LENGTH }, (_, i) => i % 900),
  "a loop that does not": () => Array.from({ length: LENGTH }, (_, i) => i % 1_200),
  "a loop twice the size": () => Array.from({ length: LENGTH }, (_, i) => i % 2_000),
  "Zipf with scans": () => {
    const next = zipf(20_000, 0.9, random(4));
    return Array.from({ length: LENGTH }, (_, i) => i % 5_000 < 1_500 ? 1e6 + i : next());
  },
  "Zipf mixed with a scan": () => {
    const next = zipf(20_000, 0.9, random(5));
    return Array.from({ length: LENGTH }, (_, i) => i % 3 === 0 ? 1e6 + i : next());
  },
  "Zipf whose favourites change": () => {
    const next = zipf(20_000, 1, random(6));
    return Array.from({ length: LENGTH }, (_, i) => next() + Math.floor(i / 20_000) * 500);
  },
};

/** The share of reads that find something, if every miss is followed by a set. */
function hitRatio(trace: number[], cache: {
  get(key: string): string | undefined;
  set(key: string, value: string): unknown;
}): number {
  let hits = 0;
  for (const number of trace) {
    const key = `${number}`;
    if (cache.get(key) === undefined) cache.set(key, "v");
    else hits++;
  }
  return hits / trace.length;
}

for (const [name, make] of Object.entries(traces)) {
  testOfBoth("cache", both, `hit ratio: ${name}`, () => {
    const trace = make();
    using pure = createCache({ implementation: "pure", maxEntries: SIZE });
    using native = createCache({ implementation: "native", maxEntries: SIZE });
    const ratios = {
      pure: hitRatio(trace, pure),
      native: hitRatio(trace, native),
      lru: hitRatio(trace, new LRUCache<string, string>({ max: SIZE })),
    };
    const shown = JSON.stringify(ratios);
    assert.ok(Math.abs(ratios.pure - ratios.native) <= 0.01, shown);
    assert.ok(ratios.pure >= ratios.lru && ratios.native >= ratios.lru, shown);
  });
}
