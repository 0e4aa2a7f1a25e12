/** The report: one page of at most 80 lines, tables with the sizes as columns, a picture that fits a screen. */

import assert from "assertions";
import { loadAreas } from "../../bench/lib/areas.ts";
import { contextOf } from "../../bench/lib/context.ts";
import { type Findings, MOST_LINES, pageOf, toolsOf } from "../../bench/lib/page.ts";
import { pictureOf } from "../../bench/lib/picture.ts";
import { type AreaResult, type GroupResult, summarise } from "../../bench/lib/results.ts";
import { areaPage, interval, table } from "../../bench/lib/tables.ts";
import { STAND_INS } from "./stand_ins.ts";

const MACHINE: [string, string][] = [
  ["Machine", "A processor with quite a long name, 128 cores, 1024.0 GiB, Linux 6.18.44, x86_64"],
  ["Versions", "Deno 2.9.6 (V8 15.0.245.2-rusty), Rust 1.95.0"],
  ["Peers", "fastest-levenshtein 1.0.16, gpt-tokenizer 4.0.0, lru-cache 11.5.3, turndown 7.2.5"],
  ["Measured", "2026-11-22 22:03 UTC, commit 76391d25dbeb with changes"],
];

/** An operation of which native is the faster twin from the second size on. */
function operation(name: string, sizes: readonly number[], peer: number): GroupResult[] {
  return sizes.map((size, i) =>
    summarise(
      {
        operation: name,
        size,
        unit: "texts",
        rows: [
          { name: "pure", role: "pure" },
          { name: "native", role: "native" },
          { name: "auto", role: "auto" },
          { name: "the|peer", role: "peer" },
        ],
      },
      [100, 200 / (i + 1), 100 / (i + 1), peer].map((time) => [time, time * 1.1, time * 0.9]),
    )
  );
}

const area = (groups: GroupResult[]): AreaResult => ({
  area: "work",
  groups,
  facts: [{ name: "memory", value: 12.345, unit: "MB" }],
  leftOut: ["a peer (not installed)"],
});

Deno.test("report: a table's columns stand under each other, whatever is in a cell", () => {
  assert.equal(
    table(["a", "b"], [["1", "x|y"], ["µs", ""]]),
    [
      "| a   | b    |",
      "| --- | ---- |",
      "| 1   | x\\|y |",
      "| µs  |      |",
      "",
    ].join("\n"),
  );
});

Deno.test("report: an operation is one table with its sizes as columns", () => {
  const page = areaPage(
    area([...operation("fold", [1, 10, 1_000], 50), ...operation("spin", [5], 50)]),
    "2026-01-31 12:00 UTC",
  );
  assert.match(page, /^Measured 2026-01-31 12:00 UTC, on the machine of/m);
  const fold = page.slice(page.indexOf("## fold"), page.indexOf("## spin")).split("\n");
  const cells = (line: string): string[] =>
    line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim());
  const rows = fold.filter((line) => line.startsWith("|")).map(cells);
  assert.deepEqual(rows[0], ["texts", "1", "10", "1,000"]);
  assert.deepEqual(rows.slice(2).map(([name]) => name), [
    "pure",
    "native",
    "auto",
    "the\\|peer",
    "pure : best peer",
    "native : best peer",
    "auto : best peer",
    "native : pure",
    "auto : better twin",
  ]);
  assert.equal(rows[2]?.[1], "100 ns, p99 110 ns");
  assert.equal(rows[6]?.[1], "**0.5x**", "bold where it loses");
  assert.equal(rows[8]?.[3], "1.5x");
  assert.equal(rows[10]?.[3], "2x of native");
  assert.ok(fold.includes("The native twin is the faster one from 10 texts on."));
  assert.ok(page.includes("Left out: a peer (not installed)."));
  assert.match(page, /\| memory \| 12\.35 MB \|/);
});

Deno.test("report: a ratio of one round has no interval", () => {
  assert.equal(interval({ against: "x", value: 2, low: 2, high: 2 }), "2x");
  assert.equal(interval({ against: "x", value: 2, low: 1.5, high: 2.5 }), "2x (1.5x to 2.5x)");
  assert.equal(interval(undefined), "");
});

/** Every group of every area, each row twice as slow as the peers, or as fast. */
async function findingsOf(factor: number): Promise<Findings> {
  const areas = await loadAreas();
  const { context } = contextOf(false);
  const results: AreaResult[] = [];
  for (const [name, { groups }] of areas) {
    const made = await groups({ ...context, peers: STAND_INS });
    results.push({
      area: name,
      groups: made.map((group) =>
        summarise(
          group,
          group.rows.map(({ role }) => {
            const time = role === "peer" ? 1e6 : 1e6 * factor;
            return [time, time, time];
          }),
        )
      ),
      facts: [],
      leftOut: [
        "something that is not installed (a command installs it)",
        "the native twin (absent)",
      ],
    });
    for (const group of made) await group.finish?.();
  }
  return { results, areas };
}

// Groups open libraries, which the tests below must not count as their own.
const [slow, fast] = [await findingsOf(2), await findingsOf(0.5)];

/** What `deno fmt` makes of a page. */
async function formatted(text: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "--line-width", "100", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  return new TextDecoder().decode((await child.output()).stdout);
}

for (const [name, findings] of Object.entries({ slow, fast })) {
  Deno.test(`report: the page has at most ${MOST_LINES} lines when everything is ${name}`, async () => {
    const page = await formatted(pageOf(findings, MACHINE, "A quick look, not for figures."));
    const lines = page.trimEnd().split("\n");
    assert.ok(lines.length <= MOST_LINES, `${lines.length} lines`);
    assert.ok(lines.length > 40);
    assert.match(page, /^## Bars$/m);
    assert.match(page, /\d+ of \d+ are met/);
    assert.match(page, /^## Where it loses$/m);
    for (const { name } of toolsOf(findings)) assert.ok(page.includes(`| ${name} `), name);
    if (name === "fast") assert.match(page, /nowhere beyond chance/);
    else assert.match(page, /\| \d+ more, in the tables of/);
  });
}

Deno.test("report: each place where it loses is named by area, sizes and the worst ratio", () => {
  const groups = [...operation("fold", [1, 10], 20), ...operation("spin", [1], 1000)];
  const page = pageOf({ results: [area(groups)], areas: new Map() }, MACHINE);
  assert.match(page, /\| work: fold +\| 1; 10 +\| 0\.2x/);
  assert.ok(!page.includes("work: spin"));
});

Deno.test("report: the picture fits a screen, has a row a tool and both colour schemes", () => {
  const tools = toolsOf(slow);
  const picture = pictureOf(tools);
  assert.match(picture, /viewBox="0 0 900 600"/);
  assert.match(picture, /prefers-color-scheme: dark/);
  assert.equal(picture.match(/<rect /g)?.length ?? 0, tools.length);
  assert.equal(picture.match(/<rect class="loss"/g)?.length ?? 0, tools.length);
  const heights = [...picture.matchAll(/ y="([\d.]+)"/g)].map(([, y]) => Number(y));
  assert.ok(Math.max(...heights) < 600);
  assert.ok(!/[<&](?![\w/!?#]|amp;|lt;)/.test(picture));
  assert.match(pictureOf([]), /<svg /);
});
