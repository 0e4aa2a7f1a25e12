/** When repeats and new tries are due: over changes of the clock, after times that were missed, by chance. */

import assert from "assertions";
import { retryTime } from "../../src/queue/backoff.ts";
import { firstOccurrence, nextOccurrence, type Occurrence } from "../../src/queue/repeat.ts";
import { resolveJob } from "../../src/queue/options.ts";
import type { RepeatOptions } from "../../src/queue/mod.ts";

const at = (text: string): number => Date.parse(text);

/** The occurrences of a rule that follow a moment. */
async function times(rule: RepeatOptions, from: string, count: number): Promise<string[]> {
  let last = await firstOccurrence("1", resolveJob({ key: "k" }), rule, at(from));
  const found = [last];
  while (found.length < count) found.push(last = await nextOccurrence(last, last.at));
  return found.map((one) => new Date(one.at).toISOString());
}

Deno.test("repeat: a daily time keeps its hour when clocks are set forward and back", async () => {
  const daily = { cron: "30 9 * * *", timeZone: "Europe/Berlin" };
  assert.deepEqual(await times(daily, "2026-03-27T12:00:00Z", 3), [
    "2026-03-28T08:30:00.000Z",
    "2026-03-29T07:30:00.000Z",
    "2026-03-30T07:30:00.000Z",
  ]);
  assert.deepEqual(await times(daily, "2026-10-23T12:00:00Z", 3), [
    "2026-10-24T07:30:00.000Z",
    "2026-10-25T08:30:00.000Z",
    "2026-10-26T08:30:00.000Z",
  ]);
});

Deno.test("repeat: a time that a day does not have, and one that it has twice, come once", async () => {
  const night = { cron: "30 2 * * *", timeZone: "Europe/Berlin" };
  const spring = await times(night, "2026-03-28T03:00:00Z", 2);
  // There is no 02:30 that day: it is done when the clocks have been set, at 03:00, and the next day at 02:30 again.
  assert.deepEqual(spring, ["2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"]);
  const autumn = await times(night, "2026-10-24T03:00:00Z", 2);
  assert.equal(autumn[0]!.slice(0, 10), "2026-10-25");
  assert.equal(autumn[1], "2026-10-26T01:30:00.000Z");
});

Deno.test("repeat: intervals keep their beat, and what was missed comes once", async () => {
  const hour = 3_600_000;
  const first = await firstOccurrence("1", resolveJob({ delayMs: 500 }), { everyMs: hour }, 1_000);
  assert.equal(first.at, 1_500);
  const next = (last: Occurrence, now: number): number =>
    (nextOccurrence(last, now) as Occurrence).at;
  assert.equal(next(first, 1_500), 1_500 + hour);
  assert.equal(next(first, 2_000), 1_500 + hour);
  assert.equal(next(first, 1_500 + hour), 1_500 + 2 * hour);
  assert.equal(next(first, 1_400 + 10 * hour), 1_500 + 10 * hour);
  // The clock was set back: not the same again.
  assert.equal(next(first, 0), 1_500 + hour);
});

Deno.test("repeat: cron that was missed comes once, and never the same again", async () => {
  const rule = { cron: "0 * * * *", timeZone: "UTC" };
  const first = await firstOccurrence("1", resolveJob({}), rule, at("2026-01-01T00:10:00Z"));
  assert.equal(first.at, at("2026-01-01T01:00:00Z"));
  const late = await nextOccurrence(first, at("2026-01-01T07:20:00Z"));
  assert.equal(late.at, at("2026-01-01T08:00:00Z"));
  const back = await nextOccurrence(first, at("2026-01-01T00:30:00Z"));
  assert.equal(back.at, at("2026-01-01T02:00:00Z"));
});

Deno.test("repeat: without a key the data and the times are the key", async () => {
  const keyOf = async (data: string, rule: RepeatOptions): Promise<string> =>
    (await firstOccurrence(data, resolveJob({}), rule, 0)).key;
  const key = await keyOf("1", { everyMs: 5 });
  assert.equal(await keyOf("1", { everyMs: 5 }), key);
  assert.notEqual(await keyOf("2", { everyMs: 5 }), key);
  assert.notEqual(await keyOf("1", { everyMs: 6 }), key);
});

Deno.test("retries: pauses double up to an hour, half of each by chance", () => {
  const pause = (attempt: number, random: number): number =>
    retryTime(0, attempt, 1_000, () => random);
  assert.deepEqual([1, 2, 3, 4].map((attempt) => pause(attempt, 1)), [1_000, 2_000, 4_000, 8_000]);
  assert.deepEqual([1, 2].map((attempt) => pause(attempt, 0)), [500, 1_000]);
  assert.equal(pause(40, 1), 3_600_000);
  assert.equal(pause(1_000_000, 0), 1_800_000);
  assert.equal(retryTime(7, 3, 0, () => 0.5), 7);
});
