import assert from "assertions";
import { findLoosePackages } from "../../scripts/lib/checks/packages.ts";

/** What is said of one module of the product, with one package in deno.json. */
function rules(text: string, path = "src/queue/cron.ts"): string[] {
  const config = { path: "deno.json", text: '{"imports":{"croner":"npm:croner@1.2.3"}}' };
  return findLoosePackages([config, { path, text }]).map(({ rule }) => rule);
}

Deno.test("findLoosePackages() lets packages be named with the version in deno.json", () => {
  assert.deepEqual(rules('import { a } from "npm:croner@1.2.3";\nimport "./b.ts";'), []);
  assert.deepEqual(
    rules('import type { a } from "node:fs";\nawait import("npm:croner@1.2.3");'),
    [],
  );
});

Deno.test("findLoosePackages() finds names of this checkout and other versions", () => {
  assert.deepEqual(rules('import { a } from "croner";'), [
    "a name that only this checkout knows: croner",
  ]);
  assert.deepEqual(rules('const a = await import("npm:croner@1.2.4");'), [
    "a version that deno.json has not: npm:croner@1.2.4",
  ]);
});

Deno.test("findLoosePackages() looks at the product alone, and not at its examples", () => {
  assert.deepEqual(rules('import { a } from "croner";', "tests/queue/cron_test.ts"), []);
  assert.deepEqual(rules('/**\n * import { a } from "@agent/runtime";\n */\n// from "x"'), []);
});
