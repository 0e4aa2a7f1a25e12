/**
 * Where a value ends that stands behind a name in a text of whatever kind: quoted, a list, or bare. Where it cannot be
 * known, it is longer rather than shorter.
 *
 * @module
 */

import type { Span } from "../rules.ts";

/** A bare value goes so far on its line, and a list over so much. */
const LONGEST = 4_096;

/** What may stand before a quote that belongs to the value: a letter of a literal, the call that wraps it. */
const PREFIX =
  /(?:[A-Za-z@$]{1,3}|new [A-Za-z_.]{1,40}\(\s{0,8}|[A-Za-z_.:]{0,40}\(\s{0,8})?(?=\\*["'`])/y;
const QUOTE = /(\\*)(["'`])/y;
/** What goes on with the value: another string that is put behind it; in brackets on the next line too. */
const JOINED =
  /(?:\s{0,64}\+\s{0,64}(?:[\w.$()[\]]{1,64}\s{0,16}\+\s{0,64})?|[ \t]{0,64}\\\r?\n[ \t]{0,64}|[ \t]{1,64})(?=\\*["'`])/y;
const JOINED_WITHIN = /\s{0,256}[+,]?\s{0,256}(?=\\*["'`])/y;
/** A type between a name and its value. */
const TYPE = /^[\w.<>[\]|?& ]{1,80}=\s{0,8}$/;
/** What stands in the place of what was hidden, which is no list. */
const LABEL = /\[[A-Z][A-Z_ -]*(?::[0-9a-f]{4})?\]/y;
/** What begins the next thing on the line: an option, or a name with its value. */
const NEXT = /[ \t]+(?:-{1,2}[A-Za-z]|["']?[A-Za-z_][\w.[\]-]{0,63}["']?(?:=|:(?:[ \t]|$)))/my;
const NEXT_NAME = /\s*["']?[A-Za-z_][\w.[\]-]{0,63}["']?[ \t]*[:=]/y;
const NEXT_PAIR = /(?:amp;)?[\w.%[\]-]{1,128}=/y;

function matches(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/**
 * The parts of a value to hide.
 *
 * @param text The text.
 * @param start Where the value begins.
 * @param isParameter Whether it is one of an address, which no blank is in.
 */
export function valueSpans(text: string, start: number, isParameter = false): Span[] {
  const prefix = matches(PREFIX, text, start) ?? "";
  const quoted = quotedSpans(text, start + prefix.length, prefix.includes("("));
  if (quoted !== undefined) return quoted;
  const first = text[start];
  const isList = first === "[" || first === "{";
  if (isList && matches(LABEL, text, start) === undefined) return [[start, listEnd(text, start)]];
  return bareSpans(text, start, isParameter);
}

/** A quoted value, with those that are put together with it; undefined if there is no quote. */
export function quotedSpans(text: string, at: number, isWithin = false): Span[] | undefined {
  const spans: Span[] = [];
  for (let from = at; spans.length < 64;) {
    QUOTE.lastIndex = from;
    const found = QUOTE.exec(text);
    if (found === null) break;
    const [whole, slashes, quote] = found as unknown as [string, string, string];
    const triple = slashes === "" && quote !== "`" && text.startsWith(quote.repeat(3), from);
    const begin = from + (triple ? 3 : whole.length);
    const [end, next] = triple
      ? tripleEnd(text, begin, quote)
      : quotedEnd(text, begin, quote, slashes.length);
    spans.push([begin, end]);
    if (next < 0) break;
    const joint = matches(isWithin ? JOINED_WITHIN : JOINED, text, next);
    if (joint === undefined) break;
    from = next + joint.length;
  }
  return spans.length === 0 ? undefined : spans;
}

function tripleEnd(text: string, begin: number, quote: string): [end: number, next: number] {
  const end = text.indexOf(quote.repeat(3), begin);
  return end < 0 ? [text.length, -1] : [end, end + 3];
}

/** Where a quoted string ends, by as many backslashes as its quote has; one without an end goes to the end of its line. */
function quotedEnd(
  text: string,
  begin: number,
  quote: string,
  slashes: number,
): [end: number, next: number] {
  for (let at = text.indexOf(quote, begin); at >= 0; at = text.indexOf(quote, at + 1)) {
    let first = at;
    while (first > begin && text[first - 1] === "\\") first--;
    const run = at - first;
    if (slashes === 0 ? run % 2 === 1 : run > slashes) continue;
    // A quote that is written twice is one within the value, where the value did not just end as it began.
    if (slashes === 0 && quote !== "`" && at > begin && text[at + 1] === quote) {
      at++;
      continue;
    }
    return [slashes === 0 ? at : first, at + 1];
  }
  return [lineEnd(text, begin), -1];
}

/** Where the line ends. */
export function lineEnd(text: string, from: number): number {
  const feed = text.indexOf("\n", from);
  const end = feed < 0 ? text.length : feed;
  return end > from && text[end - 1] === "\r" ? end - 1 : end;
}

/** Where a list or an object ends; what does not end soon goes as far as is looked. */
function listEnd(text: string, start: number): number {
  let depth = 0;
  const most = Math.min(text.length, start + LONGEST);
  for (let at = start; at < most; at++) {
    const unit = text[at]!;
    if (unit === '"' || unit === "'") {
      const end = quotedEnd(text, at + 1, unit, 0);
      // What has no end on this line is an apostrophe.
      if (end[1] >= 0 && end[0] < lineEnd(text, at)) at = end[0];
    } else if (unit === "[" || unit === "{") depth++;
    else if ((unit === "]" || unit === "}") && --depth === 0) return at + 1;
  }
  return most;
}

/** A value that is not quoted: all words up to what ends it. */
function bareSpans(text: string, start: number, isParameter: boolean): Span[] {
  let depth = 0;
  const most = Math.min(text.length, start + LONGEST);
  let at = start;
  for (; at < most; at++) {
    const unit = text[at]!;
    if (unit === "\n" || unit === "\r") break;
    if (unit === '"' || unit === "'" || unit === "`") {
      // A type stands before the value: the value is the string.
      if (TYPE.test(text.slice(start, at))) return quotedSpans(text, at) ?? [];
      const within = at > start && /\S/.test(text[at - 1]!) && /\w/.test(text[at + 1] ?? "");
      if (!within) break;
    } else if (unit === "\\") {
      const next = text[at + 1];
      if (next === undefined || /["'`]/.test(next)) break;
      if (/[nrt\\u]/.test(next) && text.includes('\\"')) break;
    } else if (unit === "(" || unit === "[" || unit === "{") depth++;
    else if (unit === ")" || unit === "]" || unit === "}") {
      if (--depth < 0) break;
    } else if (unit === " " || unit === "\t") {
      if (isParameter || matches(NEXT, text, at) !== undefined) break;
      if (/^[ \t]*(?:\r?\n|$)/.test(text.slice(at, at + 64))) break;
    } else if (ends(text, at, unit, isParameter)) break;
  }
  return at === start ? [] : [[start, at]];
}

/** Whether a sign ends a bare value, or is a part of it. */
function ends(text: string, at: number, unit: string, isParameter: boolean): boolean {
  const next = text[at + 1];
  switch (unit) {
    case ",":
    case ";":
      return isParameter || next === undefined || /[\s"'`]/.test(next) ||
        matches(NEXT_NAME, text, at + 1) !== undefined;
    case "&":
      return isParameter || next === undefined || /[\s&"'`]/.test(next) ||
        matches(NEXT_PAIR, text, at + 1) !== undefined;
    case "#":
      return isParameter;
    case "<":
      return next === undefined || /[A-Za-z/!?]/.test(next);
    case ">":
      return true;
    case "|":
      return next === undefined || /[\s|]/.test(next);
    default:
      return false;
  }
}
