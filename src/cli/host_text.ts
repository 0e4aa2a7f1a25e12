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
/** The same of an address with its port, of which the port stays. */
const LEAST_END = 7;

/** Which columns of a table are special where it does not fit. */
export interface TableColumns {
  /** Columns of words that somebody types again: they are cut when nothing else can be. */
  readonly whole?: readonly number[];
  /** Columns that lose their beginning rather than their end. */
  readonly ends?: readonly number[];
  /** Columns that go when cutting is not enough, in this order. */
  readonly spare?: readonly number[];
}

/** Rows below a heading, in columns; what is too wide is cut, the widest column first. */
export function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
  { whole = [], ends = [], spare = [] }: TableColumns = {},
): string[] {
  const all = [heading, ...rows].map((row) => row.map(cell));
  const widths = heading.map((_, at) =>
    all.reduce((most, row) => Math.max(most, [...row[at]!].length), 0)
  );
  const shown = new Set(widths.keys());
  const left = [...spare];
  const total = (): number => [...shown].reduce((sum, at) => sum + widths[at]! + 2, -2);
  const canBeCut = (at: number): boolean =>
    shown.has(at) && widths[at]! > (ends.includes(at) ? LEAST_END : LEAST);
  while (total() > columns) {
    const loose = [...shown].filter(canBeCut);
    const first = loose.filter((at) => !whole.includes(at));
    const from = first.length > 0 ? first : loose;
    if (from.length === 0) {
      const gone = left.shift();
      if (gone === undefined) break;
      shown.delete(gone);
    } else {
      const most = Math.max(...from.map((at) => widths[at]!));
      widths[from.find((at) => widths[at] === most)!]!--;
    }
  }
  return all.map((row) =>
    row.map((text, at) => fit(text, widths[at]!, ends.includes(at)))
      .filter((_, at) => shown.has(at)).join("  ").trimEnd()
  );
}

function fit(text: string, width: number, isEndKept: boolean): string {
  const characters = [...text];
  if (characters.length <= width) return text + " ".repeat(width - characters.length);
  return isEndKept
    ? `~${characters.slice(1 - width).join("")}`
    : `${characters.slice(0, width - 1).join("")}~`;
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
