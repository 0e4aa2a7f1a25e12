/**
 * REPORT.md: the one page that a person reads. What was measured where, each tool beside its best peer, what was
 * promised, and where auto loses. The tables behind it are in `bench/results/`.
 */

import type { Area, Bar } from "./area.ts";
import { Figures } from "./area.ts";
import { sizeOf } from "./group.ts";
import {
  type AreaResult,
  choiceBar,
  type GroupResult,
  loses,
  type RowResult,
  time,
  times,
  unchosen,
} from "./results.ts";
import { interval, table } from "./tables.ts";

/** The most lines of the page. */
export const MOST_LINES = 80;
/** The most bars on it. */
const MOST_BARS = 14;

/** The figures of all areas, and what belongs to them. */
export interface Findings {
  results: readonly AreaResult[];
  areas: ReadonlyMap<string, Area>;
}

/** A tool beside its best peer. */
export interface Tool {
  name: string;
  group: GroupResult;
  /** What a caller gets who does not choose. */
  ours: RowResult;
  peer: RowResult;
}

/** The tools that were measured beside a peer. */
export function toolsOf({ results, areas }: Findings): Tool[] {
  return results.flatMap((result) => {
    const figures = new Figures(result);
    return (areas.get(result.area)?.tools ?? []).flatMap(([name, operation, size]) => {
      const group = figures.group(operation, size);
      const ours = group && unchosen(group).find(({ toPeer }) => toPeer !== undefined);
      const peer = group?.rows.find((row) => row.name === ours?.toPeer?.against);
      return group && ours && peer ? [{ name, group, ours, peer }] : [];
    });
  });
}

/** What was promised, in all areas. */
export function barsOf({ results, areas }: Findings): Bar[] {
  const bars = results.flatMap((result) =>
    areas.get(result.area)?.bars?.(new Figures(result)) ?? []
  );
  return [...bars, choiceBar(results)];
}

/** The bars as a table. */
export function barTable(bars: readonly Bar[]): string {
  return table(
    ["Bar", "Promised", "Measured", ""],
    bars.map(({ name, promised, measured, met }) => [
      name,
      promised,
      measured ?? "",
      met === undefined ? "not measured" : met ? "met" : "**not met**",
    ]),
  );
}

/** The page of all bars. */
export function barPage(bars: readonly Bar[]): string {
  return `# Bars\n\n<!-- Written by deno task bench:report. Do not edit. -->\n\n${barTable(bars)}`;
}

/** How many bars are met, and those that are not. */
function openBars(bars: readonly Bar[]): string {
  const open = bars.filter(({ met }) => met !== true);
  const met = `${
    bars.length - open.length
  } of ${bars.length} are met: [results/bars.md](results/bars.md).\n`;
  if (open.length === 0) return met;
  const more = open.length > MOST_BARS ? `\n${open.length - MOST_BARS} more are not.\n` : "";
  return `${met}\n${barTable(open.slice(0, MOST_BARS))}${more}`;
}

/**
 * The page.
 *
 * @param findings What was measured.
 * @param machine Names and values: what it was measured on.
 * @param kind How it was measured, if not in full.
 * @returns Markdown of at most 80 lines.
 */
export function pageOf(
  findings: Findings,
  machine: readonly (readonly [name: string, value: string])[],
  kind = "",
): string {
  const { results } = findings;
  const [first = ["", ""], ...others] = machine;
  const leftOut = [...new Set(results.flatMap((result) => result.leftOut))].join("; ");
  const parts = [
    "# Benchmarks\n\n<!-- Written by deno task bench:report. Do not edit. -->\n",
    ...(kind === "" ? [] : [`**${kind}**\n`]),
    table(first, others),
    ...(leftOut === "" ? [] : [`Not measured: ${leftOut}.\n`]),
    "Ratios hold elsewhere, times do not. Tables: [results](results/); an hour of work: [soak](SOAK.md).\n",
    "![How many times as fast as the best peer](report.svg)\n",
    "## What a caller gets who does not choose, beside the best peer\n",
    table(
      ["Tool", "Size", "Ours", "Best peer", "Its time", "Times as fast"],
      toolsOf(findings).map(toolRow),
    ),
    "## Bars\n",
    openBars(barsOf(findings)),
    "## Where it loses\n",
  ].join("\n");
  // A wrapped line counts; the head of the table and the blank line after it do too.
  const room = MOST_LINES - parts.split("\n").length - Math.ceil(leftOut.length / 90) -
    3;
  return `${parts}\n${
    table(["Slower than the best peer", "At", "At worst"], losses(results, room))
  }`;
}
function toolRow({ name, group, ours, peer }: Tool): string[] {
  const ratio = loses(ours) ? `**${interval(ours.toPeer)}**` : interval(ours.toPeer);
  return [name, sizeOf(group), time(ours.median), peer.name, time(peer.median), ratio];
}

/** One row for each operation that loses somewhere, worst first; what does not fit is counted. */
function losses(results: readonly AreaResult[], room: number): string[][] {
  const found = new Map<string, { sizes: string[]; worst: number }>();
  for (const { area, groups } of results) {
    // Of nothing at all only the call is measured, which no program waits for.
    for (const group of groups.filter(({ size, unit }) => size > 0 || unit === "")) {
      for (const row of unchosen(group).filter(loses)) {
        const own = row.role === "auto" ? group.operation : `${group.operation}, ${row.name}`;
        const name = `${area}: ${own}`;
        const entry = found.get(name) ?? { sizes: [], worst: Infinity };
        if (group.unit !== "") entry.sizes.push(group.size.toLocaleString("en-US"));
        entry.worst = Math.min(entry.worst, row.toPeer!.value);
        found.set(name, entry);
      }
    }
  }
  if (found.size === 0) return [["nowhere beyond chance", "", ""]];
  const rows = [...found].sort(([, a], [, b]) => a.worst - b.worst)
    .map(([name, { sizes, worst }]) => [name, sizes.join("; "), times(worst)]);
  if (rows.length <= room) return rows;
  const kept = rows.slice(0, Math.max(0, room - 1));
  return [...kept, [
    `${rows.length - kept.length} more, in the tables of [results](results/)`,
    "",
    "",
  ]];
}
