/**
 * The signs that say of superscript and subscript text that it is: `10^6`, `H_2O`, `x^(a+b)`. None where the page has a
 * fraction, an ordinal, a reference or a trade mark. Twin: `scripts.rs`.
 *
 * @module
 */

import { classOf, OTHER } from "./characters.ts";
import { plain } from "./plain.ts";
import { DROPPED, HIDDEN, LINK_SHIFT, type Tree } from "./tree.ts";

/** Of an element so many nodes are looked at. */
const NEAR = 8;
/** What stands high without being an exponent. */
const ORDINALS = new Set("st nd rd th e er re ère ème eme nde a o tm sm".split(" "));
const FRACTION = 0x2044;

/** What is written before and behind; " " before for a space. */
export interface ScriptMarks {
  before: string;
  after: string;
}

const NO_MARKS: ScriptMarks = { before: "", after: "" };

/** The signs for an element; `beside` is the code point that its text would stand beside. */
export function scriptMarks(tree: Tree, node: number, high: boolean, beside: number): ScriptMarks {
  const isDigitBefore = isDigit(beside);
  if (classOf(beside) !== OTHER && beside !== 41 && beside !== 93) return NO_MARKS;
  const end = tree.end[node]!;
  let text = "";
  for (let at = node + 1; at < end && at <= node + NEAR; at++) {
    if (tree.tag[at] !== 0 || (tree.flags[at]! & (HIDDEN | DROPPED)) !== 0) continue;
    if (tree.style[at]! >>> LINK_SHIFT !== 0) return NO_MARKS;
    text += plain(tree.source.slice(tree.from[at]!, tree.to[at]!));
  }
  text = text.replace(/^[\t\n\f\r \u00a0]+|[\t\n\f\r \u00a0]+$/g, "");
  if (text === "") return NO_MARKS;
  const next = following(tree, end);
  if (high && (next === 47 || next === FRACTION)) {
    return isDigitBefore ? { before: " ", after: "" } : NO_MARKS;
  }
  const lower = text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  if (high && ORDINALS.has(lower) && (isDigitBefore || lower === "tm" || lower === "sm")) {
    return NO_MARKS;
  }
  const mark = high ? "^" : "_";
  const first = text.codePointAt(0)!;
  const isSigned = first === 43 || first === 45 || first === 0x2212;
  if (!isSigned && classOf(first) !== OTHER) {
    return first === 40 ? { before: mark, after: "" } : NO_MARKS;
  }
  let isWord = end <= node + NEAR + 1;
  for (const character of isSigned ? text.slice(1) : text) {
    if (classOf(character.codePointAt(0)!) !== OTHER) isWord = false;
  }
  const last = text.codePointAt(text.length - 1)!;
  const runsOn = next >= 0 && classOf(next) === OTHER && isDigit(next) === isDigit(last);
  if (isWord && !runsOn && !(isSigned && !high)) return { before: mark, after: "" };
  return { before: `${mark}(`, after: ")" };
}

/** The first code point of the text after an element; -1 if it is not far and there is none. */
function following(tree: Tree, from: number): number {
  for (let at = from; at < tree.count && at < from + NEAR; at++) {
    if (tree.tag[at] !== 0) continue;
    return plain(tree.source.slice(tree.from[at]!, tree.to[at]!)).codePointAt(0) ?? -1;
  }
  return -1;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
