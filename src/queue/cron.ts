/**
 * When a cron expression is due. Expressions are read by croner; what becomes of them where clocks are set is decided
 * here, as Vixie cron does it:
 *
 * - An expression that names hours: each of its times comes once a day. What would be in the hour that is left out comes
 *   once, at its end; of an hour that a day has twice only the first counts.
 * - One for every hour (its field begins with `*`) goes on with the time that passes.
 *
 * @module
 */

import type * as croner from "npm:croner@11.0.1";
import { wrongValue } from "../shared/arguments.ts";
import { loadPackage } from "../shared/packages.ts";

/** An expression and where its clock hangs; the system's zone if none is named. */
export interface CronRule {
  readonly cron: string;
  readonly timeZone?: string | undefined;
}

/** The longest that clocks are set by, with some room. */
const LOOK_BACK_MS = 3 * 3_600_000;

/**
 * The first time of a rule after a moment, milliseconds since 1970; undefined if its time does not come again.
 *
 * @throws {RangeError} If the expression cannot be read.
 */
export async function nextByCron(rule: CronRule, after: number): Promise<number | undefined> {
  const { Cron } = await loadPackage<typeof croner>("croner", "A repeat by cron");
  const { cron, timeZone } = rule;
  try {
    const next = timesOf(Cron, cron, timeZone);
    if (!namesHours(cron)) return next(after);
    return nextOnce(rule, { next, onClock: timesOf(Cron, cron, "UTC") }, after);
  } catch (error) {
    const why = (error as Error).message.replace(/^\w+: /, "");
    throw wrongValue("options.repeat.cron", `a cron expression (${why})`, cron);
  }
}

/** Gives times after others; undefined if there is none. */
type Times = (after: number) => number | undefined;

function timesOf(Cron: typeof croner.Cron, cron: string, timezone: string | undefined): Times {
  const parsed = new Cron(cron, { paused: true, ...(timezone !== undefined && { timezone }) });
  return (after) => parsed.nextRun(new Date(after))?.getTime();
}

/** Whether an expression says at which hours: in its second field, or in its third where the first is of seconds. */
function namesHours(cron: string): boolean {
  const fields = cron.trim().split(/\s+/);
  if (fields.length === 1) return fields[0]!.toLowerCase() !== "@hourly";
  return !fields[fields.length > 5 ? 2 : 1]!.startsWith("*");
}

function nextOnce(
  { timeZone }: CronRule,
  { next, onClock }: { next: Times; onClock: Times },
  after: number,
): number | undefined {
  const zone = timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
  let found = next(after);
  for (;;) {
    const end = found === undefined ? undefined : endOfRepeated(zone, found);
    if (end === undefined) break;
    found = next(end - 1);
  }
  return leftOut(zone, onClock, after, found) ?? found;
}

/** The end of the time that a day has twice, for a moment in its second half. */
function endOfRepeated(zone: string, time: number): number | undefined {
  const set = changeAfter(zone, time - LOOK_BACK_MS);
  if (set === undefined || set.time > time || set.byMs >= 0) return undefined;
  const end = set.time - set.byMs;
  return time < end ? end : undefined;
}

/** The first moment up to another at which clocks are set forward over a time of the rule. */
function leftOut(
  zone: string,
  onClock: Times,
  after: number,
  until: number | undefined,
): number | undefined {
  // Where there is no time to come, there is none to leave out.
  if (until === undefined) return undefined;
  let set = changeAfter(zone, after);
  for (; set !== undefined && set.time <= until; set = changeAfter(zone, set.time)) {
    if (set.byMs <= 0) continue;
    // What the clock would have said, read as that of a place where it is never set.
    const missed = onClock(set.clock - 1);
    if (missed !== undefined && missed < set.clock + set.byMs) return set.time;
  }
  return undefined;
}

/** When clocks are set. */
interface Change {
  readonly time: number;
  /** Forward, or back if it is less than 0. */
  readonly byMs: number;
  /** What they would have said, as if it were UTC. */
  readonly clock: number;
}

/** The next change after a moment; undefined where there is none any more. */
function changeAfter(zone: string, after: number): Change | undefined {
  const from = Temporal.Instant.fromEpochMilliseconds(after).toZonedDateTimeISO(zone);
  const to = from.getTimeZoneTransition("next");
  if (to === null) return undefined;
  const before = to.subtract({ nanoseconds: 1 }).offsetNanoseconds;
  const time = to.epochMilliseconds;
  const byMs = (to.offsetNanoseconds - before) / 1_000_000;
  return { time, byMs, clock: time + before / 1_000_000 };
}
