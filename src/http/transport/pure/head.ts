/**
 * The head of a response: found in the bytes, checked in one pass, its fields made when asked for. Strict where
 * leniency lets two readers understand a message differently (RFC 9112): no folded lines, no blanks before a colon.
 *
 * @module
 */

import { TransportFault } from "../fault.ts";
import type { HeaderFields } from "../types.ts";

/** The fields of a head; the twin has the same bound. */
export const MOST_FIELDS = 1_024;
const LF = 10;
const CR = 13;

/**
 * Where a head ends.
 *
 * @param bytes Where it is looked for.
 * @param from The first byte to look at.
 * @param end Behind the last.
 * @returns Behind the empty line; -1 if it is not there yet.
 */
export function headEnd(bytes: Uint8Array, from: number, end: number): number {
  for (let at = bytes.indexOf(LF, from); at >= 0 && at + 1 < end; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return at + 2;
    if (bytes[at + 1] === CR && at + 2 < end && bytes[at + 2] === LF) return at + 3;
  }
  return -1;
}

/** Bytes as a string, one character each. */
export function latin1(bytes: Uint8Array): string {
  if (bytes.length <= 4096) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) {
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + 4096) as unknown as number[]);
  }
  return text;
}

/** A response's head. */
export interface Head {
  readonly status: number;
  readonly fields: HeadFields;
  /** Whether the connection can carry another exchange after this one. */
  readonly keepsAlive: boolean;
  /** The length that it states, if it does. */
  readonly contentLength: number | undefined;
  readonly isChunked: boolean;
  /** Whether there cannot be a body. */
  readonly isBodiless: boolean;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Control characters but tabs and the ends of lines. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)/;
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: [^\0\r\n]*)?$/;

/**
 * Reads a head.
 *
 * @param text The head without its empty line.
 * @param method The request's method, which may be one whose answers have no body.
 * @throws {TransportFault} `protocol` if it is none.
 */
export function readHead(text: string, method: string): Head {
  if (CONTROL.test(text)) throw new TransportFault("protocol", "a control character in the head");
  const fields = new HeadFields(text);
  const match = STATUS_LINE.exec(fields.firstLine);
  const status = Number(match?.[2]);
  if (match === null || status < 100 || status > 599) {
    throw new TransportFault("protocol", `the first line is no status line of HTTP/1`);
  }
  // What is said of a body that there cannot be does not matter (RFC 9112, 6.3).
  const isBodiless = method === "HEAD" || status < 200 || status === 204 || status === 304;
  let contentLength: number | undefined;
  let coding: string | undefined;
  let connection = "";
  let count = 0;
  for (const line of fields.lines()) {
    if (++count > MOST_FIELDS) {
      throw new TransportFault("head-too-large", `more than ${MOST_FIELDS} fields`);
    }
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    if (colon < 1 || !TOKEN.test(name)) throw new TransportFault("protocol", "a field has no name");
    // Only these decide how the body is read; other names are not looked at.
    const first = line.charCodeAt(0) | 32;
    if (first === 99 /* c */ || first === 116 /* t */) {
      const lower = name.toLowerCase();
      const value = line.slice(colon + 1).trim();
      if (lower === "connection") connection += `,${value.toLowerCase()}`;
      else if (isBodiless) continue;
      else if (lower === "content-length") contentLength = lengthOf(value, contentLength);
      else if (lower === "transfer-encoding") {
        coding = coding === undefined ? value.toLowerCase() : `${coding},${value.toLowerCase()}`;
      }
    }
  }
  // HTTP/1.0 has no transfer codings; one who says so anyway is not to be trusted (RFC 9112, 6.1).
  if (coding !== undefined && match[1] === "0") {
    throw new TransportFault("protocol", "a transfer coding in HTTP/1.0");
  }
  const codings = (coding ?? "").split(",").map((word) => word.trim())
    .filter((word) => word !== "" && word !== "identity");
  const isChunked = codings.length > 0;
  // No other coding was asked for, and what is not undone would be taken for the content (RFC 9112, 6.1).
  if (isChunked && (codings.length > 1 || codings[0] !== "chunked")) {
    throw new TransportFault("protocol", "a transfer coding that nobody asked for");
  }
  const words = connection.split(",").map((word) => word.trim());
  return {
    status,
    fields,
    keepsAlive: match[1] === "1" ? !words.includes("close") : words.includes("keep-alive"),
    contentLength: coding === undefined ? contentLength : undefined,
    isChunked,
    isBodiless,
  };
}

function lengthOf(value: string, before: number | undefined): number {
  for (const part of value.split(",")) {
    const text = part.trim();
    const length = /^\d{1,15}$/.test(text) ? Number(text) : -1;
    if (length < 0 || (before !== undefined && before !== length)) {
      throw new TransportFault("protocol", "the content-length is no number, or several");
    }
    before = length;
  }
  return before!;
}

/** The fields of a head, made when they are asked for. */
export class HeadFields implements HeaderFields {
  readonly #text: string;
  #entries: [string, string][] | undefined;
  #hidden: readonly string[] = [];

  /** Wraps a head: status line and field lines. */
  constructor(text: string) {
    this.#text = text;
  }

  /** The status line. */
  get firstLine(): string {
    const end = this.#text.indexOf("\n");
    return withoutReturn(end < 0 ? this.#text : this.#text.slice(0, end));
  }

  /** The field lines. */
  *lines(): Generator<string> {
    const text = this.#text;
    for (let at = text.indexOf("\n") + 1; at > 0 && at < text.length;) {
      const end = text.indexOf("\n", at);
      yield withoutReturn(end < 0 ? text.slice(at) : text.slice(at, end));
      at = end + 1;
    }
  }

  /** Leaves fields out from now on: those that the decoded body no more has. */
  hide(names: readonly string[]): void {
    this.#hidden = names;
    this.#entries = undefined;
  }

  get(name: string): string | null {
    const wanted = name.toLowerCase();
    let found: string | null = null;
    for (const [name, value] of this.#all()) {
      if (name === wanted) found = found === null ? value : `${found}, ${value}`;
    }
    return found;
  }

  entries(): [name: string, value: string][] {
    return this.#all().map(([name, value]) => [name, value]);
  }

  #all(): [string, string][] {
    if (this.#entries !== undefined) return this.#entries;
    const entries: [string, string][] = [];
    for (const line of this.lines()) {
      const colon = line.indexOf(":");
      const name = line.slice(0, colon).toLowerCase();
      if (this.#hidden.includes(name)) continue;
      entries.push([name, trimmed(line.slice(colon + 1))]);
    }
    return this.#entries = entries;
  }
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

/** Without blanks and tabs at its ends, which alone HTTP allows there. */
function trimmed(value: string): string {
  let start = 0;
  let end = value.length;
  const isBlank = (at: number): boolean =>
    value.charCodeAt(at) === 32 || value.charCodeAt(at) === 9;
  while (start < end && isBlank(start)) start++;
  while (end > start && isBlank(end - 1)) end--;
  return value.slice(start, end);
}
