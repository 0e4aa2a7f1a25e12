/**
 * What a client was made with: checked, with the defaults in.
 *
 * @module
 */

import {
  checkBoolean,
  checkImplementation,
  checkNumber,
  fieldsOf,
  wholeNumber,
  wrongType,
  wrongValue,
} from "../../shared/arguments.ts";
import { checkCertificates } from "../../shared/certificates.ts";
import { timeLimit } from "../../shared/deadline.ts";
import type { HttpClientOptions, Resolver } from "../types.ts";
import type { ExchangeLimits } from "../transport/types.ts";
import type { Field } from "../fields.ts";
import { type ProxyChoice, readProxy } from "./proxy.ts";
import { readFields } from "./read_fields.ts";

/** A client's settings. */
export interface Settings {
  readonly concurrency: number;
  readonly perHost: number;
  readonly perSecond: number | undefined;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly maxRedirects: number;
  readonly maxBodyBytes: number;
  readonly allowPrivate: boolean;
  readonly caCerts: readonly string[];
  readonly headers: readonly Field[];
  readonly resolver: Resolver | undefined;
  readonly proxy: ProxyChoice;
  /** Those of a part of an exchange. */
  readonly limits: Omit<ExchangeLimits, "totalTimeoutMs" | "maxBodyBytes">;
}

const DEFAULT_CONCURRENCY = 64;
const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_BODY_BYTES = 64 * 1024 * 1024;
const MAX_HEADER_BYTES = 256 * 1024;
const MOST_AT_ONCE = 4_096;

/** What is said where a caller says nothing else. */
const SAID: readonly Field[] = [
  ["accept", "*/*"],
  ["user-agent", "agent-runtime"],
];

/** Codings are asked for unless the caller does; their undoing is the transport's. */
const CODINGS: Field = ["accept-encoding", "gzip, deflate, br, zstd"];

/**
 * Checks a client's options.
 *
 * @throws {TypeError} If one has a wrong type.
 * @throws {RangeError} If one has a wrong value.
 */
export function readSettings(value: HttpClientOptions | undefined): Settings {
  const options = fieldsOf(value, "options") as HttpClientOptions;
  checkImplementation(options.implementation, "options.implementation");
  const timeouts = fieldsOf(options.timeouts, "options.timeouts") as NonNullable<
    HttpClientOptions["timeouts"]
  >;
  if (options.allowPrivate !== undefined) {
    checkBoolean(options.allowPrivate, "options.allowPrivate");
  }
  if (options.caCerts !== undefined) checkCertificates(options.caCerts, "options.caCerts");
  if (options.resolver !== undefined && typeof options.resolver !== "function") {
    throw wrongType("options.resolver", "a function", options.resolver);
  }
  const own = readFields(options.headers, "options.headers");
  const names = own.map(([name]) => name);
  return {
    concurrency: atOnce(options.concurrency, "options.concurrency"),
    perHost: atOnce(options.perHost, "options.perHost"),
    perSecond: rateOf(options.rate),
    timeoutMs: timeLimit(options.timeoutMs, DEFAULT_TIMEOUT_MS),
    retries: wholeNumber(options.retries, "options.retries", { fallback: 2, least: 0, most: 100 }),
    maxRedirects: wholeNumber(options.maxRedirects, "options.maxRedirects", {
      fallback: 10,
      least: 0,
      most: 100,
    }),
    maxBodyBytes: bodyBytes(options.maxBodyBytes, "options.maxBodyBytes", DEFAULT_BODY_BYTES),
    allowPrivate: options.allowPrivate ?? false,
    caCerts: [...options.caCerts ?? []],
    headers: [...[...SAID, CODINGS].filter(([name]) => !names.includes(name)), ...own],
    resolver: options.resolver,
    proxy: readProxy(options.proxy),
    limits: {
      connectTimeoutMs: partOf(timeouts.connectMs, "options.timeouts.connectMs", 10_000),
      firstByteTimeoutMs: partOf(timeouts.firstByteMs, "options.timeouts.firstByteMs", 30_000),
      bodyTimeoutMs: partOf(timeouts.bodyMs, "options.timeouts.bodyMs", 30_000),
      maxHeaderBytes: MAX_HEADER_BYTES,
    },
  };
}

/** How many at once, or the default. */
export function atOnce(value: unknown, name: string, fallback = DEFAULT_CONCURRENCY): number {
  return wholeNumber(value, name, { fallback, least: 1, most: MOST_AT_ONCE });
}

/** The bound of a body. */
export function bodyBytes(value: unknown, name: string, fallback: number): number {
  return wholeNumber(value, name, { fallback, least: 0, most: 0x7fff_ffff });
}

function partOf(value: unknown, name: string, fallback: number): number {
  return wholeNumber(value, name, { fallback, least: 1, most: 86_400_000 });
}

function rateOf(rate: unknown): number | undefined {
  if (rate === undefined) return undefined;
  const { perSecond } = fieldsOf(rate, "options.rate");
  checkNumber(perSecond, "options.rate.perSecond");
  if (!(perSecond > 0 && perSecond <= 1e6)) {
    throw wrongValue("options.rate.perSecond", "above 0 and at most 1000000", perSecond);
  }
  return perSecond;
}
