/**
 * Tables and paragraphs that fit a terminal.
 *
 * @module
 */

import { isTerminal } from "./terminal.ts";

/** How many columns there are: those of the terminal, else as many as nothing is cut in. */
export function columnsOf(): number {
  try {
    if (isTerminal(Deno.stdout)) return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
  return Infinity;
}

/** A text on one line, without what a terminal would act on. */
export function cell(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
}

/** No column is cut to less. */
const LEAST = 5;

/**
 * Rows below a heading, in columns; what is too wide is cut, the widest column first. `whole` are columns of words that
 * somebody types again: they are cut when nothing else can be.
 */
export function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
  whole: readonly number[] = [],
): string[] {
  const all = [heading, ...rows].map((row) => row.map(cell));
  const widths = heading.map((_, at) =>
    all.reduce((most, row) => Math.max(most, [...row[at]!].length), 0)
  );
  const total = (): number => widths.reduce((sum, width) => sum + width + 2, -2);
  const widest = (at: (column: number) => boolean): number =>
    Math.max(...widths.filter((width, column) => width > LEAST && at(column)));
  while (total() > columns) {
    const isCut = widest((column) => !whole.includes(column)) > 0
      ? (column: number) => !whole.includes(column)
      : () => true;
    const most = widest(isCut);
    if (most < 0) break;
    widths[widths.findIndex((width, column) => width === most && isCut(column))]!--;
  }
  return all.map((row) => row.map((text, at) => fit(text, widths[at]!)).join("  ").trimEnd());
}

function fit(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text + " ".repeat(width - characters.length);
  return `${characters.slice(0, width - 1).join("")}~`;
}

/** A text in lines between words. */
export function wrapped(text: string, columns: number, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent.length + line.length + 1 + word.length > columns) {
      lines.push(indent + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, indent + line];
}
