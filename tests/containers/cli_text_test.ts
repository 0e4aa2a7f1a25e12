/** How `agent containers` writes: tables that fit, times and pairs that are read. */

import assert from "assertions";
import { bytes, duration, pairs, plain, tableLines } from "../../src/cli/containers_text.ts";
import { UsageError } from "../../src/cli/options.ts";

Deno.test("a table fits its width, and is whole where there is room", () => {
  const rows = [["a-name", "x".repeat(60), "y".repeat(40)], ["b", "short", "ü€😀"]];
  const whole = tableLines(["NAME", "IMAGE", "PORTS"], rows, Infinity);
  assert.equal(whole[1], `a-name  ${"x".repeat(60)}  ${"y".repeat(40)}`);
  for (const width of [80, 50, 30]) {
    const lines = tableLines(["NAME", "IMAGE", "PORTS"], rows, width);
    for (const line of lines) assert.ok([...line].length <= width, `${width}: ${line}`);
    assert.match(lines[1]!, /^a-name {2}x+… {2}y+…$/);
  }
  assert.ok(tableLines(["A", "B"], [["x".repeat(20), "y"]], 3).length === 2);
});

Deno.test("nothing that a terminal acts on gets into a table", () => {
  const [, line] = tableLines(["NAME"], [["a\x1b[2J\nb\u202e"]], Infinity);
  assert.equal(line, "a?[2J?b?");
  assert.equal(plain("\x07"), "?");
});

Deno.test("times, pairs and sizes", () => {
  assert.equal(duration("500ms", "--timeout"), 500);
  assert.equal(duration("8h", "--ttl"), 28_800_000);
  assert.equal(duration(undefined, "--ttl"), undefined);
  for (const text of ["5", "0s", "-1s", "1.5h", "1w", ""]) {
    assert.throws(() => duration(text, "--ttl"), UsageError);
  }
  assert.deepEqual(pairs(["A=b=c", "D="], "--env"), { A: "b=c", D: "" });
  for (const text of ["A", "=b"]) assert.throws(() => pairs([text], "--env"), UsageError);
  assert.deepEqual([null, 0, 1023, 1536, 5 * 2 ** 30].map(bytes), [
    "-",
    "0 B",
    "1023 B",
    "1.5 KiB",
    "5.0 GiB",
  ]);
});
