/**
 * `deno task bench:report`: measures everything and writes `bench/REPORT.md` and `bench/report.svg`.
 *
 * With a file as argument, what `deno task bench --json` wrote, it measures nothing and writes the report of that.
 */

import type { AreaResult } from "./area.ts";
import { AREAS, measureArea } from "./areas.ts";
import { chartOf } from "./chart.ts";
import { describeMachine } from "./machine.ts";
import { ROOT } from "./programs.ts";
import { reportOf } from "./report_text.ts";
import { barsOf } from "./table.ts";

const results: AreaResult[] = [];
const saved = Deno.args[0];
if (saved === undefined) {
  for (const area of Object.keys(AREAS)) results.push(await measureArea(area, false));
} else {
  results.push(
    ...(JSON.parse(await Deno.readTextFile(saved)) as { results: AreaResult[] }).results,
  );
}
const { text, bars } = reportOf(results, await describeMachine());
await Deno.writeTextFile(new URL("REPORT.md", import.meta.url), text);
await Deno.writeTextFile(new URL("report.svg", import.meta.url), chartOf(results));
// What is generated is formatted as everything else is.
const format = ["fmt", "--quiet", "bench/REPORT.md", "bench/report.svg"];
const { success } = await new Deno.Command(Deno.execPath(), { args: format, cwd: ROOT }).output();
if (!success) throw new Error("deno fmt could not format the report");
const summary = `${barsOf(bars)}\n\nbench/REPORT.md and bench/report.svg are written.\n`;
Deno.stdout.writeSync(new TextEncoder().encode(summary));
