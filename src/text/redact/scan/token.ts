/**
 * JSON web tokens and tokens of high entropy. Twin: `rust/areas/redact/src/token.rs`.
 *
 * @module
 */

import { JWT_MAX, TOKEN_MAX } from "../rules.ts";
import {
  ALNUM,
  CLASS,
  classAt,
  DIGIT,
  HEX,
  JOIN,
  LOWER,
  MORE,
  NONE,
  unitAt,
  UPPER,
  WORD,
} from "./chars.ts";
import { wordsIn } from "./words.ts";

const QUOTE = 34;
const HYPHEN = 45;
const DOT = 46;
const EQUALS = 61;
const OPEN = 123;
const CLOSE = 125;
const HEAD = "eyJ";

/** The end of a run of base64url. */
function runEnd(text: string, s: number, limit: number): number {
  let p = s;
  while (p < limit) {
    const unit = text.charCodeAt(p);
    if ((CLASS[unit]! & WORD) === 0 && unit !== HYPHEN) break;
    p++;
  }
  return p;
}

/** The token that begins at `i`, where a word begins. */
export function jwtAt(text: string, i: number, last: boolean): number {
  const n = text.length;
  const more = last ? NONE : MORE;
  for (let k = 0; k < 3; k++) {
    if (i + k === n) return more;
    if (text.charCodeAt(i + k) !== HEAD.charCodeAt(k)) return NONE;
  }
  const limit = Math.min(n, i + JWT_MAX);
  const header = runEnd(text, i, limit);
  if (header === n) return more;
  if (text.charCodeAt(header) !== DOT || !isHeader(text, i, header)) return NONE;
  // The ends of the parts after the header.
  let p = header;
  let end: number = NONE;
  let payload = 0;
  for (let part = 2; part <= 5; part++) {
    const s = p + 1;
    p = runEnd(text, s, limit);
    if (p - i >= JWT_MAX) return i + JWT_MAX;
    if (p === n && !last) return MORE;
    if (part === 2) payload = p - s;
    else if (part > 3 && p === s) return end;
    if (part === 3 && payload > 0) end = p;
    if (part === 5) return p;
    if (p === n || text.charCodeAt(p) !== DOT || (part === 3 && p === s)) return end;
    if (p + 1 - i >= JWT_MAX) return i + JWT_MAX;
    if (p + 1 === n && !last) return MORE;
  }
  return end;
}

function sextet(unit: number): number {
  if (unit >= 97) return unit - 71;
  if (unit >= 65 && unit <= 90) return unit - 65;
  if (unit <= 57 && unit >= 48) return unit + 4;
  return unit === HYPHEN ? 62 : 63;
}

/** Whether base64url decodes to `{...}` with `"alg"`, a colon and a string in it. */
function isHeader(text: string, s: number, e: number): boolean {
  if ((e - s) % 4 === 1) return false;
  const wanted = '"alg"';
  let buffer = 0;
  let held = 0;
  let count = 0;
  let byte = 0;
  // How much of `wanted` was seen; then 5: expecting the colon, 6: the string, 7: found.
  let seen = 0;
  for (let p = s; p < e; p++) {
    buffer = (buffer << 6 | sextet(text.charCodeAt(p))) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    byte = buffer >> held & 0xff;
    if (count++ === 0 && byte !== OPEN) return false;
    const blank = byte === 32 || byte === 9 || byte === 10 || byte === 13;
    if (seen < 5) seen = byte === wanted.charCodeAt(seen) ? seen + 1 : byte === QUOTE ? 1 : 0;
    else if (seen === 5) seen = byte === 58 ? 6 : blank ? 5 : byte === QUOTE ? 1 : 0;
    else if (seen === 6) seen = byte === QUOTE ? 7 : blank ? 6 : 0;
  }
  return seen === 7 && byte === CLOSE;
}

/** See {@linkcode makeLogarithms}; made at first use. */
let logarithms: Int32Array | undefined;

/** 65,536 times the binary logarithm of the numbers up to `TOKEN_MAX`, by repeated squaring of whole numbers. */
function makeLogarithms(): Int32Array {
  const table = new Int32Array(TOKEN_MAX + 1);
  for (let x = 2; x <= TOKEN_MAX; x++) {
    let whole = 0;
    while (x >> (whole + 1) !== 0) whole++;
    let mantissa = Math.floor(x * 32_768 / 2 ** whole);
    let log = whole;
    for (let bit = 0; bit < 16; bit++) {
      mantissa = Math.floor(mantissa * mantissa / 32_768);
      log *= 2;
      if (mantissa >= 65_536) {
        mantissa = Math.floor(mantissa / 2);
        log++;
      }
    }
    table[x] = log;
  }
  return table;
}

const counts = new Uint16Array(128);

/** Whether the characters of `text` from `s` to `e`, of a token, carry at least `bits` / 65,536 bits each. */
export function isRandom(text: string, s: number, e: number, bits: number): boolean {
  const length = e - s;
  const log2 = logarithms ??= makeLogarithms();
  counts.fill(0);
  for (let p = s; p < e; p++) counts[text.charCodeAt(p)]!++;
  let sum = length * log2[length]!;
  for (let unit = 43; unit < 123; unit++) {
    const count = counts[unit]!;
    if (count > 1) sum -= count * log2[count]!;
  }
  return sum >= length * bits;
}

/** Bits a character, times 65,536: 3.75, 4.1, 4.4, 4.7. */
function threshold(length: number): number {
  return length < 28 ? 245_760 : length < 40 ? 268_697 : length < 64 ? 288_358 : 308_019;
}

/** Bits a hexadecimal digit, times 65,536: 3. */
const HEX_THRESHOLD = 196_608;

/** What `tokenAt` looks for: high-entropy tokens. */
export const MIXED = 1;
/** What `tokenAt` looks for: hexadecimal tokens. */
export const HEXADECIMAL = 2;
let found = 0;

/** Which of the two `tokenAt` found last. */
export function tokenKind(): number {
  return found;
}

/** The token that begins at `i`, where a word begins, for the kinds asked for. */
export function tokenAt(text: string, i: number, kinds: number, last: boolean): number {
  if ((classAt(text, i - 1) & JOIN) !== 0) return NONE;
  const n = text.length;
  const limit = Math.min(n, i + TOKEN_MAX + 1);
  let p = i;
  let any = 0;
  let all = 255;
  while (p < limit) {
    const bits = CLASS[text.charCodeAt(p)]!;
    if ((bits & (WORD | JOIN)) === 0) break;
    any |= bits;
    all &= bits;
    p++;
  }
  const length = p - i;
  if (length > TOKEN_MAX) return NONE;
  if (p === n && !last) return kinds === HEXADECIMAL && (all & HEX) === 0 ? NONE : MORE;
  if (length < LEAST) return NONE;
  // Cheaper to say than whether it is random.
  if ((all & HEX) === 0 && isPublic(text, i)) return NONE;
  if (
    (kinds & HEXADECIMAL) !== 0 && length >= 32 && (all & HEX) !== 0 && (any & DIGIT) !== 0 &&
    (any & (LOWER | UPPER)) !== 0 && isRandom(text, i, p, HEX_THRESHOLD)
  ) {
    found = HEXADECIMAL;
    // Of both kinds, the one of higher priority names it.
    if ((kinds & MIXED) === 0 || !isMixed(text, i, p, any)) return p;
  } else if ((kinds & MIXED) === 0 || !isMixed(text, i, p, any)) {
    return NONE;
  }
  if (isPublic(text, i)) return NONE;
  found = MIXED;
  const end = p;
  for (let pad = 0; pad < 2 && unitAt(text, p) === EQUALS; pad++) {
    p++;
    if (p === n && !last && pad < 1) return MORE;
  }
  const line = lineAt(text, i, p, end - i >= LINE_LEAST && end - i <= LINE_MOST, last);
  return line === MORE ? MORE : line === NONE ? p : NONE;
}

/** The shortest token. */
const LEAST = 20;
/** Of a token at least so much must be neither words nor numbers. */
const RANDOM_LEAST = 16;

function isMixed(text: string, s: number, e: number, any: number): boolean {
  const needed = LOWER | UPPER | DIGIT;
  return (any & needed) === needed && isRandom(text, s, e, threshold(e - s)) &&
    !isAlphabet(text, s, e) && isSecret(text, s, e);
}

/** Whether characters mostly follow each other as in an alphabet. */
function isAlphabet(text: string, s: number, e: number): boolean {
  let steps = 0;
  for (let p = s + 1; p < e; p++) {
    if (text.charCodeAt(p) === text.charCodeAt(p - 1) + 1) steps++;
  }
  return steps * 3 > e - s;
}

/** Whether what is no number and no hexadecimal part of a token is long enough, and no words. */
function isSecret(text: string, s: number, e: number): boolean {
  let score = 0;
  let rest = 0;
  for (let p = s; p < e;) {
    let q = p;
    let any = 0;
    let all = 255;
    while (q < e) {
      const bits = CLASS[text.charCodeAt(q)]!;
      if ((bits & ALNUM) === 0) break;
      any |= bits;
      all &= bits;
      q++;
    }
    // Digests and numbers; in small letters only, as they are written.
    if (q - p < 6 || (all & HEX) === 0 || (any & (UPPER | DIGIT)) !== DIGIT) {
      score += wordsIn(text, p, q);
      rest += q - p;
    }
    p = q + 1;
  }
  return rest >= RANDOM_LEAST && score <= 0;
}

/** What digests and public keys begin with, and what is before them. */
const PUBLIC = /^(?:sha(?:1|256|384|512)-|md5-|AAAAB3NzaC1|AAAAC3NzaC1|AAAAE2VjZHNh|AAAAG)/;
const FINGERPRINT = /(?:SHA(?:1|256|384|512)|sha(?:1|256|384|512)| h1):$/;

function isPublic(text: string, i: number): boolean {
  return PUBLIC.test(text.slice(i, i + 12)) || FINGERPRINT.test(text.slice(Math.max(0, i - 7), i));
}

/** A line of wrapped base64 is so long. */
const LINE_LEAST = 60;
const LINE_MOST = 80;
/** What is looked at of the white space before it. */
const INDENT_MOST = 32;

/**
 * Whether a token is a whole line behind one of base64, or before it if it is as long as those are: of something long.
 */
function lineAt(text: string, s: number, e: number, long: boolean, last: boolean): number {
  const n = text.length;
  let before = s;
  while (before > 0 && before > s - INDENT_MOST && isBlank(text.charCodeAt(before - 1))) before--;
  if (before > 0 && !isLineEnd(text.charCodeAt(before - 1))) return NONE;
  if (e === n) return last ? (before > 0 && isLineBefore(text, before - 1) ? 1 : NONE) : MORE;
  if (!isLineEnd(text.charCodeAt(e))) return NONE;
  if (before > 0 && isLineBefore(text, before - 1)) return 1;
  if (!long) return NONE;
  let p = e;
  while (p < n && isLineEnd(text.charCodeAt(p)) && p < e + 2) p++;
  while (p < n && isBlank(text.charCodeAt(p))) p++;
  const from = p;
  while (p < n && p - from < e - s && isBase64(text.charCodeAt(p))) p++;
  if (p === n && !last) return MORE;
  const whole = p === n || isLineEnd(text.charCodeAt(p)) || p - from === e - s;
  return whole && p - from >= 4 ? 1 : NONE;
}

/** Whether the line that ends before `end` is a long one of base64, or ends with hyphens. */
function isLineBefore(text: string, end: number): boolean {
  let p = end;
  if (p > 0 && isLineEnd(text.charCodeAt(p - 1))) p--;
  const stop = p;
  while (p > 0 && stop - p < LINE_LEAST && isBase64(text.charCodeAt(p - 1))) p--;
  return stop - p === LINE_LEAST || text.slice(Math.max(0, stop - 5), stop) === "-----";
}

function isBlank(unit: number): boolean {
  return unit === 32 || unit === 9;
}

function isLineEnd(unit: number): boolean {
  return unit === 10 || unit === 13;
}

/** Whether a character is of base64 with padding. */
export function isBase64(unit: number): boolean {
  return (CLASS[unit]! & ALNUM) !== 0 || unit === 43 || unit === 47 || unit === EQUALS;
}
