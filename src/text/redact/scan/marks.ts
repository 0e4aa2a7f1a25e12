/**
 * Where the signs are that secrets stand behind. Part of `context.ts`. Twin: `rust/areas/redact/src/marks.rs`.
 *
 * @module
 */

import { isQuote } from "./around.ts";
import { type Codes, ENYE, startsWith } from "./codes.ts";
import { isDialogue } from "./dialogue.ts";
import { mayBeColumn } from "./table.ts";

const HYPHEN = 45;

/** What a pair of characters may be: a sign that assigns, or else of what the second look is. */
const SIGN = 1;
/** By code: bits of what may begin with it, and of what may go on with it. */
const FIRST = new Uint16Array(256);
const SECOND = new Uint16Array(256).fill(SIGN);

/** Pairs of characters that a second look is worth. */
const PAIRS = [
  ["wW", "oOdD"],
  ["fF", "iI"],
  ["kSbB", "e"],
  ["z", "a"],
  ["q", "lu"],
  ["n", "h"],
  ["s", "s"],
  ["SHNRQf", " \r\n\"'`E26"],
  ["e", "c"],
  ["<", "<"],
  ["(", "\"'`"],
];
for (const sign of "=:>|") FIRST[sign.charCodeAt(0)] = SIGN;
PAIRS.forEach(([firsts, seconds], k) => {
  for (const first of firsts!) FIRST[first.charCodeAt(0)]! |= 2 << k;
  for (const second of seconds!) SECOND[second.charCodeAt(0)]! |= 2 << k;
});
const OPTION = 2 << PAIRS.length;
FIRST[HYPHEN] = OPTION;
FIRST[ENYE] = OPTION;
for (let code = 65; code < 256; code++) SECOND[code]! |= OPTION;
SECOND[HYPHEN]! |= OPTION;
/** What the name of a column may end with, and what may stand behind it. */
const COLUMN = OPTION << 1;
const NAME_ENDS = `adehklnopstwyADEHKLNOPSTWY0123456789"'\`]\r`;
for (const end of NAME_ENDS) FIRST[end.charCodeAt(0)]! |= COLUMN;
const BEHIND = new Uint8Array(256);
for (const sign of ",;)\t\n") {
  SECOND[sign.charCodeAt(0)]! |= COLUMN;
  BEHIND[sign.charCodeAt(0)] = 1;
}
/** `senha` is seen at its `n`, so far behind its mark. */
const SENHA = 2;

/**
 * The first mark from `at` on; `most` where there is none before it. Marks are signs that assign (`=`, `:`, `>`), the
 * hyphens of options, a letter within a phrase, and what stands behind the name of a column.
 */
export function nextMark(codes: Codes, at: number, most: number): number {
  // One of which the first letter was passed.
  if (at > 0 && at < most && (isBearer(codes, at - 1) || isColumn(codes, at))) return at;
  if (at < most && isSenha(codes, at)) return at;
  const stop = most + SENHA;
  let code = codes[at]!;
  for (let p = at; p < stop; p++) {
    const next = codes[p + 1]!;
    const may = FIRST[code]! & SECOND[next]!;
    if (may !== 0) {
      const mark = may === SIGN ? p : markAt(codes, p, may);
      if (mark >= at && mark < most) return mark;
    }
    code = next;
  }
  return most;
}

/** Whether a sign stands behind what may be the name of a column. */
function isColumn(codes: Codes, p: number): boolean {
  return BEHIND[codes[p]!] === 1 && mayBeColumn(codes, p);
}

/** The mark that the second look finds of a pair at `p`; -1 if there is none. */
function markAt(codes: Codes, p: number, may: number): number {
  if (may !== COLUMN) {
    const mark = pairAt(codes, p);
    if (mark >= 0 || (may & COLUMN) === 0) return mark;
  }
  return mayBeColumn(codes, p + 1) ? p + 1 : -1;
}

/** The same of what is no end of a name. */
function pairAt(codes: Codes, p: number): number {
  switch (codes[p]) {
    case HYPHEN:
      return isOption(codes, p) ? p : -1;
    case 98: // b
    case 66: // B
      return isBearer(codes, p) ? p + 1 : -1;
    case 110: // n
      return p >= SENHA && isSenha(codes, p - SENHA) ? p - SENHA : -1;
    case 115: // s
      return startsWith(codes, p, "sse est ") ? p : -1;
    case 40:
    case 60:
    case 72:
    case 78:
    case 81:
    case 82:
    case 101:
      return isDialogue(codes, p) ? p : -1;
    default:
      return isPhrase(codes, p) || isDialogue(codes, p) ? p : -1;
  }
}

/** Whether a hyphen may begin an option. */
function isOption(codes: Codes, p: number): boolean {
  const next = codes[p + 1]!;
  if (next === HYPHEN) return true;
  if (next < 65) return false;
  const before = p > 0 ? codes[p - 1]! : 0;
  return before <= 32 || isQuote(before);
}

/** `Bearer `, with or without the capital. */
function isBearer(codes: Codes, p: number): boolean {
  return (codes[p]! | 32) === 98 && startsWith(codes, p + 1, "earer ");
}

function isSenha(codes: Codes, p: number): boolean {
  return codes[p] === 115 && startsWith(codes, p, "senha ");
}

/** Whether the mark of a phrase is at a place: a letter within parts of words that names of secrets end with. */
function isPhrase(codes: Codes, p: number): boolean {
  const next = codes[p + 1];
  switch (codes[p]) {
    case 119: // w
      if (p > 1 && codes[p - 1] === 115 && codes[p - 2] === 115) {
        if (next === 100 || (next === 111 && codes[p + 2] === 114)) return true;
      }
      return next === 111 && WORDS.some((words) => startsWith(codes, p, words));
    case 87: // W
      return p > 1 && codes[p - 1] === 83 && codes[p - 2] === 83 &&
        (next === 68 || (next === 79 && codes[p + 2] === 82));
    case 102: // f
      return next === 105 && startsWith(codes, p, "fied by ");
    case 70: // F
      return next === 73 && startsWith(codes, p, "FIED BY ");
    case 107: // k
      return next === 101 && (startsWith(codes, p, "ken is ") || startsWith(codes, p, "key is "));
    case 122: // z
      return next === 97 && startsWith(codes, p, "zation");
    case 113: // q
      if (next === 117) return startsWith(codes, p - 2, "requirepass ");
      return p > 0 && codes[p - 1] === 115 && startsWith(codes, p, "qlplus ");
    case 83: // S
      return next === 101 && startsWith(codes, p, "SecureString ");
    default: // \u00f1
      return p > 1 && codes[p - 2] === 115 && codes[p - 1] === 101 &&
        startsWith(codes, p + 1, "a es ");
  }
}

/** What `woord`, `wort` and what says that a value comes look like. */
const WORDS = ["woord is ", "wort ist ", "wort lautet "];
