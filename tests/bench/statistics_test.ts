/** What is made of samples: quantiles, medians, ratios with their intervals; and that inputs are seeded. */

import assert from "assertions";
import { Random } from "../../bench/lib/random.ts";
import { compare, median, quantile } from "../../src/monitor/benchmark/statistics.ts";
import { webPage } from "../../bench/lib/web_page.ts";

Deno.test("bench: quantiles lie on numbers and between them", () => {
  const numbers = [1, 2, 3, 4, 5];
  assert.equal(quantile(numbers, 0), 1);
  assert.equal(quantile(numbers, 0.5), 3);
  assert.equal(quantile(numbers, 1), 5);
  assert.equal(quantile(numbers, 0.875), 4.5);
  assert.ok(Number.isNaN(quantile([], 0.5)));
});

Deno.test("bench: the median is of numbers in any order, and of an even count the mean of two", () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([7]), 7);
});

Deno.test("bench: a ratio is the other one's time in ours, round by round", () => {
  // Each round is twice as slow as the one before; the ratio does not see it.
  const ours = [1, 2, 4, 8, 16];
  const other = ours.map((time) => time * 3);
  assert.deepEqual(compare("other", other, ours), { against: "other", value: 3, low: 3, high: 3 });
});

Deno.test("bench: the interval holds the median and tells noise from a difference", () => {
  const random = new Random(7);
  const noise = (mean: number): number[] =>
    Array.from({ length: 41 }, () => mean * (0.8 + random.below(400) / 1000));
  const same = compare("same", noise(100), noise(100));
  assert.ok(same.low <= same.value && same.value <= same.high);
  assert.ok(same.low < 1 && same.high > 1);
  const slower = compare("slower", noise(100), noise(200));
  assert.ok(slower.high < 0.7);
});

Deno.test("bench: inputs of one seed are the same, and of the length asked for", () => {
  const make = (seed: number): unknown[] => {
    const random = new Random(seed);
    return [random.words(40), random.prose(200), random.phrase(), random.shuffled([1, 2, 3, 4])];
  };
  assert.deepEqual(make(3), make(3));
  assert.notDeepEqual(make(3), make(4));
  const random = new Random(1);
  for (const length of [0, 1, 8, 23, 64]) assert.equal(random.words(length).length, length);
  assert.ok(random.prose(500).length >= 500);
  assert.equal(random.bytes(17).length, 17);
  assert.notEqual(random.misspelt("the quick brown fox", 2), "the quick brown fox");
  assert.deepEqual(random.shuffled([1, 2, 3]).sort(), [1, 2, 3]);
});

Deno.test("bench: a web page is about as long as asked and has what is not its content", () => {
  const page = webPage(new Random(1), 25_000);
  assert.ok(page.length > 24_000 && page.length < 27_000);
  for (const part of ["<nav>", "<footer>", "<article>", "<script>"]) assert.ok(page.includes(part));
  assert.equal(webPage(new Random(1), 100).length, 100);
});
