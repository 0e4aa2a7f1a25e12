/**
 * Measures one area in a process of its own and writes what came out to standard output, as JSON.
 *
 * Arguments: the area, and "quick" for a look.
 */

import type { Area } from "./area.ts";
import { contextOf } from "./context.ts";
import { sizeOf } from "./group.ts";
import { FULL, measure, QUICK, sunk } from "./harness.ts";
import { ProgressLine } from "./progress.ts";
import type { AreaResult } from "./results.ts";

const [name = "", effort] = Deno.args;
const quick = effort === "quick";
const { area }: { area: Area } = await import(new URL(`../${name}_bench.ts`, import.meta.url).href);

const progress = new ProgressLine(name);
const { context, leftOut } = contextOf(quick, (text) => progress.show(text));
const groups = await area.groups(context);
const result: AreaResult = { area: name, groups: [], facts: [], leftOut };
for (const [index, group] of groups.entries()) {
  progress.show(`${index + 1}/${groups.length} ${group.operation}, ${sizeOf(group)}`);
  result.groups.push(await measure(group, quick ? QUICK : FULL, index + 1));
}
result.facts = await area.facts?.(context) ?? [];
progress.end();

// The sink is written, so that what went into it had to be computed.
const bytes = new TextEncoder().encode(JSON.stringify({ ...result, sunk: sunk() }));
for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
// Workers and pools of an area may still live.
Deno.exit(0);
