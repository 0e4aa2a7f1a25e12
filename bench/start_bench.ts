/**
 * Starting: what each import of the published package adds to an empty program, as whole
 * processes; and what the first native call takes.
 */

import manifest from "../deno.json" with { type: "json" };
import { type Area, atMost, type Bar, type Context, type Figures } from "./lib/area.ts";
import type { Group, Row } from "./lib/group.ts";
import { NATIVE, ROOT, runProgram } from "./lib/programs.ts";
import { register } from "./lib/register.ts";

const IMPORT = "a program that only imports";
const FIRST = "the first call";
const HASH = "hash";
/** The entries, as what stands behind the package's name; the command line is run, not imported. */
const PATHS = Object.keys(manifest.exports).map((path) => path.slice(1))
  .filter((path) => path !== "/cli");
const PUBLISHED = `${ROOT}target/bench/published`;

/** The area. */
export const area: Area = {
  name: "start",
  tools: [],
  groups(context) {
    if (!context.may({ name: "run", command: Deno.execPath() })) {
      context.leaveOut("all of it (needs --allow-run of Deno itself)");
      return [];
    }
    return [importing(context), calling(context)];
  },
  bars: (figures) => [
    ...imported(figures, "text", 1.3, (path) => path === "/text"),
    ...imported(figures, "another area", 1.5, (path) => /^\/(?!text$)[^/]+$/.test(path)),
    ...imported(figures, "a room of an area", 1.25, (path) => /^\/.+\//.test(path)),
    ...imported(figures, "everything", 1.8, (path) => path === ""),
    firstCall(figures),
  ],
};

/** The package as it is published, which is another thing than the checkout: its modules are bundled. */
function importing({ note }: Context): Group {
  let published: Record<string, string> | undefined;
  const row = (path: string): Row => ({
    name: manifest.name + path,
    role: "other",
    async once(): Promise<number> {
      const file = `${path === "" ? "mod" : path.slice(1).replaceAll("/", "_")}.ts`;
      await runProgram(`${PUBLISHED}/project/${file}`, {
        flags: ["--cached-only", `--config=${PUBLISHED}/project/deno.json`],
        env: published!,
      });
      return 0;
    },
  });
  return {
    operation: IMPORT,
    size: 0,
    unit: "",
    slow: true,
    front: true,
    async prepare() {
      if (published !== undefined) return;
      note("publishing to a registry of its own");
      const registry = await runProgram("programs/publish.ts", {
        flags: ["--allow-all"],
        args: [PUBLISHED],
      });
      published = { JSR_URL: registry.trim(), DENO_DIR: `${PUBLISHED}/deno` };
    },
    rows: [
      {
        name: "nothing",
        role: "reference",
        async once(): Promise<number> {
          await runProgram("programs/empty.ts");
          return 0;
        },
      },
      ...PATHS.map(row),
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
  const text = `Import of ${what} as published, in empty programs`;
  const slowest = PATHS.filter(belongs)
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
