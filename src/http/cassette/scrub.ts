/**
 * Takes out of text, addresses and JSON what must not be in a file: what the rules of redaction find, and whatever stands
 * under a name that says that it is secret, in the form of the text at that place: JSON, markup, lines, a command, an
 * address. Doing it again changes nothing, since what was replayed is asked for again.
 *
 * What a secret is cut into (a stream that gives it in two events) is not put together and not found.
 *
 * @module
 */

import type { JsonValue } from "../../shared/json.ts";
import { isLiteral } from "../../shared/access.ts";
import {
  embeddedJson,
  namesNext,
  parseJson,
  scrubJson as scrubJsonWith,
  scrubNamed,
  type ScrubText,
} from "./json.ts";
import { isLabel, isSecretName, isSecretParameter, isValueField } from "./names.ts";
import { isSecretPart, pathSpans } from "./paths.ts";
import { HIDDEN, hidden, redacted } from "./rules.ts";
import { commandSpans } from "./text/commands.ts";
import { lineSpans } from "./text/lines.ts";
import { markupSpans, withoutReferences } from "./text/markup.ts";
import { namedSpans, pairedSpans } from "./text/named.ts";
import { proseSpans } from "./text/prose.ts";

/** JSON within texts within JSON is gone into so deep. */
const DEEPEST = 24;
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

/** A text without its secrets; `level` says within how many others it stood, `depth` how deep in JSON. */
export function scrubText(text: string, level = 0, depth = 0): string {
  return settled(text, (last) => scrubOnce(last, level, depth));
}

function scrubOnce(text: string, level: number, depth: number): string {
  const pieces: string[] = [];
  let out = depth < DEEPEST ? withoutJson(text, pieces, level, depth) : text;
  if (level < MOST_LEVELS && /[%?]/.test(out)) out = scrubAddresses(out, level);
  out = out.replace(USER_INFO, `$1${HIDDEN}@`).replace(SCHEME, `$1$2${HIDDEN}`);
  if (out.includes("<")) out = hidden(out, markupSpans(out));
  if (level < MOST_LEVELS && out.includes("&")) {
    out = withoutReferences(out, (piece) => scrubText(piece, level + 1, depth));
  }
  out = hidden(out, lineSpans(out));
  out = hidden(out, pairedSpans(out));
  out = hidden(out, namedSpans(out));
  out = hidden(out, proseSpans(out));
  out = hidden(out, commandSpans(out));
  if (out.includes("/")) out = hidden(out, pathSpans(out));
  return withPieces(redacted(out), pieces);
}

/** Signs of nobody's, between which stands the number of a piece that was taken out. */
const MARK = /\uf8f0([\uf8e0-\uf8e9]+)\uf8f1/g;

/** A text with marks in the place of its JSON, which is freed from secrets by what it says and not by how it looks. */
function withoutJson(text: string, pieces: string[], level: number, depth: number): string {
  if (!/[[{]/.test(text) || /[\uf8e0-\uf8f1]/.test(text)) return text;
  let out = "";
  let done = 0;
  let before: JsonValue = null;
  for (const { start, end, json } of embeddedJson(text)) {
    const written = text.slice(start, end);
    const isNamed = /^[\s,;]{0,64}$/.test(text.slice(done, start)) && namesNext(before, json);
    before = json;
    const scrubbed = JSON.stringify(
      isNamed ? scrubNamed(json, stringsAt(level), depth + 1) : scrubJson(json, depth + 1, level),
    );
    // What has nothing to hide stays as it was written.
    pieces.push(scrubbed === JSON.stringify(json) ? written : likewise(scrubbed, written));
    const number = String(pieces.length - 1).replace(
      /\d/g,
      (digit) => String.fromCharCode(0xf8e0 + Number(digit)),
    );
    out += `${text.slice(done, start)}\uf8f0${number}\uf8f1`;
    done = end;
  }
  return out + text.slice(done);
}

function withPieces(text: string, pieces: readonly string[]): string {
  if (pieces.length === 0) return text;
  return text.replace(MARK, (_all, number: string) => {
    const digits = number.replace(/./g, (digit) => String(digit.charCodeAt(0) - 0xf8e0));
    return pieces[Number(digits)] ?? "";
  });
}

/** JSON with the signs escaped that were escaped before: in a page they would end a script or an attribute. */
function likewise(json: string, written: string): string {
  return json.replace(
    /[<>&']/g,
    (sign) => written.includes(sign) && !written.includes("\\/") ? sign : escaped(sign),
  );
}

function escaped(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
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

/** Whether there is a secret in a text. */
export function hasSecret(text: string): boolean {
  return scrubText(text) !== text;
}

/** JSON without its secrets. */
export function scrubJson(value: JsonValue, depth = 0, level = 0): JsonValue {
  return scrubJsonWith(value, stringsAt(level), depth);
}

function stringsAt(level: number): ScrubText {
  return (text, depth) => scrubString(text, depth, level);
}

/** A string that may be JSON itself, as the arguments of a call to a tool are. */
function scrubString(text: string, depth: number, level: number): string {
  const value = depth < DEEPEST && /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
  if (value === undefined) return scrubText(text, level, depth);
  const scrubbed = JSON.stringify(scrubJson(value.json, depth + 1, level));
  return scrubbed === JSON.stringify(value.json) ? text : scrubbed;
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
  const all = [...pairs];
  const isNamed = all.some(([name, value]) =>
    isLabel(decoded(name)) && name !== value && isSecretName(decoded(value))
  );
  return all.map(([name, value]) => {
    const shown = scrubText(name, level);
    const plainName = decoded(name);
    const isSecret = isSecretParameter(plainName) || isNamed && isValueField(plainName);
    if (value !== "" && isSecret) return [shown, HIDDEN];
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
  const parts = url.pathname.split("/");
  const plain = parts.map(decoded);
  const path = parts.map((part, at) => {
    const [before = "", first] = plain.slice(0, at).filter((each) => each !== "").reverse();
    const isSecret = isSecretPart(before, plain[at]!, first);
    return isSecret ? HIDDEN : scrubPart(part, level);
  }).join("/");
  const query = url.search.slice(1).split("&").filter((pair) => pair !== "");
  const pairs = query.map((pair): [string, string, string] => {
    const equals = pair.indexOf("=");
    const value = equals < 0 ? "" : pair.slice(equals + 1);
    return [equals < 0 ? pair : pair.slice(0, equals), value, decoded(value.replaceAll("+", " "))];
  });
  const scrubbed = scrubPairs(pairs.map(([name, , plain]) => [decoded(name), plain]), level);
  const shown = pairs.map(([name, value, plain], at) => {
    if (!query[at]!.includes("=")) return scrubPart(name, level);
    const [, safe] = scrubbed[at]!;
    return `${scrubPart(name, level)}=${safe === plain ? value : coded(safe)}`;
  });
  const search = shown.length === 0 ? "" : `?${shown.join("&")}`;
  // What goes over several parts, such as a token with slashes.
  return `${url.protocol}//${host}${redacted(`${path}${search}`)}`;
}
