/** `agent bench`, as a person runs it; nothing here says how fast anything is. */

import assert from "assertions";
import { pictureOf } from "../../src/cli/bench.ts";
import { testNeeding } from "../support/needs.ts";
import { agent, Scratch } from "./helpers.ts";

const needs = [Deno.build.os === "windows" ? "there is no sh" : undefined];
const QUICK = ["--rounds", "6", "--warmup", "0", "--difference", "99"];

testNeeding(needs, "bench: two commands, as text and as a document", async () => {
  using scratch = new Scratch();
  const words = ["--", "sleep", "0.3", "--vs--", "sh", "-c", "sleep 0.3; true"];
  const text = await agent(scratch, ["bench", ...QUICK, ...words]);
  assert.equal(text.code, 0, text.stderr + text.stdout);
  assert.match(text.stdout, /^sleep 0\.3\n {2}median [\d.]+ ms \(95 % sure: /);
  assert.match(text.stdout, /^sh -c sleep 0\.3; true$/m);
  assert.match(text.stdout, /^The first is .*: \d\.\d{3} times as fast \(95 % sure: /m);
  const { code, stdout } = await agent(scratch, ["bench", "--json", ...QUICK, ...words]);
  const report = JSON.parse(stdout);
  assert.deepEqual([code, report.valid, report.rounds], [0, true, 6]);
  assert.deepEqual(report.against.exitCodes, { 0: 7 });
});

testNeeding(
  needs,
  "bench: the exit code is 1 for what fails, is too noisy or is not as required",
  async () => {
    using scratch = new Scratch();
    const failing = await agent(scratch, [
      "bench",
      ...QUICK,
      "--",
      "sh",
      "-c",
      "echo why >&2; exit 7",
    ]);
    assert.equal(failing.code, 1);
    assert.match(failing.stderr, /exit code 7.*\nwhy\n/);
    const noisy = await agent(scratch, [
      ...["bench", "--rounds", "6", "--warmup", "0", "--difference", "0.01"],
      ...["--", "sh", "-c", `sleep 0.0$(( ($$ / 3) % 9 ))`],
    ]);
    assert.equal(noisy.code, 1, noisy.stdout);
    assert.match(noisy.stderr, /not valid: the machine is too noisy/);
    const slower = [
      "bench",
      ...QUICK,
      "--require",
      "faster",
      "--",
      "sleep",
      "0.5",
      "--vs--",
      "true",
    ];
    const required = await agent(scratch, slower);
    assert.equal(required.code, 1);
    assert.match(required.stderr, /--require faster: the first command is slower/);
    const tolerated = await agent(scratch, [
      ...["bench", ...QUICK, "--exit-code", "3", "--", "sh", "-c", "sleep 0.2; exit 3"],
    ]);
    assert.equal(tolerated.code, 0, tolerated.stderr);
    assert.match(tolerated.stdout, /exit codes 3: 7/);
    const late = await agent(scratch, ["bench", "--timeout", "0.5", "--", "sleep", "60"]);
    assert.equal(late.code, 1);
    assert.match(late.stderr, /was not finished within 500 ms/);
  },
);

for (
  const [args, said, code] of [
    [[], /A command after -- is missing/, 2],
    [["--", "true", "--vs--"], /A command is missing beside --vs--/, 2],
    [["--", "true", "--vs--", "true", "--vs--", "true"], /Only two commands/, 2],
    [["--rounds", "5", "--", "true"], /--rounds must be a whole number from 6/, 2],
    [["--require", "faster", "--", "true"], /--require needs two commands/, 2],
    [["--exit-code", "x", "--", "true"], /--exit-code must be from 0 to 255/, 2],
    [["--", "no-such-program"], /There is no program "no-such-program"/, 1],
  ] as const
) {
  testNeeding(needs, `agent bench ${args.join(" ")}: says what is wrong`, async () => {
    using scratch = new Scratch();
    const finished = await agent(scratch, ["bench", ...args]);
    assert.match(finished.stderr, said);
    assert.deepEqual([finished.code, finished.stdout], [code, ""]);
  });
}

Deno.test("bench: the picture has each sample in its place", () => {
  assert.equal(pictureOf([0, 59.9, 60], 0, 60), `\u2584${" ".repeat(58)}\u2588`);
  assert.equal(pictureOf([5, 5], 5, 5), "\u2588");
});
