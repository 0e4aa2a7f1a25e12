/** Source code as blocks: what comments say, and the code between. Linear in the text. @module */

import type { Block } from "./types.ts";

/** A line that is a comment, in the marks of most languages. */
const COMMENT_LINE =
  /\*\/\s*$|^\s*(?:\/\/|\/\*|\*(?![\w(])|#(?!\[|!?\w+[ \t(]*[<"(\w])|--|;;|%|"""|'''|<!--|\(\*)/;
/** The marks at both ends of such a line. */
const COMMENT_MARKS =
  /^\s*(?:\/{2,}!?|\/\*+!?|\*+\/|\*+(?![\w(])|#+|-{2,}|;+|%+|"""|'''|<!--|\(\*)[ \t]?|[ \t]*(?:\*+\/|-->|\*\)|"""|''')[ \t]*$/g;

/** Splits source code into blocks: comments are text, and what stands together between empty lines is code. */
export function codeBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf("\n", start);
    if (end < 0) end = text.length;
    const line = text.slice(start, Math.min(end, start + 256));
    if (line.trim() === "") {
      open = undefined;
      continue;
    }
    const kind = COMMENT_LINE.test(line) ? "text" : "code";
    if (open?.kind === kind) open.end = end;
    else blocks.push(open = { kind, start, end, level: 0 });
  }
  return blocks;
}

/** What a comment says. */
export function commentWords(text: string): string {
  return text.split("\n").map((line) => line.replace(COMMENT_MARKS, "")).join("\n");
}
