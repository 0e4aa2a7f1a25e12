/** What the figures say: the fastest peer, whether auto chose well, the break-even, how numbers are written. */

import assert from "assertions";
import { atLeast, atMost, Figures, together } from "../../bench/lib/area.ts";
import type { Role } from "../../bench/lib/group.ts";
import {
  breakEven,
  choiceBar,
  choseWell,
  digits,
  type GroupResult,
  loses,
  offendersOf,
  summarise,
  time,
  times,
  unchosen,
} from "../../bench/lib/results.ts";

/** A group whose rows took the same in all of three rounds. */
function group(operation: string, size: number, rows: [string, Role, number][]): GroupResult {
  return summarise(
    { operation, size, unit: "texts", rows: rows.map(([name, role]) => ({ name, role })) },
    rows.map(([, , nanoseconds]) => [nanoseconds, nanoseconds, nanoseconds]),
  );
}

Deno.test("bench: rows are compared with the fastest peer, the pure twin and the yardstick", () => {
  const result = group("work", 10, [
    ["pure", "pure", 400],
    ["native", "native", 100],
    ["auto", "auto", 110],
    ["slow peer", "peer", 900],
    ["fast peer", "peer", 200],
    ["bare loop", "reference", 50],
  ]);
  const [pure, native, auto, slow, fast, reference] = result.rows;
  assert.equal(result.rounds, 3);
  assert.deepEqual([pure?.toPeer?.against, pure?.toPeer?.value], ["fast peer", 0.5]);
  assert.equal(native?.toPeer?.value, 2);
  assert.equal(native?.toPure?.value, 4);
  assert.equal(pure?.toPure, undefined);
  assert.equal(auto?.toReference?.value, 50 / 110);
  for (const row of [slow, fast, reference]) assert.equal(row?.toPeer, undefined);
  assert.ok(loses(pure!) && !loses(native!));
  assert.deepEqual(result.choice, {
    better: "native",
    ratio: { against: "native", value: 100 / 110, low: 100 / 110, high: 100 / 110 },
    excess: 10,
  });
});

Deno.test("bench: auto chose well within a tenth or thirty nanoseconds", () => {
  const choice = (native: number, auto: number) =>
    group("work", 1, [["pure", "pure", 1e9], ["native", "native", native], ["auto", "auto", auto]])
      .choice!;
  assert.ok(choseWell(choice(1000, 1090)));
  assert.ok(!choseWell(choice(1000, 1110)));
  assert.ok(choseWell(choice(10, 39)), "nearly four times, but no thirty nanoseconds");
  assert.ok(!choseWell(choice(100, 140)));
});

Deno.test("bench: the bar on choosing counts the groups and names the worst", () => {
  const of = (operation: string, auto: number) =>
    group(operation, 5, [["pure", "pure", 9e5], ["native", "native", 1e5], ["auto", "auto", auto]]);
  const results = [
    {
      area: "a",
      groups: [of("fine", 1e5), of("bad", 1.3e5), of("worse", 2e5)],
      facts: [],
      leftOut: [],
    },
  ];
  assert.deepEqual(offendersOf(results).map(({ operation }) => operation), ["worse", "bad"]);
  const bar = choiceBar(results);
  assert.equal(bar.met, false);
  assert.equal(bar.measured, "1 of 3; worst worse, 5 texts, 100 %");
  assert.equal(choiceBar([]).met, undefined);
});

Deno.test("bench: native breaks even where it is faster at every larger size", () => {
  const sizes = (...native: number[]): GroupResult[] =>
    native.map((nanoseconds, i) =>
      group("work", 10 ** i, [["pure", "pure", 100], ["native", "native", nanoseconds]])
    );
  assert.equal(breakEven(sizes(200, 50, 200, 90, 10)), "1,000 texts");
  assert.equal(breakEven(sizes(90, 10)), "1 text");
  assert.equal(breakEven(sizes(90, 110)), "never");
  assert.equal(breakEven(sizes(90)), undefined, "one size says nothing");
  assert.equal(
    breakEven([group("x", 1, [["a", "peer", 1]]), group("x", 2, [["a", "peer", 1]])]),
    undefined,
  );
});

Deno.test("bench: who does not choose gets auto, and native only where there is no auto", () => {
  const names = (rows: [string, Role, number][]) =>
    unchosen(group("work", 1, rows)).map(({ name }) => name);
  assert.deepEqual(names([["p", "pure", 1], ["n", "native", 1], ["a", "auto", 1]]), ["a"]);
  assert.deepEqual(names([["n", "native", 1], ["o", "other", 1], ["x", "peer", 1]]), ["n", "o"]);
});

Deno.test("bench: times and ratios are written with the digits that count", () => {
  assert.deepEqual([5.26, 1234, 45_678_000, 2e9].map(time), ["5.3 ns", "1.2 µs", "46 ms", "2 s"]);
  assert.deepEqual([0.0123, 1.04, 33.4, 456.7].map(times), ["0.012x", "1x", "33x", "457x"]);
  assert.equal(digits(12_345), "12,300");
});

Deno.test("bench: bars are met, not met or not measured", () => {
  assert.deepEqual(atLeast("fast", 3.2, 3), {
    name: "fast",
    promised: "≥ 3x",
    measured: "3.2x",
    met: true,
  });
  assert.equal(atMost("small", 6, 5, " MB").met, false);
  assert.deepEqual(atMost("small", undefined, 5, " MB"), { name: "small", promised: "≤ 5 MB" });
  const both = together("both", atLeast("", 2, 3), atLeast("", 12, 10));
  assert.deepEqual([both.promised, both.measured, both.met], ["≥ 3x; ≥ 10x", "**2x**; 12x", false]);
  assert.equal(together("both", atLeast("", 2, 3), atLeast("", undefined, 1)).met, undefined);
});

Deno.test("bench: figures are found by operation, size and row", () => {
  const groups = [group("work", 1, [["auto", "auto", 2e6], ["peer", "peer", 8e6]])];
  const figures = new Figures({ groups, facts: [{ name: "memory", value: 7, unit: "MB" }] });
  assert.equal(figures.times("work", 1, "auto"), 4);
  assert.equal(figures.milliseconds("work", 1, "auto"), 2);
  assert.equal(figures.fact("memory"), 7);
  assert.equal(figures.times("work", 2, "auto"), undefined);
  assert.equal(figures.fact("speed"), undefined);
});
