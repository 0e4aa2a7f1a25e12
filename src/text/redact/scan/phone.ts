/**
 * Telephone numbers: E.164, North American, national with trunk prefix 0. Twin:
 * `rust/areas/redact/src/phone.rs`.
 *
 * @module
 */

import { classAt, digitAt, MORE, NONE, unitAt, WORD } from "./chars.ts";

const SPACE = 32;
const OPEN = 40;
const CLOSE = 41;
const PLUS = 43;
const HYPHEN = 45;
const DOT = 46;
const SLASH = 47;
const ZERO = 48;
const ONE = 49;
const TWO = 50;
const SEVEN = 55;
const NINE = 57;

function isSeparator(unit: number): boolean {
  return unit === SPACE || unit === HYPHEN || unit === DOT;
}

/** The number that begins at `i`: at a plus sign, an opening parenthesis, or a word that begins with a digit. */
export function phoneAt(text: string, i: number, last: boolean): number {
  const before = unitAt(text, i - 1);
  if (before === DOT || before === HYPHEN || before === PLUS || before === SLASH) return NONE;
  const first = text.charCodeAt(i);
  if (first === PLUS) return internationalAt(text, i + 1, false, last);
  if (first === ZERO) {
    const dialled = dialledAt(text, i, last);
    if (dialled !== NONE) return dialled;
  }
  const american = americanAt(text, i, last);
  if (american !== NONE) return american;
  return first === ZERO || first === OPEN ? trunkAt(text, i, last) : NONE;
}

/** A number as it is dialled abroad: behind 00 or, from North America, 011. */
function dialledAt(text: string, i: number, last: boolean): number {
  const n = text.length;
  const more = last ? NONE : MORE;
  if (i + 1 === n) return more;
  let p = i + 2;
  if (text.charCodeAt(i + 1) !== ZERO) {
    if (text.charCodeAt(i + 1) !== ONE) return NONE;
    if (p === n) return more;
    if (text.charCodeAt(p++) !== ONE) return NONE;
    if (p === n) return more;
    // 011 alone is how areas begin.
    if (!isSeparator(text.charCodeAt(p))) return NONE;
  }
  if (p === n) return more;
  if (isSeparator(text.charCodeAt(p))) p++;
  return internationalAt(text, p, true, last);
}

/** Groups of one digit that a number may have, besides the first. */
const SINGLES_MOST = 2;

/**
 * The country code at `p` and what follows.
 *
 * @param parted Whether a plain run of digits is none, and neither are many groups of two, which are bytes.
 */
function internationalAt(text: string, i: number, parted: boolean, last: boolean): number {
  const n = text.length;
  if (i === n) return last ? NONE : MORE;
  const country = text.charCodeAt(i);
  if (country < ONE || country > NINE) return NONE;
  // North America, and Russia with Kazakhstan.
  const eleven = country === ONE || country === SEVEN;
  const least = eleven ? 11 : 8;
  const most = eleven ? 11 : 15;
  let end: number = NONE;
  let digits = 0;
  let singles = 0;
  let open = false;
  let uneven = !parted;
  for (let p = i, first = true;; first = false) {
    const s = p;
    while (p < n && digits <= most && digitAt(text, p)) {
      digits++;
      p++;
    }
    if (digits > most) return end;
    if (p === n && !last) return MORE;
    if (p - s === 1 && !first && !open && ++singles > SINGLES_MOST) return end;
    if (p - s !== 2 && !first) uneven = true;
    let closed = false;
    if (open) {
      if (unitAt(text, p) !== CLOSE) return end;
      p++;
      open = false;
      closed = true;
      if (p === n && !last) return MORE;
    }
    if (digits >= least && uneven && (classAt(text, p) & WORD) === 0) end = p;
    if (digits >= most) return end;
    let q = p;
    const separator = unitAt(text, q);
    if (isSeparator(separator) || separator === SLASH) q++;
    if (unitAt(text, q) === OPEN) {
      open = true;
      q++;
    }
    if (q === n) return last ? end : MORE;
    if (!digitAt(text, q) || (q === p && !closed)) return end;
    p = q;
  }
}

/** Whether digits of a form stand at `p`: a first of 2 to 9, then others. Gives the place behind them. */
function numeralAt(text: string, p: number, length: number, least: number, last: boolean): number {
  const n = text.length;
  for (let k = 0; k < length; k++) {
    if (p + k >= n) return last ? NONE : MORE;
    const unit = text.charCodeAt(p + k);
    if (unit > NINE || unit < (k === 0 ? least : ZERO)) return NONE;
  }
  return p + length;
}

function americanAt(text: string, i: number, last: boolean): number {
  const n = text.length;
  const more = last ? NONE : MORE;
  let p = i;
  if (text.charCodeAt(p) === ONE) {
    if (p + 1 === n) return more;
    if (!isSeparator(text.charCodeAt(p + 1))) return NONE;
    p += 2;
    if (p === n) return more;
  }
  let separator = 0;
  const bracketed = text.charCodeAt(p) === OPEN;
  p = numeralAt(text, bracketed ? p + 1 : p, 3, TWO, last);
  if (p <= 0) return p;
  if (bracketed) {
    if (p === n) return more;
    if (text.charCodeAt(p++) !== CLOSE) return NONE;
    if (p === n) return more;
    if (isSeparator(text.charCodeAt(p))) p++;
  } else {
    if (p === n) return more;
    separator = text.charCodeAt(p++);
    if (!isSeparator(separator)) return NONE;
  }
  p = numeralAt(text, p, 3, TWO, last);
  if (p <= 0) return p;
  if (p === n) return more;
  const second = text.charCodeAt(p++);
  if (bracketed ? !isSeparator(second) : second !== separator) return NONE;
  p = numeralAt(text, p, 4, ZERO, last);
  if (p <= 0) return p;
  if (p === n) return last ? p : MORE;
  if ((classAt(text, p) & WORD) !== 0) return NONE;
  const after = text.charCodeAt(p);
  if (after === HYPHEN || after === DOT) {
    if (p + 1 === n) return last ? p : MORE;
    if (digitAt(text, p + 1)) return NONE;
  }
  return p;
}

function trunkAt(text: string, i: number, last: boolean): number {
  const n = text.length;
  const more = last ? NONE : MORE;
  const bracketed = text.charCodeAt(i) === OPEN;
  let p = bracketed ? i + 1 : i;
  const s = p;
  if (p === n) return more;
  if (text.charCodeAt(p) !== ZERO) return NONE;
  if (p + 1 === n) return more;
  if (text.charCodeAt(p + 1) === ZERO) return NONE;
  while (p < n && p - s < 7 && digitAt(text, p)) p++;
  let digits = p - s;
  if (digits < 2 || digits > 6) return NONE;
  if (p === n) return more;
  let separator = 0;
  if (bracketed) {
    if (text.charCodeAt(p++) !== CLOSE) return NONE;
    if (p === n) return more;
    if (isSeparator(text.charCodeAt(p))) p++;
  } else {
    separator = text.charCodeAt(p++);
    if (separator === SLASH) separator = 0;
    else if (!isSeparator(separator)) return NONE;
  }
  let end: number = NONE;
  for (;;) {
    const from = p;
    while (p < n && digits < 13 && digitAt(text, p)) {
      digits++;
      p++;
    }
    if (digits > 12) return end;
    if (p === n && !last) return MORE;
    if (p - from < 2) return end;
    // Five and four digits are a postal code of the United States.
    if (
      digits >= 9 && (classAt(text, p) & WORD) === 0 && (digits > 9 || p - from !== 4 || p - s > 10)
    ) {
      end = p;
    }
    // A further group has two digits at least.
    if (digits > 10) return end;
    const unit = unitAt(text, p);
    if (!isSeparator(unit) || (separator !== 0 && unit !== separator)) return end;
    if (p + 1 === n) return last ? end : MORE;
    if (!digitAt(text, p + 1)) return end;
    separator = unit;
    p++;
  }
}
