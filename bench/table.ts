/**
 * The figures of an area as a table for the terminal.
 */

import type { AreaResult, Bar } from "./area.ts";
import { choicesOf, loses, sizeOf, time, times } from "./findings.ts";
import { choseWell } from "./harness.ts";

/** The tables of an area. */
export function tableOf(result: AreaResult): string {
  const lines: string[] = [`## ${result.area}`];
  if (result.withoutNative) lines.push(`native was not measured: ${result.withoutNative}`);
  if (result.withoutPeers) lines.push(result.withoutPeers);
  for (const group of result.groups) {
    const size = sizeOf(group);
    lines.push("", `${group.operation}${size && `, ${size}`} (${group.rounds} rounds)`);
    lines.push(columns("", "median", "p99", "ratio", "to pure"));
    for (const row of group.rows) {
      const other = row.toPeer ?? row.toReference;
      lines.push(columns(
        row.name,
        time(row.median),
        time(row.p99),
        other === undefined ? "" : times(other.value),
        row.toPure === undefined ? "" : times(row.toPure.value),
        loses(row) ? "slower" : "",
      ));
    }
  }
  if (result.facts.length > 0) lines.push("");
  for (const { name, value, unit } of result.facts) {
    lines.push(`${name}: ${value.toFixed(1)} ${unit}`);
  }
  return lines.join("\n");
}

function columns(name: string, ...cells: string[]): string {
  const shown = name.length > 44 ? `${name.slice(0, 43)}…` : name;
  return `  ${shown.padEnd(45)}${cells.map((cell) => cell.padStart(10)).join("")}`.trimEnd();
}

/** The promises, a line each. */
export function barsOf(bars: readonly Bar[]): string {
  return bars.map(({ text, measured, met, goal }) => {
    const mark = met === undefined ? "not measured" : met ? "met" : "NOT MET";
    const more = goal === undefined ? "" : ` (goal ${goal.text}: ${goal.met ? "met" : "not met"})`;
    return `${mark.padEnd(13)}${text}${measured === undefined ? "" : `: ${measured}`}${more}`;
  }).join("\n");
}

/** The groups in which choosing costs too much, the worst first. */
export function offendersOf(results: readonly AreaResult[]): string {
  const bad = choicesOf(results).filter(({ choice }) => !choseWell(choice));
  return bad.slice(0, 20).map(({ area, group, choice }) =>
    `  ${area}: ${group.operation}, ${sizeOf(group)}: auto takes ` +
    `${(1 / choice.ratio.value).toFixed(2)} times the ${choice.better} twin's time ` +
    `(${time(Math.abs(choice.excess))} ${choice.excess < 0 ? "less" : "more"} in the median)`
  ).join("\n");
}
