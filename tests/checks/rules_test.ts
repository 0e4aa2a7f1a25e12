/** The repository's own rules catch what they are for, and nothing else. */

import assert from "assertions";
import { findFaults } from "../../scripts/lib/checks/rules.ts";
import { lineOf } from "../../src/cli/paths.ts";

/** The rules that a file breaks. */
function rules(path: string, text: string): string[] {
  return findFaults([{ path, text }]).map(({ rule }) => rule);
}

Deno.test("findFaults() finds each kind of fault", () => {
  const open = ["Deno", "dlopen(path, {})"].join(".");
  assert.equal(rules("src/text/native.ts", open).length, 1);
  assert.equal(rules("src/native/load.ts", open).length, 0);
  assert.equal(rules("rust/areas/text/src/hash.rs", "unsafe { read(p) }").length, 1);
  assert.equal(rules("rust/agent-core-utils/src/text.rs", "unsafe { read(p) }").length, 0);
  assert.equal(rules("rust/areas/x/src/a.rs", "unsafe { with_avx2::<W>(a) }").length, 0);
  assert.equal(rules("rust/areas/x/src/a.rs", "unsafe { with_avx2_or_so(a) }").length, 1);
  assert.equal(rules("docs/x.md", ["see ", "home", "someone", "notes"].join("/")).length, 1);
  assert.equal(rules("docs/x.md", "see ~/notes and /usr/bin").length, 0);
  assert.equal(rules("docs/x.md", ["[x](https://www.npmjs", "com/x)"].join(".")).length, 1);
  assert.equal(rules("deno.lock", ["https://registry", "npmjs", "org/x"].join(".")).length, 0);
  assert.equal(rules("scripts/x", ["deno run", "-A main.ts"].join(" ")).length, 1);
  assert.equal(rules("src/x.ts", ["// TO", "DO later"].join("")).length, 1);
  assert.equal(rules("src/x.ts", 'import { x } from "jsr' + ':@std/x";').length, 1);
  assert.equal(rules("tests/x/x_test.ts", "Deno.test({ name, ignore: !linux, fn });").length, 1);
  assert.equal(rules("tests/support/needs.ts", "Deno.test({ name, ignore: true, fn });").length, 0);
});

Deno.test("findFaults() limits the length of files that people write", () => {
  const long = "x\n".repeat(501);
  assert.deepEqual(rules("src/text/pure.ts", long), ["501 lines, over 500"]);
  assert.deepEqual(rules("src/text/pure.ts", "x\n".repeat(500)), []);
  assert.deepEqual(rules("src/native/generated/text.ts", long), []);
  assert.deepEqual(rules("Cargo.lock", long), []);
  assert.deepEqual(rules("rust/agent-x/src/lib.rs", long), ["501 lines, over 500"]);
  const tested = `${"x\n".repeat(500)}#[cfg(test)]\nmod tests {\n${"x\n".repeat(500)}}\n`;
  assert.deepEqual(rules("rust/agent-x/src/lib.rs", tested), []);
});

Deno.test("findFaults() names the line", () => {
  const fault = findFaults([{ path: "scripts/x", text: ["ok\n# FIX", "ME"].join("") }]);
  assert.equal(fault[0]?.place, "scripts/x:2");
});

Deno.test("lineOf() counts LF, CRLF and CR", () => {
  const text = "a\nb\r\nc\rd";
  assert.deepEqual([...text].map((_, at) => lineOf(text, at)), [1, 1, 2, 2, 2, 3, 3, 4]);
  assert.equal(lineOf("", 0), 1);
  assert.equal(lineOf("a\n", 99), 2);
});
