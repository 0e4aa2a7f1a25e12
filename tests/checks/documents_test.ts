/** Documents name what is there. */

import assert from "assertions";
import { findDeadPaths } from "../../scripts/lib/checks/documents.ts";

Deno.test("findDeadPaths() finds paths that are not there, and reads placeholders as such", () => {
  const text = [
    "`src/text/mod.ts` and `src/text/` are there, `src/text/gone.ts` is not.",
    "`tests/<area>/`, `src/*/mod.ts` and `bench/...` stand for many.",
  ].join("\n");
  const faults = findDeadPaths([
    { path: "docs/a.md", text },
    { path: "src/text/mod.ts", text: "`src/nowhere.ts` in a source file is not looked at" },
  ]);
  assert.deepEqual(faults, [
    { place: "docs/a.md:1", rule: "names src/text/gone.ts, which is not there" },
  ]);
});
