/**
 * Small charts of block characters: bars, sparklines and areas; of ASCII where a terminal has no blocks.
 *
 * @module
 */

import { level, type Line, type Span, span, type Style } from "./line.ts";

const BLOCKS = " \u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";
const ASCII = " .:-=+*#@";

/** Which characters there are to draw with. */
export interface Glyphs {
  /** Nine, from nothing to full. */
  readonly levels: string;
  readonly full: string;
  readonly empty: string;
  readonly rule: string;
  readonly down: string;
  readonly up: string;
  readonly pointer: string;
  readonly dot: string;
}

/** Those of Unicode. */
export const UNICODE: Glyphs = {
  levels: BLOCKS,
  full: "\u2588",
  empty: "\u2591",
  rule: "\u2500",
  down: "\u25bc",
  up: "\u25b2",
  pointer: "\u25b8",
  dot: "\u00b7",
};
/** Those of ASCII. */
export const PLAIN: Glyphs = {
  levels: ASCII,
  full: "#",
  empty: ".",
  rule: "-",
  down: "v",
  up: "^",
  pointer: ">",
  dot: "-",
};

/** A bar of so many cells, a share of it filled. */
export function bar(share: number | null, width: number, glyphs: Glyphs, style?: Style): Line {
  const filled = Math.round(clamp(share ?? 0) * width);
  return [
    span(glyphs.full.repeat(filled), style ?? level(share)),
    span(glyphs.empty.repeat(width - filled), "empty"),
  ];
}

/**
 * The last values of a series, one a cell, the newest at the right end.
 *
 * @param values The series, oldest first; null where it is not known.
 * @param width How many cells.
 * @param most What fills a cell.
 * @param glyphs What to draw with.
 * @param style One style for all; left out, each cell's is that of its share.
 */
export function sparkline(
  values: readonly (number | null)[],
  width: number,
  most: number,
  glyphs: Glyphs,
  style?: Style,
): Line {
  return area(values, width, 1, most, glyphs, style)[0] ?? [];
}

/** The same over several rows, the first one the highest. */
export function area(
  values: readonly (number | null)[],
  width: number,
  height: number,
  most: number,
  glyphs: Glyphs,
  style?: Style,
): Line[] {
  const seen = values.slice(Math.max(0, values.length - width));
  const rows: Line[] = [];
  for (let row = 0; row < height; row++) {
    const spans: Span[] = [];
    if (seen.length < width) spans.push(span(" ".repeat(width - seen.length)));
    let run = "";
    let runStyle: Style = "chart";
    for (const value of seen) {
      const share = value === null ? null : most > 0 ? clamp(value / most) : 0;
      // What is at all is seen: the lowest row never is quite empty.
      const steps = share === null ? 0 : Math.max(Math.round(share * height * 8), 1);
      const here = Math.max(0, Math.min(8, steps - (height - 1 - row) * 8));
      const cell = style ?? level(share);
      if (cell !== runStyle && run !== "") {
        spans.push(span(run, runStyle));
        run = "";
      }
      runStyle = cell;
      run += glyphs.levels[here]!;
    }
    if (run !== "") spans.push(span(run, runStyle));
    rows.push(spans);
  }
  return rows;
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
