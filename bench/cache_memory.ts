/**
 * The memory of a million entries, each store in a process of its own.
 */

import { atMost, type Bar, type Context, type Fact, type Figures } from "./area.ts";
import { runProgram } from "./programs.ts";

const ENTRIES = 1_000_000;
const MB = 1e6;
const STORES = ["native", "pure", "lru-cache", "Map"];
const UNIT = "MB above the empty process";

const fullName = (store: string): string =>
  `memory of 1,000,000 entries (15-byte keys, 100-byte values): ${store}`;
const firstName = (store: string): string =>
  `what the first million cycles of set, get and delete add: ${store}`;
const growthName = (store: string): string => `what the second million adds: ${store}`;

/** Measures the stores. The empty process is the same program with no store and nothing to put into it. */
export async function memoryFacts({ quick, peers, twins, note }: Context): Promise<Fact[]> {
  if (quick) return [];
  const facts: Fact[] = [];
  note("memory of the empty process");
  const empty = (await measure("empty")).full;
  for (const store of STORES) {
    if (store === "native" && !twins.includes("native")) continue;
    if (store === "lru-cache" && peers.LruCache === undefined) continue;
    note(`memory of ${store}`);
    const { full, used, after } = await measure(store);
    facts.push({ name: fullName(store), value: (full - empty) / MB, unit: UNIT });
    facts.push({ name: firstName(store), value: (used - full) / MB, unit: "MB" });
    facts.push({ name: growthName(store), value: (after - used) / MB, unit: "MB" });
  }
  return facts;
}

interface Memory {
  full: number;
  used: number;
  after: number;
}

async function measure(store: string): Promise<Memory> {
  const output = await runProgram("programs/memory.ts", {
    // V8's young generation is held small: the room that it takes for garbage is not the store's.
    flags: [
      "--v8-flags=--expose-gc,--max-semi-space-size=1",
      "--allow-read=.",
      "--allow-ffi=target/release",
    ],
    args: [store, String(ENTRIES)],
  });
  return JSON.parse(output) as Memory;
}

/** What was promised. */
export function memoryBars(figures: Figures): Bar[] {
  const native = figures.fact(fullName("native"));
  const pure = figures.fact(fullName("pure"));
  const share = native === undefined || pure === undefined ? undefined : native / pure;
  return [
    atMost(
      "1,000,000 entries of 15-byte keys and 100-byte values in the native cache: at most 250 MB above the empty process",
      native,
      250,
      "MB",
    ),
    atMost("The same: less than the pure twin", share, 0.999, "times the pure twin"),
    atMost(
      "A million set/get/delete cycles later memory is flat (a second million adds at most 5 MB; what the first one adds is in the figures)",
      figures.fact(growthName("native")),
      5,
      "MB more",
    ),
  ];
}
