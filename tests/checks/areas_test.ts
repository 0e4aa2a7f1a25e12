/** The checker names every place where an area was forgotten, and nothing else. */

import assert from "assertions";
import { findMissingEntries } from "../../scripts/lib/checks/areas.ts";
import type { SourceFile } from "../../scripts/lib/checks/rules.ts";
import { AREA_NAMES, AREAS } from "../../src/areas.ts";
import { LIBRARY_NAMES } from "../../src/native/libraries.ts";

/** A repository in which every area is entered everywhere. */
function complete(): SourceFile[] {
  const exports: Record<string, string> = {};
  const paths: string[] = [];
  for (const area of AREA_NAMES) {
    const { library, headers = [], rooms = [] } = AREAS[area];
    for (const subpath of [area, ...rooms.map((room) => `${area}/${room}`)]) {
      exports[`./${subpath}`] = `./src/${subpath}/mod.ts`;
      paths.push(`src/${subpath}/mod.ts`);
    }
    if (library !== undefined) paths.push(`src/${area}/pure.ts`, `src/${area}/native/cache.ts`);
    for (const word of [area, ...rooms]) paths.push(`tests/${word}/a_test.ts`);
    paths.push(`bench/${area}_bench.ts`);
    for (const header of headers) {
      paths.push(`rust/agent-${library}/include/${header}.h`, `rust/areas/${header}/src/lib.rs`);
    }
  }
  const libraries = LIBRARY_NAMES.map((name) => `agent_${name.replaceAll("-", "_")}`).join(" ");
  return [
    ...paths.map((path) => ({ path, text: "" })),
    {
      path: "mod.ts",
      text: AREA_NAMES.map((area) => `export * from "./src/${area}/mod.ts";`).join("\n"),
    },
    { path: "deno.json", text: JSON.stringify({ exports }) },
    {
      path: "README.md",
      text: AREA_NAMES.map((area) => `| \`@agent/runtime/${area}\` |`).join("\n"),
    },
    { path: "scripts/lib/prepare.sh", text: `libraries='${libraries}'\n` },
  ];
}

function places(files: SourceFile[]): string[] {
  return findMissingEntries(files).map(({ place }) => place);
}

Deno.test("findMissingEntries() finds nothing where all is entered", () => {
  assert.deepEqual(places(complete()), []);
});

Deno.test("findMissingEntries() names what was forgotten", () => {
  const without = (path: string): string[] =>
    places(complete().filter((file) => !file.path.startsWith(path)));
  assert.deepEqual(without("src/cache/mod.ts"), ["src/cache/mod.ts"]);
  assert.deepEqual(without("src/cache/pure.ts"), ["src/cache/"]);
  assert.deepEqual(without("src/text/tokens/"), ["src/text/tokens/mod.ts"]);
  assert.deepEqual(without("tests/tokens/"), ["tests/tokens/"]);
  assert.deepEqual(without("bench/cache"), ["bench/cache_bench.ts"]);
  assert.deepEqual(without("rust/areas/redact"), ["rust/areas/redact/"]);
  const header = "rust/agent-core-utils/include/redact.h";
  assert.deepEqual(without(header), [header]);
});

Deno.test("findMissingEntries() reads the subpaths, the README and the launcher", () => {
  const changed = (path: string, change: (text: string) => string): string[] =>
    places(
      complete().map((file) => file.path === path ? { path, text: change(file.text!) } : file),
    );
  assert.deepEqual(changed("deno.json", (text) => text.replace("./security", "./safety")), [
    "deno.json",
  ]);
  assert.deepEqual(changed("mod.ts", (text) => text.replace("src/agent/", "src/agents/")), [
    "mod.ts",
  ]);
  assert.deepEqual(changed("README.md", (text) => text.replace("runtime/monitor", "runtime/x")), [
    "README.md",
  ]);
  const launcher = "scripts/lib/prepare.sh";
  assert.deepEqual(changed(launcher, (text) => text.replace("core_utils ", "")), [launcher]);
});

Deno.test("findMissingEntries() refuses a header of no area", () => {
  const path = "rust/agent-core-utils/include/stock.h";
  assert.deepEqual(places([...complete(), { path, text: "" }]), [path]);
});
