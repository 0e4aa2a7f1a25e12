/** What the program tells by record(). */

import assert from "assertions";
import { BUCKETS_MS, Operations, OTHER } from "../../src/monitor/operations.ts";
import { wrong } from "../support/values.ts";
import { ManualClock, scripted } from "./scripted.ts";

Deno.test("record(): counts, failures, rate and percentiles", async () => {
  const { clock, monitor } = scripted();
  const first = monitor.snapshot();
  await clock.turn(100);
  assert.deepEqual((await first).operations, {});
  clock.jump(1_900);
  for (let i = 1; i <= 100; i++) monitor.record("pay", i, i % 10 > 0);
  const { operations, windowMs } = await monitor.snapshot();
  const { pay } = operations;
  assert.equal(windowMs, 1_900);
  assert.equal(pay?.count, 100);
  assert.equal(pay?.failed, 10);
  assert.ok(Math.abs(pay!.rate! - 100 / 1.9) < 1e-9);
  for (const [name, expected] of [["p50", 50], ["p95", 95], ["p99", 99], ["max", 100]] as const) {
    const value = pay![name]!;
    assert.ok(value >= expected && value <= expected * 1.002, `${name}: ${value}`);
  }
  await monitor.close();
});

Deno.test("record(): percentiles are of the latest, counts of all", () => {
  const clock = new ManualClock();
  const operations = new Operations(clock);
  const look = () => operations.figures(undefined, operations.counts(), null).pay!;
  operations.record("pay", 1_000, true);
  assert.equal(look().max, 1_000);
  clock.jump(30_000);
  assert.equal(look().max, 1_000, "of the last 30 s at least");
  operations.record("pay", 1, true);
  assert.equal(look().max, 1_000);
  clock.jump(30_000);
  assert.equal(look().max, 1);
  clock.jump(30_000);
  const { count, ...others } = look();
  assert.equal(count, 2);
  assert.deepEqual(others, { failed: 0, rate: null, p50: null, p95: null, p99: null, max: null });
  operations.record("pay", 5, true);
  clock.jump(3_600_000);
  assert.equal(look().max, 5, "since the last look, if that is longer ago");
});

Deno.test("record(): names have a bound, and are never properties of something else", () => {
  const operations = new Operations(new ManualClock());
  operations.record("__proto__", 1, true);
  for (let i = 0; i < 1_000; i++) operations.record(`name ${i}`, 1, false);
  const figures = operations.figures(undefined, operations.counts(), null);
  assert.equal(Object.keys(figures).length, 201);
  assert.equal(Object.hasOwn(figures, "__proto__"), true);
  assert.equal(figures[OTHER]?.count, 801);
  assert.equal(figures[OTHER]?.failed, 801);
});

Deno.test("record(): buckets hold what exporters need", () => {
  const operations = new Operations(new ManualClock());
  for (const ms of [0, 0.1, 0.11, 10_000, 10_001, 1e9]) operations.record("x", ms, true);
  const { buckets, count, sumMs } = operations.totals().get("x")!;
  assert.equal(count, 6);
  assert.ok(Math.abs(sumMs - 1_000_020_001.21) < 1e-3);
  assert.deepEqual(
    [...buckets],
    BUCKETS_MS.map((bound) => ({ 0.1: 2, 0.5: 1, 10_000: 1 })[bound] ?? 0),
  );
});

Deno.test("record(): what is no operation is an error, and counts nothing", () => {
  const operations = new Operations(new ManualClock());
  const refused: [unknown, unknown, unknown, RegExp][] = [
    ["", 1, true, /operation must be a name of 1 to 100 characters/],
    ["x".repeat(101), 1, true, /operation must be a name/],
    [7, 1, true, /operation must be a string, got 7/],
    ["x", -1, true, /durationMs must be from 0 to 1000000000000, got -1/],
    ["x", NaN, true, /durationMs must be from 0 to/],
    ["x", Infinity, true, /durationMs must be from 0 to/],
    ["x", 1e308, true, /durationMs must be from 0 to/],
    ["x", "1", true, /durationMs must be a number, got "1"/],
    ["x", 1, 1, /ok must be a boolean/],
  ];
  for (const [name, ms, ok, pattern] of refused) {
    assert.throws(() => operations.record(wrong(name), wrong(ms), wrong(ok)), (error) => {
      assert.ok(error instanceof TypeError || error instanceof RangeError);
      assert.match(error.message, pattern);
      return true;
    });
  }
  assert.equal(operations.counts().size, 0);
});
