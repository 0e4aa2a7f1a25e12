/**
 * A cache beside lru-cache with the same options, both with a time to live: the operations that programs make, at sizes
 * that fit into the processor's caches and at sizes that do not, with keys that are all alike and keys by a Zipf law.
 */

import { atMost, type Bar, type Figures, together } from "./area.ts";
import * as shared from "./cache_operations.ts";
import type { Group, Row } from "./group.ts";
import { instanceOf } from "./instance.ts";
import type { Random } from "./random.ts";

const SIZES = [1_000, 8_000, 20_000, 200_000];
const LAWS = ["uniform", "Zipf"] as const;
const VALUE = 31;
/** Keys that are gone through before they come again, of those that are drawn. */
const DRAWN = 65_536;
/** How many more keys there are than the cache holds, where it cannot hold all. */
const MORE = 4;
const PEER = "lru-cache";

/** One kind of store. */
export interface Contender {
  name: string;
  role: Row["role"];
  make(maxEntries: number): shared.Store;
}

/** An operation, and the most of lru-cache's time that it may take: of "auto", "pure" and a shared cache. */
interface Act {
  name: string;
  once: Exclude<keyof shared.Operations, "open" | "walk" | "close">;
  bars: { auto: number; pure?: number; shared?: number };
  /** What fills the store and what is gone through. */
  keys: "there" | "new" | "more";
}

const ACTS: readonly Act[] = [
  { name: "get", once: "read", bars: { auto: 1, pure: 1.5, shared: 1.3 }, keys: "there" },
  { name: "has", once: "has", bars: { auto: 1.1 }, keys: "there" },
  { name: "overwrite", once: "write", bars: { auto: 1, shared: 2.5 }, keys: "there" },
  { name: "set with eviction", once: "write", bars: { auto: 1 }, keys: "new" },
  { name: "cache-aside", once: "aside", bars: { auto: 0.9 }, keys: "more" },
  { name: "delete", once: "remove", bars: { auto: 1.2 }, keys: "there" },
  { name: "getOrSet, hit", once: "load", bars: { auto: 1.2 }, keys: "there" },
];

const nameOf = (act: string, law: string): string => `${act}, ${law} keys, beside ${PEER}`;

/** The groups. */
export async function besideGroups(contenders: readonly Contender[]): Promise<Group[]> {
  const groups: Group[] = [];
  for (const act of ACTS) {
    for (const law of LAWS) {
      // All keys are removed, and all that are set are new: there is no law in that.
      if (law === "Zipf" && (act.once === "remove" || act.keys === "new")) continue;
      for (const size of SIZES) groups.push(await group(contenders, act, law, size));
    }
  }
  return groups;
}

/** What was promised. */
export function besideBars(figures: Figures): Bar[] {
  return ACTS.map(({ name, bars }) => {
    const parts = Object.entries(bars).map(([kind, most]) => {
      const row = kind === "shared" ? "process-wide" : `private, ${kind}`;
      const ratios = LAWS.flatMap((law) =>
        SIZES.map((size) => figures.times(nameOf(name, law), size, row))
      ).filter((ratio) => ratio !== undefined);
      const worst = ratios.length === 0 ? undefined : 1 / Math.min(...ratios);
      return atMost(kind, worst, most, "x");
    });
    return together(`${name}: its time in ${PEER}'s, at the worst size and law`, ...parts);
  });
}

/** Different strings whenever they are made, as they are when they come from outside. */
function key(number: number): string {
  return ["key:", String(number).padStart(11, "0")].join("");
}

function draw(random: Random, law: string, count: number): number {
  const share = random.next() / 2 ** 32;
  if (law === "uniform") return Math.floor(share * count);
  // The inverse of the sum of 1 / k, nearly.
  return Math.min(count - 1, Math.floor(Math.exp(share * Math.log(count + 1))) - 1);
}

async function group(
  contenders: readonly Contender[],
  act: Act,
  law: string,
  size: number,
): Promise<Group> {
  const rows: { contender: Contender; on: shared.Operations; store?: shared.Store }[] = [];
  for (const contender of contenders) {
    const module = await instanceOf(shared, new URL("cache_operations.ts", import.meta.url));
    rows.push({ contender, on: module.operations() });
  }
  const removing = act.once === "remove";
  let values: string[] = [];
  /** Keys that are gone through: made once, so that every store finds them as warm as the others do. */
  let pool: string[] = [];
  return {
    operation: nameOf(act.name, law),
    size,
    unit: "keys",
    per: removing ? size : 1,
    fresh: removing,
    rows: rows.map(({ contender: { name, role }, on }) => ({
      name,
      role,
      once: act.once === "load" ? async () => await on.load() : on[act.once] as () => number,
    })),
    prepare(random, round): void {
      const all = Array.from({ length: size }, (_, i) => key(i));
      if (round === 0) {
        pool = Array.from({ length: act.keys === "more" ? MORE * size : size }, (_, i) => key(i));
        values = Array.from({ length: 256 }, () => random.words(VALUE));
        for (const row of rows) {
          row.store = row.contender.make(size);
          for (const [i, name] of all.entries()) row.store.set(name, values[i & 255]!);
          row.on.open(row.store, values);
          if (act.keys !== "more" && act.keys !== "new") continue;
          // As it is when it has run for a while.
          for (let i = 0; i < 2 * size; i++) {
            const name = key(act.keys === "new" ? i : draw(random, law, MORE * size));
            if (row.store.get(name) === undefined) row.store.set(name, values[i & 255]!);
          }
        }
      } else if (removing) {
        for (const { store } of rows) {
          for (const [i, name] of all.entries()) store!.set(name, values[i & 255]!);
        }
      }
      let walked: string[];
      if (removing) walked = random.shuffled(pool);
      else if (act.keys === "new") {
        // So many that they are long evicted when they come again.
        const first = (round + 1) * 8 * (size + DRAWN);
        walked = Array.from({ length: 2 * size + DRAWN }, (_, i) => key(first + i));
      } else {
        walked = Array.from({ length: DRAWN }, () => pool[draw(random, law, pool.length)]!);
      }
      for (const { on } of rows) on.walk(walked);
    },
    finish(): void {
      for (const { on } of rows) on.close();
    },
  };
}
