/**
 * The options of load tests, read and checked once.
 *
 * @module
 */

import {
  checkContent,
  checkNumber,
  checkOptions,
  checkString,
  fieldsOf,
  shown,
  wholeNumber,
  wrongType,
  wrongValue,
} from "../../shared/arguments.ts";
import { checkCertificates } from "../../shared/certificates.ts";
import { timeLimit } from "../../shared/deadline.ts";
import { knownFields } from "../../shared/known_fields.ts";
import { readThresholds, type Threshold } from "./thresholds.ts";
import type { LoadTestOptions } from "./types.ts";

const DAY_MS = 86_400_000;
const MOST_CONNECTIONS = 10_000;
const MOST_RATE = 1_000_000;
const LIMITS = { connections: 50, durationMs: 30_000, rate: 1_000 } as const;
const USUAL = { connections: 10, durationMs: 10_000, timeoutMs: 10_000, bodyBytes: 64 << 20 };
const MOST_BODY = 16 << 20;
const MOST_FIELD_BYTES = 32_768;
/** Rows of the time line, about. */
const ROWS = 60;
const LEAST_INTERVAL_MS = 100;

const KNOWN = [
  "implementation",
  "signal",
  "onProgress",
  "rate",
  "connections",
  "streams",
  "durationMs",
  "requests",
  "warmUpMs",
  "http",
  "method",
  "headers",
  "body",
  "timeoutMs",
  "maxBodyBytes",
  "maxErrorShare",
  "thresholds",
  "limits",
  "authorization",
  "caCerts",
] as const satisfies readonly (keyof LoadTestOptions)[];

/** Fields that say how a message is carried, which is the connection's business. */
const CARRIED = [
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Options that were read. */
export interface ReadLoadOptions {
  /** Starts a second; undefined in the closed model. */
  readonly rate: number | undefined;
  /** The ceiling of starts a second. */
  readonly mostRate: number;
  /** Connections. */
  readonly connections: number;
  /** Requests at once on each. */
  readonly streams: number;
  /** Without the warm-up. */
  readonly durationMs: number;
  /** Before it. */
  readonly warmUpMs: number;
  /** The most requests. */
  readonly requests: number | null;
  /** Which HTTP. */
  readonly http: 1 | 2;
  /** In upper case. */
  readonly method: string;
  /** In lower case, those that are added with them. */
  readonly headers: readonly (readonly [string, string])[];
  /** Of each request. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** For a whole answer. */
  readonly timeoutMs: number;
  /** Of an answer. */
  readonly maxBodyBytes: number;
  /** From 0 to 1. */
  readonly maxErrorShare: number;
  /** The width of the time line. */
  readonly intervalMs: number;
  /** What has to hold. */
  readonly thresholds: readonly Threshold[];
  /** PEM. */
  readonly caCerts: readonly string[];
}

/**
 * Reads the options.
 *
 * @throws {TypeError | RangeError} If one is not what it should be, is over its ceiling, or contradicts another.
 */
export function readLoadOptions(options: LoadTestOptions): ReadLoadOptions {
  knownFields(options, "options", KNOWN);
  checkOptions(options);
  const limits = readLimits(options.limits);
  const rate = options.rate === undefined ? undefined : readRate(options.rate, limits.rate);
  const requests = options.requests === undefined
    ? null
    : wholeNumber(options.requests, "options.requests", { least: 1, most: 1e12 });
  const warmUpMs = milliseconds(options.warmUpMs, "options.warmUpMs", 0, 0, limits.durationMs);
  const room = limits.durationMs - warmUpMs;
  const durationMs = milliseconds(
    options.durationMs,
    "options.durationMs",
    requests === null ? Math.min(USUAL.durationMs, room) : room,
    1,
    limits.durationMs,
  );
  if (durationMs > room || durationMs < 1) {
    throw new RangeError(
      `options.durationMs and options.warmUpMs are ${
        durationMs + warmUpMs
      } ms together, over the ceiling of ${limits.durationMs}; options.limits.durationMs raises it`,
    );
  }
  const { http = 1 } = options;
  if (http !== 1 && http !== 2) throw wrongType("options.http", "1 or 2", http);
  const streams = wholeNumber(options.streams, "options.streams", {
    fallback: 1,
    least: 1,
    most: 100,
  });
  if (streams > 1 && http === 1) {
    throw new RangeError(
      "options.streams is of HTTP/2, whose connections carry several requests at once; give http: 2 with it",
    );
  }
  const { maxErrorShare = 0.5 } = options;
  checkNumber(maxErrorShare, "options.maxErrorShare");
  if (!(maxErrorShare >= 0 && maxErrorShare <= 1)) {
    throw wrongValue("options.maxErrorShare", "from 0 to 1", maxErrorShare);
  }
  const { caCerts = [] } = options;
  checkCertificates(caCerts, "options.caCerts");
  const body = readBody(options.body);
  const total = durationMs + warmUpMs;
  return {
    rate,
    mostRate: limits.rate,
    connections: readConnections(options.connections, limits.connections, rate),
    streams,
    durationMs,
    warmUpMs,
    requests,
    http,
    method: readMethod(options.method, body),
    headers: readHeaders(options.headers),
    body,
    timeoutMs: timeLimit(options.timeoutMs, USUAL.timeoutMs),
    maxBodyBytes: wholeNumber(options.maxBodyBytes, "options.maxBodyBytes", {
      fallback: USUAL.bodyBytes,
      least: 0,
    }),
    maxErrorShare,
    intervalMs: Math.max(LEAST_INTERVAL_MS, Math.ceil(total / ROWS / 100) * 100),
    thresholds: readThresholds(options.thresholds, rate),
    caCerts: [...caCerts],
  };
}

function readLimits(value: unknown): Record<keyof typeof LIMITS, number> {
  const name = "options.limits";
  const fields = value === undefined ? {} : knownFields(value, name, Object.keys(LIMITS));
  const { rate = LIMITS.rate } = fields;
  checkNumber(rate, `${name}.rate`);
  if (!(rate > 0)) throw wrongValue(`${name}.rate`, "above 0", rate);
  return {
    connections: wholeNumber(fields["connections"], `${name}.connections`, {
      fallback: LIMITS.connections,
      least: 1,
      most: MOST_CONNECTIONS,
    }),
    durationMs: milliseconds(
      fields["durationMs"],
      `${name}.durationMs`,
      LIMITS.durationMs,
      1,
      DAY_MS,
    ),
    rate,
  };
}

function milliseconds(
  value: unknown,
  name: string,
  fallback: number,
  least: number,
  most: number,
): number {
  if (value === undefined) return fallback;
  checkNumber(value, name);
  if (value >= least && value <= most) return value;
  const raises = name.startsWith("options.limits")
    ? ""
    : ", which options.limits.durationMs raises";
  throw wrongValue(name, `from ${least} to ${most}${raises}`, value);
}

function readRate(rate: unknown, most: number): number {
  checkNumber(rate, "options.rate");
  if (!(rate > 0 && rate <= MOST_RATE)) {
    throw wrongValue("options.rate", `above 0 and at most ${MOST_RATE}`, rate);
  }
  if (rate > most) {
    throw wrongValue("options.rate", `at most ${most}, which options.limits.rate raises`, rate);
  }
  return rate;
}

function readConnections(value: unknown, most: number, rate: number | undefined): number {
  const fallback = rate === undefined ? Math.min(USUAL.connections, most) : Math.min(50, most);
  const connections = wholeNumber(value, "options.connections", { fallback, least: 1 });
  if (connections <= most) return connections;
  throw wrongValue(
    "options.connections",
    `at most ${most}, which options.limits.connections raises`,
    connections,
  );
}

function readMethod(value: unknown, body: Uint8Array): string {
  if (value === undefined) return body.length > 0 ? "POST" : "GET";
  checkString(value, "options.method");
  const method = value.toUpperCase();
  if (!TOKEN.test(method) || method.length > 32 || method === "CONNECT") {
    throw wrongValue("options.method", "a method such as GET", value);
  }
  return method;
}

function readBody(value: unknown): Uint8Array<ArrayBuffer> {
  if (value === undefined) return new Uint8Array();
  checkContent(value, "options.body");
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value.slice();
  if (bytes.length > MOST_BODY) {
    throw wrongValue("options.body", `at most ${MOST_BODY} bytes`, bytes.length);
  }
  return bytes as Uint8Array<ArrayBuffer>;
}

function readHeaders(value: unknown): (readonly [string, string])[] {
  const headers = new Map([["accept", "*/*"], ["user-agent", "agent-load"]]);
  let bytes = 0;
  for (const [name, field] of Object.entries(fieldsOf(value, "options.headers"))) {
    if (!TOKEN.test(name)) {
      throw new TypeError(`options.headers has ${shown(name)}, which is no name of a field`);
    }
    const lower = name.toLowerCase();
    if (CARRIED.includes(lower)) {
      throw new TypeError(
        `options.headers.${lower} is refused: it says how a message is carried, which the test decides itself`,
      );
    }
    checkString(field, `options.headers.${lower}`);
    if (!/^[\t -~]*$/.test(field)) {
      throw wrongValue(`options.headers.${lower}`, "in one line of ASCII", field);
    }
    bytes += lower.length + field.length + 4;
    headers.set(lower, field.trim());
  }
  if (bytes > MOST_FIELD_BYTES) {
    throw wrongValue("options.headers", `at most ${MOST_FIELD_BYTES} bytes together`, bytes);
  }
  return [...headers];
}
