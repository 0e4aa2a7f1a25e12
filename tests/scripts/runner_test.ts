/** How `scripts/test` counts, and what it runs beside each other. */

import assert from "assertions";
import { countOf, failuresOf, judge, next } from "../../scripts/lib/test_runner.ts";
import { areas, checkSteps, type Step, testStep } from "../../scripts/lib/test_steps.ts";
import { DENO, ROOT, start } from "../support/programs.ts";

Deno.test("countOf() adds up the closing lines of cargo test and deno test", () => {
  const output = [
    "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out",
    "ok | 58 passed (21 steps) | 0 failed | 2 ignored (1m2s)",
    "FAILED | 3 passed | 4 failed (1s)",
    "this line has 9 passed and 9 failed in it",
  ].join("\n");
  assert.deepEqual(countOf(output), { passed: 73, failed: 4, skipped: 3 });
  assert.deepEqual(countOf("Checked 3 files"), { passed: 0, failed: 0, skipped: 0 });
});

Deno.test("judge() counts a step without tests as one, and skips as failures where it is strict", () => {
  assert.deepEqual(judge("", true, true), { passed: 1, failed: 0, skipped: 0 });
  assert.deepEqual(judge("", false, false), { passed: 0, failed: 1, skipped: 0 });
  const crashed = "ok | 2 passed | 0 failed (1s)\nterminated";
  assert.deepEqual(judge(crashed, false, false), { passed: 2, failed: 1, skipped: 0 });
  const skipped = "ok | 2 passed | 0 failed | 3 ignored (1s)";
  assert.deepEqual(judge(skipped, true, false), { passed: 2, failed: 0, skipped: 3 });
  assert.deepEqual(judge(skipped, true, true), { passed: 2, failed: 3, skipped: 0 });
});

Deno.test("failuresOf() finds what failed tests said, and else the end of the output", () => {
  const deno =
    " ERRORS \n\na => x_test.ts:1:6\nerror: boom\n\n FAILURES \n\na => x_test.ts:1:6\n\n";
  const cargo = "failures:\n\n---- a stdout ----\nboom\n\nfailures:\n    a\n\n";
  assert.equal(failuresOf(`a ... FAILED\n${deno}FAILED | 0 passed | 1 failed\nmore`), deno);
  assert.equal(failuresOf(`ok\n${cargo}test result: FAILED. 0 passed; 1 failed\n`), cargo);
  assert.equal(failuresOf("error: no such file\n"), "error: no such file\n");
  const long = failuresOf(` ERRORS \n${"x".repeat(9000)}\nFAILED | 0 passed`);
  assert.ok(long.length < 7000 && long.endsWith("[...]\n"));
});

Deno.test("next() begins what waits for no build and for nothing that another step holds", () => {
  const step = (name: string, more: Partial<Step> = {}): Step => ({
    name,
    about: "",
    commands: [],
    ...more,
  });
  const build = step("build", { holds: "cargo" });
  const rust = step("rust", { holds: "cargo" });
  const tests = step("tests/x", { native: true });
  const lint = step("lint");
  assert.equal(next([build, rust, tests, lint], []), build);
  assert.equal(next([rust, tests, lint], [build]), lint);
  assert.equal(next([rust, tests], [build]), undefined);
  assert.equal(next([rust, tests], [lint]), rust);
  assert.equal(next([tests], [rust]), tests);
  assert.equal(next([], [rust]), undefined);
});

Deno.test("the tests of an area run once, and again only what asks for the default twin", () => {
  const commands = (path: string, libraries: boolean, spread = 1): string[] =>
    testStep(path, { deno: "deno", libraries: () => libraries, spread, cases: undefined })
      .commands.map(({ line, env }) =>
        [env?.["AGENT_IMPLEMENTATION"] ?? "auto", ...line.slice(line.indexOf("--no-check") + 1)]
          .join(" ")
      );
  const one = "tests/hash/differential_test.ts";
  assert.deepEqual(commands(one, true), [`native ${one}`]);
  assert.deepEqual(commands(one, false), [`pure ${one}`]);
  assert.match(commands("tests/e2e", true).join(), /^auto tests\/e2e\/\S+( tests\/e2e\/\S+)+$/);
  const [first, again, ...more] = commands("tests/runtime", true);
  assert.match(
    first!,
    /^native tests\/runtime\/import_test\.ts .*tests\/runtime\/runtime_test\.ts/,
  );
  assert.deepEqual([again, more], ["pure tests/runtime/runtime_test.ts", []]);
  assert.equal(commands("tests/runtime", false).length, 1);
  // Spread over processors, but for what counts the handles of the whole process.
  assert.deepEqual(commands("tests/process", true, 2), [
    "native --parallel tests/process/conformance_test.ts tests/process/differential_test.ts " +
    "tests/process/hostile_test.ts",
    "native tests/process/native_test.ts",
  ]);
});

Deno.test("every folder of tests is an area, and no two steps have one name", () => {
  assert.ok(areas().includes("tests/scripts") && !areas().includes("tests/support"));
  const names = checkSteps(DENO).map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});

Deno.test("scripts/test refuses what is no step", async () => {
  const flags = ["run", "--no-prompt", `--allow-read=${ROOT}`, "--allow-env=CI"];
  const run = (...words: string[]) =>
    start(DENO, [...flags, `${ROOT}scripts/lib/test_runner.ts`, ...words]);
  const unknown = await run("fmt", "tests/none");
  assert.equal(unknown.code, 2);
  assert.match(unknown.stdout, /There is no step "tests\/none": it is one of .*tests\/hash/);
  assert.equal((await run("--jobs", "0")).code, 2);
  const list = await run("--list");
  assert.equal(list.code, 0);
  assert.match(list.stdout, /^clippy +\S/m);
});
