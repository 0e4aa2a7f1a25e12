/**
 * Values in texts that stand behind a name which says that they are secret: `name=value`, `"name": "value"`, the same
 * in a string within a string, in programs, in objects that say name and value apart.
 *
 * @module
 */

import { isLabel, isSecretName, isSecretParameter, isValueField } from "../names.ts";
import type { Span } from "../rules.ts";
import { lineEnd, quotedSpans, valueSpans } from "./value.ts";

/** A letter of a name, or one that is written as an escape. */
const LETTER = String
  .raw`(?:[A-Za-z0-9_.$-]|\\{1,4}u[0-9A-Fa-f]{4}|\\{1,4}u\{[0-9A-Fa-f]{1,6}\}|\\{1,4}x[0-9A-Fa-f]{2}|&#x?[0-9A-Fa-f]{1,6};|%[0-9A-Fa-f]{2})`;
/** A name up to its value: what quotes it, brackets, the sign between. */
const NAMED = new RegExp(
  String
    .raw`(?<![A-Za-z0-9_.$-])(${LETTER}{2,64})(?:\\*["'\x60])?\]?\s{0,8}?(?:[?!]?(?::=|\?=|\+=|=>|->|<-|==?|:(?!:))[ \t]{0,16}(?:\s{0,64}(?:data:[ \t]{0,8})?(?=\\*["'\x60[{]))?|[ \t]{1,8}(?:is[ \t]{1,8}|is:[ \t]{0,8})?(?=\\*["'\x60][^\s"'\x60]{4})|[ \t]{1,8}is:[ \t]{0,8}|(?:\t+| {3,16})(?=\S))`,
  "g",
);
/** Names whose value is the rest of the line. */
const WHOLE_LINE = /^(?:proxy-?)?(?:authorization|(?:set-?)?cookie2?)$/i;
/** A name as the first of two: `("Authorization", "value")`. */
const FIRST =
  /[([]\s{0,16}\\*["'`]([A-Za-z0-9_. -]{2,64})\\*["'`]\s{0,16},\s{0,16}(?=[A-Za-z@$]{0,2}\\*["'`])/g;
/** A field and its value's begin. */
const FIELD = /(?<![\w.-])([A-Za-z_][\w.:-]{0,63})(?:\\*["'`])?[ \t]{0,8}(?::|=>?)\s{0,16}/g;
const WORD = /(?:\\*["'`])?([A-Za-z_$][\w.$ [\]-]{1,63})/y;
const DIGEST = /^[A-Z_]+:[0-9a-f]{4}\]$/;
/** What belongs together ends here: braces, tags, an entry of a list, an empty line. */
const UNIT_END = /[{}<>]|\n[ \t]*-[ \t]|\n[ \t\r]*\n/g;
const UNIT = 512;
const VALUED = /val|content|example|data|text|default|string|\bv\b/i;

/** A name without its escapes. */
export function unescaped(name: string): string {
  return name.replace(
    /\\+u\{([0-9A-Fa-f]+)\}|\\+u([0-9A-Fa-f]{4})|\\+x([0-9A-Fa-f]{2})|&#x([0-9A-Fa-f]+);|&#(\d+);|%([0-9A-Fa-f]{2})/g,
    (_all, a, b, c, d, e, f) => {
      const code = e === undefined ? parseInt(a ?? b ?? c ?? d ?? f, 16) : Number(e);
      return code <= 0x10ffff ? String.fromCodePoint(code) : "";
    },
  );
}

/** The word before a name, with it: "API key". */
function withWordBefore(text: string, at: number, name: string): string {
  const before = /([A-Za-z][A-Za-z0-9]{1,23})[ ]$/.exec(text.slice(Math.max(0, at - 25), at));
  return before === null ? name : `${before[1]} ${name}`;
}

/** The values behind names of secrets. */
export function namedSpans(text: string): Span[] {
  const spans: Span[] = [];
  NAMED.lastIndex = 0;
  for (let found = NAMED.exec(text); found !== null; found = NAMED.exec(text)) {
    const [whole, written] = found as unknown as [string, string];
    const name = written.includes("\\") || written.includes("&") || written.includes("%")
      ? unescaped(written)
      : written;
    const start = found.index + whole.length;
    // What looks like its value may be a name.
    NAMED.lastIndex = found.index + written.length;
    const before = text[found.index - 1] ?? "";
    // The digest of what was taken out keeps two of them apart.
    if (before === "[" && DIGEST.test(text.slice(found.index, start + 5))) continue;
    const isParameter = before === "?" || before === "&";
    const isSecret = isParameter ? isSecretParameter(name) : isSecretName(name);
    if (!isSecret && !isSecretName(withWordBefore(text, found.index, name))) continue;
    const values = WHOLE_LINE.test(name)
      ? wholeLine(text, start)
      : valueSpans(text, start, isParameter);
    spans.push(...values);
    const last = values.at(-1);
    if (last !== undefined) NAMED.lastIndex = Math.max(last[1], NAMED.lastIndex);
  }
  return spans;
}

function wholeLine(text: string, start: number): Span[] {
  const quoted = quotedSpans(text, start);
  if (quoted !== undefined) return quoted;
  const end = lineEnd(text, start);
  // A line within a string ends with the string.
  const quote = /["'`\\]/.exec(text.slice(start, end));
  return [[start, quote === null ? end : start + quote.index]];
}

/** The second of two, where the first is the name of a secret; and the values of objects that say their name apart. */
export function pairedSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const found of text.matchAll(FIRST)) {
    if (!isSecretName(found[1]!)) continue;
    spans.push(...valueSpans(text, found.index + found[0].length));
  }
  FIELD.lastIndex = 0;
  for (let found = FIELD.exec(text); found !== null; found = FIELD.exec(text)) {
    if (!isLabel(found[1]!)) continue;
    const at = found.index + found[0].length;
    WORD.lastIndex = at;
    const word = WORD.exec(text)?.[1];
    if (word === undefined || !isSecretName(word.trim())) continue;
    spans.push(...unitSpans(text, found.index, at));
    FIELD.lastIndex = at;
  }
  return spans;
}

/** The values around a name, within what belongs together. */
function unitSpans(text: string, label: number, end: number): Span[] {
  const start = Math.max(0, label - UNIT);
  let from = start;
  for (const found of text.slice(start, label).matchAll(UNIT_END)) from = start + found.index + 1;
  const to = text.slice(end, end + UNIT).search(UNIT_END);
  const last = to < 0 ? end + UNIT : end + to;
  const unit = text.slice(from, last);
  if (VALUED.test(unit)) return valuesOf(text, unit, from);
  // Its value may be in the next object: `{ name: "token" }, { value: ... }`.
  const next = /^\}\s{0,16}[,;]?\s{0,64}\{/.exec(text.slice(last, last + 96));
  if (next === null) return [];
  const begin = last + next[0].length;
  const close = text.slice(begin, begin + UNIT).search(UNIT_END);
  const other = text.slice(begin, close < 0 ? begin + UNIT : begin + close);
  return [...other.matchAll(new RegExp(FIELD))].some(([, name]) => isLabel(name!))
    ? []
    : valuesOf(text, other, begin);
}

function valuesOf(text: string, unit: string, from: number): Span[] {
  const spans: Span[] = [];
  // A pattern of its own: this one is on its way through the text.
  for (const found of unit.matchAll(new RegExp(FIELD))) {
    if (!isValueField(found[1]!)) continue;
    const at = from + found.index;
    const before = text[at - 1] ?? "";
    spans.push(...valueSpans(text, at + found[0].length, before === "?" || before === "&"));
  }
  return spans;
}
