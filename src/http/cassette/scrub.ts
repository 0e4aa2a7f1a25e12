/**
 * Takes out of text, addresses and JSON what must not be in a file: what the rules of redaction find, and whatever stands
 * under a name that says that it is secret. Doing it again changes nothing, since what was replayed is asked for again.
 *
 * What a secret is cut into (a stream that gives it in two events) is not put together and not found.
 *
 * @module
 */

import { hash } from "node:crypto";
import type { JsonValue } from "../../cache/types.ts";
import { BUILT_IN_RULES, prepareRedaction } from "../../text/redact/mod.ts";
import type { PreparedRedaction, RedactionValue } from "../../text/redact/mod.ts";
import { isLiteral } from "../../shared/access.ts";
import { isAccessCode, isSecretName, isSecretParameter } from "./names.ts";

/** What stands where a name says that a value is secret. */
export const HIDDEN = "[REDACTED]";

/** JSON is gone into so deep; what is deeper is text. */
const DEEPEST = 100;

/**
 * Rules that find what is long and random: ids of calls too, which have to stay apart. Two bytes of a digest do that and
 * say nothing of what has more than eighty bits.
 */
const NUMBERED: readonly string[] = ["high-entropy", "hex-token"];

let rules: PreparedRedaction | undefined;

/** The rules, compiled when they are first needed. */
function prepared(): PreparedRedaction {
  return rules ??= prepareRedaction({
    rules: BUILT_IN_RULES,
    replace: ({ rule, label, value }: RedactionValue) =>
      NUMBERED.includes(rule) ? `[${label}:${hash("sha256", value).slice(0, 4)}]` : `[${label}]`,
    implementation: "pure",
  });
}

/** `name=`, `name: `, `"name": "`, and the same in a string within a string, up to the value. */
const NAMED =
  /(?<![A-Za-z0-9_.-])([A-Za-z0-9_.-]{2,64})(?:\\*["'`])?\]?[ \t]{0,8}(?::|=>?)[ \t]{0,8}(\\*["'`])?/g;
/** What ends a value that is not quoted. */
const VALUE_END = /[\s"'`&,;<>(){}\\]|$/g;
/** Names whose value is the rest of the line. */
const WHOLE_LINE = /^(?:proxy-?)?(?:authorization|(?:set-?)?cookie)$/i;
const LONGEST_LIST = 4_096;
const LINE_END = /[\r\n"'`\\]|$/g;
/** `<name>value</name>`. */
const ELEMENT = /<([A-Za-z0-9_.:-]{2,64})((?:\s[^<>]{0,1024})?>)([^<]+)(?=<)/g;
const SCHEME =
  /\b(Bearer|Basic|Digest)(\s{1,8})(?=[A-Za-z0-9._~+/=-]*[0-9A-Z._~+/=-])[A-Za-z0-9._~+/=-]{8,}/g;
const USER_INFO = /(:\/\/)[^\s/?#@"'<>[\]]{1,256}@/g;

/** An address in a text. */
const ADDRESS = /\bhttps?:\/\/[^\s"'`<>\\]+/gi;
/** What may be coded for one. */
const WORD = /[^\s"'`<>\\]+/g;
/** Addresses in parameters of addresses, and what is coded once more, are gone into so often. */
const MOST_LEVELS = 3;

/** How often what is left is looked at again: what was taken out may have hidden something else. */
const MOST_TIMES = 4;

/** What a step makes of a text when it has nothing more to do. */
function settled(text: string, step: (text: string) => string): string {
  let last = text;
  for (let times = 0; times < MOST_TIMES; times++) {
    const next = step(last);
    if (next === last) break;
    last = next;
  }
  return last;
}

/** A text without its secrets; `level` says within how many others it stood. */
export function scrubText(text: string, level = 0): string {
  return settled(text, (last) => scrubOnce(last, level));
}

function scrubOnce(text: string, level: number): string {
  const plain = level < MOST_LEVELS && /[%?]/.test(text) ? scrubAddresses(text, level) : text;
  const named = scrubNamed(
    plain.replace(USER_INFO, `$1${HIDDEN}@`).replace(SCHEME, `$1$2${HIDDEN}`),
  )
    .replace(
      ELEMENT,
      (all, name: string, rest) =>
        isSecretName(name.slice(name.indexOf(":") + 1)) ? `<${name}${rest}${HIDDEN}` : all,
    );
  return prepared().redact(named).text;
}

/** A text without the secrets of addresses in it, whose parameters may have short names and may be coded. */
function scrubAddresses(text: string, level: number): string {
  return text.replace(ADDRESS, (address) => {
    const url = address.includes("?") ? URL.parse(address) : null;
    if (url === null) return address;
    const scrubbed = scrubUrl(url, level + 1);
    return scrubbed === `${url.origin}${url.pathname}${url.search}` ? address : scrubbed;
  }).replace(WORD, (word) => {
    if (!word.includes("%")) return word;
    const plain = decoded(word);
    if (plain === word) return word;
    const scrubbed = scrubText(plain, level + 1);
    return scrubbed === plain ? word : scrubbed;
  });
}

/** A text without the values of secret names. */
function scrubNamed(text: string): string {
  let out = "";
  let done = 0;
  NAMED.lastIndex = 0;
  for (let found = NAMED.exec(text); found !== null; found = NAMED.exec(text)) {
    const [whole, name, quote = ""] = found as unknown as [string, string, string | undefined];
    const start = found.index + whole.length;
    if (!isSecretName(name)) {
      // What looks like its value may be a name.
      NAMED.lastIndex = found.index + name.length;
      continue;
    }
    const end = valueEnd(text, start, quote, WHOLE_LINE.test(name));
    NAMED.lastIndex = Math.max(end, start);
    if (end === start) continue;
    out += text.slice(done, start) + HIDDEN;
    done = end;
  }
  return out + text.slice(done);
}

/** Where a value ends: at the quote that it began with, or where a bare one does. */
function valueEnd(text: string, start: number, quote: string, line: boolean): number {
  if (quote !== "") {
    let end = text.indexOf(quote, start);
    // A quote that is escaped once more is one within the value.
    while (end > start && text[end - 1] === "\\") end = text.indexOf(quote, end + 1);
    if (end >= 0) return end;
  }
  const first = text[start];
  if (quote === "" && (first === "[" || first === "{")) return listEnd(text, start);
  const pattern = line ? LINE_END : VALUE_END;
  pattern.lastIndex = start;
  return pattern.exec(text)!.index;
}

/** Where a list or an object ends that is not JSON as a whole; what does not end soon goes as far as is looked. */
function listEnd(text: string, start: number): number {
  let depth = 0;
  const most = Math.min(text.length, start + LONGEST_LIST);
  for (let at = start; at < most; at++) {
    const unit = text[at]!;
    if (unit === "[" || unit === "{") depth++;
    else if ((unit === "]" || unit === "}") && --depth === 0) return at + 1;
  }
  return most;
}

/** Whether there is a secret in a text. */
export function hasSecret(text: string): boolean {
  return scrubText(text) !== text;
}

/** A string that may be JSON itself, as the arguments of a call to a tool are. */
function scrubString(text: string, depth: number, level: number): string {
  const value = /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
  if (value === undefined) return scrubText(text, level);
  const scrubbed = scrubJson(value.json, depth + 1, level);
  // A text that has nothing to hide stays as it was written.
  return JSON.stringify(scrubbed) === JSON.stringify(value.json) ? text : JSON.stringify(scrubbed);
}

/** JSON without its secrets. What is too deep becomes text. */
export function scrubJson(value: JsonValue, depth = 0, level = 0): JsonValue {
  if (typeof value === "string") return scrubString(value, depth, level);
  if (typeof value === "number") {
    // The number of a card.
    const text = String(value);
    const scrubbed = prepared().redact(text).text;
    return scrubbed === text ? value : scrubbed;
  }
  if (value === null || typeof value === "boolean") return value;
  if (depth >= DEEPEST) return HIDDEN;
  if (isList(value)) return value.map((item) => scrubJson(item, depth + 1, level));
  const names = Object.keys(value);
  return Object.fromEntries(names.map((name) => [
    scrubText(name, level),
    isHidden(name, value[name]!, names) ? HIDDEN : scrubJson(value[name]!, depth + 1, level),
  ]));
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isHidden(name: string, value: JsonValue, names: readonly string[]): boolean {
  if (value === null || typeof value === "boolean" || value === "") return false;
  if (name.toLowerCase() === "code") return typeof value === "string" && isAccessCode(value, names);
  // What a session is made of may be anything; its name is the secret.
  if (typeof value === "object" && name.toLowerCase() === "session") return false;
  // A token of a model's output, beside its probability.
  if (name === "token" && names.includes("logprob")) return false;
  return isSecretName(name);
}

/** Reads JSON; undefined if it is none, or has numbers that would not be the same when written again. */
export function parseJson(text: string): { json: JsonValue } | undefined {
  let exact = true;
  try {
    const json = JSON.parse(text, (_name, value, context?: { source?: string }) => {
      if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
        exact = false;
      }
      if (
        context?.source !== undefined && context.source.length > 21 && typeof value === "number"
      ) {
        exact = false;
      }
      return value;
    });
    return exact ? { json } : undefined;
  } catch {
    return undefined;
  }
}

/** A part of an address or a form, decoded as often as it was coded. */
function decoded(text: string): string {
  let plain = text;
  for (let i = 0; i < 3; i++) {
    try {
      const next = decodeURIComponent(plain);
      if (next === plain) break;
      plain = next;
    } catch {
      break;
    }
  }
  return plain;
}

/** A part of an address without its secrets; as it was written if it had none. */
function scrubPart(text: string, level: number): string {
  const plain = decoded(text);
  const scrubbed = scrubText(plain, level);
  return scrubbed === plain ? text : coded(scrubbed);
}

/** Coded for an address, with brackets and colons as they are; URLs code an apostrophe in a query. */
function coded(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/%5B/g, "[").replace(/%5D/g, "]").replace(/%3A/g, ":").replaceAll("'", "%27");
}

/** Pairs of a form or a query without their secrets. */
export function scrubPairs(
  pairs: Iterable<readonly [string, string]>,
  level = 0,
): [string, string][] {
  return Array.from(pairs, ([name, value]) => {
    const shown = scrubText(name, level);
    if (value !== "" && isSecretParameter(decoded(name))) return [shown, HIDDEN];
    const plain = decoded(value);
    const scrubbed = scrubString(plain, 0, level);
    return [shown, scrubbed === plain ? value : scrubbed];
  });
}

/** An address without its secrets, as text. */
export function scrubUrl(url: URL, level = 0): string {
  const scrubbed = scrubUrlOnce(url, level);
  const again = scrubbed === url.href ? null : URL.parse(scrubbed);
  return again === null || again.href === url.href ? scrubbed : scrubUrlOnce(again, level);
}

function scrubUrlOnce(url: URL, level: number): string {
  // Whom it goes to is no secret, in figures neither: two servers are not one.
  const host = isLiteral(url.hostname.replace(/^\[|\]$/g, ""))
    ? url.host
    : scrubText(url.host, level);
  const path = url.pathname.split("/").map((part) => scrubPart(part, level)).join("/");
  const query = url.search.slice(1).split("&").filter((pair) => pair !== "").map((pair) => {
    const equals = pair.indexOf("=");
    const name = equals < 0 ? pair : pair.slice(0, equals);
    if (equals < 0) return scrubPart(pair, level);
    const value = pair.slice(equals + 1);
    const plain = decoded(value.replaceAll("+", " "));
    const [scrubbed] = scrubPairs([[decoded(name), plain]], level);
    return `${scrubPart(name, level)}=${scrubbed![1] === plain ? value : coded(scrubbed![1])}`;
  });
  const search = query.length === 0 ? "" : `?${query.join("&")}`;
  // What goes over several parts, such as a token with slashes.
  return `${url.protocol}//${host}${prepared().redact(`${path}${search}`).text}`;
}
