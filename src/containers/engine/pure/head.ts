/**
 * Heads of HTTP/1.1: a request's as bytes, an answer's from bytes. Strict where leniency lets two readers understand a
 * message differently (RFC 9112): no folded lines, no blanks before a colon, one length.
 *
 * @module
 */

import { EngineFault } from "../errors.ts";
import type { EngineRequest } from "../types.ts";
import type { Connection } from "./connection.ts";

const MOST_HEAD_BYTES = 65_536;
/** Answers before the answer (RFC 9110, 15.2) that are passed over. */
const MOST_INTERIM = 8;

/** An answer's head. */
export interface Head {
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
  /** Whether the connection can carry another exchange after this one. */
  readonly keepsAlive: boolean;
  /** Bytes of the body; undefined where it is chunked or goes on to the connection's end. */
  readonly contentLength: number | undefined;
  readonly isChunked: boolean;
}

/** The head of a request. What else it says than the caller's fields is the same in the native twin. */
export function requestHead(request: EngineRequest, host: string): Uint8Array<ArrayBuffer> {
  const { method, path, headers = [], body } = request;
  let text = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n`;
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  if (body instanceof Uint8Array) text += `content-length: ${body.length}\r\n`;
  else if (body !== undefined) text += "transfer-encoding: chunked\r\n";
  else if (method === "POST" || method === "PUT") text += "content-length: 0\r\n";
  return new TextEncoder().encode(`${text}\r\n`);
}

/** Reads heads until one that is no interim answer; 101 is none where it was asked for. */
export async function readFinalHead(
  connection: Connection,
  method: string,
  upgrades: boolean,
): Promise<Head> {
  for (let interim = 0; interim <= MOST_INTERIM; interim++) {
    const head = readHead(await headText(connection), method);
    if (head.status >= 200 || (head.status === 101 && upgrades)) return head;
    if (head.status === 101) break;
  }
  throw new EngineFault("protocol", "an answer before the answer that was not asked for");
}

async function headText(connection: Connection): Promise<string> {
  for (let seen = 0;;) {
    const { buffer, start, end } = connection;
    const stop = headEnd(buffer, start + seen, end);
    if (stop >= 0) {
      connection.start = stop;
      return latin1(buffer.subarray(start, stop));
    }
    const length = end - start;
    if (length >= 5 && latin1(buffer.subarray(start, start + 5)) !== "HTTP/") {
      throw new EngineFault("protocol", "its answer is no HTTP");
    }
    if (length > MOST_HEAD_BYTES) throw new EngineFault("protocol", "the head is too long");
    seen = Math.max(0, length - 3);
    if (await connection.fill() === 0) {
      throw new EngineFault("reset", "the connection ended before the answer");
    }
  }
}

/** Behind the empty line; -1 if it is not there yet. */
function headEnd(bytes: Uint8Array, from: number, end: number): number {
  for (let at = bytes.indexOf(10, from); at >= 0 && at < end; at = bytes.indexOf(10, at + 1)) {
    if (at + 2 < end && bytes[at + 1] === 13 && bytes[at + 2] === 10) return at + 3;
    if (at + 1 < end && bytes[at + 1] === 10) return at + 2;
  }
  return -1;
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return text;
}

const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: .*)?$/;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/;

/** Reads a head, its empty line included. */
export function readHead(text: string, method: string): Head {
  const lines = text.trimEnd().split(/\r?\n/);
  const match = STATUS_LINE.exec(lines[0]!);
  const status = Number(match?.[2]);
  if (match === null || status < 100 || status > 599) {
    throw new EngineFault("protocol", "its answer has no status line of HTTP/1");
  }
  const fields = new Map<string, string>();
  for (const line of lines.slice(1)) {
    const field = FIELD.exec(line);
    if (field === null) throw new EngineFault("protocol", "a field of its head has no name");
    const name = field[1]!.toLowerCase();
    const before = fields.get(name);
    fields.set(name, before === undefined ? field[2]! : `${before}, ${field[2]!}`);
  }
  const words = (fields.get("connection") ?? "").toLowerCase().split(",").map((w) => w.trim());
  const keepsAlive = match[1] === "1" ? !words.includes("close") : words.includes("keep-alive");
  const isBodiless = method === "HEAD" || status < 200 || status === 204 || status === 304;
  if (isBodiless) return { status, fields, keepsAlive, contentLength: 0, isChunked: false };
  const coding = fields.get("transfer-encoding")?.toLowerCase();
  if (coding !== undefined && (coding !== "chunked" || match[1] === "0")) {
    throw new EngineFault("protocol", "its answer has a transfer coding that is not chunked");
  }
  const isChunked = coding !== undefined;
  const contentLength = isChunked ? undefined : lengthOf(fields.get("content-length"));
  // A body that only the connection's end ends takes the connection with it.
  const isDelimited = isChunked || contentLength !== undefined;
  return { status, fields, keepsAlive: keepsAlive && isDelimited, contentLength, isChunked };
}

function lengthOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parts = new Set(text.split(",").map((part) => part.trim()));
  const [length] = parts;
  if (parts.size !== 1 || !/^\d{1,15}$/.test(length!)) {
    throw new EngineFault("protocol", "the length of its answer is no number, or several");
  }
  return Number(length);
}
