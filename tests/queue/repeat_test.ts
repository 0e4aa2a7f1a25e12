/** When repeats and new tries are due: over changes of the clock, after times that were missed, by chance. */

import assert from "assertions";
import { retryTime } from "../../src/queue/backoff.ts";
import { firstOccurrence, nextOccurrence, type Occurrence } from "../../src/queue/repeat.ts";
import { resolveJob } from "../../src/queue/options.ts";
import { createQueue, type RepeatOptions } from "../../src/queue/mod.ts";

const at = (text: string): number => Date.parse(text);

/** The occurrences of a rule that follow a moment. */
async function times(rule: RepeatOptions, from: string, count: number): Promise<string[]> {
  let last = await firstOccurrence("1", resolveJob({ key: "k" }), rule, at(from));
  const found = [last];
  while (found.length < count) {
    const next = await nextOccurrence(last, last.at);
    if (next === undefined) break;
    found.push(last = next);
  }
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

/** What a clock on the wall says at each of the times, with its distance from UTC. */
async function clocks(rule: RepeatOptions, from: string, until: string): Promise<string[]> {
  const { timeZone = "UTC" } = rule as { timeZone?: string };
  const all = await times(rule, from, 20);
  return all.filter((time) => at(time) < at(until)).map((time) => {
    const zoned = Temporal.Instant.from(time).toZonedDateTimeISO(timeZone);
    return `${zoned.toPlainTime().toString({ smallestUnit: "minute" })} ${zoned.offset}`;
  });
}

const SPRING: readonly (readonly [cron: string, berlin: string, newYork: string])[] = [
  // The hour from 02:00 to 03:00 is left out.
  ["0,30 2 * * *", "3:00", "3:00"],
  ["15,45 2 * * *", "3:00", "3:00"],
  ["*/15 2 * * *", "3:00", "3:00"],
  ["10 5 2 * * *", "3:00", "3:00"],
  ["30 1-3 * * *", "1:30 3:00 3:30", "1:30 3:00 3:30"],
  ["0 2,3 * * *", "3:00", "3:00"],
  ["45 1,2 * * 0", "1:45 3:00", "1:45 3:00"],
  // That day is no Monday, and the 29th there, the 8th here.
  ["45 1,2 * * 1", "", ""],
  ["30 2 29 * *", "3:00", ""],
  ["30 2 8 * *", "", "3:00"],
  // Every hour goes on with the time that passes.
  ["30 * * * *", "0:30 1:30 3:30 4:30", "0:30 1:30 3:30 4:30"],
];

Deno.test("repeat: what is in the hour that is left out comes once, at its end", async () => {
  for (const [cron, berlin, newYork] of SPRING) {
    for (
      const [timeZone, from, until, expected] of [
        ["Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T03:00:00Z", berlin],
        ["America/New_York", "2026-03-08T05:00:00Z", "2026-03-08T09:00:00Z", newYork],
      ] as const
    ) {
      const found = await clocks({ cron, timeZone }, from, until);
      const shown = found.map((text) => text.replace(/^0?(\d+:\d+) .*$/, "$1")).join(" ");
      assert.equal(shown, expected, `${cron} in ${timeZone}`);
    }
  }
});

const AUTUMN: readonly (readonly [cron: string, berlin: string, newYork: string])[] = [
  // From 02:00 to 03:00 twice in Berlin; from 01:00 to 02:00 in New York.
  ["0,30 2 * * *", "02:00 +02:00, 02:30 +02:00", "02:00 -05:00, 02:30 -05:00"],
  ["0,30 1 * * *", "01:00 +02:00, 01:30 +02:00", "01:00 -04:00, 01:30 -04:00"],
  ["30 1-2 * * *", "01:30 +02:00, 02:30 +02:00", "01:30 -04:00, 02:30 -05:00"],
  [
    "30 0-23 * * *",
    "00:30 +02:00, 01:30 +02:00, 02:30 +02:00, 03:30 +01:00",
    [
      ...["00:30 -04:00", "01:30 -04:00", "02:30 -05:00", "03:30 -05:00"],
    ].join(", "),
  ],
  [
    "30 * * * *",
    "00:30 +02:00, 01:30 +02:00, 02:30 +02:00, 02:30 +01:00, 03:30 +01:00",
    [
      ...["00:30 -04:00", "01:30 -04:00", "01:30 -05:00", "02:30 -05:00", "03:30 -05:00"],
    ].join(", "),
  ],
];

Deno.test("repeat: of an hour that a day has twice the first counts, or both", async () => {
  for (const [cron, berlin, newYork] of AUTUMN) {
    for (
      const [timeZone, from, until, expected] of [
        ["Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T03:00:00Z", berlin],
        ["America/New_York", "2026-11-01T04:00:00Z", "2026-11-01T09:00:00Z", newYork],
      ] as const
    ) {
      const found = await clocks({ cron, timeZone }, from, until);
      assert.equal(found.join(", "), expected, `${cron} in ${timeZone}`);
    }
  }
});

Deno.test("repeat: no time is skipped or doubled over a year, wherever the clocks hang", async () => {
  // From midnight to one, by half an hour, and not at all: each day has its times once.
  for (const timeZone of ["Africa/Cairo", "Australia/Lord_Howe", "Asia/Kolkata"]) {
    const found = await times({ cron: "15 0-2 * * *", timeZone }, "2026-01-01T12:00:00Z", 1_100);
    const days = new Map<string, number>();
    for (const time of found) {
      const day = Temporal.Instant.from(time).toZonedDateTimeISO(timeZone).toPlainDate().toString();
      days.set(day, (days.get(day) ?? 0) + 1);
    }
    const counts = [...days.values()].slice(1, 360);
    assert.equal(counts.length, 359);
    assert.ok(counts.every((count) => count === 3), `${timeZone}: ${counts}`);
  }
});

Deno.test("repeat: an expression with years ends with them", async () => {
  const rule = { cron: "0 0 12 24 12 * 2026-2027", timeZone: "UTC" };
  assert.deepEqual(await times(rule, "2026-01-01T00:00:00Z", 5), [
    "2026-12-24T12:00:00.000Z",
    "2027-12-24T12:00:00.000Z",
  ]);
  await assert.rejects(times(rule, "2028-01-01T00:00:00Z", 1), RangeError);
});

Deno.test("repeat: the last occurrence of an expression that ends is run", async () => {
  await using queue = createQueue<string, string>({ implementation: "pure" });
  queue.process((job) => job.data);
  const soon = Temporal.Now.zonedDateTimeISO("UTC").add({ milliseconds: 1_500 });
  const { second, minute, hour, day, month, year } = soon;
  const cron = `${second} ${minute} ${hour} ${day} ${month} * ${year}`;
  const job = await queue.add("once", { repeat: { cron, timeZone: "UTC" } });
  assert.equal(await job.result(), "once");
  assert.equal((await queue.stats()).delayed, 0);
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
  assert.equal(late?.at, at("2026-01-01T08:00:00Z"));
  const back = await nextOccurrence(first, at("2026-01-01T00:30:00Z"));
  assert.equal(back?.at, at("2026-01-01T02:00:00Z"));
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
