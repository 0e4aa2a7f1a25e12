/**
 * Starting: what each import adds to an empty program, as whole processes; and what the first native call takes.
 */

import { atMost, type Bar, type Context, type Figures } from "./area.ts";
import type { Group, Row } from "./harness.ts";
import { runProgram } from "./programs.ts";

const IMPORT = "a program that only imports";
const FIRST = "the first call";
const EMPTY = "nothing";
const WHOLE = "@agent/runtime";
const HASH = "text.hash";

interface Manifest {
  name: string;
  exports: Record<string, string>;
}

async function manifest(): Promise<Manifest> {
  return JSON.parse(await Deno.readTextFile(new URL("../deno.json", import.meta.url)));
}

/** The groups. */
export async function groups(context: Context): Promise<Group[]> {
  const { name, exports } = await manifest();
  const imports = Object.entries(exports).map(([path, file]): Row => ({
    name: `${name}${path.slice(1)}`,
    role: "other",
    run: (calls) => programs(calls, `../${file}`),
  }));
  return [
    {
      operation: IMPORT,
      size: 0,
      unit: "",
      maxCalls: 1,
      maxRounds: context.quick ? 15 : 41,
      rows: [
        { name: EMPTY, role: "reference", run: (calls) => programs(calls, "programs/empty.ts") },
        ...imports,
      ],
    },
    {
      operation: FIRST,
      size: 0,
      unit: "",
      maxCalls: 1,
      maxRounds: context.quick ? 15 : 41,
      rows: context.twins.includes("native")
        ? [
          first(HASH, "hash", "pure"),
          first(HASH, "hash", "native"),
          first("createCache", "cache", "pure"),
          first("createCache", "cache", "native"),
          first("preloadNative, all libraries", "preload", "native"),
        ]
        : [first(HASH, "hash", "pure"), first("createCache", "cache", "pure")],
    },
  ];
}

async function programs(calls: number, path: string): Promise<number> {
  for (let i = 0; i < calls; i++) await runProgram(path);
  return calls;
}

function first(name: string, call: string, implementation: "pure" | "native"): Row {
  return {
    name: `${name}, ${implementation}`,
    role: "other",
    ownClock: true,
    async run(calls): Promise<number> {
      let sum = 0;
      for (let i = 0; i < calls; i++) {
        const flags = ["--allow-read=target/release", "--allow-ffi=target/release"];
        sum += Number(
          await runProgram("programs/first_call.ts", { flags, args: [call, implementation] }),
        );
      }
      return sum;
    },
  };
}

/** What was promised. */
export function bars(figures: Figures): Bar[] {
  const group = figures.group(IMPORT, 0);
  const times = (group?.rows ?? []).map(({ name, toReference }) => ({
    name,
    times: toReference === undefined ? 0 : 1 / toReference.value,
  }));
  const slowest = times.filter(({ name, times }) => name !== WHOLE && times > 0)
    .sort((a, b) => b.times - a.times)[0];
  const native = figures.row(FIRST, 0, `${HASH}, native`)?.median;
  const pure = figures.row(FIRST, 0, `${HASH}, pure`)?.median;
  return [
    atMost(
      `Import of a subpath: at most 1.5 times an empty program${
        slowest === undefined ? "" : ` (the slowest is ${slowest.name})`
      }`,
      slowest?.times,
      1.5,
      "times",
    ),
    atMost(
      "Import of mod.ts: at most 2.0 times",
      times.find(({ name }) => name === WHOLE)?.times,
      2,
      "times",
    ),
    atMost(
      "The first native call takes at most 10 ms more than the pure twin's",
      native === undefined || pure === undefined ? undefined : (native - pure) / 1e6,
      10,
      "ms",
    ),
  ];
}
