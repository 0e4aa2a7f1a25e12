/** The histogram: exact where it says so, within its three digits else, and what the crate of the native twin gives. */

import assert from "assertions";
import fc from "fast-check";
import { Histogram } from "../../src/monitor/histogram.ts";
import vectors from "../vectors/histogram.json" with { type: "json" };

const PERCENTS = [0, 1, 25, 50, 90, 95, 99, 99.9, 99.99, 100];
const HOUR = 3_600_000_000_000;

/** The percentile by sorting. */
function sorted(values: readonly number[], percent: number): number {
  const order = values.toSorted((a, b) => a - b);
  return order[Math.max(1, Math.ceil(percent / 100 * order.length)) - 1]!;
}

const anyValue = fc.oneof(
  fc.integer({ min: 0, max: 5_000 }),
  fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  fc.maxSafeInteger().map((value) => Math.abs(value) % (HOUR + 1)),
);

Deno.test("Histogram has the crate's percentiles", () => {
  for (const { name, values, percentiles, min, max, mean } of vectors.cases) {
    const histogram = new Histogram();
    for (const [value, count] of values as [number, number][]) histogram.record(value, count);
    const got = vectors.percents.map((percent) => histogram.percentile(percent));
    assert.deepEqual(got, percentiles, name);
    assert.deepEqual([histogram.min, histogram.max, histogram.mean], [min, max, mean], name);
  }
});

Deno.test("Histogram knows a percentile to three digits, and least, most and mean exactly", () => {
  fc.assert(fc.property(fc.array(anyValue, { minLength: 1, maxLength: 300 }), (values) => {
    const histogram = new Histogram();
    values.forEach((value) => histogram.record(value));
    assert.equal(histogram.count, values.length);
    assert.equal(histogram.min, Math.min(...values));
    assert.equal(histogram.max, Math.max(...values));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    assert.equal(histogram.mean, mean);
    let before = 0;
    for (const percent of PERCENTS) {
      const exact = sorted(values, percent);
      const got = histogram.percentile(percent);
      assert.ok(Math.abs(got - exact) <= exact / 1_000, `p${percent}: ${got} for ${exact}`);
      assert.ok(percent === 0 || got >= exact, `p${percent}: ${got} is under ${exact}`);
      assert.ok(got >= before && got <= histogram.max);
      before = got;
    }
  }));
});

Deno.test("Histogram.merge() is recording all in one", () => {
  fc.assert(fc.property(fc.array(anyValue), fc.array(anyValue), (left, right) => {
    const merged = new Histogram();
    const other = new Histogram();
    const whole = new Histogram();
    left.forEach((value) => merged.record(value));
    right.forEach((value) => other.record(value));
    [...left, ...right].forEach((value) => whole.record(value));
    merged.merge(other);
    assert.deepEqual([...merged.slots()], [...whole.slots()]);
    assert.deepEqual(
      [merged.count, merged.min, merged.max, merged.mean],
      [whole.count, whole.min, whole.max, whole.mean],
    );
  }));
});

Deno.test("Histogram.record() of a count is recording it so often", () => {
  const once = new Histogram();
  const often = new Histogram();
  often.record(12_345, 7);
  for (let i = 0; i < 7; i++) once.record(12_345);
  often.record(9, 0);
  assert.deepEqual([...often.slots()], [...once.slots()]);
  assert.equal(often.mean, 12_345);
});

Deno.test("Histogram.slots() tell of every value where it lies", () => {
  fc.assert(fc.property(anyValue, (value) => {
    const histogram = new Histogram();
    histogram.record(value);
    const [[from, to, count]] = [...histogram.slots()] as [[number, number, number]];
    assert.ok(from <= value && value <= to && count === 1, `${value} in ${from} to ${to}`);
    const copy = new Histogram();
    copy.record(to);
    assert.deepEqual([...copy.slots()], [...histogram.slots()]);
  }));
});

Deno.test("Histogram counts what is above the highest as the highest, and says the true maximum", () => {
  const histogram = new Histogram({ highest: 1_000 });
  histogram.record(5);
  histogram.record(1_000_000);
  assert.equal(histogram.percentile(100), 1_000);
  assert.equal(histogram.max, 1_000_000);
  const wide = new Histogram();
  wide.record(2_000_000);
  histogram.merge(wide);
  assert.equal(histogram.count, 3);
  assert.equal(histogram.percentile(100), 1_000);
});

Deno.test("Histogram without a value, cleared, and of fractions", () => {
  const histogram = new Histogram();
  assert.deepEqual([histogram.min, histogram.max, histogram.mean, histogram.count], [0, 0, 0, 0]);
  assert.equal(histogram.percentile(99), 0);
  histogram.record(3.9);
  assert.deepEqual([histogram.min, histogram.max, histogram.percentile(50)], [3, 3, 3]);
  histogram.clear();
  assert.deepEqual([histogram.min, histogram.max, histogram.count], [0, 0, 0]);
  assert.deepEqual([...histogram.slots()], []);
});

Deno.test("Histogram refuses what is no value, count or percentage", () => {
  const histogram = new Histogram();
  for (const value of [-1, NaN, Infinity, -Infinity]) {
    assert.throws(() => histogram.record(value), RangeError);
  }
  for (const count of [-1, 0.5, NaN]) assert.throws(() => histogram.record(1, count), RangeError);
  for (const percent of [-0.1, 100.1, NaN]) {
    assert.throws(() => histogram.percentile(percent), RangeError);
  }
  for (const highest of [1, 0, -5, 2.5, NaN, Infinity]) {
    assert.throws(() => new Histogram({ highest }), RangeError);
  }
  assert.equal(histogram.count, 0);
});
