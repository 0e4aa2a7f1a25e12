/**
 * Formulas in MathML as one line of text: fractions, exponents and indices with the signs that say so. Time is linear
 * in the formula. Twin: `math.rs`.
 *
 * @module
 */

import { plain } from "./plain.ts";
import {
  ANNOTATION,
  INLINE,
  MFENCED,
  MFRAC,
  MROOT,
  MSQRT,
  MSUB,
  MSUBSUP,
  MSUP,
  MTABLE,
  MTR,
  SKIP,
  tagTable,
} from "./tags.ts";
import { DROPPED, ENCODING, HIDDEN, type Tree } from "./tree.ts";

/** An element of so many nodes is not looked into before it is written. */
const NEAR = 24;

interface Open {
  end: number;
  kind: number;
  /** How many children it had. */
  children: number;
  /** What is written at its end. */
  close: string;
}

/** The TeX that a formula was made of, if the page says it. */
export function texOf(tree: Tree, node: number): string | undefined {
  const end = tree.end[node]!;
  for (let at = node + 1; at < end; at++) {
    if (tree.tag[at] !== ANNOTATION) continue;
    if (!/^application\/x-tex$/i.test(tree.value(at, ENCODING) ?? "")) continue;
    let text = "";
    for (let inner = at + 1; inner < tree.end[at]!; inner++) {
      if (tree.tag[inner] === 0) text += textAt(tree, inner);
    }
    return text;
  }
  return undefined;
}

function textAt(tree: Tree, node: number): string {
  return plain(tree.source.slice(tree.from[node]!, tree.to[node]!));
}

/** A text of a formula without white space around it; what cannot be seen is a space or nothing. */
function token(tree: Tree, node: number): string {
  return textAt(tree, node).replace(/[\t\n\f\r \u00a0\u2061]+/g, " ")
    .replace(/[\u2062-\u2064\u200b]/g, "").replace(/^ | $/g, "");
}

/** The text of a formula. */
export function mathText(tree: Tree, node: number): string {
  const { kinds, known } = tagTable();
  const end = tree.end[node]!;
  const parts: string[] = [];
  const open: Open[] = [{ end, kind: INLINE, children: 0, close: "" }];
  let last = "";
  const write = (piece: string): void => {
    if (piece === "") return;
    parts.push(piece);
    last = piece;
  };
  for (let at = node + 1; at < end;) {
    while (open.at(-1)!.end <= at) write(open.pop()!.close);
    const tag = tree.tag[at]!;
    const kind = tag > 0 && tag < known ? kinds[tag]! : INLINE;
    if (kind === SKIP || (tree.flags[at]! & (HIDDEN | DROPPED)) !== 0) {
      at = tree.end[at]!;
      continue;
    }
    const text = tag === 0 ? token(tree, at) : "";
    if (tag === 0 && text === "") {
      at++;
      continue;
    }
    const parent = open.at(-1)!;
    const child = parent.children++;
    let close = "";
    switch (parent.kind) {
      case MFRAC:
      case MSUP:
      case MSUB:
      case MSUBSUP:
      case MROOT: {
        if (child > 0) write(separator(parent.kind, child));
        if (parent.kind === MROOT && child === 1) close = ")";
        else if (
          isCompound(tree, at) && (child > 0 || !isFenced(tree, at) || parent.kind === MFRAC)
        ) {
          write("(");
          close = ")";
        }
        break;
      }
      case MTABLE:
        if (child > 0) write("; ");
        break;
      case MTR:
      case MFENCED:
        if (child > 0) write(", ");
    }
    if (tag === 0) {
      if (runsTogether(last, text)) write(" ");
      write(text);
      write(close);
    } else {
      if (kind === MSQRT) write("√(");
      else if (kind === MTABLE) write("[");
      else if (kind === MFENCED) write("(");
      const own = kind === MSQRT || kind === MFENCED ? ")" : kind === MTABLE ? "]" : "";
      open.push({ end: tree.end[at]!, kind, children: 0, close: own + close });
    }
    at++;
  }
  while (open.length > 0) write(open.pop()!.close);
  return parts.join("");
}

function separator(kind: number, child: number): string {
  switch (kind) {
    case MFRAC:
      return "/";
    case MSUP:
      return "^";
    case MSUB:
      return "_";
    case MROOT:
      return "^(1/";
    default:
      return child === 1 ? "_" : "^";
  }
}

/** Whether an element has several texts. */
function isCompound(tree: Tree, node: number): boolean {
  const end = tree.end[node]!;
  if (end > node + NEAR) return true;
  let texts = 0;
  for (let at = node; at < end; at++) {
    if (tree.tag[at] === 0 && token(tree, at) !== "") texts++;
  }
  return texts > 1;
}

/** Whether it begins with a bracket. */
function isFenced(tree: Tree, node: number): boolean {
  const end = Math.min(tree.end[node]!, node + NEAR);
  for (let at = node; at < end; at++) {
    if (tree.tag[at] !== 0) continue;
    const text = token(tree, at);
    if (text !== "") return "([{|".includes(text[0]!);
  }
  return false;
}

/** Whether two texts beside each other would be read as one number or name. */
function runsTogether(before: string, text: string): boolean {
  const a = before.charCodeAt(before.length - 1);
  const b = text.charCodeAt(0);
  if (isDigit(a)) return isDigit(b);
  return isLetter(a) && isLetter(b) && (before.length > 1 || text.length > 1);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isLetter(code: number): boolean {
  const lower = code | 32;
  return lower >= 97 && lower <= 122;
}
