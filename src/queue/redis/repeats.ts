/**
 * Repeats by BullMQ's job schedulers. Times of cron expressions are told by the same parser as in every other store; an
 * expression that BullMQ's own reads in another way is refused, since workers of others go by that.
 *
 * @module
 */

import type { ResolvedJob } from "../options.ts";
import { firstOccurrence, nextOccurrence } from "../repeat.ts";
import type { RepeatOptions } from "../types.ts";
import type { BullJob, BullModule, BullQueue, BullRepeat, BullTemplate } from "./bullmq.ts";
import { unsupported } from "./errors.ts";
import { fromBullRepeat, JOB_NAME, schedulerOf } from "./mapping.ts";

/** How many times of an expression are compared. */
const COMPARED = 5;

/** Gives the next time of an expression. */
type Strategy = (millis: number, repeat: BullRepeat) => Promise<number | undefined>;

/** The strategy that our queues and workers give BullMQ. */
export function strategyOf(bullmq: BullModule): Strategy {
  return async (millis, repeat) => {
    const rule = fromBullRepeat(repeat);
    if (rule === undefined) return undefined;
    try {
      return await after(rule, Math.max(millis, repeat.startDate ?? 0));
    } catch {
      // Another program's, in BullMQ's own dialect.
      return bullmq.defaultRepeatStrategy(millis, repeat);
    }
  };
}

/** What a repeat is added with. */
export interface RepeatRequest {
  readonly json: string;
  readonly job: ResolvedJob;
  readonly rule: RepeatOptions;
  readonly template: Omit<BullTemplate, "name">;
}

/** Adds a repeat, or changes what it is; gives its next occurrence. */
export async function addRepeat(
  bullmq: BullModule,
  queue: BullQueue,
  { json, job, rule, template }: RepeatRequest,
): Promise<BullJob | undefined> {
  const now = Date.now();
  const first = await firstOccurrence(json, job, rule, now);
  if ("cron" in rule) await compare(bullmq, rule, now);
  const repeat: BullRepeat = {
    ...toBullRepeat(rule),
    ...(job.delayMs > 0 ? { startDate: now + job.delayMs } : {}),
  };
  return await queue.upsertJobScheduler(schedulerOf(first.key), repeat, {
    name: JOB_NAME,
    ...template,
  });
}

/** BullMQ's words for when a job comes again. */
function toBullRepeat(rule: RepeatOptions): BullRepeat {
  if ("everyMs" in rule) return { every: rule.everyMs };
  const { cron, timeZone } = rule;
  return { pattern: cron, ...(timeZone === undefined ? {} : { tz: timeZone }) };
}

/**
 * Refuses an expression that BullMQ reads in another way. In UTC: where clocks are set, its own parser knows other rules,
 * which are those of other programs' workers.
 */
async function compare(
  bullmq: BullModule,
  rule: Extract<RepeatOptions, { cron: string }>,
  now: number,
): Promise<void> {
  const onClock: RepeatOptions = { cron: rule.cron, timeZone: "UTC" };
  const repeat = toBullRepeat(onClock);
  let millis = now;
  for (let i = 0; i < COMPARED; i++) {
    const at = await after(onClock, millis);
    let theirs: number | undefined;
    try {
      theirs = bullmq.defaultRepeatStrategy(millis, repeat);
    } catch {
      // It knows no such expression.
    }
    if (at === undefined || theirs !== at) {
      throw unsupported(
        "cron",
        `BullMQ reads the cron expression ${
          JSON.stringify(repeat.pattern)
        } in another way; write it in the plain five or six fields, or use everyMs`,
      );
    }
    millis = at;
  }
}

/** The first time of a rule after a moment; undefined if there is none. */
async function after(rule: RepeatOptions, millis: number): Promise<number | undefined> {
  const none = { priority: 0, retries: 0, backoffMs: 0, timeoutMs: 0, group: "" };
  return (await nextOccurrence({ key: "", rule, job: none, at: millis }, millis))?.at;
}
