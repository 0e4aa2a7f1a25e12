/**
 * That each area of `src/areas.ts` is entered wherever it must be: its modules, subpaths, tests, benches and headers,
 * the README's table, and the launcher's list of libraries.
 */

import { AREA_NAMES, AREAS } from "../../../src/areas.ts";
import { LIBRARY_NAMES } from "../../../src/native/libraries.ts";
import type { Fault, SourceFile } from "./rules.ts";

/** Areas whose figures stand elsewhere: in the benches of what they are made of. */
const WITHOUT_BENCH: readonly string[] = ["containers"];

/**
 * Names every place where an area is missing.
 *
 * @param files The files of the repository.
 * @returns The faults, by area.
 */
export function findMissingEntries(files: readonly SourceFile[]): Fault[] {
  const faults: Fault[] = [];
  const texts = new Map(files.map(({ path, text }) => [path, text ?? ""]));
  const exports = (JSON.parse(texts.get("deno.json") ?? "{}") as {
    exports?: Record<string, string>;
  }).exports ?? {};
  const readme = texts.get("README.md") ?? "";
  const root = texts.get("mod.ts") ?? "";
  const need = (holds: boolean, place: string, rule: string): void => {
    if (!holds) faults.push({ place, rule });
  };
  const folder = (path: string): boolean => files.some((file) => file.path.startsWith(path));
  for (const area of AREA_NAMES) {
    const { library, headers = [], rooms = [] } = AREAS[area];
    const subpaths = [area, ...rooms.map((room) => `${area}/${room}`)];
    for (const subpath of subpaths) {
      const module = `src/${subpath}/mod.ts`;
      need(texts.has(module), module, `area ${area} has no such module`);
      need(
        exports[`./${subpath}`] === `./${module}`,
        "deno.json",
        `exports needs "./${subpath}": "./${module}"`,
      );
    }
    need(
      root.includes(`"./src/${area}/mod.ts"`),
      "mod.ts",
      `re-exports nothing of src/${area}/mod.ts`,
    );
    if (library !== undefined) {
      for (const twin of ["pure", "native"]) {
        const has = files.some(({ path }) =>
          path.startsWith(`src/${area}/`) && new RegExp(`/${twin}(\\.ts$|/)`).test(path)
        );
        need(has, `src/${area}/`, `no ${twin} twin`);
      }
    }
    need(
      readme.includes(`\`@agent/runtime/${area}\``),
      "README.md",
      `the table of imports has no row @agent/runtime/${area}`,
    );
    const tested = area === "text" ? rooms : [area];
    for (const word of tested) {
      need(folder(`tests/${word}/`), `tests/${word}/`, `${area} has no tests there`);
    }
    if (!WITHOUT_BENCH.includes(area)) {
      need(texts.has(`bench/${area}_bench.ts`), `bench/${area}_bench.ts`, `${area} has no bench`);
    }
    for (const header of headers) {
      const path = `rust/agent-${library}/include/${header}.h`;
      need(texts.has(path), path, `area ${area} has no such header`);
      need(folder(`rust/areas/${header}/`), `rust/areas/${header}/`, `${area} has no such crate`);
    }
  }
  for (const path of texts.keys()) {
    const [, name] = /^rust\/agent-[a-z-]+\/include\/([a-z_]+)\.h$/.exec(path) ?? [];
    if (name === undefined || name === "library" || name === "agent_ffi") continue;
    const known = AREA_NAMES.some((area) => AREAS[area].headers?.includes(name));
    need(known, path, "src/areas.ts names no area with this header");
  }
  const launcher = /^libraries='([^']*)'/m.exec(texts.get("scripts/lib/prepare.sh") ?? "")?.[1];
  const wanted = LIBRARY_NAMES.map((name) => `agent_${name.replaceAll("-", "_")}`).join(" ");
  need(launcher === wanted, "scripts/lib/prepare.sh", `libraries must be '${wanted}'`);
  return faults;
}
