/**
 * What RFC 9111 says of a response: whether it may be stored (3), how long it is fresh (4.2.1), how old it is (4.2.3),
 * what may be done with it when it is stale (4.2.4 and RFC 5861), which of its fields are kept (3.1).
 *
 * A directive that names fields (`no-cache="a"`, `private="a"`) counts as if it named none, as 5.2.2 allows.
 *
 * @module
 */

import { httpDate, parseHttpDate } from "../dates.ts";
import { type Field, joined } from "../fields.ts";
import type { OutgoingRequest } from "../transport/types.ts";
import { type Directives, parseDirectives, seconds } from "./directives.ts";

/** A part of the age that a response had when it was made: 10 %, and a day at most (4.2.2). */
const HEURISTIC_PART = 0.1;
const HEURISTIC_MOST_S = 86_400;

/** Statuses that may be reused without being told so (RFC 9110, 15.1), 206 left out: parts are not stored. */
const HEURISTIC = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]);

/** Final statuses whose meaning is known here, for `must-understand`. */
const UNDERSTOOD = new Set([
  ...[...HEURISTIC, 201, 202, 205, 302, 303, 307, 400, 401, 402, 403, 406, 407, 408, 409],
  ...[
    411,
    412,
    413,
    415,
    416,
    417,
    421,
    422,
    426,
    428,
    429,
    431,
    451,
    500,
    502,
    503,
    504,
    505,
    511,
  ],
]);

/** Fields that are of one connection, or of a proxy (3.1). */
const CONNECTION_FIELDS = new Set([
  ...[
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
  ],
  ...["proxy-authenticate", "proxy-authentication-info", "proxy-authorization"],
]);

/** Fields of a stored response that its 304 does not change: they describe the stored body (3.2). */
const BODY_FIELDS = new Set(["content-encoding", "content-length", "content-range"]);

/** What decides over the reuse of a response. Seconds. */
export interface Policy {
  /** How long it is fresh, counted by its age. */
  readonly lifetime: number;
  /** How much longer it may be served while it is renewed. */
  readonly whileRevalidate: number;
  /** How much longer it may be served in place of an error; undefined if it does not say. */
  readonly ifError: number | undefined;
  /** Whether it is validated before each use. */
  readonly noCache: boolean;
  /** Whether it is never served stale. */
  readonly mustRevalidate: boolean;
  /** Whether a shared cache may give it to others than who authorized himself for it. */
  readonly forAll: boolean;
}

/** When a request went out and its response's head came. Milliseconds since 1970. */
export interface Times {
  readonly sentMs: number;
  readonly receivedMs: number;
}

/** Whether a request's response may be stored at all, and in a shared cache for more than who asked. */
export function mayStore(
  request: OutgoingRequest,
  status: number,
  headers: readonly Field[],
  shared: boolean,
): boolean {
  if (status < 200 || status === 206 || status === 304) return false;
  const directives = parseDirectives(joined(headers, "cache-control"));
  if (directives.has("must-understand")) {
    // Who understands the status passes over no-store (5.2.2.3).
    if (!UNDERSTOOD.has(status)) return false;
  } else if (directives.has("no-store")) return false;
  if (parseDirectives(joined(request.headers, "cache-control")).has("no-store")) return false;
  if (shared && directives.has("private")) return false;
  if (
    shared && joined(request.headers, "authorization") !== null && !allowsAuthorized(directives)
  ) return false;
  return directives.has("public") || !shared && directives.has("private") ||
    joined(headers, "expires") !== null || directives.has("max-age") ||
    shared && directives.has("s-maxage") || HEURISTIC.has(status);
}

function allowsAuthorized(directives: Directives): boolean {
  return ["public", "must-revalidate", "s-maxage"].some((name) => directives.has(name));
}

/** What decides over the reuse of a response. */
export function policyOf(
  status: number,
  headers: readonly Field[],
  shared: boolean,
  times: Times,
): Policy {
  const directives = parseDirectives(joined(headers, "cache-control"));
  return {
    lifetime: lifetimeOf(status, headers, directives, shared, times.receivedMs),
    whileRevalidate: seconds(directives, "stale-while-revalidate") ?? 0,
    ifError: seconds(directives, "stale-if-error"),
    noCache: directives.has("no-cache"),
    mustRevalidate: directives.has("must-revalidate") ||
      shared && (directives.has("proxy-revalidate") || directives.has("s-maxage")),
    forAll: shared && allowsAuthorized(directives),
  };
}

/** Whether a response says how long it is fresh. */
export function hasExplicitLifetime(headers: readonly Field[]): boolean {
  const directives = parseDirectives(joined(headers, "cache-control"));
  return directives.has("max-age") || directives.has("s-maxage") ||
    joined(headers, "expires") !== null;
}

/** How long a response is fresh (4.2.1), in seconds. */
function lifetimeOf(
  status: number,
  headers: readonly Field[],
  directives: Directives,
  shared: boolean,
  receivedMs: number,
): number {
  const told = (shared ? seconds(directives, "s-maxage") : undefined) ??
    seconds(directives, "max-age");
  if (told !== undefined) return told;
  const date = dateOf(headers, receivedMs);
  const expires = joined(headers, "expires");
  // What is no date, "0" above all, is over.
  if (expires !== null) {
    return Math.max(0, ((parseHttpDate(expires, receivedMs) ?? date) - date) / 1000);
  }
  if (!HEURISTIC.has(status) && !directives.has("public")) return 0;
  const modified = parseHttpDate(joined(headers, "last-modified") ?? "", receivedMs);
  if (modified === undefined || modified >= date) return 0;
  return Math.min((date - modified) / 1000 * HEURISTIC_PART, HEURISTIC_MOST_S);
}

/** When a response was made; when it came, if it does not say. */
function dateOf(headers: readonly Field[], receivedMs: number): number {
  return parseHttpDate(joined(headers, "date") ?? "", receivedMs) ?? receivedMs;
}

/** How old a response was when it came (4.2.3), in seconds. */
export function initialAge(headers: readonly Field[], times: Times): number {
  const apparent = (times.receivedMs - dateOf(headers, times.receivedMs)) / 1000;
  const delay = Math.max(0, times.receivedMs - times.sentMs) / 1000;
  return Math.max(0, apparent, ageField(headers) + delay);
}

/** The `Age` of a response: the first of its values (5.1), 0 if that is no number. */
function ageField(headers: readonly Field[]): number {
  const [first = ""] = (joined(headers, "age") ?? "").split(",", 1);
  return /^\d+$/.test(first.trim()) ? Number(first) : 0;
}

/** Whether a response can be asked again for its changes alone. */
export function hasValidator(headers: readonly Field[]): boolean {
  return joined(headers, "etag") !== null || joined(headers, "last-modified") !== null;
}

/** The fields of a response that are stored, with a `Date` (RFC 9110, 6.6.1). */
export function keptFields(
  headers: readonly Field[],
  shared: boolean,
  receivedMs: number,
): Field[] {
  const dropped = droppedBy(headers);
  const kept = headers.filter(([name]) =>
    // A cookie of one caller is not another one's.
    !dropped.has(name) && !(shared && (name === "set-cookie" || name === "set-cookie2"))
  );
  if (joined(kept, "date") === null) kept.push(["date", httpDate(receivedMs)]);
  return kept;
}

function droppedBy(headers: readonly Field[]): ReadonlySet<string> {
  const connection = joined(headers, "connection");
  if (connection === null) return CONNECTION_FIELDS;
  const named = connection.split(",").map((name) => name.trim().toLowerCase());
  return new Set([...CONNECTION_FIELDS, ...named]);
}

/** Stored fields with those of a 304, or of a HEAD's response, in their place (3.2). */
export function updatedFields(
  stored: readonly Field[],
  fresh: readonly Field[],
  shared: boolean,
  receivedMs: number,
): Field[] {
  const news = keptFields(fresh, shared, receivedMs).filter(([name]) => !BODY_FIELDS.has(name));
  const names = new Set(news.map(([name]) => name));
  // An age that is not repeated was the old response's.
  names.add("age");
  return [...stored.filter(([name]) => !names.has(name)), ...news];
}
