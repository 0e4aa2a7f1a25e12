/**
 * What a million entries take: memory, each store in a process of its own, and the longest pauses that a cache makes
 * for others while it keeps house.
 */

import { atMost, type Bar, type Context, type Fact, type Figures, together } from "./area.ts";
import { NATIVE, runProgram } from "./programs.ts";

const ENTRIES = 1_000_000;
const MB = 1e6;
const FOLDER = "target/bench/pauses";
const PAUSES = ["expiry", "eviction", "deleteByTag", "clear", "snapshot", "restore"];

const fullName = (store: string): string =>
  `memory of 1,000,000 entries (15-byte keys, 100-byte values): ${store}`;
const firstName = (store: string): string =>
  `what the first million cycles of set, get and delete add: ${store}`;
const growthName = (store: string): string => `what the second million adds: ${store}`;
const pauseName = (twin: string, what: string): string =>
  `pauses at 1,000,000 entries, ${twin}, ${what}`;

/** Measures them; takes two minutes. */
export async function cacheFacts(context: Context): Promise<Fact[]> {
  return context.quick ? [] : [...await memoryFacts(context), ...await pauseFacts(context)];
}

/** The empty process is the same program with no store and nothing to put into it. */
async function memoryFacts({ peers, twins, note }: Context): Promise<Fact[]> {
  const facts: Fact[] = [];
  const stores = [
    ...twins.filter((twin) => twin !== "auto").reverse(),
    ...(await peers.lruCache() === undefined ? [] : ["lru-cache"]),
    "Map",
  ];
  note("memory of the empty process");
  const empty = (await memoryOf("empty")).full;
  for (const store of stores) {
    note(`memory of ${store}`);
    const { full, used, after } = await memoryOf(store);
    const unit = "MB above the empty process";
    facts.push({ name: fullName(store), value: (full - empty) / MB, unit });
    facts.push({ name: firstName(store), value: (used - full) / MB, unit: "MB" });
    facts.push({ name: growthName(store), value: (after - used) / MB, unit: "MB" });
  }
  return facts;
}

async function memoryOf(store: string): Promise<{ full: number; used: number; after: number }> {
  // V8's young generation is held small: the room that it takes for garbage is not the store's.
  const flags = ["--v8-flags=--expose-gc,--max-semi-space-size=1", ...NATIVE];
  return JSON.parse(await runProgram("programs/memory.ts", { flags, args: [store, `${ENTRIES}`] }));
}

/** Both twins, each in a process of its own. */
async function pauseFacts({ twins, note }: Context): Promise<Fact[]> {
  const facts: Fact[] = [];
  for (const twin of twins.filter((twin) => twin !== "auto").reverse()) {
    note(`pauses of the ${twin} cache`);
    const output = await runProgram("programs/pauses.ts", {
      flags: [...NATIVE, `--allow-write=${FOLDER}`],
      args: [twin, `${ENTRIES}`, FOLDER],
    });
    for (const [what, value] of Object.entries(JSON.parse(output) as Record<string, number>)) {
      facts.push({ name: pauseName(twin, what), value, unit: "ms" });
    }
  }
  return facts;
}

/** What was promised. */
export function cacheFactBars(figures: Figures): Bar[] {
  const native = figures.fact(fullName("native"));
  const pure = figures.fact(fullName("pure"));
  const pauses = PAUSES.map((kind) => ({
    kind,
    ms: figures.fact(pauseName("native", `${kind}: 99.99 %`)),
  }));
  const longest = pauses.reduce((a, b) => a.ms === undefined || a.ms >= b.ms! ? a : b);
  return [
    together(
      "Memory of 1,000,000 entries, native",
      atMost("", native, 250, " MB"),
      atMost("", native && pure && native / pure, 1, " of pure"),
    ),
    atMost(
      "Memory that a second million set/get/delete cycles add",
      figures.fact(growthName("native")),
      5,
      " MB",
    ),
    atMost(
      `Pause for another Worker, 1,000,000 entries, 99.99 % (${longest.kind})`,
      longest.ms,
      1,
      " ms",
    ),
  ];
}
