/**
 * The arguments of the limiter, checked once for all kinds so that they refuse alike, and the errors they share.
 *
 * @module
 */

import {
  checkImplementation,
  checkNumber,
  checkWord,
  fieldsOf,
  shown,
  wholeNumber,
  wrongType,
  wrongValue,
} from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import type { LimiterOptions } from "./types.ts";

/** A minute and a second in microseconds, which the limiter counts in. */
export const MINUTE_US = 60_000_000;
const SECOND_US = 1_000_000;
/** Of tokens and requests; sums of them stay exact. */
const MOST = 1e12;
const DEFAULT_LEASE_MS = 600_000;
const MAX_NAME = 200;

/** One limit: so many in any so long. */
export interface WindowOptions {
  /** `Infinity` where there is none. */
  readonly limit: number;
  /** Microseconds. */
  readonly lengthUs: number;
}

/** Options with every default filled in. `Infinity` stands for "no limit". */
export interface ResolvedOptions {
  readonly second: WindowOptions;
  readonly requests: WindowOptions;
  readonly tokens: WindowOptions;
  readonly concurrency: number;
  readonly leaseUs: number;
  readonly name: string | undefined;
  readonly shared: "required" | "preferred";
}

function limitOf(value: unknown, name: string): number {
  return value === undefined
    ? Infinity
    : wholeNumber(value, `options.${name}`, { least: 1, most: MOST });
}

/** So many a second, with a fraction too, as whole requests in a time of their own. */
function secondOf(value: unknown): WindowOptions {
  if (value === undefined) return { limit: Infinity, lengthUs: SECOND_US };
  const name = "options.requestsPerSecond";
  checkNumber(value, name);
  if (!(value >= 0.001 && value <= MOST)) {
    throw wrongValue(name, `at least 0.001 and at most ${MOST}`, value);
  }
  const limit = Math.ceil(value);
  return { limit, lengthUs: Math.round(SECOND_US * limit / value) };
}

/** Checks the options of `createLimiter`. */
export function resolveOptions(options: LimiterOptions | undefined): ResolvedOptions {
  const given = fieldsOf(options, "options");
  const { name, shared, redis } = given;
  if (
    name !== undefined && (typeof name !== "string" || name === "" || name.length > MAX_NAME)
  ) {
    throw wrongType("options.name", `a string of 1 to ${MAX_NAME} characters`, name);
  }
  if (shared !== undefined) checkWord(shared, "options.shared", ["required", "preferred"]);
  for (const key of ["shared", "redis"] as const) {
    if (given[key] !== undefined && name === undefined) {
      throw wrongType("options.name", `a string where options.${key} is given`, name);
    }
  }
  if (redis === undefined && given["redisTimeoutMs"] !== undefined) {
    throw wrongType("options.redis", "a URL where options.redisTimeoutMs is given", redis);
  }
  checkImplementation(given["implementation"], "options.implementation");
  return {
    second: secondOf(given["requestsPerSecond"]),
    requests: {
      limit: limitOf(given["requestsPerMinute"], "requestsPerMinute"),
      lengthUs: MINUTE_US,
    },
    tokens: { limit: limitOf(given["tokensPerMinute"], "tokensPerMinute"), lengthUs: MINUTE_US },
    concurrency: limitOf(given["concurrency"], "concurrency"),
    leaseUs: 1_000 * wholeNumber(given["leaseMs"], "options.leaseMs", {
      fallback: DEFAULT_LEASE_MS,
      least: 1_000,
      most: 86_400_000,
    }),
    name: (name as string | undefined)?.toWellFormed(),
    shared: (shared as "required" | "preferred" | undefined) ?? "required",
  };
}

/** The limits that all users of a name share, as they are named in options. */
const COMPARED = [
  ["requestsPerMinute", (options: ResolvedOptions) => options.requests.limit],
  [
    "requestsPerSecond",
    ({ second }: ResolvedOptions) => second.limit * SECOND_US / second.lengthUs,
  ],
  ["tokensPerMinute", (options: ResolvedOptions) => options.tokens.limit],
  ["concurrency", (options: ResolvedOptions) => options.concurrency],
  ["leaseMs", (options: ResolvedOptions) => options.leaseUs / 1_000],
] as const;

/** The error of limits that differ from those under which a name exists; undefined if they do not. */
export function differingLimits(
  existing: ResolvedOptions,
  given: ResolvedOptions,
): RangeError | undefined {
  for (const [key, read] of COMPARED) {
    if (read(existing) === read(given)) continue;
    const what = `${read(existing)} as wherever the name ${shown(given.name)} is used`;
    return wrongValue(`options.${key}`, what, read(given));
  }
  return undefined;
}

/** Checks a number of tokens. */
export function checkTokens(value: unknown, name: string): number {
  return wholeNumber(value, name, { least: 0, most: MOST });
}

/** Checks the group of a call. */
export function checkGroup(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value !== "string" || value.length > MAX_NAME) {
    throw wrongType("options.group", `a string of at most ${MAX_NAME} characters`, value);
  }
  return value.toWellFormed();
}

/** The error of a reservation that no waiting could give. */
export function tooLarge(size: number, limit: number): AgentError<"TOO_LARGE"> {
  return new AgentError(
    "TOO_LARGE",
    `A reservation of ${size} tokens can never be had where a minute allows ${limit}: ` +
      "reserve less, or raise tokensPerMinute",
    { what: "reservation", size, limit },
  );
}

/** The error of a call that waited as long as it may. */
export function waitedTooLong(timeoutMs: number): AgentError<"TIMEOUT"> {
  return new AgentError(
    "TIMEOUT",
    `No reservation within ${timeoutMs} ms: the limits are used up; wait longer, or raise them`,
    { operation: "reserve", timeoutMs },
  );
}
