/**
 * Starting: what each import adds to an empty program, as whole processes; and what the first native call takes.
 */

import manifest from "../deno.json" with { type: "json" };
import { type Area, atMost, type Bar, type Context, type Figures } from "./lib/area.ts";
import type { Group, Row } from "./lib/group.ts";
import { NATIVE, runProgram } from "./lib/programs.ts";
import { register } from "./lib/register.ts";

const IMPORT = "a program that only imports";
const FIRST = "the first call";
const HASH = "hash";

/** The area. */
export const area: Area = {
  name: "start",
  tools: [],
  groups(context) {
    if (!context.may({ name: "run", command: Deno.execPath() })) {
      context.leaveOut("all of it (needs --allow-run of Deno itself)");
      return [];
    }
    return [importing(), calling(context)];
  },
  bars: (figures) => [
    ...imported(figures, "an area", 1.5, (path) => /^\/[^/]+$/.test(path)),
    ...imported(figures, "a room of an area", 1.25, (path) => /^\/.+\//.test(path)),
    ...imported(figures, "mod.ts", 2, (path) => path === ""),
    firstCall(figures),
  ],
};

function importing(): Group {
  const row = (name: string, role: Row["role"], file: string): Row => ({
    name,
    role,
    async once(): Promise<number> {
      await runProgram(file);
      return 0;
    },
  });
  return {
    operation: IMPORT,
    size: 0,
    unit: "",
    slow: true,
    front: true,
    rows: [
      row("nothing", "reference", "programs/empty.ts"),
      ...Object.entries(manifest.exports).map(([path, file]) =>
        row(manifest.name + path.slice(1), "other", `../../${file}`)
      ),
    ],
  };
}

/** The time that the program itself measures: Deno's own start does not count. */
function calling({ twins }: Context): Group {
  const row = (name: string, call: string, implementation: "pure" | "native"): Row => ({
    name: `${name}, ${implementation}`,
    role: "other",
    ownClock: true,
    once: async () =>
      Number(
        await runProgram("programs/first_call.ts", { flags: NATIVE, args: [call, implementation] }),
      ),
  });
  const both = twins.filter((twin) => twin !== "auto");
  return {
    operation: FIRST,
    size: 0,
    unit: "",
    slow: true,
    rows: [
      ...both.map((twin) => row(HASH, "hash", twin)),
      ...both.map((twin) => row("createCache", "cache", twin)),
      ...(twins.includes("native") ? [row("preloadNative", "preload", "native")] : []),
    ],
  };
}

/** The promise about the imports whose path says that it is about them, by the slowest of them. */
function imported(
  figures: Figures,
  what: string,
  bar: number,
  belongs: (path: string) => boolean,
): Bar[] {
  const text = `Import of ${what}, in empty programs`;
  const slowest = Object.keys(manifest.exports).map((path) => path.slice(1)).filter(belongs)
    .map((path) => {
      const ratio = figures.row(IMPORT, 0, manifest.name + path)?.toReference?.value;
      return { path, times: ratio === undefined ? undefined : 1 / ratio };
    })
    .sort((a, b) => (b.times ?? 0) - (a.times ?? 0))[0];
  if (slowest === undefined) return [];
  const named = slowest.path === "" ? "" : ` (${slowest.path.slice(1)})`;
  return [atMost(text + named, slowest.times, bar, "x")];
}

function firstCall(figures: Figures): Bar {
  const native = figures.milliseconds(FIRST, 0, `${HASH}, native`);
  const pure = figures.milliseconds(FIRST, 0, `${HASH}, pure`);
  return atMost(
    "First native call, over the pure twin's",
    native === undefined || pure === undefined ? undefined : native - pure,
    10,
    " ms",
  );
}

await register(area, import.meta.url);
