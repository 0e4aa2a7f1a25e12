/**
 * What a view is made from, and the grid that all figures stand on: a label, a value, a chart, and words.
 *
 * @module
 */

import type { Alert, Snapshot } from "../../monitor/mod.ts";
import { cut, padEnd, padStart, visible } from "./cells.ts";
import type { Glyphs } from "./charts.ts";
import type { History } from "./history.ts";
import { fitted, type Line, lineWidth, type Span, span, type Style } from "./line.ts";
import type { State } from "./state.ts";

/** What a view is made from. */
export interface View {
  readonly snapshot: Snapshot;
  readonly history: History;
  readonly state: State;
  readonly glyphs: Glyphs;
  /** Alerts that stand now, in the order in which they began. */
  readonly alerts: readonly Alert[];
}

/** The cells of a screen. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** A figure on the grid. */
export interface Row {
  readonly label: string;
  readonly value: string;
  readonly style?: Style;
  /** Draws on so many cells. */
  readonly chart?: (width: number) => Line;
  /** In groups, each shown whole or not at all; the first one is cut if it must be. */
  readonly words: readonly Line[];
}

/** Cells of a label. */
export const LABEL = 6;
/** Cells of a value. */
export const VALUE = 7;
/** What the words of most rows need. */
const WORDS = 39;

/** How wide the charts of a grid are that has so many cells. */
export function chartWidth(columns: number): number {
  return Math.min(48, Math.max(0, columns - LABEL - VALUE - 4 - WORDS));
}

/** A row on a line of so many cells; the chart goes first where there is no room. */
export function rowLine(row: Row, columns: number): Line {
  const chart = chartWidth(columns);
  const parts: Span[] = [
    span(padEnd(row.label, LABEL), "strong"),
    span(padStart(row.value, VALUE), row.style ?? "plain"),
    span("  "),
  ];
  if (chart >= 8 && row.chart !== undefined) {
    parts.push(...fitted(row.chart(chart), chart), span("  "));
  } else if (chart >= 8) parts.push(span(" ".repeat(chart + 2)));
  const used = LABEL + VALUE + 2 + (chart >= 8 ? chart + 2 : 0);
  return fitted([...parts, ...joined(row.words, columns - used)], columns);
}

/** A line that begins a part of the screen, ruled to its end. */
export function heading(title: string, words: Line, columns: number, { rule }: Glyphs): Line {
  const name = visible(title);
  const used = name.length + 1 + words.reduce((sum, { text }) => sum + text.length, 0) +
    (words.length > 0 ? 1 : 0);
  const left = Math.max(0, columns - used);
  return fitted([
    span(`${name} `, "title"),
    ...words,
    ...(words.length > 0 ? [span(" ")] : []),
    span(rule.repeat(left), "empty"),
  ], columns);
}

/** Groups with a gap between them, as many as there is room for. */
export function joined(groups: readonly Line[], width: number): Line {
  const line: Span[] = [];
  let left = width;
  for (const [at, group] of groups.entries()) {
    const gap = at === 0 ? "" : "  ";
    const cells = gap.length + lineWidth(group);
    if (at > 0 && cells > left) break;
    line.push(span(gap), ...group);
    left -= cells;
  }
  return line;
}

/** Groups of what it is and how much: `read 1.2M/s`, `write 3.4M/s`. */
export function pairs(
  ...all: readonly (readonly [what: string, value: string, style?: Style])[]
): Line[] {
  return all.map(([what, value, style]) => [
    span(`${what} `, "soft"),
    span(value, style ?? "plain"),
  ]);
}

/** Why a figure is not there, as words for its row. */
export function reasonOf({ unavailable }: Snapshot, path: string): Line {
  const nearest = unavailable[path] ??
    Object.entries(unavailable).find(([key]) => key.startsWith(`${path}.`))?.[1];
  return [span(visible(nearest ?? "not known"), "soft")];
}

/** A name that somebody else chose, on so many cells at most. */
export function nameOf(text: string, width: number): string {
  return cut(visible(text), width);
}
