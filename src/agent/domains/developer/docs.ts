/**
 * What a comment says of the declaration that it stands at: the first paragraph of JSDoc and its like, of lines of comments that
 * the language takes for documentation, of a docstring.
 *
 * @module
 */

import type { Family } from "./languages.ts";
import { FILL } from "./mask.ts";

/** So many lines of a comment are looked at, and so much is told. */
const MOST_LINES = 200;
const MOST_SAID = 400;
/** What may stand between a comment and its declaration: decorators, attributes. */
const BETWEEN = /^\s*(?:@[\w.]+(?:\(.*\))?|#!?\[.*\]|\[[\w., ()"=]*\])\s*$/;
/** Lines of comments that are documentation, and not a remark. */
const LINES: Partial<Record<Family, RegExp>> = { go: /^\s*\/\/ ?/, rust: /^\s*\/\/\/ ?/ };
const TRIPLE_SLASH = /^\s*\/\/\/ ?/;
const DOCSTRING = /^\s*[rRuU]?("""|'''|"(?!")|'(?!'))/;

/** What is said of the declaration that begins at a line, counted from 1; undefined if nothing is. */
export function docOf(
  rows: readonly string[],
  masked: readonly string[],
  line: number,
  family: Family,
): string | undefined {
  const said = family === "python"
    ? docstring(rows, masked, line)
    : above(rows, masked, line, family);
  return said === undefined ? undefined : summary(said);
}

/** The comment that ends right above a declaration. */
function above(
  rows: readonly string[],
  masked: readonly string[],
  line: number,
  family: Family,
): string[] | undefined {
  let at = line - 2;
  const highest = Math.max(0, at - MOST_LINES);
  while (at >= highest && BETWEEN.test(rows[at]!)) at--;
  if (at < highest || !isNoCode(masked[at])) return undefined;
  const least = Math.max(0, at - MOST_LINES);
  if (rows[at]!.trimEnd().endsWith("*/")) {
    let first = at;
    while (first > least && !rows[first]!.includes("/*")) first--;
    if (!/^\s*\/\*\*(?!\*)/.test(rows[first]!)) return undefined;
    return rows.slice(first, at + 1).map((row) =>
      row.replace(/^\s*\/\*\*|\*\/\s*$/g, "").replace(/^\s*\* ?/, "")
    );
  }
  const mark = LINES[family] ?? TRIPLE_SLASH;
  let first = at + 1;
  while (first > least && mark.test(rows[first - 1]!)) first--;
  return first > at ? undefined : rows.slice(first, at + 1).map((row) => row.replace(mark, ""));
}

/** The text that is the first thing in a body of Python. */
function docstring(
  rows: readonly string[],
  masked: readonly string[],
  line: number,
): string[] | undefined {
  let at = line - 1;
  const last = Math.min(rows.length, at + 50);
  while (at < last && !/:\s*$/.test(masked[at]!.replaceAll(FILL, ""))) at++;
  for (at++; at < last && rows[at]!.trim() === "";) at++;
  const row = rows[at];
  const open = row === undefined ? null : DOCSTRING.exec(row);
  if (open === null || !isNoCode(masked[at])) return undefined;
  const quote = open[1]!;
  const said: string[] = [];
  let rest = row!.slice(open[0].length);
  for (;;) {
    const end = rest.indexOf(quote);
    said.push(end < 0 ? rest : rest.slice(0, end));
    if (end >= 0 || quote.length === 1 || ++at >= rows.length || said.length > MOST_LINES) {
      return said;
    }
    rest = rows[at]!;
  }
}

function isNoCode(masked: string | undefined): boolean {
  return masked !== undefined && masked.replaceAll(FILL, "").trim() === "";
}

/** The first paragraph, before what has a tag. */
function summary(lines: readonly string[]): string | undefined {
  const text: string[] = [];
  for (const line of lines) {
    const bare = line.replace(/<\/?(?:summary|remarks|p)>/g, "").trim();
    if (/^[@\\]\w/.test(bare) || (bare === "" && text.length > 0)) break;
    if (bare !== "") text.push(bare);
  }
  const said = text.join(" ");
  if (said === "") return undefined;
  return said.length <= MOST_SAID ? said : `${said.slice(0, MOST_SAID).toWellFormed()}...`;
}
