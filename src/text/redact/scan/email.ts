/**
 * E-mail addresses, from their `@`. Twin: `rust/areas/redact/src/email.rs`.
 *
 * @module
 */

import { Finder } from "../finder.ts";
import {
  ALNUM,
  CLASS,
  GLYPH,
  LETTER,
  LOCAL,
  LOWER,
  MORE,
  NONE,
  OTHER,
  scriptOf,
  unitAt,
  UPPER,
  WORD,
} from "./chars.ts";

const APOSTROPHE = 39;
const HYPHEN = 45;
const DOT = 46;
const RIGHT_QUOTE = 0x2019;
const LOCAL_MAX = 64;
/** A local part begins so far before its sign at most, with all apostrophes. */
const REACH = 2 * LOCAL_MAX;
const LABEL_MAX = 63;
const DOMAIN_MAX = 253;

/** Finds addresses. */
export class EmailFinder extends Finder {
  #text = "";
  #last = true;
  // Where the next sign is, once sought.
  #at = -1;

  /** Makes a finder whose rule has an id. */
  constructor(rule: number) {
    super();
    this.rule = rule;
  }

  override begin(text: string, last: boolean): void {
    this.#text = text;
    this.#last = last;
    this.#at = -1;
    this.start = -1;
  }

  /** The first sign from a place on, which never goes back; the text's length if there is none. */
  #sign(from: number): number {
    if (this.#at >= from) return this.#at;
    const at = this.#text.indexOf("@", from);
    return this.#at = at < 0 ? this.#text.length : at;
  }

  override seek(from: number): void {
    const text = this.#text;
    const n = text.length;
    this.end = 0;
    for (let at = this.#sign(from); at < n; at = this.#sign(at + 1)) {
      if (at - REACH > this.until) break;
      const start = localAt(text, at, from);
      if (start < 0) continue;
      const end = domainAt(text, at + 1, this.#last);
      if (end === NONE || isImage(text, at + 1, end) || isRemote(text, start, at, end)) continue;
      this.start = start;
      if (end === MORE) return;
      // Of two apostrophes around an address, the first is none of its own.
      const quoted = unitAt(text, end) === APOSTROPHE && unitAt(text, start - 1) !== APOSTROPHE;
      const quote = quoted ? text.slice(start, at).lastIndexOf("'") : -1;
      this.start = start + quote + 1;
      if (end < n || this.#last) this.end = end;
      return;
    }
    this.start = this.#last ? n : Math.min(localAt(text, n, from, true) >>> 0, n);
  }
}

/** Whether a unit may stand in a local part: 0 if not, else LETTER or GLYPH. */
function kindOf(unit: number): number {
  if (unit < 128) return (CLASS[unit]! & (WORD | LOCAL)) !== 0 ? LETTER : OTHER;
  return scriptOf(unit);
}

function isLetterAt(text: string, p: number): boolean {
  const unit = unitAt(text, p);
  return unit < 128 ? (CLASS[unit]! & (LOWER | UPPER)) !== 0 : scriptOf(unit) === LETTER;
}

/** How many apostrophes stand between letters before `p`: one, or two where a shell's quoting left them; else 0. */
function apostrophesBefore(text: string, p: number, open: boolean): number {
  if (p === text.length ? !open : !isLetterAt(text, p)) return 0;
  const unit = unitAt(text, p - 1);
  if (unit !== APOSTROPHE && unit !== RIGHT_QUOTE) return 0;
  const many = unit === APOSTROPHE && unitAt(text, p - 2) === APOSTROPHE ? 2 : 1;
  return isLetterAt(text, p - many - 1) ? many : 0;
}

/**
 * Where the local part before `at` begins, not before `from`: the first letter, digit or underscore that none stands
 * before, as far back as its characters and its bound allow; -1 if there is none.
 */
function localAt(text: string, at: number, from: number, open = false): number {
  const kind = kindOf(unitAt(text, at - 1));
  if (kind === OTHER && !(open && apostrophesBefore(text, at, open) > 0)) return -1;
  let p = at;
  const stop = Math.max(0, at - LOCAL_MAX);
  while (p > stop) {
    const here = kindOf(unitAt(text, p - 1));
    if (here !== OTHER && (kind === GLYPH) === (here === GLYPH)) {
      p--;
      continue;
    }
    const many = kind === GLYPH ? 0 : apostrophesBefore(text, p, open);
    if (many === 0) break;
    p -= many;
  }
  let start = Math.max(p, from);
  while (start < at && !beginsAt(text, start, kind)) start++;
  return start < at ? start : -1;
}

/** Whether a local part may begin at a place. */
function beginsAt(text: string, p: number, kind: number): boolean {
  const unit = text.charCodeAt(p);
  const before = unitAt(text, p - 1);
  if (kind === GLYPH) return scriptOf(unit) === GLYPH && scriptOf(before) !== GLYPH;
  if (unit < 128 ? (CLASS[unit]! & WORD) === 0 : scriptOf(unit) !== LETTER) return false;
  return before < 128 ? (CLASS[before]! & WORD) === 0 : scriptOf(before) !== LETTER;
}

function domainAt(text: string, from: number, last: boolean): number {
  const n = text.length;
  let end: number = NONE;
  let labels = 0;
  for (let s = from;;) {
    let p = s;
    let glyphs = false;
    const most = Math.min(n, s + LABEL_MAX + 1, from + DOMAIN_MAX + 1);
    for (; p < most; p++) {
      const unit = text.charCodeAt(p);
      if (unit < 128) {
        if ((CLASS[unit]! & ALNUM) === 0 && unit !== HYPHEN) break;
      } else {
        const script = scriptOf(unit);
        // Where words are not parted, a text goes on behind a name in other letters.
        if (script === OTHER || (script === GLYPH && !glyphs && p > s)) break;
        if (script === GLYPH) glyphs = true;
      }
    }
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
    const unit = text.charCodeAt(p);
    if (unit < 128 ? (CLASS[unit]! & (LOWER | UPPER)) === 0 : false) return false;
  }
  return true;
}

/** Pictures for screens of other densities: `logo@2x.png`. */
const IMAGE = /^[1-9](?:\.[0-9]{1,2})?x\.[a-z0-9]{2,5}$/i;

function isImage(text: string, from: number, end: number): boolean {
  return end > 0 && end - from < 16 && IMAGE.test(text.slice(from, end));
}

/** The user of a repository's address: `git@example.org:name/of/it`. */
function isRemote(text: string, start: number, at: number, end: number): boolean {
  return end > 0 && at - start === 3 && text.slice(start, at) === "git" &&
    (unitAt(text, end) === 58 || unitAt(text, end) === 47);
}
