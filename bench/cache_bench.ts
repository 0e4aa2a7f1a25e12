/**
 * The cache: private ones of both twins and a process-wide one beside lru-cache, single calls beside batches, another
 * Worker's value beside a message to that Worker, and the memory that a million entries take.
 */

import { createCache, type TtlCache } from "../src/cache/mod.ts";
import { atLeast, atMost, type Bar, type Context, type Fact, type Figures } from "./area.ts";
import { batches } from "./cache_batches.ts";
import { type Loops, loopsFor, type Store } from "./cache_loops.ts";
import { memoryBars, memoryFacts } from "./cache_memory.ts";
import { pauseBars, pauseFacts } from "./cache_pauses.ts";
import { Neighbour } from "./cache_neighbour.ts";
import type { Group, Row } from "./harness.ts";
import type { Random } from "./random.ts";

const TTL = 60_000;
const VALUE = 100;
const HOT = "get of a live entry, with a TTL";
const SHARED = "process-wide";
const READ = "read of a value that another Worker has just set";
const MESSAGE = "postMessage round trip";
const NEIGHBOURS = 1_000;

interface Contender {
  name: string;
  role: Row["role"];
  loops: Loops;
  make(maxEntries: number): Store & { close?(): void };
}

/** The groups. */
export async function groups(context: Context): Promise<Group[]> {
  const contenders = await contendersOf(context);
  const group = (
    operation: string,
    loop: Exclude<keyof Loops, "loopsFor">,
    size: number,
    maxEntries: number,
    fill = true,
  ): Group => storeGroup(contenders, { operation, loop, size, maxEntries, fill });
  return [
    group(HOT, "read", 1_000, 2_000),
    group("get, mostly not in the isolate's own map", "read", 100_000, 200_000),
    group("get of what is not there", "miss", 1_000, 2_000, false),
    group("set, over an older value", "write", 1_000, 2_000),
    group("set, an older entry has to go", "write", 20_000, 10_000),
    group("delete and set", "replace", 1_000, 2_000),
    ...batches(context),
    ...(context.twins.includes("native") ? [crossing()] : []),
  ];
}

let names = 0;

async function contendersOf({ twins, peers }: Context): Promise<Contender[]> {
  const options = (maxEntries: number) => ({ maxEntries, ttlMs: TTL });
  const found: Contender[] = [];
  const add = async (name: string, role: Row["role"], make: Contender["make"]): Promise<void> => {
    found.push({ name, role, make, loops: await loopsFor(name) });
  };
  for (const implementation of twins) {
    await add(
      `private, ${implementation}`,
      implementation,
      (maxEntries) => createCache({ ...options(maxEntries), implementation }),
    );
  }
  if (twins.includes("native")) {
    await add(
      SHARED,
      "other",
      (maxEntries) => createCache({ ...options(maxEntries), name: `bench ${names++}` }),
    );
  }
  const { LruCache } = peers;
  if (LruCache !== undefined) {
    await add("lru-cache", "peer", (max) => new LruCache<string, string>({ max, ttl: TTL }));
  }
  return found;
}

/** Keys of 15 bytes. */
export function keyOf(index: number): string {
  return `key:${String(index).padStart(11, "0")}`;
}

/** The same strings as other objects, as they are when they come from outside. */
function copies(keys: readonly string[]): string[] {
  return keys.map((key) => new TextDecoder().decode(new TextEncoder().encode(key)));
}

/** A group in which each contender has a store of its own, made when the group begins. */
function storeGroup(
  contenders: readonly Contender[],
  { operation, loop, size, maxEntries, fill }: {
    operation: string;
    loop: Exclude<keyof Loops, "loopsFor">;
    size: number;
    maxEntries: number;
    fill: boolean;
  },
): Group {
  const stores = new Map<Contender, ReturnType<Contender["make"]>>();
  let keys: string[] = [];
  let values: string[] = [];
  return {
    operation,
    size,
    unit: "keys",
    rows: contenders.map((contender) => {
      const run = contender.loops[loop];
      return {
        name: contender.name,
        role: contender.role,
        run: (calls) => run(stores.get(contender)!, keys, calls, values),
      };
    }),
    prepare(random: Random, round): void {
      if (round > 0) {
        keys = random.shuffled(keys);
        return;
      }
      const all = Array.from({ length: size }, (_, i) => keyOf(i));
      // One for each key: stores that hold the caller's own strings are not to gain from shared ones.
      values = Array.from({ length: Math.max(256, size) }, () => random.words(VALUE));
      for (const contender of contenders) {
        const store = contender.make(maxEntries);
        if (fill) { for (const [i, key] of all.entries()) store.set(key, values[i]!); }
        stores.set(contender, store);
      }
      keys = random.shuffled(copies(all));
    },
    finish(): void {
      for (const store of stores.values()) store.close?.();
    },
  };
}

/** A value of another Worker: read from the cache that both see, or asked for by message. */
function crossing(): Group {
  const name = `bench neighbours ${names++}`;
  let cache: TtlCache<string> | undefined;
  let neighbour: Neighbour | undefined;
  const keys = Array.from({ length: NEIGHBOURS }, (_, i) => keyOf(i));
  return {
    operation: READ,
    size: VALUE,
    unit: "bytes",
    maxCalls: NEIGHBOURS,
    rows: [
      {
        name: SHARED,
        role: "native",
        run(calls): number {
          let sum = 0;
          for (let i = 0; i < calls; i++) sum += cache!.get(keys[i]!)!.length;
          return sum;
        },
      },
      {
        name: MESSAGE,
        role: "peer",
        async run(calls): Promise<number> {
          let sum = 0;
          for (let i = 0; i < calls; i++) sum += (await neighbour!.ask(keys[i]!)).length;
          return sum;
        },
      },
    ],
    async prepare(random: Random): Promise<void> {
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

/** What is measured otherwise. */
export async function facts(context: Context): Promise<Fact[]> {
  return [...await memoryFacts(context), ...await pauseFacts(context)];
}

/** What was promised. */
export function bars(figures: Figures): Bar[] {
  const hot = figures.row(HOT, 1_000, SHARED)?.toPeer?.value;
  return [
    atMost(
      "Hot get of a process-wide cache: at most 1.5 times the time of lru-cache with TTL",
      hot === undefined ? undefined : 1 / hot,
      1.5,
      "times",
      1,
    ),
    atLeast(
      "Read of another Worker's value: at least 20 times as fast as a postMessage round trip",
      figures.row(READ, VALUE, SHARED)?.toPeer?.value,
      20,
    ),
    atLeast(
      "getMany of 1,000, not in the isolate's own map: at least 3 times as fast as single calls",
      figures.row("getMany, native, not in the isolate's own map", 1_000, "one call")?.toReference
        ?.value,
      3,
    ),
    atLeast(
      "setMany of 1,000: at least 3 times as fast as single calls",
      figures.row("setMany, native", 1_000, "one call")?.toReference?.value,
      3,
    ),
    ...memoryBars(figures),
    ...pauseBars(figures),
  ];
}
