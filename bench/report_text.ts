/**
 * The report as Markdown: what was promised, where we lose, and every figure.
 */

import type { AreaResult, Bar } from "./area.ts";
import {
  breakEvensOf,
  choiceBar,
  choicesOf,
  loses,
  lossesOf,
  sizeOf,
  time,
  times,
} from "./findings.ts";
import { choseWell, type GroupResult, type RowResult } from "./harness.ts";
import type { Machine } from "./machine.ts";
import type { Ratio } from "./statistics.ts";

const READING = `## How to read it

- **Median, p99**: time for one operation, over the rounds. A sample is the mean of the calls in it (so many that it is
  long against the clock), so the p99 of a short operation is that of samples, not of single calls.
- **Ratio**: the other one's time divided by ours, in the same round; over 1 we are faster. It is the median of the
  rounds, and in brackets the 95 % interval of that median (bootstrap, 1,000 resamples of the rounds). *slower* marks a
  row whose whole interval is under 1.
- **pure** and **native** are the two twins, asked for by name; **auto** is what a caller gets who asks for neither.
- The rows of a group are measured in turns, in another order each round, at least 15 rounds, on inputs that are made
  anew for each round from a seed. Each area runs in a process of its own.
- Size 0 is the call itself. A yardstick is something that does less than we do, such as an empty program.

Once more, on this machine or another: \`cargo build --release\`, \`deno task bench:peers\` (installs the packages that we
compare with), \`deno task bench:report\`. For a part of it: \`deno task bench text --quick\`.
`;

/** The report and the promises in it. */
export function reportOf(
  results: readonly AreaResult[],
  machine: Machine,
): { text: string; bars: Bar[] } {
  const bars = [...results.flatMap((result) => result.bars), choiceBar(results)];
  const parts = [
    "# Benchmarks\n\n<!-- Written by deno task bench:report. Do not edit. -->\n\n" +
    "Ratios within one run mean something on other machines too; times do not.\n",
    table(["", "This run"], machine.map(([name, value]) => [name, value])),
    ...missing(results),
    "![Ratios against the best peer, for each operation and size; the figures are in the tables below](report.svg)\n",
    "## Bars\n",
    barTable(bars),
    choosing(results),
    losing(results),
    breakingEven(results),
    READING,
    "## Figures\n",
    ...results.map(figures),
  ];
  return { text: parts.join("\n"), bars };
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line), ""].join("\n");
}

function missing(results: readonly AreaResult[]): string[] {
  const reasons = new Set(
    results.flatMap(({ withoutNative, withoutPeers }) => [withoutNative, withoutPeers]),
  );
  return [...reasons].filter((reason) => reason !== undefined).map((reason) =>
    `**Not everything was measured:** ${reason}.\n`
  );
}

function barTable(bars: readonly Bar[]): string {
  return table(
    ["Bar", "Measured", ""],
    bars.map(({ text, measured, met, goal }) => [
      text,
      measured ?? "not measured",
      (met === undefined ? "" : met ? "met" : "**not met**") +
      (goal === undefined ? "" : `; goal of ${goal.text} ${goal.met ? "met" : "not met"}`),
    ]),
  );
}

function interval({ value, low, high }: Ratio): string {
  return `${times(value)} (${times(low)} to ${times(high)})`;
}

function choosing(results: readonly AreaResult[]): string {
  const worst = choicesOf(results).slice(0, 12);
  return "## Choosing between the twins\n\nWhat auto takes beside the better twin, worst groups first.\n\n" +
    table(
      ["Operation", "Size", "Better twin", "auto's time, times the better twin's", "Slower by", ""],
      worst.map(({ group, choice }) => [
        group.operation,
        sizeOf(group),
        choice.better,
        (1 / choice.ratio.value).toFixed(2),
        choice.excess > 0 ? time(choice.excess) : "",
        choseWell(choice) ? "" : "**over the bar**",
      ]),
    );
}

function losing(results: readonly AreaResult[]): string {
  const places = lossesOf(results);
  if (places.length === 0) return "## Where we lose\n\nNowhere, beyond chance.\n";
  return `## Where we lose\n\nEvery row of ours that is slower than the fastest peer beyond chance: ` +
    `${places.length}. Rows of the twin that auto does not choose are among them.\n\n` +
    table(
      ["Operation", "Size", "Ours", "Peer", "Ratio"],
      places.map(({ group, row, ratio }) => [
        group.operation,
        sizeOf(group),
        row.name,
        ratio.against,
        interval(ratio),
      ]),
    );
}

function breakingEven(results: readonly AreaResult[]): string {
  return "## Break-even\n\nThe smallest measured size from which the native twin is the faster one.\n\n" +
    table(
      ["Operation", "From", "Measured at"],
      breakEvensOf(results).map(({ operation, unit, from, sizes }) => [
        operation,
        from === undefined ? "at none" : sizeOf({ size: from, unit }),
        sizes.map((size) => size.toLocaleString("en-US")).join(", "),
      ]),
    );
}

function figures({ area, groups, facts }: AreaResult): string {
  const lines = [`### ${area}\n`];
  for (const group of groups) lines.push(groupTable(group));
  if (facts.length > 0) {
    lines.push(table(
      ["Measured otherwise", ""],
      facts.map(({ name, value, unit }) => [name, `${value.toFixed(1)} ${unit}`]),
    ));
  }
  return lines.join("\n");
}

function groupTable(group: GroupResult): string {
  const { rows } = group;
  const peer = rows.some((row) => row.toPeer !== undefined);
  const pure = rows.some((row) => row.toPure !== undefined);
  const reference = rows.some((row) => row.toReference !== undefined);
  const size = sizeOf(group);
  const head = [`**${group.operation}**${size && `, ${size}`}`, "Median", "p99"];
  if (peer) head.push("To the best peer");
  if (pure) head.push("To pure");
  if (reference) head.push("To the yardstick");
  const line = (row: RowResult): string[] => {
    const cells = [row.name, time(row.median), time(row.p99)];
    const cell = (ratio: Ratio | undefined): string => ratio === undefined ? "" : interval(ratio);
    if (peer) cells.push(cell(row.toPeer) + (loses(row) ? " *slower*" : ""));
    if (pure) cells.push(cell(row.toPure));
    if (reference) cells.push(cell(row.toReference));
    return cells;
  };
  return table(head, rows.map(line));
}
