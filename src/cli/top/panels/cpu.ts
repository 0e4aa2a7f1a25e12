/** The processors: all together, how their time was spent, and each of them. @module */

import { area, sparkline } from "../charts.ts";
import { padEnd, padStart } from "../cells.ts";
import { percent } from "../format.ts";
import { fitted, level, type Line, type Span, span } from "../line.ts";
import {
  heading,
  joined,
  LABEL,
  pairs,
  reasonOf,
  type Row,
  rowLine,
  VALUE,
  type View,
} from "../view.ts";

/** The narrowest chart of a processor. */
const LEAST_CHART = 6;
const GAP = 3;

/** One line with a sparkline, and below it the processors on as few lines as there are cells for. */
export function cpuRows(view: View, columns: number, most: number): Line[] {
  const { snapshot: { cpu }, history, glyphs } = view;
  const row: Row = {
    label: "CPU",
    value: sign(cpu.busy),
    style: level(cpu.busy),
    chart: (width) => sparkline(history.of("cpu"), width, 1, glyphs),
    words: shares(view),
  };
  return [rowLine(row, columns), ...coreLines(view, columns, most - 1)];
}

/** A part of the screen with a chart over several lines. */
export function cpuPanel(view: View, columns: number, chartRows: number, coreRows: number): Line[] {
  const { snapshot: { cpu }, history, glyphs } = view;
  const words = [span(sign(cpu.busy), level(cpu.busy)), span(` of ${cpu.count} CPUs`, "soft")];
  return [
    heading("CPU", words, columns, glyphs),
    ...area(history.of("cpu"), columns, chartRows, 1, glyphs),
    joined(shares(view), columns),
    ...coreLines(view, columns, coreRows),
  ];
}

function shares({ snapshot }: View): Line[] {
  const { shares } = snapshot.cpu;
  if (shares === null) return [reasonOf(snapshot, "cpu.shares")];
  return pairs(
    ["user", percent(shares.user + shares.nice)],
    ["sys", percent(shares.system + shares.irq + shares.softirq)],
    ["wait", percent(shares.iowait)],
    ["steal", percent(shares.steal), shares.steal >= 0.1 ? "busy" : undefined],
  );
}

/** Each processor with a sparkline of its own; where there are too many, one cell each. */
function coreLines({ snapshot, history, glyphs }: View, columns: number, most: number): Line[] {
  const cores = snapshot.cpu.cores ?? [];
  if (cores.length === 0 || most < 1) return [];
  const fixed = LABEL + VALUE + 2;
  const least = fixed + LEAST_CHART + GAP;
  const across = Math.max(1, Math.min(cores.length, Math.floor((columns + GAP) / least)));
  const down = Math.ceil(cores.length / across);
  if (down > most) return stripes(cores.map(({ busy }) => busy), columns, most, glyphs.levels);
  const cell = Math.floor((columns - GAP * (across - 1)) / across);
  const chart = Math.max(0, Math.min(48, cell - fixed));
  return Array.from(
    { length: down },
    (_, row) =>
      Array.from({ length: across }, (_, column): Span[] => {
        // Down the columns, as numbers are read.
        const core = cores[column * down + row];
        if (core === undefined) return [];
        return [
          ...(column === 0 ? [] : [span(" ".repeat(GAP))]),
          span(padStart(String(core.cpu), 3).padEnd(LABEL), "soft"),
          span(padStart(sign(core.busy), VALUE), level(core.busy)),
          span("  "),
          ...fitted(sparkline(history.of(`core ${core.cpu}`), chart, 1, glyphs), cell - fixed),
        ];
      }).flat(),
  );
}

function stripes(
  busy: readonly (number | null)[],
  columns: number,
  most: number,
  levels: string,
): Line[] {
  const lines: Line[] = [];
  const label = padEnd("each", LABEL);
  const across = Math.max(1, columns - label.length);
  for (let at = 0; at < busy.length && lines.length < most; at += across) {
    const cells = busy.slice(at, at + across).map((share) =>
      span(levels[Math.max(1, Math.round((share ?? 0) * 8))]!, level(share))
    );
    lines.push([span(at === 0 ? label : " ".repeat(label.length), "soft"), ...cells]);
  }
  return lines;
}

function sign(share: number | null): string {
  return share === null ? "-" : `${percent(share)}%`;
}
