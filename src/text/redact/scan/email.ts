/**
 * E-mail addresses. Twin: `rust/agent-core-utils/src/redact/email.rs`.
 *
 * @module
 */

import { ALNUM, CLASS, LOCAL, LOWER, MORE, NONE, UPPER, WORD } from "./chars.ts";

const DOT = 46;
const HYPHEN = 45;
const LOCAL_MAX = 64;
const LABEL_MAX = 63;
const DOMAIN_MAX = 253;

/**
 * The address that begins at `i`, where a word begins.
 *
 * @param at Where the first `@` from `i` on is; the text's length if there is none.
 */
export function emailAt(text: string, i: number, at: number, last: boolean): number {
  const n = text.length;
  const known = at < n;
  if (at - i > LOCAL_MAX || (!known && last)) return NONE;
  for (let p = i + 1; p < at; p++) {
    if ((CLASS[text.charCodeAt(p)]! & (WORD | LOCAL)) === 0) return NONE;
  }
  return known ? domainAt(text, at + 1, last) : MORE;
}

function domainAt(text: string, from: number, last: boolean): number {
  const n = text.length;
  let end: number = NONE;
  let labels = 0;
  for (let s = from;;) {
    let p = s;
    const most = Math.min(n, s + LABEL_MAX + 1, from + DOMAIN_MAX + 1);
    while (
      p < most && ((CLASS[text.charCodeAt(p)]! & ALNUM) !== 0 || text.charCodeAt(p) === HYPHEN)
    ) p++;
    if (p - s > LABEL_MAX || p - from > DOMAIN_MAX) return end;
    if (p === s) return p === n && !last ? MORE : end;
    if (text.charCodeAt(s) === HYPHEN) return end;
    if (p === n && !last) return MORE;
    let e = p;
    while (text.charCodeAt(e - 1) === HYPHEN) e--;
    labels++;
    if (labels > 1 && isTopLevel(text, s, e)) end = e;
    if (e !== p || p === n || text.charCodeAt(p) !== DOT) return end;
    s = p + 1;
  }
}

function isTopLevel(text: string, s: number, e: number): boolean {
  if (e - s < 2) return false;
  if (e - s > 4 && text.slice(s, s + 4).toLowerCase() === "xn--") return true;
  for (let p = s; p < e; p++) {
    if ((CLASS[text.charCodeAt(p)]! & (LOWER | UPPER)) === 0) return false;
  }
  return true;
}
