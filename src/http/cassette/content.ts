/**
 * Bodies as a cassette has them: JSON and forms as what they are, text as text, the rest as base64, all without secrets;
 * bytes in which something looks like a secret are left out.
 *
 * @module
 */

import type { JsonValue } from "../../shared/json.ts";
import { parseJson, writtenNumber } from "./json.ts";
import { isSecretName } from "./names.ts";
import { HIDDEN, redacted } from "./rules.ts";
import { hasSecret, scrubJson, scrubPairs, scrubText } from "./scrub.ts";
import { scrubTable } from "./text/lines.ts";

/** A body; null where there is none. */
export type Content =
  | { readonly json: JsonValue }
  | { readonly form: readonly (readonly [string, string])[] }
  | { readonly text: string }
  | { readonly base64: string }
  | { readonly omitted: string; readonly bytes: number }
  | null;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Why bytes are left out. */
const OMITTED = "the bytes hold what looks like a secret";

/** A body without its secrets. */
export function contentOf(bytes: Uint8Array | null | undefined, type: string): Content {
  if (bytes === null || bytes === undefined || bytes.length === 0) return null;
  const text = textOf(bytes);
  if (text === undefined) return binary(bytes);
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) {
    return { form: scrubPairs(new URLSearchParams(text)) };
  }
  if (/^multipart\//i.test(type)) return { text: multipart(text, type) };
  if (!/event-stream/i.test(type)) {
    const value = parseJson(text);
    // A number or a word alone is JSON only where it is said to be.
    if (value !== undefined && (/json/i.test(type) || /^\s*[[{"]/.test(text))) {
      return { json: scrubJson(value.json) };
    }
  }
  return { text: scrubText(withoutColumns(text, type)) };
}

/** A table of values without its secret columns; where the type says nothing, what looks like one from its first lines. */
function withoutColumns(text: string, type: string): string {
  const said = /^text\/(?:csv|(tab-separated-values))\b/i.exec(type);
  const [first = "", second = ""] = text.slice(0, 8_192).split(/\r?\n/);
  const separators = said?.[1] ? ["\t"] : [",", ";", "\t"];
  const separator = separators.find((sign) => {
    const names = first.split(sign);
    if (names.length < 2) return false;
    if (said !== null) return true;
    return names.every((name) => /^"?[\w .-]{1,48}"?$/.test(name)) && second.includes(sign);
  });
  if (separator === undefined) return said === null ? text : scrubTable(text, ",", HIDDEN);
  return scrubTable(text, separator, HIDDEN);
}

/** Parts with another boundary, which is random, and without what stands under names of secrets. */
function multipart(text: string, type: string): string {
  const boundary = boundaryOf(type);
  if (boundary === undefined) return scrubText(text);
  return text.split(`--${boundary}`).map((part) => {
    const end = part.indexOf("\r\n\r\n");
    const name = /\bname="?([^";\r\n]+)/i.exec(part.slice(0, Math.max(end, 0)))?.[1];
    if (name === undefined || !isSecretName(name)) return scrubText(part);
    return `${scrubText(part.slice(0, end))}\r\n\r\n${HIDDEN}\r\n`;
  }).join("--boundary");
}

function boundaryOf(type: string): string | undefined {
  const found = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(type);
  return found === null ? undefined : found[1] ?? found[2];
}

/** A type with the boundary that {@linkcode contentOf} gives. */
export function typeOf(type: string): string {
  return type.replace(/(;\s*boundary=)(?:"[^"]+"|[^\s;]+)/i, "$1boundary");
}

function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function binary(bytes: Uint8Array): Content {
  const latin1 = new TextDecoder("latin1").decode(bytes);
  const utf8 = new TextDecoder().decode(bytes);
  // UTF-16 has a NUL beside each letter of ASCII.
  const texts = [latin1, utf8, latin1.replaceAll("\0", "")];
  // What only its place gives away has to stand in a text, which bytes by chance are not.
  const hidden = texts.some((text) => redacted(text) !== text || hasSecret(printable(text))) ||
    namesSecret(latin1);
  return hidden ? { omitted: OMITTED, bytes: bytes.length } : { base64: bytes.toBase64() };
}

/** The pieces of text in bytes, each on a line of its own. */
function printable(text: string): string {
  return (text.match(/[\x20-\x7e\t\r\n\u00a0-\ufffc]{6,}/g) ?? []).join("\n");
}

/** Whether a part of a form with files stands under a name of secrets. */
function namesSecret(text: string): boolean {
  for (const [, name] of text.matchAll(/\bname="([^"\r\n]{1,256})"/gi)) {
    if (isSecretName(name!)) return true;
  }
  return false;
}

/** A body by which requests are compared: fields of JSON and pairs of forms in order. */
export function canonical(content: Content): Content {
  if (content === null) return null;
  if ("json" in content) return { json: sorted(content.json) };
  if ("form" in content) {
    return { form: [...content.form].sort((a, b) => order(a[0], b[0]) || order(a[1], b[1])) };
  }
  return content;
}

function sorted(value: JsonValue): JsonValue {
  if (value === null || typeof value !== "object" || writtenNumber(value) !== undefined) {
    return value;
  }
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value as { [key: string]: JsonValue });
  // By fromEntries, so that a field of the name __proto__ is a field.
  return Object.fromEntries(
    entries.sort(([a], [b]) => order(a, b)).map(([name, item]) => [name, sorted(item)]),
  );
}

/** By UTF-16 units, the same everywhere. */
export function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The bytes of a body; undefined if they were left out. */
export function bytesOfContent(content: Content): Uint8Array<ArrayBuffer> | undefined {
  if (content === null) return new Uint8Array(0);
  if ("json" in content) return encoder.encode(JSON.stringify(content.json));
  if ("form" in content) {
    return encoder.encode(new URLSearchParams(content.form.map(([a, b]) => [a, b])).toString());
  }
  if ("text" in content) return encoder.encode(content.text);
  if ("base64" in content) return Uint8Array.fromBase64(content.base64);
  return undefined;
}
