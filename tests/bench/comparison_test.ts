/** The page that compares: its tables come from the results, and its names are those of the benches. */

import assert from "assertions";
import { loadAreas } from "../../bench/lib/areas.ts";
import { COMPARISON, filled, namedIn, partsOf, withoutLayout } from "../../bench/lib/comparison.ts";
import { findStaleFigures } from "../../scripts/lib/checks/figures.ts";
import { ROOT } from "../support/programs.ts";

const AREA = `# Benchmarks: work

## fold

| texts              | 0               | 10                | 1,000                  |
| ------------------ | --------------- | ----------------- | ---------------------- |
| pure               | 1 ns, p99 2 ns  | 10 ns, p99 12 ns  | 100 ns, p99 110 ns     |
| auto               | 1 ns, p99 2 ns  | 9 ns, p99 12 ns   | 50 ns, p99 110 ns      |
| peer, plain        | 2 ns, p99 2 ns  |                   | 25 ns, p99 31 ns       |
| slow               | 9 ns, p99 10 ns | 18 ns, p99 20 ns  | 75 ns, p99 80 ns       |
| pure : best peer   | 2x              | 2x                | **0.25x**              |
| auto : best peer   | 2x              | 2x (1.9x to 2.1x) | **0.5x**               |
| auto : better twin | 1x of pure      | 1.1x of pure      | 2x (1x to 3x) of pure  |

## spin

| texts | 5              |
| ----- | -------------- |
| auto  | 1 ns, p99 2 ns |
`;
const BARS = `# Bars

| Bar          | Promised | Measured | |
| ------------ | -------- | -------- | --- |
| Fold; folded | ≥ 2x     | **1x**   | **not met** |
`;
const PAGES = new Map([["work", AREA], ["bars", BARS]]);

const blockOf = (kind: string, ...names: string[]) =>
  `Before.\n\n<!-- ${kind}\n${
    names.join("\n")
  }\n-->\n\n| old | table |\n\n<!-- end -->\n\nAfter.\n`;

function rowsOf(page: string): string[][] {
  return page.split("\n").filter((line) => line.startsWith("|")).slice(2)
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

Deno.test("comparison: a table has the rows of who chooses nothing beside the peers, losses in bold", () => {
  const page = filled(blockOf("figures", "work: fold", "work: fold @ 10"), PAGES);
  const ten = ["fold", "10 texts", "9 ns", "slow 18 ns", "2x (1.9x to 2.1x)"];
  assert.deepEqual(rowsOf(page), [
    ten,
    ["fold", "1,000 texts", "50 ns", "peer, plain 25 ns; slow 75 ns", "**0.5x**"],
    ten,
  ]);
  assert.match(page, /^Before\.\n\n<!-- figures/);
  assert.match(page, /<!-- end -->\n\nAfter\.\n$/);
  assert.equal(filled(page, PAGES), page, "filling again changes nothing");
});

Deno.test("comparison: bars are as they are, and what was not measured says so", () => {
  assert.deepEqual(rowsOf(filled(blockOf("bars", "Fold; folded", "Other"), PAGES)), [
    ["Fold; folded", "≥ 2x", "**1x**", "**not met**"],
    ["Other", "", "", "not measured"],
  ]);
  const rows = rowsOf(filled(blockOf("figures", "work: gone", "other: fold", "work: spin"), PAGES));
  assert.deepEqual(rows.map((cells) => cells.at(-1)), Array(3).fill("not measured"));
});

Deno.test("comparison: a figure that was changed by hand or is old is a fault", () => {
  const page = filled(blockOf("figures", "work: fold"), PAGES);
  const files = (text: string) => [
    { path: COMPARISON, text },
    { path: "bench/results/work.md", text: AREA },
    { path: "bench/results/bars.md", text: BARS },
  ];
  assert.deepEqual(findStaleFigures(files(page)), []);
  // As a formatter leaves it.
  assert.deepEqual(findStaleFigures(files(page.replaceAll(/ {2,}/g, " "))), []);
  const [fault] = findStaleFigures(files(page.replace("50 ns", "40 ns")));
  assert.match(fault!.rule, /bench:report --comparison/);
  assert.equal(findStaleFigures([]).length, 1);
  assert.notEqual(withoutLayout("| 1 |"), withoutLayout("| 2 |"));
});

Deno.test("comparison: the page names operations and areas that the benches have", async () => {
  const page = await Deno.readTextFile(ROOT + COMPARISON);
  const named = namedIn(page);
  assert.ok(named.length > 20);
  const areas = await loadAreas();
  for (const { kind, name } of named) {
    if (kind === "bars") continue;
    const { area, operation } = partsOf(name);
    assert.ok(areas.has(area), name);
    // On its page; of an area that has none yet, in its bench.
    const page = await Deno.readTextFile(`${ROOT}bench/results/${area}.md`).catch(() => undefined);
    const known = page?.split("\n").includes(`## ${operation}`) ??
      (await Deno.readTextFile(`${ROOT}bench/${area}_bench.ts`)).includes(operation);
    assert.ok(known, `${name} is no operation of the area`);
  }
});
