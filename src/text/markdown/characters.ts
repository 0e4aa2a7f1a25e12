/**
 * What single characters are to Markdown: white space, marks that may have to be escaped, and the classes that decide
 * about delimiters. Twin: `characters.rs`.
 *
 * @module
 */

import { isReference } from "./link.ts";

/** The classes that decide about delimiters. */
export const OTHER = 0;
export const WHITE = 1;
export const PUNCTUATION = 2;

export const PLAIN = 0;
export const COLLAPSED = 1;
const MARK = 2;

/** Of ASCII: white space, and what may have to be escaped. */
export const CHARACTERS: Uint8Array = new Uint8Array(128);
for (const code of [9, 10, 12, 13, 32]) CHARACTERS[code] = COLLAPSED;
for (const mark of "\\`*_[]<&~!") CHARACTERS[mark.charCodeAt(0)] = MARK;

const SYMBOL = /^[\p{P}\p{S}]/u;

/** Whether a code unit is white space that collapses. */
export function isWhite(code: number): boolean {
  return code === 160 || (code < 128 && CHARACTERS[code] === COLLAPSED);
}

function isWord(code: number): boolean {
  const lower = code | 32;
  return (code >= 48 && code <= 57) || (lower >= 97 && lower <= 122);
}

/** The class of a code point. */
export function classOf(point: number): number {
  if (point < 128) {
    if (point === 32 || (point >= 9 && point <= 13 && point !== 11)) return WHITE;
    return point > 32 && point < 127 && !isWord(point) ? PUNCTUATION : OTHER;
  }
  if (
    point === 0xa0 || point === 0x1680 || (point >= 0x2000 && point <= 0x200a) ||
    point === 0x202f || point === 0x205f || point === 0x3000
  ) return WHITE;
  return SYMBOL.test(String.fromCodePoint(point)) ? PUNCTUATION : OTHER;
}

/** Whether a mark at a place of a piece of text, from `first` to `to`, must be escaped. */
export function mustEscape(
  source: string,
  code: number,
  at: number,
  first: number,
  to: number,
  link: boolean,
): boolean {
  // What follows in another piece is not known here.
  const next = at + 1 < to ? source.charCodeAt(at + 1) : -1;
  switch (code) {
    case 42: // *
      return at === first || next < 0 || !isWhite(source.charCodeAt(at - 1)) || !isWhite(next);
    case 95: // _
      return at === first || next < 0 || !isWord(source.charCodeAt(at - 1)) || !isWord(next);
    case 126: // ~
      return at === first || next < 0 || next === 126 || !isWhite(source.charCodeAt(at - 1));
    case 91: // [
      return link || at === first;
    case 93: // ]
      return link || next < 0 || next === 40 || next === 91 || next === 58;
    case 60: // <
      return next < 0 || next === 33 || next === 47 || next === 63 ||
        ((next | 32) >= 97 && (next | 32) <= 122);
    case 38: // &
      return isReference(source, at, to, true);
    case 33: // !
      return next === 91;
    default: // \ and `
      return true;
  }
}
