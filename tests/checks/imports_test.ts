/** Imports against the direction, another area's twin, circles. */

import assert from "assertions";
import { findForeignImports } from "../../scripts/lib/checks/imports.ts";

function rules(files: Record<string, string>): string[] {
  const sources = Object.entries(files).map(([path, text]) => ({ path, text }));
  return findForeignImports(sources).map(({ rule }) => rule.split(":")[0]!);
}

Deno.test("findForeignImports() lets modules import what is below them", () => {
  const files = {
    "src/shared/errors.ts": "",
    "src/native/load.ts": 'import { x } from "../shared/errors.ts";',
    "src/text/hash/mod.ts": 'import { x } from "../../native/load.ts";',
    "src/agent/mod.ts": 'import type { X } from "../text/hash/mod.ts";',
  };
  assert.deepEqual(rules(files), []);
});

Deno.test("findForeignImports() finds imports against the direction, dynamic ones too", () => {
  const up = 'import type { X } from "../agent/mod.ts";';
  assert.deepEqual(rules({ "src/native/load.ts": up, "src/agent/mod.ts": "" }), [
    "an import from a higher layer",
  ]);
  const later = 'const { x } = await import("../cli/main.ts");';
  assert.deepEqual(rules({ "src/agent/mod.ts": later, "src/cli/main.ts": "" }), [
    "an import from a higher layer",
  ]);
});

Deno.test("findForeignImports() refuses another area's twin", () => {
  const files = {
    "src/knowledge/read.ts": 'import { x } from "../text/markdown/pure.ts";',
    "src/text/markdown/pure.ts": "",
  };
  assert.deepEqual(rules(files), ["another area's twin"]);
});

Deno.test("findForeignImports() finds circles", () => {
  const files = {
    "src/cache/a.ts": 'import { b } from "./b.ts";',
    "src/cache/b.ts": 'import type { A } from "./a.ts";',
  };
  assert.deepEqual(rules(files), ["a circle of imports"]);
});
