/**
 * Repeats: a job whose occurrences follow one another. Each occurrence carries the whole rule, so that whoever runs it
 * can add the next, in any process; the key that all share makes adding it twice one.
 *
 * @module
 */

import { wrongValue } from "../shared/arguments.ts";
import { type CronRule, nextByCron } from "./cron.ts";
import type { ResolvedJob } from "./options.ts";
import type { RepeatOptions } from "./types.ts";

/** What an occurrence carries, as JSON. */
export interface Occurrence {
  /** The key of the repeat. */
  readonly key: string;
  readonly rule: RepeatOptions;
  /** The options of each occurrence. */
  readonly job: Omit<ResolvedJob, "key" | "delayMs" | "repeat">;
  /** When this one is due. */
  readonly at: number;
}

/** The key that the occurrences of a repeat hold in the store; apart from those of other jobs. */
export function storeKey(key: string): string {
  return `repeat ${key}`;
}

/** The first occurrence of a repeat. */
export async function firstOccurrence(
  data: string,
  job: ResolvedJob,
  rule: RepeatOptions,
  now: number,
): Promise<Occurrence> {
  const { priority, retries, backoffMs, timeoutMs, group } = job;
  const key = job.key !== "" ? job.key : await keyOf(data, rule);
  const from = now + job.delayMs;
  const at = "everyMs" in rule ? from : await nextByCron(rule, from);
  if (at === undefined) {
    const { cron } = rule as CronRule;
    throw wrongValue("options.repeat.cron", "a cron expression whose time comes again", cron);
  }
  return { key, rule, job: { priority, retries, backoffMs, timeoutMs, group }, at };
}

/** The occurrence after one, those whose time is over passed; undefined where a cron expression has an end. */
export function nextOccurrence(
  last: Occurrence,
  now: number,
): Occurrence | Promise<Occurrence | undefined> {
  const { rule, at } = last;
  if ("everyMs" in rule) {
    const passed = Math.max(Math.floor((now - at) / rule.everyMs), 0) + 1;
    return { ...last, at: at + passed * rule.everyMs };
  }
  // Never the same again, even where the clock was set back.
  return nextByCron(rule, Math.max(now, at)).then((next) =>
    next === undefined ? undefined : { ...last, at: next }
  );
}

/** Whether two occurrences follow from the same options. */
export function isSameRepeat(a: Occurrence, b: Occurrence): boolean {
  return JSON.stringify([a.rule, a.job]) === JSON.stringify([b.rule, b.job]);
}

async function keyOf(data: string, rule: RepeatOptions): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify([data, rule]));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.subarray(0, 16).toHex();
}
