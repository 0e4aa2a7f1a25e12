/**
 * The arguments of the queue, checked once for all stores so that they refuse alike.
 *
 * @module
 */

import {
  checkBoolean,
  checkImplementation,
  checkString,
  checkWord,
  fieldsOf,
  shown,
  wholeNumber,
  wrongType,
  wrongValue,
} from "../shared/arguments.ts";
import { checkFields } from "../shared/known_fields.ts";
import { toJson } from "./json.ts";
import { STATES } from "./store.ts";
import type { JobOptions, JobState, QueueOptions, RepeatOptions } from "./types.ts";

/** A name, key or group has at most so many characters. */
const MOST_CHARACTERS = 200;
/** The longest delay, a hundred years: what is longer is a mistake. */
const MOST_MS = 100 * 365 * 86_400_000;
const MOST_PRIORITY = 1_000_000;
const MOST_RETRIES = 1_000_000;
const DEFAULT_BACKOFF_MS = 1_000;
/** The longest time limit: what a timer takes. */
const MOST_TIMEOUT_MS = 2 ** 31 - 1;

const QUEUE_FIELDS: readonly (keyof QueueOptions)[] = [
  "name",
  "shared",
  "store",
  "concurrency",
  "leaseMs",
  "retention",
  "implementation",
];
/** The options of a job. */
export const JOB_FIELDS: readonly (keyof JobOptions)[] = [
  "priority",
  "delayMs",
  "retries",
  "backoffMs",
  "timeoutMs",
  "key",
  "group",
  "repeat",
];
/** The states in which a job stays. */
const ENDED: readonly ("done" | "dead" | "cancelled")[] = ["done", "dead", "cancelled"];
const DEFAULT_LIMIT = 100;

/** Options of a queue with every default filled in. */
export interface ResolvedQueue {
  readonly name: string | undefined;
  readonly shared: "required" | "preferred";
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly doneMs: number;
  readonly doneCount: number;
}

/** Options of a job with every default filled in. */
export interface ResolvedJob {
  readonly priority: number;
  readonly delayMs: number;
  readonly retries: number;
  readonly backoffMs: number;
  readonly timeoutMs: number;
  readonly key: string;
  readonly group: string;
  readonly repeat: RepeatOptions | undefined;
}

const NONE: ResolvedJob = {
  priority: 0,
  delayMs: 0,
  retries: 0,
  backoffMs: DEFAULT_BACKOFF_MS,
  timeoutMs: 0,
  key: "",
  group: "",
  repeat: undefined,
};

/** How many jobs are run at once: 1 to 100,000. */
export function concurrencyOf(value: unknown, fallback: number): number {
  return wholeNumber(value, "options.concurrency", { fallback, least: 1, most: 100_000 });
}

/** Checks the options of `createQueue`; what is said of a store of another kind is that one's to check. */
export function resolveQueue(options: QueueOptions | undefined): ResolvedQueue {
  const given = fieldsOf(options, "options");
  checkFields(given, "options", QUEUE_FIELDS);
  const { name, shared, implementation } = given;
  if (name !== undefined) checkWords(name, "options.name");
  if (shared !== undefined) {
    checkWord(shared, "options.shared", ["required", "preferred"]);
    if (name === undefined) {
      throw wrongType("options.name", "a string where options.shared is given", name);
    }
  }
  checkImplementation(implementation, "options.implementation");
  const retention = fieldsOf(given["retention"], "options.retention");
  checkFields(retention, "options.retention", ["doneMs", "doneCount"]);
  return {
    name: (name as string | undefined)?.toWellFormed(),
    shared: (shared as "required" | "preferred" | undefined) ?? "required",
    concurrency: concurrencyOf(given["concurrency"], 1),
    leaseMs: wholeNumber(given["leaseMs"], "options.leaseMs", {
      fallback: 30_000,
      least: 100,
      most: 86_400_000,
    }),
    doneMs: wholeNumber(retention["doneMs"], "options.retention.doneMs", {
      fallback: 3_600_000,
      least: 0,
      most: Infinity,
    }),
    doneCount: wholeNumber(retention["doneCount"], "options.retention.doneCount", {
      fallback: 1_000,
      least: 0,
      most: Infinity,
    }),
  };
}

/** Refuses options that differ from those under which a name exists. */
export function checkSameQueue(
  existing: { readonly doneMs: number; readonly doneCount: number },
  given: ResolvedQueue,
): void {
  for (const field of ["doneMs", "doneCount"] as const) {
    if (existing[field] === given[field]) continue;
    throw wrongValue(
      `options.retention.${field}`,
      `${existing[field]} as wherever the queue ${shown(given.name)} is used`,
      given[field],
    );
  }
}

/** Checks the options of a job, which may have only the fields that are known. */
export function resolveJob(
  options: JobOptions | undefined,
  name = "options",
  known: readonly string[] = JOB_FIELDS,
): ResolvedJob {
  if (options === undefined) return NONE;
  const given = fieldsOf(options, name);
  checkFields(given, name, known);
  const { priority, delayMs, retries, backoffMs, timeoutMs, key, group, repeat } = given;
  return {
    priority: priority === undefined ? 0 : wholeNumber(priority, `${name}.priority`, {
      least: -MOST_PRIORITY,
      most: MOST_PRIORITY,
    }),
    delayMs: optionalMs(delayMs, name, "delayMs", 0, 0, MOST_MS),
    retries: retries === undefined ? 0 : wholeNumber(retries, `${name}.retries`, {
      least: 0,
      most: MOST_RETRIES,
    }),
    backoffMs: optionalMs(backoffMs, name, "backoffMs", DEFAULT_BACKOFF_MS, 0, 3_600_000),
    timeoutMs: optionalMs(timeoutMs, name, "timeoutMs", 0, 1, MOST_TIMEOUT_MS),
    key: key === undefined ? "" : checkWords(key, `${name}.key`),
    group: group === undefined ? "" : checkWords(group, `${name}.group`),
    repeat: repeat === undefined ? undefined : checkRepeat(repeat, `${name}.repeat`),
  };
}

/** Milliseconds, rounded up to whole ones. */
function optionalMs(
  value: unknown,
  name: string,
  field: string,
  fallback: number,
  least: number,
  most: number,
): number {
  if (value === undefined) return fallback;
  const place = `${name}.${field}`;
  if (typeof value !== "number") throw wrongType(place, "a number", value);
  const whole = Math.ceil(value);
  if (!(whole >= least && whole <= most)) {
    throw wrongValue(place, `milliseconds, at least ${least} and at most ${most}`, value);
  }
  return whole + 0;
}

/** Checks a name, key or group and makes it well-formed. */
export function checkWords(value: unknown, name: string): string {
  checkString(value, name);
  if (value === "" || value.length > MOST_CHARACTERS) {
    throw wrongValue(name, `a string of 1 to ${MOST_CHARACTERS} characters`, value);
  }
  // SQLite reads a text up to its first NUL: two keys would be one.
  if (value.includes("\0")) throw wrongValue(name, "a string without NUL", value);
  return value.toWellFormed();
}

/** The options that mean the same, with nothing of the caller's. */
export function optionsOf({ timeoutMs, key, group, repeat, ...others }: ResolvedJob): JobOptions {
  return {
    ...others,
    ...(timeoutMs > 0 && { timeoutMs }),
    ...(key !== "" && { key }),
    ...(group !== "" && { group }),
    ...(repeat !== undefined && { repeat }),
  };
}

/** Checks what `addMany` is given: the data as JSON, and the options of each. */
export function resolveMany(
  data: unknown,
  options: unknown,
): { texts: string[]; job: ResolvedJob } {
  if (!Array.isArray(data)) throw wrongType("data", "an array", data);
  const job = resolveJob(options as JobOptions | undefined);
  for (const field of ["key", "repeat"] as const) {
    const given = fieldsOf(options, "options")[field];
    if (given !== undefined) throw wrongType(`options.${field}`, "left out in addMany", given);
  }
  return { texts: data.map((item, i) => toJson(item, `data[${i}]`)), job };
}

/** Checks what `list` is given. */
export function resolveList(
  state: unknown,
  options: unknown,
): { state: JobState; offset: number; limit: number } {
  checkWord(state, "state", STATES);
  const given = fieldsOf(options, "options");
  checkFields(given, "options", ["offset", "limit"]);
  const { offset, limit } = given;
  return {
    state,
    offset: wholeNumber(offset, "options.offset", { fallback: 0, least: 0 }),
    limit: wholeNumber(limit, "options.limit", {
      fallback: DEFAULT_LIMIT,
      least: 1,
      most: 100_000,
    }),
  };
}

/** Checks what `purge` is given. */
export function resolvePurge(
  state: unknown,
  options: unknown,
): { state: "done" | "dead" | "cancelled"; olderThanMs: number } {
  checkWord(state, "state", ENDED);
  const given = fieldsOf(options, "options");
  checkFields(given, "options", ["olderThanMs"]);
  const olderThanMs = wholeNumber(given["olderThanMs"], "options.olderThanMs", {
    fallback: 0,
    least: 0,
  });
  return { state, olderThanMs };
}

/** Checks what `drain` is given. */
export function resolveDrain(
  options: unknown,
): { delayed: boolean; signal: AbortSignal | undefined } {
  const given = fieldsOf(options, "options");
  checkFields(given, "options", ["delayed", "signal"]);
  const { delayed = false, signal } = given;
  checkBoolean(delayed, "options.delayed");
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw wrongType("options.signal", "an AbortSignal", signal);
  }
  return { delayed, signal: signal as AbortSignal | undefined };
}

function checkRepeat(value: unknown, name: string): RepeatOptions {
  const given = fieldsOf(value, name);
  checkFields(given, name, ["everyMs", "cron", "timeZone"]);
  const { everyMs, cron, timeZone } = given;
  if ((everyMs === undefined) === (cron === undefined)) {
    throw wrongType(name, "{ everyMs } or { cron, timeZone? }", value);
  }
  if (cron === undefined) {
    if (timeZone !== undefined) {
      throw wrongType(`${name}.timeZone`, "left out with everyMs", timeZone);
    }
    return {
      everyMs: wholeNumber(everyMs, `${name}.everyMs`, { least: 1, most: MOST_MS }),
    };
  }
  checkString(cron, `${name}.cron`);
  if (timeZone === undefined) return { cron };
  checkString(timeZone, `${name}.timeZone`);
  try {
    new Intl.DateTimeFormat("en", { timeZone });
  } catch {
    throw wrongValue(`${name}.timeZone`, 'the IANA name of a time zone, such as "UTC"', timeZone);
  }
  return { cron, timeZone };
}
