/**
 * An answer for people: its words within the width of the screen, what answers emphasised, and under it where each of them
 * stands, with the title and the headings of the place.
 *
 * @module
 */

import type { Answer } from "../agent/mod.ts";
import { harmless } from "./harmless.ts";
import type { Output } from "./output.ts";
import type { Citation } from "./citations.ts";
import { displayPath } from "./paths.ts";
import { cut, widthOf } from "./top/cells.ts";

/** Wider lines are hard to read. */
const READABLE = 80;
const INDENT = "    ";
/** What makes up a quote that is shown below its place has at most so many lines. */
const MOST_LINES = 4;

/** A stretch of a text. */
interface Span {
  start: number;
  end: number;
}

/** How many columns are used: those of the screen, and of a wide one only as many as are easy to read. */
export function columnsFor(wide: boolean): number {
  let columns: number;
  try {
    columns = Deno.consoleSize().columns || READABLE;
  } catch {
    columns = wide ? Infinity : READABLE;
  }
  return Math.max(wide ? columns : Math.min(columns, READABLE), 20);
}

/** Prints an answer. */
export function printAnswer(
  answer: Answer,
  citations: readonly Citation[],
  output: Output,
  columns: number,
): void {
  const text = shownText(separated(answer.answer));
  const marks = citations.flatMap(({ words }) => spansOf(text, words.mark));
  for (const line of wrapped(text, columns)) output.line(emphasised(text, line, marks, output));
  for (const [at, citation] of citations.entries()) {
    output.line();
    printCitation(at + 1, citation, text, output, columns);
  }
  output.line();
  const facts = [`confidence ${answer.confidence.toFixed(2)}`, `domain ${answer.domain}`];
  if (answer.cached) facts.push(`answered before, at ${answer.timestamp}`);
  output.line(output.dim(facts.join(", ")));
}

function printCitation(
  number: number,
  { source, line, heading, anchor, words }: Citation,
  answer: string,
  output: Output,
  columns: number,
): void {
  const place = line !== null ? `:${line}` : anchor === undefined ? "" : `#${anchor}`;
  output.line(`[${number}] ${output.bold(harmless(displayPath(source.document) + place))}`);
  const title = source.title === undefined || heading[0] === source.title ? [] : [source.title];
  const path = harmless([...title, ...heading].join(" › ").replace(/\s+/g, " "));
  if (path !== "") output.line(output.dim(INDENT + shortPath(path, columns - INDENT.length)));
  // What the answer says already is not said again.
  if (words.quote === "" || spansOf(answer, words.quote).length > 0) return;
  const quote = shownText(words.quote);
  const lines = wrapped(quote, columns - INDENT.length);
  const shown = lines.slice(0, MOST_LINES);
  const marks = spansOf(quote, words.mark);
  for (const [at, line] of shown.entries()) {
    const more = at === MOST_LINES - 1 && lines.length > MOST_LINES ? " ..." : "";
    output.line(INDENT + emphasised(quote, line, marks, output) + more);
  }
}

/** Quotes from different places, each followed by the number of its source, on lines of their own. */
function separated(answer: string): string {
  return answer.includes("\n") ? answer : answer.replace(/(\[\d+\]) (?=\S)/g, "$1\n");
}

/** The end of a path of headings says the most: it is cut at the front. */
function shortPath(path: string, columns: number): string {
  if (widthOf(path) <= columns) return path;
  const steps = path.split(" › ");
  while (steps.length > 1 && widthOf(`... › ${steps.join(" › ")}`) > columns) steps.shift();
  return cut(`... › ${steps.join(" › ")}`, columns, "…");
}

/** Text as it is printed: harmless, and a tab is no more than some blanks. */
function shownText(text: string): string {
  return harmless(text.replaceAll("\r\n", "\n")).replaceAll("\t", "    ");
}

/** Where words stand in a text; nowhere if there are none. */
function spansOf(text: string, words: string): Span[] {
  const shown = shownText(words);
  const start = shown === "" ? -1 : text.indexOf(shown);
  return start < 0 ? [] : [{ start, end: start + shown.length }];
}

/** The lines of a text as stretches of it, none wider than the columns unless one character is. */
export function wrapped(text: string, columns: number): Span[] {
  const lines: Span[] = [];
  for (let start = 0; start <= text.length;) {
    let end = text.indexOf("\n", start);
    if (end < 0) end = text.length;
    wrapLine(text, start, end, columns, lines);
    start = end + 1;
  }
  return lines;
}

function wrapLine(text: string, from: number, to: number, columns: number, lines: Span[]): void {
  let start = from;
  do {
    let width = 0;
    let end = start;
    let blank = -1;
    for (const character of text.slice(start, Math.min(to, start + columns * 4))) {
      width += widthOf(character);
      if (width > columns) break;
      if (character === " " && end > start) blank = end;
      end += character.length;
    }
    if (end < to && end === start) end = start + (text.codePointAt(start)! > 0xffff ? 2 : 1);
    const isWhole = end >= to;
    if (!isWhole && text[end] !== " " && blank > start) end = blank;
    lines.push({ start, end });
    start = end;
    while (!isWhole && start < to && text[start] === " ") start++;
  } while (start < to);
}

/** A line of a text with what is marked in it emphasised. */
function emphasised(text: string, line: Span, marks: readonly Span[], output: Output): string {
  let shown = "";
  let at = line.start;
  for (const mark of [...marks].sort((a, b) => a.start - b.start)) {
    const start = Math.max(mark.start, at);
    const end = Math.min(mark.end, line.end);
    if (end <= start) continue;
    shown += text.slice(at, start) + output.bold(text.slice(start, end));
    at = end;
  }
  return shown + text.slice(at, Math.max(at, line.end));
}
