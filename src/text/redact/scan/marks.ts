/**
 * Where the signs are that secrets stand behind. Part of `context.ts`. Twin: `rust/areas/redact/src/marks.rs`.
 *
 * @module
 */

import { isQuote } from "./around.ts";
import { type Codes, ENYE } from "./codes.ts";

const HYPHEN = 45;

/** What a character may be: nothing, a sign that assigns, what needs a second look, what `Bearer` begins with. */
const SIGN = 1;
const PERHAPS = 2;
const BEARER = 3;

/** By code. */
const KINDS = new Uint8Array(256);
for (const sign of "=:>") KINDS[sign.charCodeAt(0)] = SIGN;
for (const mark of "-wWfFkzqS") KINDS[mark.charCodeAt(0)] = PERHAPS;
for (const first of "bB") KINDS[first.charCodeAt(0)] = BEARER;
KINDS[ENYE] = PERHAPS;

/**
 * The first mark from `at` on; `most` where there is none before it. Marks are signs that assign (`=`, `:`, `>`), the
 * hyphens of options, and a letter within a phrase, the first two of `senha` and `sse est` aside, which few texts have.
 */
export function nextMark(codes: Codes, at: number, most: number): number {
  if (at > 0 && at < most && KINDS[codes[at - 1]!] === BEARER && isBearer(codes, at - 1)) {
    return at;
  }
  for (let p = at; p < most; p++) {
    const kind = KINDS[codes[p]!]!;
    if (kind === 0) continue;
    if (kind === SIGN) return p;
    if (kind === PERHAPS) {
      if (codes[p] === HYPHEN ? isOption(codes, p) : isPhrase(codes, p)) return p;
    } else if (isBearer(codes, p)) return Math.min(p + 1, most);
  }
  return most;
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
  return codes[p + 1] === 101 && codes[p + 2] === 97 && startsWith(codes, p + 3, "rer ");
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
      return next === 108 && p > 0 && codes[p - 1] === 115 && startsWith(codes, p, "qlplus ");
    case 83: // S
      return next === 101 && startsWith(codes, p, "SecureString ");
    default: // \u00f1
      return p > 1 && codes[p - 2] === 115 && codes[p - 1] === 101 &&
        startsWith(codes, p + 1, "a es ");
  }
}

/** What `woord`, `wort` and what says that a value comes look like. */
const WORDS = ["woord is ", "wort ist ", "wort lautet "];

function startsWith(codes: Codes, p: number, what: string): boolean {
  for (let k = 0; k < what.length; k++) {
    if (codes[p + k] !== what.charCodeAt(k)) return false;
  }
  return true;
}
