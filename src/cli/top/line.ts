/**
 * Lines of styled text, from which the terminal's form, plain text and the picture are made.
 *
 * @module
 */

import { cut, widthOf } from "./cells.ts";

/** What a piece of text is, from which each form takes its colour. */
export type Style =
  | "plain"
  | "strong"
  | "soft"
  | "title"
  | "calm"
  | "busy"
  | "hot"
  | "chart"
  | "empty"
  | "chosen"
  | "key";

/** Text of one style; it is visible text, without anything that a terminal would act on. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

/** A line, from left to right. */
export type Line = readonly Span[];

/** A piece of text. */
export function span(text: string, style: Style = "plain"): Span {
  return { text, style };
}

/** The cells of a line. */
export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + widthOf(text), 0);
}

/** A line on exactly so many cells, cut or filled with blanks. */
export function fitted(line: Line, width: number): Line {
  const result: Span[] = [];
  let left = width;
  for (const { text, style } of line) {
    if (left <= 0) break;
    const cells = widthOf(text);
    if (cells <= left) result.push({ text, style });
    else result.push({ text: cut(text, left), style });
    left -= Math.min(cells, left);
  }
  const have = lineWidth(result);
  if (have < width) result.push(span(" ".repeat(width - have)));
  return result;
}

/** A line with something at each of its ends; the right one only where there is room for both. */
export function spread(left: Line, right: Line, width: number): Line {
  const end = lineWidth(right);
  if (lineWidth(left) + 2 + end > width) return fitted(left, width);
  return [...fitted(left, width - end), ...right];
}

/** Two columns beside each other, each as long as the longer one. */
export function beside(
  left: readonly Line[],
  leftWidth: number,
  right: readonly Line[],
  rightWidth: number,
  gap = 2,
): Line[] {
  const height = Math.max(left.length, right.length);
  return Array.from({ length: height }, (_, at) => [
    ...fitted(left[at] ?? [], leftWidth),
    span(" ".repeat(gap)),
    ...fitted(right[at] ?? [], rightWidth),
  ]);
}

/** A line as plain text, without blanks at its end. */
export function plainText(line: Line): string {
  return line.map(({ text }) => text).join("").trimEnd();
}

/** How much something is, as a style: calm below 60 %, busy below 85 %, hot from there. */
export function level(share: number | null): Style {
  if (share === null) return "soft";
  return share < 0.6 ? "calm" : share < 0.85 ? "busy" : "hot";
}
