/**
 * Addresses of the Internet Protocol. Twin: `rust/agent-core-utils/src/redact/ip.rs`.
 *
 * @module
 */

import { CLASS, classAt, DIGIT, digitAt, HEX, MORE, NONE, unitAt, WORD } from "./chars.ts";

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
