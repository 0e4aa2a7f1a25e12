/**
 * Batches of the cache: one call for many keys beside one call each, on both twins.
 */

import { createCache, type TtlCache } from "../src/cache/mod.ts";
import type { Context } from "./area.ts";
import type { Group } from "./harness.ts";

const VALUE = 100;

/** The groups. */
export function batches({ twins }: Context): Group[] {
  return twins.filter((twin) => twin !== "auto").flatMap((twin) => {
    const sizes = [10, 1_000];
    return [
      ...sizes.map((size) => getting(twin, size, false)),
      ...(twin === "native" ? sizes.map((size) => getting(twin, size, true)) : []),
      ...sizes.map((size) => setting(twin, size)),
    ];
  });
}

const keysOf = (size: number): string[] =>
  Array.from({ length: size }, (_, i) => `key:${String(i).padStart(11, "0")}`);

/** `cold`: the isolate's own map knows none of the values, because they were just set. */
function getting(twin: "pure" | "native", size: number, cold: boolean): Group {
  const keys = keysOf(size);
  // A cache each: what one row reads must not be in the isolate's map when the other one does.
  let caches: TtlCache<string>[] = [];
  return {
    operation: `getMany, ${twin}${cold ? ", not in the isolate's own map" : ""}`,
    size,
    unit: "keys",
    maxCalls: cold ? 1 : undefined,
    rows: [
      {
        name: "one call",
        role: "other",
        run(calls): number {
          let sum = 0;
          for (let i = 0; i < calls; i++) sum += caches[0]!.getMany(keys)[0]!.length;
          return sum;
        },
      },
      {
        name: "one call each",
        role: "reference",
        run(calls): number {
          let sum = 0;
          const cache = caches[1]!;
          for (let i = 0; i < calls; i++) for (const key of keys) sum += cache.get(key)!.length;
          return sum;
        },
      },
    ],
    prepare(random, round): void {
      if (round === 0) caches = [0, 1].map(() => createCache({ implementation: twin }));
      if (!cold && round > 0) return;
      const values = Array.from({ length: 64 }, () => random.words(VALUE));
      const entries = keys.map((key, i) => [key, values[i & 63]!] as const);
      for (const cache of caches) cache.setMany(entries);
    },
    finish(): void {
      for (const cache of caches) cache.close();
    },
  };
}

function setting(twin: "pure" | "native", size: number): Group {
  const keys = keysOf(size);
  let entries: (readonly [string, string])[] = [];
  let cache: TtlCache<string> | undefined;
  return {
    operation: `setMany, ${twin}`,
    size,
    unit: "keys",
    rows: [
      {
        name: "one call",
        role: "other",
        run(calls): number {
          for (let i = 0; i < calls; i++) cache!.setMany(entries);
          return cache!.size;
        },
      },
      {
        name: "one call each",
        role: "reference",
        run(calls): number {
          for (let i = 0; i < calls; i++) {
            for (const [key, value] of entries) cache!.set(key, value);
          }
          return cache!.size;
        },
      },
    ],
    prepare(random, round): void {
      if (round === 0) cache = createCache({ implementation: twin, ttlMs: 60_000 });
      const values = Array.from({ length: 64 }, () => random.words(VALUE));
      entries = keys.map((key, i) => [key, values[i & 63]!] as const);
    },
    finish(): void {
      cache?.close();
    },
  };
}
