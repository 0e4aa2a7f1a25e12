/**
 * The cache: private ones of both twins and a process-wide one beside lru-cache, single calls beside batches, another
 * Worker's value beside a message to that Worker, the distributed cache beside its client alone; and the memory and
 * the pauses of a million entries.
 */

import { createCache, type TtlCache } from "@agent/runtime/cache";
import { type Area, atLeast, atMost, type Context, together } from "./lib/area.ts";
import { besideBars, besideGroups } from "./lib/cache_beside.ts";
import { cacheFactBars, cacheFacts } from "./lib/cache_facts.ts";
import * as shared from "./lib/cache_operations.ts";
import { type Group, ladder, type Row, type Twin } from "./lib/group.ts";
import { instanceOf } from "./lib/instance.ts";
import { Neighbour } from "./lib/neighbour.ts";
import { REDIS_MANY, REDIS_READ, redisGroups } from "./lib/redis.ts";
import { register } from "./lib/register.ts";

const TTL = 60_000;
const VALUE = 100;
const HOT = "get of a live entry";
const SHARED = "process-wide";
const READ = "get of what another Worker has just set";
const COLD = "getMany, native, not in the local copy";
const ONE = "one call";
const NEIGHBOURS = 1_000;

/** The area. */
export const area: Area = {
  name: "cache",
  tools: [
    ["cache, get", HOT, 1_000],
    ["cache, set", "set, over an older value", 1_000],
    ["cache, another Worker's value", READ, VALUE],
    ["cache in Redis, getMany", REDIS_MANY, 1_000],
  ],
  async groups(context) {
    const stores = await storesOf(context);
    const batched = context.twins.filter((twin) => twin !== "auto");
    return [
      await storeGroup(stores, HOT, "read", 1_000, 2_000, true),
      await storeGroup(stores, "get, mostly not in the local copy", "read", 100_000, 200_000),
      await storeGroup(stores, "get of what is not there", "miss", 1_000, 2_000, true),
      await storeGroup(stores, "set, over an older value", "write", 1_000, 2_000, true),
      await storeGroup(stores, "set, an older entry has to go", "write", 20_000, 10_000, true),
      await storeGroup(stores, "delete and set", "replace", 1_000, 2_000, true),
      ...batched.flatMap((twin) =>
        ladder([10, 1_000], [1_000], (size) => getting(twin, size, false))
      ),
      ...(batched.includes("native")
        ? ladder([10, 1_000], [1_000], (size) => getting("native", size, true))
        : []),
      ...batched.flatMap((twin) => ladder([10, 1_000], [1_000], (size) => setting(twin, size))),
      ...(batched.includes("native") ? [reading()] : []),
      ...await besideGroups(stores.filter(({ name }) => name !== "private, native")),
      ...redisGroups(context),
    ];
  },
  facts: cacheFacts,
  bars(figures) {
    const hot = figures.times(HOT, 1_000, SHARED);
    return [
      atMost(
        "Hot get, process-wide, its time in lru-cache's",
        hot === undefined ? undefined : 1 / hot,
        1.5,
        "x",
      ),
      together(
        "Another Worker's value beside a postMessage round trip; Redis",
        atLeast("message", figures.times(READ, VALUE, SHARED), 20),
        atLeast("Redis", figures.times(REDIS_READ, VALUE, SHARED), 50),
      ),
      together(
        "1,000 at once beside single calls: getMany; setMany; getMany in Redis",
        atLeast("getMany", figures.times(COLD, 1_000, ONE), 3),
        atLeast("setMany", figures.times("setMany, native", 1_000, ONE), 3),
        atLeast("Redis", figures.row(REDIS_MANY, 1_000, ONE)?.toReference?.value, 3),
      ),
      ...besideBars(figures),
      ...cacheFactBars(figures),
    ];
  },
};

interface Contender {
  name: string;
  role: Row["role"];
  make(maxEntries: number): shared.Store;
}

let names = 0;

async function storesOf({ twins, peers }: Context): Promise<Contender[]> {
  const options = (maxEntries: number) => ({ maxEntries, ttlMs: TTL });
  const stores: Contender[] = twins.map((implementation) => ({
    name: `private, ${implementation}`,
    role: implementation,
    make: (maxEntries) => createCache({ ...options(maxEntries), implementation }),
  }));
  if (twins.includes("native")) {
    stores.push({
      name: SHARED,
      role: "other",
      make: (maxEntries) => createCache({ ...options(maxEntries), name: `bench ${names++}` }),
    });
  }
  const LruCache = await peers.lruCache();
  if (LruCache !== undefined) {
    stores.push({
      name: "lru-cache",
      role: "peer",
      make: (max) => new LruCache({ max, ttl: TTL, fetchMethod: (key) => key }),
    });
  }
  return stores;
}

/** Keys of 15 bytes. */
function keysOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `key:${String(i).padStart(11, "0")}`);
}

/** The same strings as other objects, as they are when they come from outside. */
function copies(keys: readonly string[]): string[] {
  return keys.map((key) => new TextDecoder().decode(new TextEncoder().encode(key)));
}

/** A group in which each contender has a store of its own, made when the group begins. */
async function storeGroup(
  contenders: readonly Contender[],
  operation: string,
  act: "read" | "miss" | "write" | "replace",
  size: number,
  maxEntries: number,
  front = false,
): Promise<Group> {
  const rows: { contender: Contender; on: shared.Operations }[] = [];
  for (const contender of contenders) {
    const module = await instanceOf(shared, new URL("lib/cache_operations.ts", import.meta.url));
    rows.push({ contender, on: module.operations() });
  }
  let keys: string[] = [];
  return {
    operation,
    size,
    unit: "keys",
    front,
    rows: rows.map(({ contender: { name, role }, on }) => ({ name, role, once: on[act] })),
    prepare(random, round): void {
      if (round === 0) {
        const all = keysOf(size);
        // One for each key: stores that hold the caller's own strings are not to gain from shared ones.
        const values = Array.from({ length: Math.max(256, size) }, () => random.words(VALUE));
        for (const { contender, on } of rows) {
          const store = contender.make(maxEntries);
          if (act !== "miss") { for (const [i, key] of all.entries()) store.set(key, values[i]!); }
          on.open(store, values);
        }
        keys = copies(all);
      }
      keys = random.shuffled(keys);
      for (const { on } of rows) on.walk(keys);
    },
    finish(): void {
      for (const { on } of rows) on.close();
    },
  };
}

/** One call for many keys beside one call each. `cold`: the local copy has none of the values: they were just set. */
function getting(twin: Twin, size: number, cold: boolean): Group {
  const keys = keysOf(size);
  // A cache each: what one row reads must not be in the local copy when the other one does.
  let caches: TtlCache<string>[] = [];
  return {
    operation: cold ? COLD : `getMany, ${twin}`,
    size,
    unit: "keys",
    fresh: cold,
    rows: [
      { name: ONE, role: "other", once: () => caches[0]!.getMany(keys)[0]!.length },
      {
        name: "one call each",
        role: "reference",
        once: () => keys.reduce((sum, key) => sum + caches[1]!.get(key)!.length, 0),
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

function setting(twin: Twin, size: number): Group {
  const keys = keysOf(size);
  let entries: (readonly [string, string])[] = [];
  let cache: TtlCache<string> | undefined;
  return {
    operation: `setMany, ${twin}`,
    size,
    unit: "keys",
    rows: [
      {
        name: ONE,
        role: "other",
        once(): number {
          cache!.setMany(entries);
          return 1;
        },
      },
      {
        name: "one call each",
        role: "reference",
        once(): number {
          for (const [key, value] of entries) cache!.set(key, value);
          return 1;
        },
      },
    ],
    prepare(random, round): void {
      if (round === 0) cache = createCache({ implementation: twin, ttlMs: TTL });
      const values = Array.from({ length: 64 }, () => random.words(VALUE));
      entries = keys.map((key, i) => [key, values[i & 63]!] as const);
    },
    finish: () => cache?.close(),
  };
}

/** Values of another Worker: read from the cache that both see, or asked for by message. */
function reading(): Group {
  const name = `bench neighbours ${names++}`;
  let cache: TtlCache<string> | undefined;
  let neighbour: Neighbour | undefined;
  const keys = keysOf(NEIGHBOURS);
  return {
    operation: READ,
    size: VALUE,
    unit: "bytes",
    per: NEIGHBOURS,
    fresh: true,
    slow: true,
    front: true,
    rows: [
      {
        name: SHARED,
        role: "other",
        once: () => keys.reduce((sum, key) => sum + cache!.get(key)!.length, 0),
      },
      {
        name: "postMessage round trips",
        role: "peer",
        async once(): Promise<number> {
          let sum = 0;
          for (const key of keys) sum += (await neighbour!.ask(key)).length;
          return sum;
        },
      },
    ],
    async prepare(random): Promise<void> {
      cache ??= createCache({ name, ttlMs: TTL });
      neighbour ??= await Neighbour.start(name, TTL);
      await neighbour.fill(keys.map((key) => [key, random.words(VALUE)]));
    },
    finish(): void {
      neighbour?.stop();
      cache?.close();
    },
  };
}

await register(area, import.meta.url);
