/**
 * Private keys in PEM. Twin: `rust/agent-core-utils/src/redact/pem.rs`.
 *
 * @module
 */

import { PEM_MAX } from "../rules.ts";
import { ALNUM, CLASS, DIGIT, LOWER, MORE, NONE, unitAt, UPPER } from "./chars.ts";

const BEGIN = "-----BEGIN ";
const END = "-----END ";
const DASHES = "-----";
const LABEL_MAX = 64;
const HEADERS_MAX = 8;
const HEADER_MAX = 256;
/** The first line of a key has at least so many characters of base64. */
const FIRST_LINE = 32;
/** Shorter lines are last ones; two may follow each other (the last of the data, a checksum). */
const SHORT_LINE = 16;

const SPACE = 32;
const PLUS = 43;
const HYPHEN = 45;
const SLASH = 47;
const COLON = 58;
const EQUALS = 61;
const BACKSLASH = 92;

/** The block that begins at `i`, where there is a hyphen. */
export function pemAt(text: string, i: number, last: boolean): number {
  const n = text.length;
  const more = last ? NONE : MORE;
  for (let k = 1; k < BEGIN.length; k++) {
    if (i + k === n) return more;
    if (text.charCodeAt(i + k) !== BEGIN.charCodeAt(k)) return NONE;
  }
  const label = i + BEGIN.length;
  const labelEnd = labelAt(text, label, last);
  if (labelEnd <= 0) return labelEnd;
  const name = text.slice(label, labelEnd);
  if (!name.endsWith("PRIVATE KEY") && !name.endsWith("PRIVATE KEY BLOCK")) return NONE;
  return bodyAt(text, i, labelEnd + 5, name, last);
}

/** Where a label ends that five hyphens follow. */
function labelAt(text: string, s: number, last: boolean): number {
  const n = text.length;
  const more = last ? NONE : MORE;
  for (let p = s; p - s <= LABEL_MAX; p++) {
    if (p === n) return more;
    const unit = text.charCodeAt(p);
    if (unit === HYPHEN) {
      for (let k = 1; k < 5; k++) {
        if (p + k === n) return more;
        if (text.charCodeAt(p + k) !== HYPHEN) return NONE;
      }
      return p;
    }
    if ((CLASS[unit]! & (UPPER | DIGIT)) === 0 && unit !== SPACE) return NONE;
  }
  return NONE;
}

/** The length of white space at `p`, an escaped line end included; 0 if there is none, MORE if it cannot be said. */
function blankAt(text: string, p: number, last: boolean): number {
  const unit = unitAt(text, p);
  if (unit === SPACE || (unit >= 9 && unit <= 13)) return 1;
  if (unit !== BACKSLASH) return 0;
  if (p + 1 === text.length) return last ? 0 : MORE;
  const next = text.charCodeAt(p + 1);
  if (next === 110 || next === 114 || next === 116) return 2;
  return next === BACKSLASH ? 1 : 0;
}

function isBase64(unit: number): boolean {
  return (CLASS[unit]! & ALNUM) !== 0 || unit === PLUS || unit === SLASH || unit === EQUALS;
}

function bodyAt(text: string, i: number, s: number, name: string, last: boolean): number {
  const n = text.length;
  const limit = Math.min(n, i + PEM_MAX);
  let p = s;
  let headers = 0;
  let lines = 0;
  let short = 0;
  // Where the block ends if it turns out to be cut: behind the last long line.
  let cut: number = NONE;
  let line: number = NONE;
  for (;;) {
    const blank = p < limit ? blankAt(text, p, last) : 0;
    if (blank === MORE) return MORE;
    if (blank > 0) {
      p += blank;
      continue;
    }
    if (p >= limit) break;
    const from = p;
    while (p < limit && isBase64(text.charCodeAt(p))) p++;
    if (p === limit) {
      // The text or the bound ends within the line.
      if (n < i + PEM_MAX && !last) return MORE;
      if (lines > 0 || p - from >= FIRST_LINE) return p;
      return NONE;
    }
    if (lines === 0 && p - from < FIRST_LINE) {
      // Headers are possible only before the first line.
      p = headerAt(text, from, limit, last);
      if (p <= 0) return p;
      if (++headers > HEADERS_MAX) return NONE;
      continue;
    }
    if (p === from) return ending(text, p, name, cut, last);
    lines++;
    line = p;
    if (p - from >= SHORT_LINE) {
      short = 0;
      cut = p;
    } else if (++short > 2) {
      return cut;
    }
  }
  if (n < i + PEM_MAX) return last ? line : MORE;
  return lines > 0 ? limit : NONE;
}

/** A header such as `Proc-Type: 4,ENCRYPTED`, to its line's end. */
function headerAt(text: string, from: number, limit: number, last: boolean): number {
  const n = text.length;
  const stop = Math.min(limit, from + HEADER_MAX);
  let p = from;
  if (p < n && (CLASS[text.charCodeAt(p)]! & (LOWER | UPPER)) === 0) return NONE;
  while (
    p < stop && ((CLASS[text.charCodeAt(p)]! & ALNUM) !== 0 || text.charCodeAt(p) === HYPHEN)
  ) p++;
  if (p === n) return last ? NONE : MORE;
  if (p === stop || text.charCodeAt(p) !== COLON) return NONE;
  for (; p < stop; p++) {
    const unit = text.charCodeAt(p);
    if (unit === 10 || unit === 13) return p;
    if (unit === BACKSLASH) {
      if (p + 1 === n) return last ? NONE : MORE;
      const next = text.charCodeAt(p + 1);
      if (next === 110 || next === 114) return p;
    } else if (unit < SPACE || unit > 126) {
      return NONE;
    }
  }
  return p === n && !last ? MORE : NONE;
}

/** What stands where neither white space nor base64 does: the END line, or the end of a cut block. */
function ending(text: string, p: number, name: string, cut: number, last: boolean): number {
  const line = END + name + DASHES;
  for (let k = 0; k < line.length; k++) {
    if (p + k === text.length) return last ? cut : MORE;
    if (text.charCodeAt(p + k) !== line.charCodeAt(k)) return cut;
  }
  return p + line.length;
}
