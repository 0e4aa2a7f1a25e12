/**
 * An event stream that goes on: opened again with the last id when it ends or breaks, after the time that the server
 * wants, and later each time that it fails.
 *
 * @module
 */

import { fieldsOf, wholeNumber, wrongType } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import { parseRetryAfter } from "../dates.ts";
import { TransportFault } from "../transport/fault.ts";
import { eventLength, EventParser, parsedBy } from "./parser.ts";
import type { EventsInit, HttpRequestInit, ServerSentEvent } from "../types.ts";

/** How a client fetches. */
export type EventsFetch = (url: string | URL, init: HttpRequestInit) => Promise<Response>;

/** What tests put in the place of time and chance. */
export interface EventsClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Waits; rejects with the signal's reason. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
  /** From 0 to 1. */
  random(): number;
}

/** Before the server says something else. */
const RETRY_MS = 1_000;
/** The longest pause that grew by failures; the server may want a longer one. */
const MOST_BACKOFF_MS = 30_000;
/** The shortest pause, whatever a server wants: one that ends each stream after an event is not asked without a break. */
const LEAST_PAUSE_MS = 100;
/** The longest pause that a server may want: a day. */
const MOST_PAUSE_MS = 86_400_000;
/** A stream has no end of its own: what bounds a response must not end it. */
const NO_TIMEOUT_MS = 86_400_000;
const NO_BODY_BOUND = 0x7fff_ffff;
const TRIES = 10;

const SYSTEM: EventsClock = { now: Date.now, sleep: pause, random: Math.random };

/** How a stream is gone on with. */
interface Plan {
  readonly url: string | URL;
  readonly init: HttpRequestInit;
  readonly headers: Headers;
  readonly tries: number;
  readonly most: number;
  readonly lastEventId: string;
}

/**
 * Opens an event stream, and opens it again when it ends.
 *
 * @param fetch How the client fetches.
 * @param url The address.
 * @param init As for `fetch`, with how it is opened again.
 * @param clock Time and chance, for tests.
 * @returns The events. The connection is made when they are asked for.
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function openEvents(
  fetch: EventsFetch,
  url: string | URL,
  init: EventsInit = {},
  clock: EventsClock = SYSTEM,
): AsyncIterable<ServerSentEvent> {
  fieldsOf(init, "init");
  const { reconnect, lastEventId = "", maxEventLength, ...request } = init;
  if (typeof lastEventId !== "string" || /[\0\r\n]/.test(lastEventId)) {
    throw wrongType("init.lastEventId", "a string without line ends", lastEventId);
  }
  const method = request.method?.toUpperCase() ?? "GET";
  const headers = new Headers(request.headers);
  if (!headers.has("accept")) headers.set("accept", "text/event-stream");
  const plan: Plan = {
    url,
    init: {
      ...{ cache: "no-store", timeoutMs: NO_TIMEOUT_MS, maxBodyBytes: NO_BODY_BOUND },
      ...request,
    },
    headers,
    // A stream can be sent once.
    tries: request.body instanceof ReadableStream ? 0 : triesOf(reconnect ?? method === "GET"),
    most: eventLength(maxEventLength, "init.maxEventLength"),
    lastEventId,
  };
  return { [Symbol.asyncIterator]: () => follow(fetch, plan, clock) };
}

function triesOf(reconnect: boolean | number): number {
  if (typeof reconnect === "boolean") return reconnect ? TRIES : 0;
  return wholeNumber(reconnect, "init.reconnect", { least: 0, most: Infinity });
}

async function* follow(
  fetch: EventsFetch,
  plan: Plan,
  clock: EventsClock,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const { signal } = plan.init;
  let { lastEventId } = plan;
  let retryMs = RETRY_MS;
  let failures = 0;
  for (;;) {
    let failure: Failure | undefined;
    const parser = new EventParser(plan.most, lastEventId);
    try {
      const opened = await open(fetch, plan, lastEventId, clock.now());
      if (opened === undefined) return;
      if (opened instanceof ReadableStream) {
        for await (const event of parsedBy(parser, opened)) {
          failures = 0;
          yield event;
        }
      } else failure = opened;
    } catch (error) {
      if (signal?.aborted || !isBroken(error)) throw error;
      failure = { error };
    }
    ({ lastEventId } = parser);
    retryMs = parser.retryMs ?? retryMs;
    if (failure?.final || failures >= plan.tries) {
      if (failure !== undefined) throw failure.error;
      // A stream that ends without an event, again and again, has nothing more to say.
      return;
    }
    const grown = failures === 0
      ? retryMs
      : Math.max(retryMs, Math.min(MOST_BACKOFF_MS, retryMs * 2 ** failures));
    failures++;
    // Half of what grew is left to chance, so that clients that lost one server do not come back at once.
    const waitMs = failure === undefined ? grown : grown * (0.5 + clock.random() / 2);
    await clock.sleep(Math.max(waitMs, failure?.afterMs ?? 0, LEAST_PAUSE_MS), signal);
  }
}

/** Why there is no stream. */
interface Failure {
  readonly error: unknown;
  /** What the server asked for. */
  readonly afterMs?: number | undefined;
  /** Whether trying again does not help. */
  readonly final?: boolean | undefined;
}

/** The stream; undefined if the server says that there is nothing to come; or why there is none. */
async function open(
  fetch: EventsFetch,
  { url, init, headers }: Plan,
  lastEventId: string,
  nowMs: number,
): Promise<ReadableStream<Uint8Array> | Failure | undefined> {
  const sent = new Headers(headers);
  // A field's value is bytes; an id is text.
  if (lastEventId !== "") sent.set("last-event-id", latin1(new TextEncoder().encode(lastEventId)));
  const response = await fetch(url, { ...init, headers: sent });
  const { status, body } = response;
  const type = response.headers.get("content-type") ?? "";
  if (status === 200 && /^text\/event-stream\s*(;|$)/i.test(type.trim())) {
    return body ?? new ReadableStream({ start: (controller) => controller.close() });
  }
  await body?.cancel();
  if (status === 204) return undefined;
  const server = new URL(response.url || url).host;
  if (status === 200) {
    throw new AgentError(
      "UNSUPPORTED",
      `${server} answered with ${JSON.stringify(type.slice(0, 100))}, not with an event stream; ` +
        "is the address right?",
      { what: "a response that is no event stream" },
    );
  }
  const error = new AgentError(
    "UNAVAILABLE",
    `${server} answered with status ${status}, not with an event stream`,
    { server },
  );
  const afterMs = parseRetryAfter(response.headers.get("retry-after"), nowMs);
  const final = status !== 429 && status !== 503 ||
    afterMs !== undefined && afterMs > MOST_PAUSE_MS;
  return { error, afterMs, final };
}

/** Whether a connection could not be made or was lost, so that another one may do. */
function isBroken(error: unknown): boolean {
  if (error instanceof TransportFault) {
    return error.kind !== "tls" && !error.kind.endsWith("-too-large");
  }
  if (!AgentError.is(error) || !["UNAVAILABLE", "IO", "TIMEOUT"].includes(error.code)) return false;
  return !(error.cause instanceof TransportFault) || isBroken(error.cause);
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, Math.min(ms, MOST_PAUSE_MS));
    signal?.addEventListener("abort", abort, { once: true });
  });
}
