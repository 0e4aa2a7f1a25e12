/**
 * The same lines as a picture, for light and dark pages. Blocks and rules are drawn as shapes, since fonts do not agree
 * how large theirs are.
 *
 * @module
 */

import { widthOf } from "./cells.ts";
import type { Line, Style } from "./line.ts";

const CELL = { width: 7.8, height: 17 };
const EDGE = 16;
const FONT = 13;
const LOWEST_BLOCK = 0x2581;

const STYLE = `
  .ground { fill: #ffffff; stroke: #d1d9e0; }
  text { font: ${FONT}px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328; white-space: pre; }
  .strong { font-weight: 700; }
  text.soft { fill: #6e7781; } rect.soft { fill: #6e7781; }
  text.title { fill: #0969da; font-weight: 700; }
  text.key { fill: #0969da; }
  text.calm, rect.calm { fill: #1a7f64; }
  text.busy, rect.busy { fill: #bc6c00; }
  text.hot, rect.hot { fill: #c4432d; }
  text.chart, rect.chart { fill: #4a7fb0; }
  text.empty { fill: #d1d9e0; } rect.empty { fill: #d8dee4; }
  rect.plain, rect.strong, rect.title, rect.key { fill: #1f2328; }
  rect.marked { fill: #ddebfa; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; stroke: #3d444d; }
    text { fill: #e6edf3; }
    text.soft { fill: #9198a1; } rect.soft { fill: #9198a1; }
    text.title, text.key { fill: #58a6ff; }
    text.calm, rect.calm { fill: #3fb68b; }
    text.busy, rect.busy { fill: #d9902f; }
    text.hot, rect.hot { fill: #e5664d; }
    text.chart, rect.chart { fill: #6ea3d2; }
    text.empty { fill: #3d444d; } rect.empty { fill: #2b313a; }
    rect.plain, rect.strong, rect.title, rect.key { fill: #e6edf3; }
    rect.marked { fill: #1c3a5e; }
  }
`;

/** The picture of a screen, as SVG. */
export function svgOf(lines: readonly Line[], columns: number, title: string): string {
  const width = round(columns * CELL.width + 2 * EDGE);
  const height = round(lines.length * CELL.height + 2 * EDGE);
  const parts = lines.flatMap((line, row) => rowOf(line, row));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${
    escaped(title)
  }">
<style>${STYLE}</style>
<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${parts.join("\n")}
</svg>
`;
}

function rowOf(line: Line, row: number): string[] {
  const parts: string[] = [];
  const top = EDGE + row * CELL.height;
  let column = 0;
  for (const { text, style } of line) {
    if (style === "chosen") {
      parts.push(rect("marked", column, top, widthOf(text), 0, 1));
    }
    for (const run of runsOf(text)) {
      const cells = widthOf(run);
      const shape = shapeOf(run);
      if (shape !== undefined) {
        const [low, high] = shape;
        parts.push(rect(style, column, top, cells, low, high));
      } else if (run.trim() !== "") parts.push(textOf(run, style, column, top, cells));
      column += cells;
    }
  }
  return parts;
}

/** Pieces of equal blocks, and the text between them; blanks at the ends are pieces of their own. */
function runsOf(text: string): string[] {
  return text.match(
    /([\u2581-\u2588])\1*|\u2591+|\u2500+| {2,}|^ +| +$|(?:(?! {2}| +$)[^\u2581-\u2588\u2591\u2500])+/gu,
  ) ??
    [];
}

/** Where a shape begins and ends in its cell, from the top, as shares; undefined for text. */
function shapeOf(run: string): readonly [number, number] | undefined {
  const code = run.charCodeAt(0);
  if (code >= LOWEST_BLOCK && code <= 0x2588) {
    return [0.06 + 0.94 * (1 - (code - LOWEST_BLOCK + 1) / 8), 1];
  }
  if (code === 0x2591) return [0.22, 0.78];
  return code === 0x2500 ? [0.48, 0.54] : undefined;
}

function rect(
  style: Style | "marked",
  column: number,
  top: number,
  cells: number,
  low: number,
  high: number,
): string {
  const [x, width] = [EDGE + column * CELL.width, cells * CELL.width];
  return `<rect class="${style}" x="${round(x)}" y="${round(top + low * CELL.height)}" width="${
    round(width)
  }" height="${round((high - low) * CELL.height)}"/>`;
}

function textOf(run: string, style: Style, column: number, top: number, cells: number): string {
  const x = round(EDGE + column * CELL.width);
  const length = round(cells * CELL.width);
  return `<text class="${style}" x="${x}" y="${
    round(top + CELL.height * 0.75)
  }" textLength="${length}" lengthAdjust="spacingAndGlyphs" xml:space="preserve">${
    escaped(run)
  }</text>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
