/** The figures of one source: its lines by what they are, and the marks that its comments hold. @module */

import { FILL, type Masked } from "./mask.ts";

/** A mark in a comment that says that something is open. */
export interface Mark {
  readonly line: number;
  readonly mark: string;
  readonly text: string;
}

/** Lines by what they are. A line with code and a comment is code. */
export interface LineCounts {
  readonly lines: number;
  readonly code: number;
  readonly comment: number;
  readonly blank: number;
}

/** The usual words; each is written so that it is no mark of this file. */
const MARK = /\b(TO[D]O|FIX[M]E|HAC[K]|XX[X]|BU[G])\b(?:\([^)\n]{0,40}\))?:?[ \t]*([^\n]{0,160})/g;

/** Counts lines. */
export function countLines(text: string, { code, comments }: Masked): LineCounts {
  const counts = { lines: 0, code: 0, comment: 0, blank: 0 };
  let next = 0;
  for (let start = 0; start < text.length;) {
    let end = text.indexOf("\n", start);
    if (end < 0) end = text.length;
    counts.lines++;
    while (next < comments.length && comments[next + 1]! <= start) next += 2;
    const isComment = next < comments.length && comments[next]! <= end && comments[next]! < end;
    const row = code.slice(start, end);
    // A docstring is filled as texts are, and a comment all the same.
    const isDoc = isComment && row.includes(FILL) &&
      comments[next]! <= start + row.search(/\S/);
    if ((isDoc ? row.replaceAll(FILL, "") : row).trim() !== "") counts.code++;
    else if (isComment && text.slice(start, end).trim() !== "") counts.comment++;
    else counts.blank++;
    start = end + 1;
  }
  return counts;
}

/** Finds marks. */
export function marksOf(text: string, { comments }: Masked): Mark[] {
  const marks: Mark[] = [];
  let [line, counted] = [1, 0];
  for (let at = 0; at < comments.length; at += 2) {
    const [begin, end] = [comments[at]!, comments[at + 1]!];
    for (const found of text.slice(begin, end).matchAll(MARK)) {
      for (const until = begin + found.index; counted < until; counted++) {
        if (text.charCodeAt(counted) === 10) line++;
      }
      const said = found[2]!.replace(/\s*(?:\*\/|-->|"""|''')\s*$/, "").trim();
      marks.push({ line, mark: found[1]!, text: said.toWellFormed() });
    }
  }
  return marks;
}
