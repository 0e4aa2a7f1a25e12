/**
 * Character references, as the HTML standard decodes them (section 13.2.5.72 on): all names with the longest one
 * winning, the exception for attributes, and numbers with windows-1252's for those of the C1 controls. Twin:
 * `references.rs`.
 *
 * @module
 */

import { Builder } from "./builder.ts";
import { REFERENCES } from "./references_data.ts";

/** The longest name that counts without a semicolon. */
const LONGEST_BARE = 6;
/** The longest name. */
const LONGEST = 31;

/** What the numbers 0x80 to 0x9f stand for; 0 where they are themselves. */
const WINDOWS_1252 =
  "20ac 0 201a 192 201e 2026 2020 2021 2c6 2030 160 2039 152 0 17d 0 0 2018 2019 201c 201d 2022 2013 2014 2dc 2122 161 203a 153 0 17e 178";

const COMMON: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  nbsp: "\u00a0",
  apos: "'",
};

let named: Map<string, string> | undefined;
let bare: Set<string> | undefined;
let windows: number[] | undefined;

function load(): void {
  named = new Map();
  bare = new Set();
  for (const entry of REFERENCES.split(/\s/)) {
    const mark = entry.search(/[:!]/);
    const name = entry.slice(0, mark);
    const codes = entry.slice(mark + 1).split(".").map((code) => parseInt(code, 36));
    named.set(name, String.fromCodePoint(...codes));
    if (entry[mark] === "!") bare.add(name);
  }
}

function isAlphanumeric(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}

/** How far the last `decodeOne` read. */
let readTo = 0;

/** The text of the reference whose ampersand is at a place; undefined if there is none. */
function decodeOne(text: string, at: number, to: number, attribute: boolean): string | undefined {
  if (at + 1 >= to) return undefined;
  if (text.charCodeAt(at + 1) === 35) return decodeNumber(text, at + 2, to);
  let end = at + 1;
  const most = Math.min(to, at + 2 + LONGEST);
  while (end < most && isAlphanumeric(text.charCodeAt(end))) end++;
  if (end === at + 1) return undefined;
  const run = text.slice(at + 1, end);
  if (end < to && text.charCodeAt(end) === 59) {
    let found = Object.hasOwn(COMMON, run) ? COMMON[run] : undefined;
    if (found === undefined) {
      if (named === undefined) load();
      found = named!.get(run);
    }
    if (found !== undefined) {
      readTo = end + 1;
      return found;
    }
  }
  if (named === undefined) load();
  for (let length = Math.min(LONGEST_BARE, run.length); length >= 2; length--) {
    const name = run.slice(0, length);
    if (!bare!.has(name)) continue;
    const next = at + 1 + length < to ? text.charCodeAt(at + 1 + length) : 0;
    if (attribute && (next === 61 || isAlphanumeric(next))) return undefined;
    readTo = at + 1 + length;
    return named!.get(name);
  }
  return undefined;
}

function decodeNumber(text: string, from: number, to: number): string | undefined {
  let at = from;
  const hexadecimal = at < to && (text.charCodeAt(at) | 32) === 120;
  if (hexadecimal) at++;
  const digits = at;
  let value = 0;
  for (; at < to; at++) {
    const code = text.charCodeAt(at);
    const letter = code | 32;
    let digit: number;
    if (code >= 48 && code <= 57) digit = code - 48;
    else if (hexadecimal && letter >= 97 && letter <= 102) digit = letter - 87;
    else break;
    value = Math.min(0x110000, value * (hexadecimal ? 16 : 10) + digit);
  }
  if (at === digits) return undefined;
  if (at < to && text.charCodeAt(at) === 59) at++;
  readTo = at;
  if (value === 0 || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return "\ufffd";
  if (value >= 0x80 && value <= 0x9f) {
    windows ??= WINDOWS_1252.split(" ").map((code) => parseInt(code, 16));
    return String.fromCodePoint(windows[value - 0x80]! || value);
  }
  return String.fromCodePoint(value);
}

/**
 * Decodes all references of a text.
 *
 * @param text The text.
 * @param attribute Whether it is the value of an attribute.
 * @returns The text with its references decoded.
 */
export function decode(text: string, attribute: boolean): string {
  let at = text.indexOf("&");
  if (at < 0) return text;
  const builder = new Builder();
  let plain = 0;
  for (; at >= 0; at = text.indexOf("&", at)) {
    const found = decodeOne(text, at, text.length, attribute);
    if (found === undefined) {
      at++;
      continue;
    }
    if (at > plain) builder.add(text.slice(plain, at));
    builder.add(found);
    plain = at = readTo;
  }
  if (plain === 0) return text;
  builder.add(text.slice(plain));
  return builder.take();
}
