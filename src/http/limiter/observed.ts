/**
 * What a server says of its own limits, read out of the fields of a response and bounded: whatever they hold, a limiter
 * is slower for an hour at most and never faster than it was made.
 *
 * Read are OpenAI's `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, Anthropic's
 * `anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-{limit,remaining,reset}`, both of buckets that fill
 * without pause; the drafts of the IETF (`ratelimit`, before that `ratelimit-remaining` and `ratelimit-reset`) and
 * GitHub's `x-ratelimit-remaining` and `x-ratelimit-reset`, of windows that begin anew; `retry-after` and
 * `retry-after-ms`.
 *
 * @module
 */

import { MINUTE_US } from "./options.ts";

/** What is left at a server: so much, filling up to `cap`; believed for a time. Microseconds. */
export interface Left {
  readonly left: number;
  readonly cap: number;
  readonly perUs: number;
  readonly forUs: number;
}

/** What was read out of a response. */
export interface Observed {
  readonly requests: Left | undefined;
  readonly tokens: Left | undefined;
  /** How long the server wants to be left alone; 0 if it does not say. */
  readonly pauseUs: number;
}

/** Nothing is believed for longer than this. */
const HOUR_US = 3_600_000_000;
const MOST = 1e12;
/** The status with which `retry-after` speaks of too many requests and not of another thing. */
const BUSY: readonly number[] = [429, 503, 529];
/** A number of seconds from here on is a date, and from there on one in milliseconds. */
const EPOCH_SECONDS = 1e8;
const EPOCH_MILLISECONDS = 1e11;

/** A count, 0 if it is negative; undefined if it is none. */
function countOf(text: string | null | undefined): number | undefined {
  const match = /^\s*(-?)(\d{1,15})(?:\.\d{1,15})?\s*(?:[,;]|$)/.exec(text ?? "");
  if (match === null) return undefined;
  return match[1] === "-" ? 0 : Math.min(Number(match[2]), MOST);
}

/** Microseconds of milliseconds: whole, from 0 to an hour. */
function bounded(ms: number): number | undefined {
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, Math.ceil(ms * 1_000)), HOUR_US);
}

const UNITS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 0.001,
  ns: 0.000001,
};

/** `6m0s`, `1.5s`, `20ms` or seconds without a unit, in microseconds. */
function durationOf(text: string): number | undefined {
  if (/^\d{1,15}(\.\d{1,15})?$/.test(text)) return bounded(Number(text) * 1_000);
  if (!/^(\d{1,15}(\.\d{1,15})?(d|h|ms|m|s|us|ns)){1,7}$/.test(text)) return undefined;
  let ms = 0;
  for (const [, number, unit] of text.matchAll(/([\d.]+)([a-z]+)/g)) {
    ms += Number(number) * UNITS[unit as string]!;
  }
  return bounded(ms);
}

/** When a bucket is full or a window begins anew: a duration, a date or seconds since 1970, from `wall` on. */
function resetOf(text: string | null, wall: number): number | undefined {
  const trimmed = text?.trim() ?? "";
  if (trimmed.startsWith("-")) return 0;
  if (/^\d{1,15}(\.\d{1,15})?$/.test(trimmed)) {
    const number = Number(trimmed);
    if (number >= EPOCH_MILLISECONDS) return bounded(number - wall);
    if (number >= EPOCH_SECONDS) return bounded(number * 1_000 - wall);
  }
  return durationOf(trimmed) ?? dateOf(trimmed, wall);
}

function dateOf(text: string, wall: number): number | undefined {
  // Only forms that stand in headers: `Date.parse` makes something of much else.
  if (text.length > 40 || !/^(\d{4}-\d\d-\d\dT|[A-Z][a-z]{2,8}, \d)/.test(text)) return undefined;
  return bounded(Date.parse(text) - wall);
}

/** A bucket that fills without pause: full when it says, or in a minute. */
function bucket(headers: Headers, name: (part: string) => string, wall: number): Left | undefined {
  const left = countOf(headers.get(name("remaining")));
  if (left === undefined) return undefined;
  const limit = countOf(headers.get(name("limit")));
  const reset = resetOf(headers.get(name("reset")), wall);
  if (limit === undefined) return window(left, reset);
  const cap = Math.max(1, limit, left);
  // The server's own pace where it says when it is full; else what its limit means.
  const known = reset !== undefined && reset > 0 && cap > left;
  return {
    left,
    cap,
    perUs: known ? (cap - left) / reset : cap / MINUTE_US,
    forUs: known ? Math.max(reset, MINUTE_US) : MINUTE_US,
  };
}

/** A window that begins anew: nothing more until then, or for a minute. */
function window(left: number, resetUs = MINUTE_US): Left | undefined {
  return resetUs === 0 ? undefined : { left, cap: Math.max(1, left), perUs: 0, forUs: resetUs };
}

/** `"default";r=50;t=30` and, before that, `limit=100, remaining=50, reset=5`: of several the one with the least left. */
function structured(text: string): Left | undefined {
  let least: Left | undefined;
  const old = /(?:^|,)\s*remaining\s*=\s*(\d{1,15})/i.exec(text);
  if (old !== null) {
    const reset = /(?:^|,)\s*reset\s*=\s*(\d{1,15})/i.exec(text)?.[1];
    return window(countOf(old[1])!, reset === undefined ? undefined : durationOf(reset));
  }
  for (const [item] of text.slice(0, 4_096).matchAll(/(?:"[^"]*"|[^",])+/g)) {
    const named = item.replace(/^\s*(?:"[^"]*"|[^;"]*)/, "");
    // What is counted in another unit is no request.
    if (/;\s*qu\s*=(?!\s*"?requests\b)/i.test(named)) continue;
    const left = countOf(/;\s*r\s*=\s*(-?\d{1,15})/.exec(named)?.[1]);
    if (left === undefined) continue;
    const reset = /;\s*t\s*=\s*(\d{1,15})/.exec(named)?.[1];
    const said = window(left, reset === undefined ? undefined : durationOf(reset));
    if (said !== undefined && (least === undefined || said.left < least.left)) least = said;
  }
  return least;
}

/** What is left of requests, by the first of the families that says it. */
function requestsIn(headers: Headers, wall: number): Left | undefined {
  const said = bucket(headers, (part) => `x-ratelimit-${part}-requests`, wall) ??
    bucket(headers, (part) => `anthropic-ratelimit-requests-${part}`, wall);
  if (said !== undefined) return said;
  const drafted = headers.get("ratelimit");
  if (drafted !== null) return structured(drafted);
  for (const family of ["ratelimit", "x-ratelimit"]) {
    const left = countOf(headers.get(`${family}-remaining`));
    if (left !== undefined) return window(left, resetOf(headers.get(`${family}-reset`), wall));
  }
  return undefined;
}

/** What is left of tokens. Output has a limit of its own, which matters only when nothing is left of it. */
function tokensIn(headers: Headers, wall: number): Left | undefined {
  const anthropic = (kind: string) =>
    bucket(headers, (part) => `anthropic-ratelimit-${kind}-${part}`, wall);
  const said = bucket(headers, (part) => `x-ratelimit-${part}-tokens`, wall) ?? anthropic("tokens");
  if (said !== undefined) return said;
  const output = anthropic("output-tokens");
  return output?.left === 0 ? output : anthropic("input-tokens");
}

function pauseIn(headers: Headers, wall: number): number {
  const exact = headers.get("retry-after-ms")?.trim();
  if (exact !== undefined && /^\d{1,15}(\.\d{1,15})?$/.test(exact)) return bounded(Number(exact))!;
  const text = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,15}(\.\d{1,15})?$/.test(text)) return bounded(Number(text) * 1_000)!;
  return dateOf(text, wall) ?? 0;
}

/**
 * Reads what a server says.
 *
 * @param headers Its fields.
 * @param status Its status; undefined if only fields are known.
 * @param now Milliseconds since 1970, for dates where the server does not say its own time.
 */
export function observedIn(headers: Headers, status: number | undefined, now: number): Observed {
  const said = Date.parse(headers.get("date") ?? "");
  const wall = Number.isNaN(said) ? now : said;
  const pauses = status === undefined || BUSY.includes(status);
  return {
    requests: requestsIn(headers, wall),
    tokens: tokensIn(headers, wall),
    pauseUs: pauses ? pauseIn(headers, wall) : 0,
  };
}
