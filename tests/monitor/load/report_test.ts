/** What a report says of what was measured, and how it looks: verdicts, text and picture, hostile words among them. */

import assert from "assertions";
import fc from "fast-check";
import { loadToSvg, loadToText } from "../../../src/monitor/mod.ts";
import type { LoadReport } from "../../../src/monitor/mod.ts";
import type { LoadJob, LoadResult } from "../../../src/monitor/load/job.ts";
import { reportOf } from "../../../src/monitor/load/report.ts";
import { readThresholds } from "../../../src/monitor/load/thresholds.ts";
import { programMissing, testNeeding } from "../../support/needs.ts";
import { start } from "../../support/programs.ts";

const MS = 1e6;
const times = (...values: number[]): LoadResult["service"] => ({
  min: Math.min(...values),
  max: Math.max(...values),
  sum: values.reduce((sum, value) => sum + value, 0),
  slots: values.toSorted((a, b) => a - b).map((value) => [value, 1]),
});
const FINE: LoadResult = {
  ended: "done",
  elapsedMs: 10_000,
  scheduled: 1_000,
  started: 1_000,
  threads: 2,
  cpu: 0.1,
  requests: 1_000,
  succeeded: 1_000,
  bytes: 5_000,
  warmUp: 0,
  statuses: [[200, 1_000]],
  errors: [],
  service: times(1 * MS, 2 * MS, 3 * MS),
  response: times(1 * MS, 2 * MS, 40 * MS),
  lag: times(1_000, 2_000),
  timeline: [[300, 0, 300 * MS, 2 * MS], [300, 0, 300 * MS, 2 * MS], [400, 0, 400 * MS, 40 * MS]],
};
const JOB = {
  rate: 100,
  cap: null,
  connections: 50,
  http: 1,
  address: "127.0.0.1",
  intervalMs: 100,
};

function report(
  result: Partial<LoadResult> = {},
  job: Partial<LoadJob> = {},
  words: { url?: string; thresholds?: string[] } = {},
): LoadReport {
  return reportOf({ ...JOB, ...job } as LoadJob, { ...FINE, ...result }, {
    url: words.url ?? "http://127.0.0.1/",
    authorization: null,
    startedAt: "2027-01-02T03:04:05.000Z",
    implementation: "native",
    thresholds: readThresholds(words.thresholds, undefined),
  });
}

Deno.test("report: figures of a fine run are valid, and in milliseconds", () => {
  const { valid, invalidReason, response, achievedRate, passed } = report();
  assert.deepEqual([valid, invalidReason, achievedRate, passed], [true, undefined, 100, true]);
  assert.deepEqual([response.min, response.max], [1, 40]);
  assert.ok(response.p50 >= 2 && response.p50 <= 2.002, `${response.p50}`);
});

Deno.test("report: a generator that was the bottleneck makes the figures invalid", () => {
  const cases: [Partial<LoadResult>, Partial<LoadJob>, RegExp][] = [
    [{ cpu: 0.97 }, {}, /2 threads computed 97 % of the time/],
    [
      { lag: times(15 * MS, 15 * MS) },
      {},
      /the generator was late: 1 of 100 requests began 15\.0 ms/,
    ],
    [
      { started: 900 },
      {},
      /100 of 1000 starts were not made \(90\.0 of 100 a second\): all 50 connections/,
    ],
    [{ errors: [["descriptors", 3]] }, {}, /ran out of open files/],
    [{ errors: [["ports", 3]] }, {}, /ran out of source ports/],
    [{ scheduled: 0 }, { rate: null, cap: 100 }, /ceiling of 100 requests a second was reached/],
  ];
  for (const [result, job, words] of cases) {
    const { valid, invalidReason } = report(result, job);
    assert.equal(valid, false);
    assert.match(invalidReason!, words);
  }
  // Late, but by little beside what the responses took.
  assert.ok(report({ lag: times(15 * MS), response: times(1_000 * MS) }).valid);
  // Some starts may be missed.
  assert.ok(report({ started: 991 }).valid);
  assert.ok(report({ cpu: null }).valid);
});

Deno.test("report: text and picture say what happened", () => {
  const bad = report(
    { succeeded: 900, statuses: [[200, 900], [500, 60]], errors: [["reset", 40]], cpu: 0.99 },
    {},
    {
      thresholds: ["p99 < 5 ms", "errors < 50 %"],
    },
  );
  for (const words of [loadToText(bad), loadToSvg(bad)]) {
    assert.match(words, /1000 requests, 100 a second, 100 failed \(10 %\)/);
    assert.match(words, /http-5xx 60, reset 40/);
    assert.match(words, /Not valid: the generator/);
    assert.match(words, /p99 (<|&lt;) 5 ms \(40\.0 ms\)/);
  }
  assert.match(loadToText(report({ ended: "aborted" })), /Ended by the caller/);
  assert.match(loadToText(report({ ended: "errors" })), /Ended early/);
});

Deno.test("report: text keeps to its width", () => {
  const long = report({
    timeline: Array.from({ length: 600 }, (_, at) => [at % 7, at % 3, at * MS, at * MS]),
  });
  for (const width of [90, 120, 200]) {
    for (const line of loadToText(long, { width }).split("\n")) {
      assert.ok([...line].length <= width, `${[...line].length} > ${width}: ${line}`);
    }
  }
  assert.throws(() => loadToText(long, { width: 10 }), RangeError);
});

Deno.test("report: a run without an answer has pictures too", () => {
  const none = { min: 0, max: 0, sum: 0, slots: [] };
  const empty = report({
    requests: 0,
    succeeded: 0,
    started: 0,
    scheduled: 0,
    statuses: [],
    service: none,
    response: none,
    lag: none,
    timeline: [],
  });
  assert.match(loadToText(empty), /0 requests/);
  assert.match(loadToSvg(empty), /^<svg /);
  assert.ok(!loadToSvg(empty).includes("NaN"));
});

Deno.test("report: nothing that was written comes out of the picture as a tag", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (words) => {
    const svg = loadToSvg(report({}, {}, { url: `http://h/${words}<script>"&` }));
    assert.ok(!svg.includes("<script"));
    // deno-lint-ignore no-control-regex
    assert.ok(!/[\u0000-\u0009\u000b-\u001f\ufffe\uffff]/.test(svg));
    assert.ok(svg.isWellFormed() && !/&(?!amp;|lt;|gt;|quot;)/.test(svg));
    assert.ok(!/\b(NaN|Infinity)\b/.test(svg.replace(/<text.*?<\/text>/gs, "")));
  }));
});

testNeeding(
  [programMissing("xmllint", "libxml2-utils")],
  "report: the picture is XML",
  async () => {
    const svg = loadToSvg(report({}, {}, { url: `http://h/<&>"'\u0001\ud800` }));
    const { code, stderr } = await start("xmllint", ["--noout", "-"], { stdin: svg });
    assert.equal(code, 0, stderr);
  },
);
