/** The check for circular imports. */

import assert from "assertions";
import { findCycles } from "../../scripts/lib/cycles.ts";

const file = (path: string, text?: string) => text === undefined ? { path } : { path, text };

Deno.test("findCycles() finds nothing where imports go one way", () => {
  assert.deepEqual(findCycles([]), []);
  assert.deepEqual(
    findCycles([
      file("src/mod.ts", 'export * from "./a/mod.ts";\nexport { b } from "./b.ts";'),
      file("src/a/mod.ts", 'import { b } from "../b.ts";\nimport fs from "node:fs";'),
      file("src/b.ts", 'import "npm:x";\nimport { gone } from "./not_here.ts";'),
      file("data/b.bin"),
      file("docs/a.md", 'import "./a.md";'),
    ]),
    [],
  );
});

Deno.test("findCycles() finds a shortest circle, whatever the kind of import", () => {
  const kinds = [
    'import { a } from "./a.ts";',
    'import type { A } from "./a.ts";',
    'import {\n  type A,\n  b,\n} from "./a.ts";',
    "import './a.ts';",
    'import * as a from "./a.ts";',
    'export * from "./a.ts";',
    'export type { A } from "./a.ts";',
    'const { a } = await import("./a.ts");',
    'let a: typeof import("./a.ts");',
  ];
  for (const kind of kinds) {
    const files = [
      file("src/a.ts", 'import "./c.ts";\nimport "./long.ts";'),
      file("src/c.ts", kind),
      file("src/long.ts", 'import "./c.ts";'),
    ];
    assert.deepEqual(findCycles(files), [["src/a.ts", "src/c.ts"], [
      "src/long.ts",
      "src/c.ts",
      "src/a.ts",
    ]], kind);
  }
});

Deno.test("findCycles() names separate circles, a file that imports itself, and each circle once", () => {
  assert.deepEqual(
    findCycles([
      file("a.ts", 'import "./b.ts";'),
      file("b.ts", 'import "./c.ts";'),
      file("c.ts", 'import "./a.ts";\nimport "./x/d.ts";'),
      file("x/d.ts", 'import "./e.ts";'),
      file("x/e.ts", 'import "../x/d.ts";'),
      file("x/self.ts", 'import "./self.ts";'),
    ]),
    [["a.ts", "b.ts", "c.ts"], ["x/d.ts", "x/e.ts"], ["x/self.ts"]],
  );
});

Deno.test("findCycles() passes over what only looks like an import", () => {
  assert.deepEqual(
    findCycles([
      file("a.ts", '/**\n * import "./b.ts";\n */\n// import "./b.ts";\nconst from = "./b.ts";'),
      file("b.ts", 'import "./a.ts";'),
    ]),
    [],
  );
});
