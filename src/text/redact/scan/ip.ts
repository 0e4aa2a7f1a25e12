/**
 * Addresses of networks. Twin: `rust/areas/redact/src/ip.rs`.
 *
 * @module
 */

import { CLASS, classAt, DIGIT, digitAt, HEX, MORE, NONE, unitAt, WORD } from "./chars.ts";

const ASTERISK = 42;
const HYPHEN = 45;
const DOT = 46;
const ZERO = 48;
const COLON = 58;

/** The IPv4 address that begins at `i`, where a word begins with a digit. */
export function ipv4At(text: string, i: number, last: boolean): number {
  return unitAt(text, i - 1) === DOT ? NONE : quadAt(text, i, last);
}

function quadAt(text: string, i: number, last: boolean): number {
  const n = text.length;
  let p = i;
  for (let part = 0;; part++) {
    const s = p;
    let value = 0;
    while (p < n && p - s < 4 && digitAt(text, p)) value = value * 10 + text.charCodeAt(p++) - ZERO;
    const length = p - s;
    if (length > 3 || value > 255 || (length > 1 && text.charCodeAt(s) === ZERO)) return NONE;
    if (p === n) {
      if (!last) return MORE;
      return part === 3 && length > 0 ? p : NONE;
    }
    if (length === 0) return NONE;
    if (part === 3) break;
    if (text.charCodeAt(p) !== DOT) return NONE;
    p++;
  }
  if ((classAt(text, p) & WORD) !== 0) return NONE;
  if (text.charCodeAt(p) === DOT) {
    if (p + 1 === n) return last ? p : MORE;
    if (digitAt(text, p + 1)) return NONE;
  }
  return p;
}

/** The IPv6 address that begins at `i`: at a word that begins with a hexadecimal digit, or at a colon. */
export function ipv6At(text: string, i: number, last: boolean): number {
  const before = unitAt(text, i - 1);
  if (before === COLON || before === DOT || (classAt(text, i - 1) & WORD) !== 0) return NONE;
  const n = text.length;
  let p = i;
  let groups = 0;
  let gap = false;
  let digit = false;
  if (text.charCodeAt(p) === COLON) {
    if (p + 1 === n) return last ? NONE : MORE;
    if (text.charCodeAt(p + 1) !== COLON) return NONE;
    gap = true;
    p += 2;
  }
  for (;;) {
    // Here a group must follow, or, right after a gap, may.
    const s = p;
    while (p < n && p - s < 5 && (CLASS[text.charCodeAt(p)]! & HEX) !== 0) {
      if ((CLASS[text.charCodeAt(p)]! & DIGIT) !== 0) digit = true;
      p++;
    }
    if (p - s > 4) return NONE;
    if (p === n && !last) return MORE;
    if (p === s) break;
    if (unitAt(text, p) === DOT && (groups === 6 || (gap && groups < 6)) && digitAt(text, s)) {
      const end = quadAt(text, s, last);
      if (end !== NONE) return end;
    }
    groups++;
    if (groups > 8 || unitAt(text, p) !== COLON) break;
    if (p + 1 === n) {
      if (last) break;
      return MORE;
    }
    if (text.charCodeAt(p + 1) === COLON) {
      if (gap) return NONE;
      gap = true;
      p += 2;
    } else if ((CLASS[text.charCodeAt(p + 1)]! & HEX) !== 0) {
      p++;
    } else {
      break;
    }
  }
  if (gap ? groups > 7 : groups !== 8) return NONE;
  if (groups < 3 && !digit) return NONE;
  if ((classAt(text, p) & WORD) !== 0) return NONE;
  // After a gap the loop may stop at a third colon.
  if (unitAt(text, p) === COLON && unitAt(text, p - 1) === COLON) return NONE;
  return p;
}

/** The hardware address that begins at `i`, where a word begins with a hexadecimal digit. */
export function macAt(text: string, i: number, last: boolean): number {
  const n = text.length;
  const before = unitAt(text, i - 1);
  if (before === COLON || before === HYPHEN || before === DOT || before === ASTERISK) return NONE;
  let p = i;
  while (p < n && p - i < 4 && (CLASS[text.charCodeAt(p)]! & HEX) !== 0) p++;
  if (p === n) return last ? NONE : MORE;
  const separator = text.charCodeAt(p);
  const size = p - i;
  if (size === 2 ? separator !== COLON && separator !== HYPHEN : separator !== DOT || size !== 4) {
    return NONE;
  }
  // All zeros and all ones are nobody's.
  let zeros = true;
  let ones = true;
  p = i;
  for (let k = 0; k < 12; k++) {
    if (k > 0 && k % size === 0) {
      if (p === n) return last ? NONE : MORE;
      if (text.charCodeAt(p++) !== separator) return NONE;
    }
    if (p === n) return last ? NONE : MORE;
    if ((CLASS[text.charCodeAt(p)]! & HEX) === 0) return NONE;
    const unit = text.charCodeAt(p++) | 32;
    if (unit !== 48) zeros = false;
    if (unit !== 102) ones = false;
  }
  if (p === n && !last) return MORE;
  if (zeros || ones || (classAt(text, p) & WORD) !== 0) return NONE;
  if (unitAt(text, p) !== separator) return p;
  if (p + 1 === n) return last ? p : MORE;
  return (classAt(text, p + 1) & HEX) === 0 ? p : NONE;
}
