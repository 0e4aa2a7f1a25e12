/**
 * `deno task bench:report [--quick | --only AREA,... | --from FILE | --comparison]`: measures everything and writes
 * `bench/REPORT.md`, the picture in it, the tables in `bench/results/`, and those of them that docs/comparison.md shows.
 *
 * With `--only` it measures these areas and writes their tables and what docs/comparison.md shows of them; the report stays
 * that of the last whole measurement. With `--comparison` it writes that page alone, from the tables that are there. With a file, it measures nothing and writes the report of that: what `deno task bench:ratios --json` or
 * `deno bench --json` printed.
 */

import { loadAreas, measureArea } from "./lib/areas.ts";
import { type DenoBenches, fromDeno } from "./lib/deno_json.ts";
import { COMPARISON, filled, RESULTS } from "./lib/comparison.ts";
import { describeMachine } from "./lib/machine.ts";
import { barPage, barsOf, barTable, pageOf, toolsOf } from "./lib/page.ts";
import { pictureOf } from "./lib/picture.ts";
import { ROOT } from "./lib/programs.ts";
import type { AreaResult } from "./lib/results.ts";
import { areaPage } from "./lib/tables.ts";

const [option, file] = Deno.args;
if (option === "--comparison") {
  await writeComparison();
  await format([COMPARISON]);
  Deno.exit(0);
}
const start = performance.now();
const areas = await loadAreas();
const results: AreaResult[] = [];
let kind = "";
if (option === "--from" && file !== undefined) {
  const saved = JSON.parse(await Deno.readTextFile(file)) as DenoBenches | {
    results: AreaResult[];
  };
  if ("benches" in saved) kind = "Means of one run of deno bench; ratios have no interval.";
  results.push(...("benches" in saved ? fromDeno(saved) : saved.results));
} else if (option === undefined || option === "--quick" || (option === "--only" && file)) {
  const quick = option === "--quick";
  if (quick) kind = "A quick look: few and short samples, no slow measurement.";
  const chosen = option === "--only" ? file!.split(",") : [...areas.keys()];
  const unknown = chosen.find((area) => !areas.has(area));
  if (unknown !== undefined) {
    refuse(`"${unknown}" is no area: there are ${[...areas.keys()].join(", ")}`);
  }
  for (const area of chosen) {
    const before = performance.now();
    results.push(await measureArea(area, quick));
    print(`${area}: ${((performance.now() - before) / 1000).toFixed(0)} s\n`);
  }
} else {
  refuse("Usage: deno task bench:report [--quick | --only AREA,... | --from FILE | --comparison]");
}

function refuse(why: string): never {
  Deno.stderr.writeSync(new TextEncoder().encode(`${why}\n`));
  Deno.exit(2);
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

const findings = { results, areas };
const machine = await describeMachine();
const measured = machine.find(([name]) => name === "Measured")![1];
const written: string[] = [];
const write = async (path: string, text: string): Promise<void> => {
  await Deno.writeTextFile(new URL(path, import.meta.url), text);
  written.push(`bench/${path}`);
};
await Deno.mkdir(new URL("results/", import.meta.url), { recursive: true });
if (option !== "--only") {
  await write("REPORT.md", pageOf(findings, machine, kind));
  await write("report.svg", pictureOf(toolsOf(findings)));
  await write("results/bars.md", barPage(barsOf(findings)));
}
for (const result of results) await write(`results/${result.area}.md`, areaPage(result, measured));
await format(written);
// From the pages as they lie there now, whichever areas were measured.
await writeComparison();
await format([COMPARISON]);
written.push(COMPARISON);
const minutes = ((performance.now() - start) / 60_000).toFixed(1);
print(`\n${barTable(barsOf(findings))}\n${written.join("\n")}\nwritten after ${minutes} minutes\n`);

async function writeComparison(): Promise<void> {
  const pages = new Map<string, string>();
  for await (const { name } of Deno.readDir(ROOT + RESULTS)) {
    pages.set(name.replace(/\.md$/, ""), await Deno.readTextFile(ROOT + RESULTS + name));
  }
  const page = await Deno.readTextFile(ROOT + COMPARISON);
  await Deno.writeTextFile(ROOT + COMPARISON, filled(page, pages));
}

/** What is generated is formatted as everything else is. */
async function format(paths: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", ...paths],
    cwd: ROOT,
  }).output();
  if (!success) throw new Error("deno fmt could not format the report");
}
