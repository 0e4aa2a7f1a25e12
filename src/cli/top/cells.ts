/**
 * Text in the cells of a terminal: how wide it is, cut to a width, and with all that a terminal would act on made visible.
 *
 * A program chooses its own name, so it may hold anything. Control and format characters (marks of direction among them)
 * are written as their number, `<202E>`; what joins characters is so too, since terminals do not agree how wide those are
 * together; selectors of variants are left out. What is left has the width of its parts in each terminal.
 *
 * @module
 */

import { eastAsianWidth } from "npm:get-east-asian-width@1.7.0";

/** Nothing but what is one cell wide each and means nothing to a terminal. */
const PLAIN = /^[\x20-\x7e]*$/;
/** Never printed as it is: control, format, surrogate, private and unassigned characters, ends of lines. */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}]/u;
/** Marks on the character before. */
const MARK = /[\p{Mn}\p{Me}\u1160-\u11ff\ud7b0-\ud7ff]/u;
/** Selectors of variants, and fillers that look like nothing. */
const DROPPED = /[\ufe00-\ufe0f\u034f\u115f\u1160\u3164\uffa0\u{e0100}-\u{e01ef}]/u;
/** So many marks may stand on one character; more would be drawn over other lines. */
const MOST_MARKS = 2;

/** A text in which nothing is left that a terminal would act on. */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text;
  let result = "";
  let marks = MOST_MARKS;
  for (const character of text) {
    if (DROPPED.test(character)) continue;
    if (HIDDEN.test(character)) {
      const code = character.codePointAt(0)!.toString(16).toUpperCase();
      result += `<${code.padStart(2, "0")}>`;
      marks = 0;
    } else if (!MARK.test(character)) {
      result += character;
      marks = 0;
    } else if (marks++ < MOST_MARKS && result !== "") result += character;
  }
  return result;
}

/** The cells of a text that is {@linkcode visible}. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += cellsOf(character);
  return width;
}

/** As much of a visible text as fits; where something is missing a mark says so. */
export function cut(text: string, width: number, mark = "~"): string {
  if (width <= 0) return "";
  if (PLAIN.test(text) && text.length <= width) return text;
  if (widthOf(text) <= width) return text;
  let result = "";
  let left = width - 1;
  for (const character of text) {
    left -= cellsOf(character);
    if (left < 0) break;
    result += character;
  }
  return result + mark;
}

/** A visible text on exactly so many cells, cut or filled. */
export function padEnd(text: string, width: number): string {
  const short = cut(text, width);
  return short + " ".repeat(Math.max(0, width - widthOf(short)));
}

/** The same with the text at the end. */
export function padStart(text: string, width: number): string {
  const short = cut(text, width);
  return " ".repeat(Math.max(0, width - widthOf(short))) + short;
}

function cellsOf(character: string): number {
  const code = character.codePointAt(0)!;
  if (code < 0x300) return 1;
  return MARK.test(character) ? 0 : eastAsianWidth(code);
}
