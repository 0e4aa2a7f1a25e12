/**
 * Reads what a call of the client is given: an address and an init as fetch has it.
 *
 * @module
 */

import {
  checkNumber,
  checkString,
  checkWord,
  fieldsOf,
  wholeNumber,
  wrongType,
  wrongValue,
} from "../../shared/arguments.ts";
import type { Batch, Call, OutgoingRequest } from "../transport/types.ts";
import type { HttpRequestInit } from "../types.ts";
import { type Field, mergedFields } from "../fields.ts";
import { readBody } from "./body.ts";
import { readFields } from "./read_fields.ts";
import { bodyBytes, type Settings } from "./settings.ts";

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const UPPER: readonly string[] = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
const REFUSED: readonly string[] = ["CONNECT", "TRACE", "TRACK"];
const CACHE_MODES = [
  "default",
  "no-store",
  "reload",
  "no-cache",
  "force-cache",
  "only-if-cached",
] as const;
const MOST_MS = 86_400_000;

/**
 * Reads an address; a copy without its fragment.
 *
 * @throws {TypeError} If it is none.
 */
export function readUrl(value: unknown, name: string): URL {
  if (typeof value !== "string" && !(value instanceof URL)) {
    throw wrongType(name, "a string or a URL", value);
  }
  const url = URL.parse(value);
  if (url === null) throw wrongType(name, "an absolute address", String(value));
  if (url.hash !== "" || url.href.endsWith("#")) url.hash = "";
  return url;
}

/** A request that is ready, and what its call has in common. */
export interface ReadCall {
  readonly request: OutgoingRequest;
  readonly call: Call;
}

/** A call without an init, which is most of them in a batch; `now` is `performance.now()`. */
export function plainCall(
  url: URL,
  settings: Settings,
  batch: Batch | undefined,
  signal: AbortSignal | undefined,
  now: number,
): ReadCall {
  const call: Call = {
    deadline: now + settings.timeoutMs,
    timeoutMs: settings.timeoutMs,
    retries: settings.retries,
    isRepeatable: false,
    redirect: "follow",
    maxBodyBytes: settings.maxBodyBytes,
    batch,
    redirected: false,
  };
  const request: OutgoingRequest = {
    method: "GET",
    url,
    headers: settings.headers,
    body: undefined,
    signal,
    wholeBody: batch !== undefined,
    cacheMode: undefined,
    call,
  };
  return { request, call };
}

/** What is left of an init when its body has been read. */
interface Checked {
  readonly method: string;
  readonly own: Field[];
  readonly redirect: "follow" | "manual" | "error";
}

/**
 * Reads a call.
 *
 * @param url Its address, read.
 * @param value The init.
 * @param settings What holds where the init says nothing.
 * @param batch The batch that it belongs to; its signal ends the call too.
 * @throws {TypeError | RangeError} If something is not as it should be.
 */
export async function readCall(
  url: URL,
  value: HttpRequestInit,
  settings: Settings,
  batch?: { batch: Batch; signal: AbortSignal },
): Promise<ReadCall> {
  const init = fieldsOf(value, "init") as HttpRequestInit;
  const { method, own, redirect } = checkedInit(init);
  const timeoutMs = timeOf(init.timeoutMs, settings.timeoutMs);
  const deadline = performance.now() + timeoutMs;
  let body: OutgoingRequest["body"];
  if (init.body !== undefined && init.body !== null) {
    if (method === "GET" || method === "HEAD") {
      throw new TypeError(`init.body must be left out where the method is ${method}`);
    }
    const read = await readBody(init.body);
    body = read.body;
    if (read.contentType !== undefined && !own.some(([name]) => name === "content-type")) {
      own.push(["content-type", read.contentType]);
    }
  }
  const isRepeatable = withKey(own, init.idempotencyKey);
  const call: Call = {
    deadline,
    timeoutMs,
    retries: wholeNumber(init.retries, "init.retries", {
      fallback: settings.retries,
      least: 0,
      most: 100,
    }),
    isRepeatable,
    redirect,
    maxBodyBytes: bodyBytes(init.maxBodyBytes, "init.maxBodyBytes", settings.maxBodyBytes),
    batch: batch?.batch,
    redirected: false,
  };
  const request: OutgoingRequest = {
    method,
    url,
    headers: mergedFields(settings.headers, own),
    body,
    signal: joinedSignal(init.signal, batch?.signal),
    wholeBody: batch !== undefined,
    cacheMode: init.cache,
    call,
  };
  return { request, call };
}

function checkedInit(init: HttpRequestInit): Checked {
  const { redirect = "follow", cache, signal } = init;
  if (init.method !== undefined) checkString(init.method, "init.method");
  const given = init.method ?? "GET";
  const method = UPPER.includes(given.toUpperCase()) ? given.toUpperCase() : given;
  if (!TOKEN.test(method)) throw wrongValue("init.method", "a token of HTTP", given);
  if (REFUSED.includes(method.toUpperCase())) {
    throw wrongValue("init.method", `none of ${REFUSED.join(", ")}`, given);
  }
  checkWord(redirect, "init.redirect", ["follow", "manual", "error"]);
  if (cache !== undefined) checkWord(cache, "init.cache", CACHE_MODES);
  if (signal !== undefined && signal !== null && !(signal instanceof AbortSignal)) {
    throw wrongType("init.signal", "an AbortSignal", signal);
  }
  return { method, own: readFields(init.headers, "init.headers"), redirect };
}

/** Puts the key in, if one is wanted; whether the request has one. */
function withKey(own: Field[], key: unknown): boolean {
  if (key === undefined) return own.some(([name]) => name === "idempotency-key");
  if (key !== true && typeof key !== "string") {
    throw wrongType("init.idempotencyKey", "a string or true", key);
  }
  own.push(...readFields(
    { "idempotency-key": key === true ? crypto.randomUUID() : key },
    "init.idempotencyKey",
  ));
  return true;
}

function timeOf(value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  checkNumber(value, "init.timeoutMs");
  if (!(value > 0 && value <= MOST_MS)) {
    throw wrongValue("init.timeoutMs", `above 0 and at most ${MOST_MS}`, value);
  }
  return Math.ceil(value);
}

function joinedSignal(
  own: AbortSignal | null | undefined,
  batch: AbortSignal | undefined,
): AbortSignal | undefined {
  if (own === undefined || own === null) return batch;
  return batch === undefined ? own : AbortSignal.any([own, batch]);
}
