/**
 * Measures one area in a process of its own and writes what came out to standard output, as JSON.
 *
 * Arguments: the area, and "quick" for a look.
 */

import { nativeStatus, preloadNative } from "../src/ffi/status.ts";
import { type AreaModule, type AreaResult, type Context, Figures } from "./area.ts";
import { FULL, type GroupResult, measure, QUICK, sunk } from "./harness.ts";
import { loadPeers } from "./peers.ts";
import { ProgressLine } from "./progress.ts";

const [area = "", effort] = Deno.args;
const quick = effort === "quick";
const module: AreaModule = await import(new URL(`${area}_bench.ts`, import.meta.url).href);

const peers = await loadPeers();
const library = preloadNative().find(({ library }) => library === "core-utils");
const native = library?.state === "loaded";
const progress = new ProgressLine(area);
const context: Context = {
  quick,
  peers,
  twins: native ? ["pure", "native", "auto"] : ["pure", "auto"],
  note: (text) => progress.show(text),
};

const groups = await module.groups(context);
const results: GroupResult[] = [];
for (const [index, group] of groups.entries()) {
  const size = group.size.toLocaleString("en-US");
  progress.show(`${index + 1}/${groups.length} ${group.operation}, ${size} ${group.unit}`);
  results.push(await measure(group, quick ? QUICK : FULL, index + 1));
}
const facts = await module.facts?.(context) ?? [];
progress.end();

const result: AreaResult = {
  area,
  groups: results,
  facts,
  bars: module.bars?.(new Figures(results, facts)) ?? [],
  withoutNative: native ? undefined : nativeStatus()[0]?.reason ?? "the library is not loaded",
  withoutPeers: peers.LruCache && peers.distance
    ? undefined
    : "the packages to compare with are not installed: deno task bench:peers",
};
// The sink is written, so that what went into it had to be computed.
const text = JSON.stringify({ ...result, sunk: sunk() });
const bytes = new TextEncoder().encode(text);
for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
// Workers and pools of an area may still live.
Deno.exit(0);
