/**
 * Private keys in PEM. Twin: `rust/areas/redact/src/pem.rs`.
 *
 * @module
 */

import { PEM_MAX } from "../rules.ts";
import { CLASS, DIGIT, MORE, NONE, UPPER } from "./chars.ts";
import { isBase64 } from "./token.ts";

const BEGIN = "-----BEGIN ";
const END = "-----END ";
const DASHES = "-----";
const LABEL_MAX = 64;
/** The first line of a key has at least so many characters of base64. */
const FIRST_LINE = 32;
/** Shorter runs are last ones, or of what stands before a line. */
const SHORT_LINE = 16;
/** So many colons, of headers such as `Proc-Type: 4,ENCRYPTED` or of times, may stand before the first line. */
const COLONS_MAX = 24;
/** So much may stand before the first line and between two colons there. */
const HEAD_MAX = 100;
/** So much may stand between two lines: quotes, indentation, what a log writes before each. */
const GAP_MAX = 200;

const SPACE = 32;
const HYPHEN = 45;
const COLON = 58;

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

/** The body from `s` on: lines of base64 with little between them, then perhaps the line that ends it. */
function bodyAt(text: string, i: number, s: number, name: string, last: boolean): number {
  const n = text.length;
  const bound = i + PEM_MAX;
  const limit = Math.min(n, bound);
  const ending = END + name + DASHES;
  // Where the last line of base64 ends, and the last run, where that is the line or nothing but white space is between.
  let cut: number = NONE;
  let line: number = NONE;
  let gap = s;
  let colons = 0;
  for (let p = s; p < limit;) {
    const unit = text.charCodeAt(p);
    if (unit === HYPHEN) {
      const dashes = hyphensAt(text, p, DASHES, last);
      if (dashes === MORE) return MORE;
      if (dashes !== NONE) {
        const end = hyphensAt(text, p, ending, last);
        return end === MORE ? MORE : end === NONE || cut === NONE ? cut : end;
      }
    }
    if (!isBase64(unit)) {
      if (unit > SPACE) line = NONE;
      if (unit === COLON && cut === NONE && colons++ < COLONS_MAX) gap = p;
      // Characters are counted, not their halves.
      if ((unit & 0xfc00) === 0xdc00) gap++;
      if (++p - gap > (cut === NONE ? HEAD_MAX : GAP_MAX)) return cut;
      continue;
    }
    const from = p;
    while (p < limit && isBase64(text.charCodeAt(p))) p++;
    if (p === n && n < bound && !last) return MORE;
    if (p - from >= (cut === NONE ? FIRST_LINE : SHORT_LINE)) cut = line = gap = p;
    else if (p - gap > (cut === NONE ? HEAD_MAX : GAP_MAX)) return cut;
    else if (line !== NONE && p - line <= SHORT_LINE) line = p;
  }
  if (n < bound) return last ? Math.max(cut, line) : MORE;
  return cut === NONE ? NONE : limit;
}

/** The end of a text that stands at `p`. */
function hyphensAt(text: string, p: number, wanted: string, last: boolean): number {
  for (let k = 0; k < wanted.length; k++) {
    if (p + k === text.length) return last ? NONE : MORE;
    if (text.charCodeAt(p + k) !== wanted.charCodeAt(k)) return NONE;
  }
  return p + wanted.length;
}
