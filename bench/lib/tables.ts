/**
 * The figures of an area as Markdown: one table an operation, with the sizes as columns.
 */

import {
  type AreaResult,
  breakEven,
  choseWell,
  type GroupResult,
  loses,
  type RowResult,
  time,
  times,
} from "./results.ts";
import type { Ratio } from "../../src/monitor/benchmark/statistics.ts";

const READING =
  `Times are the median and the p99 of the rounds, for one operation; a sample is the mean of the calls in
it, so many that it is long against the clock. A ratio says how many times as fast the first is as the
second, in the same round: the median of the rounds and its 95 % interval (bootstrap). **Bold** is a
row of ours that is slower than the best peer beyond chance. The rows of a table's column are measured
in turns, in another order each round, on inputs that are made anew for each round from a seed. pure
and native are the twins, asked for by name; auto is what a caller gets who asks for neither. Size 0 is
the call itself.
`;

/** A table whose columns stand under each other. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) =>
    Math.max(3, ...all.map((row) => [...row[column] ?? ""].length))
  );
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, i) => pad(cells[i] ?? "", width)).join(" | ")} |`;
  const [first = [], ...others] = all;
  return [line(first), line(widths.map((width) => "-".repeat(width))), ...others.map(line), ""]
    .join("\n");
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(width - [...cell].length);
}

/** The page of an area. */
export function areaPage(result: AreaResult, measured: string): string {
  return `# Benchmarks: ${result.area}

<!-- Written by deno task bench:report. Do not edit. -->

Measured ${measured}, on the machine of [the report](../REPORT.md).

${READING}
${areaTables(result)}`;
}

/** The tables of an area. */
export function areaTables({ groups, facts, leftOut }: AreaResult): string {
  const parts = leftOut.map((what) => `Left out: ${what}.\n`);
  for (const operation of new Set(groups.map((group) => group.operation))) {
    const sizes = groups.filter((group) => group.operation === operation);
    parts.push(`## ${operation}\n`, operationTable(sizes));
    const from = breakEven(sizes);
    if (from === "never") parts.push("The pure twin is the faster one at the largest size.\n");
    else if (from !== undefined) parts.push(`The native twin is the faster one from ${from} on.\n`);
  }
  if (facts.length > 0) {
    const rows = facts.map(({ name, value, unit }) => [name, `${value.toFixed(2)} ${unit}`]);
    parts.push("## Measured otherwise\n", table(["What", "Figure"], rows));
  }
  return parts.join("\n");
}

/** One operation: a row for each way of doing it, then the ratios. */
function operationTable(groups: readonly GroupResult[]): string {
  const { unit } = groups[0]!;
  const names = [...new Set(groups.flatMap(({ rows }) => rows.map(({ name }) => name)))];
  const cells = (of: (row: RowResult, group: GroupResult) => string, name: string): string[] =>
    groups.map((group) => {
      const row = group.rows.find((row) => row.name === name);
      return row === undefined ? "" : of(row, group);
    });
  const ratios = (label: (name: string) => string, of: (row: RowResult) => string): string[][] =>
    names.map((name) => [label(name), ...cells(of, name)])
      .filter(([, ...ratios]) => ratios.some((ratio) => ratio !== ""));
  const better = groups.map(({ choice }) =>
    choice === undefined ? "" : `${interval(choice.ratio)} of ${choice.better}` +
      (choseWell(choice) ? "" : ", over the bar")
  );
  return table(
    [unit, ...groups.map((group) => unit === "" ? "" : group.size.toLocaleString("en-US"))],
    [
      ...names.map((name) => [
        name,
        ...cells((row) => `${time(row.median)}, p99 ${time(row.p99)}`, name),
      ]),
      ...ratios((name) => `${name} : best peer`, (row) => {
        const text = interval(row.toPeer);
        return loses(row) ? `**${text}**` : text;
      }),
      ...ratios((name) => `${name} : yardstick`, (row) => interval(row.toReference)),
      ...ratios(
        (name) => `${name} : pure`,
        (row) => row.role === "native" ? interval(row.toPure) : "",
      ),
      ...(better.some((cell) => cell !== "") ? [["auto : better twin", ...better]] : []),
    ],
  );
}

/** A ratio with its interval; without one where there was one round, or where it would say the same. */
export function interval(ratio: Ratio | undefined): string {
  if (ratio === undefined) return "";
  const [value, low, high] = [ratio.value, ratio.low, ratio.high].map(times);
  return low === high ? `${value}` : `${value} (${low} to ${high})`;
}
