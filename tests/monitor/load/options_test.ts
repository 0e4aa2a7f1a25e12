/** What load tests refuse before they begin, and what thresholds say. */

import assert from "assertions";
import { loadTest } from "../../../src/monitor/mod.ts";
import type { LoadTestOptions } from "../../../src/monitor/mod.ts";
import { judge, readThresholds } from "../../../src/monitor/load/thresholds.ts";
import { wrong } from "../../support/values.ts";

const URL_HERE = "http://127.0.0.1:9/";

Deno.test("loadTest: what is over a ceiling is refused, with the option that raises it", async () => {
  const cases: [LoadTestOptions, RegExp][] = [
    [{ connections: 51 }, /connections must be at most 50, which options\.limits\.connections/],
    [{ rate: 1_001 }, /rate must be at most 1000, which options\.limits\.rate raises, got 1001/],
    [
      { durationMs: 30_001 },
      /durationMs must be from 1 to 30000, which options\.limits\.durationMs/,
    ],
    [{ durationMs: 20_000, warmUpMs: 20_000 }, /are 40000 ms together, over the ceiling of 30000/],
    [{ limits: { connections: 10_001 } }, /limits\.connections must be .* at most 10000/],
    [{ limits: { durationMs: 1e9 } }, /limits\.durationMs must be from 1 to 86400000/],
    [{ limits: { rate: 0 } }, /limits\.rate must be above 0/],
    [{ rate: 2e6, limits: { rate: Infinity } }, /rate must be above 0 and at most 1000000/],
  ];
  for (const [options, message] of cases) {
    await assert.rejects(loadTest(URL_HERE, options), (error: unknown) => {
      assert.ok(error instanceof RangeError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("loadTest: port 0 is refused, and is not the usual one", async () => {
  await assert.rejects(loadTest("http://127.0.0.1:0/"), /url must be with a port from 1 to 65535/);
});

Deno.test("loadTest: what is no option is refused", async () => {
  const types: unknown[] = [
    { conections: 3 },
    { rate: "5" },
    { http: 3 },
    { method: 5 },
    { headers: { "a b": "c" } },
    { headers: { "Content-Length": "5" } },
    { headers: { host: "other" } },
    { headers: { a: 5 } },
    { body: 5 },
    { thresholds: "p99 < 5" },
    { thresholds: ["p42 < 5 ms"] },
    { thresholds: ["errors < 5 ms"] },
    { thresholds: ["p99 = 5 ms"] },
    { thresholds: ["service.errors < 1 %"] },
    { limits: { conections: 5 } },
    { signal: 5 },
    { onProgress: 5 },
    { implementation: "fast" },
    { authorization: 5 },
    { caCerts: "x" },
  ];
  for (const options of types) {
    const call = loadTest(URL_HERE, wrong(options));
    await assert.rejects(call, TypeError, JSON.stringify(options));
  }
  const ranges: unknown[] = [
    { rate: 0 },
    { rate: NaN },
    { connections: 0 },
    { connections: 1.5 },
    { requests: 0 },
    { durationMs: 0 },
    { warmUpMs: -1 },
    { timeoutMs: 0 },
    { streams: 2 },
    { maxErrorShare: 1.1 },
    { maxBodyBytes: -1 },
    { method: "A B" },
    { method: "CONNECT" },
    { caCerts: [""] },
    { caCerts: ["# no certificate"] },
    { caCerts: ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"] },
    { headers: { a: "b\r\nc: d" } },
    { headers: { a: "x".repeat(40_000) } },
    { body: new Uint8Array((16 << 20) + 1) },
  ];
  for (const options of ranges) {
    const call = loadTest(URL_HERE, wrong(options));
    await assert.rejects(call, RangeError, Object.keys(options as object).join());
  }
  for (const url of ["", "127.0.0.1", "ftp://127.0.0.1/", "http://a:b@127.0.0.1/", 5, null]) {
    await assert.rejects(loadTest(wrong(url)), TypeError, String(url));
  }
});

Deno.test("loadTest: thresholds that cannot hold together are refused", async () => {
  const pairs: [string[], LoadTestOptions?][] = [
    [["p99 < 10 ms", "p99 > 20 ms"]],
    [["p99 < 10 ms", "p99 >= 10 ms"]],
    [["p99 < 10 ms", "p50 > 20 ms"]],
    [["max < 1 s", "mean > 2 s"]],
    [["p90 < 10 ms", "mean < 1 s", "service.p50 >= 10 ms"]],
    [["errors < 1 %", "errors > 2 %"]],
    [["rate > 100", "rate < 50"]],
    [["p99 < 0 ms"]],
    [["errors > 100 %"]],
    [["rate >= 200"], { rate: 100 }],
  ];
  for (const [thresholds, options] of pairs) {
    await assert.rejects(
      loadTest(URL_HERE, { ...options, thresholds }),
      (error: unknown) => {
        assert.ok(error instanceof RangeError, `${thresholds}: ${error}`);
        assert.match(error.message, /cannot both hold|never holds|asks for 100 a second only/);
        return true;
      },
    );
  }
});

Deno.test("loadTest: thresholds that can hold together are read", () => {
  const texts = [
    "p99 < 50 ms",
    "p99>=50us",
    "p50 <= 0.5 s",
    "service.p99.9 < 2 s",
    "response.max <= 3s",
    "mean > 1 ms",
    "errors <= 0 %",
    "errors >= 0",
    "rate >= 100",
    "rate <= 100 /s",
    "service.mean > 5",
    "p90 > 10 ms",
    "p90 <= 10.5 ms",
  ];
  const read = readThresholds(texts, 100);
  assert.deepEqual(read.map(({ limit }) => limit), [
    50,
    0.05,
    500,
    2_000,
    3_000,
    1,
    0,
    0,
    100,
    100,
    5,
    10,
    10.5,
  ]);
  assert.deepEqual(read[3]!.metric, "service.p99.9");
});

Deno.test("loadTest: a threshold on what was not measured does not hold", () => {
  const none = {
    count: 0,
    min: NaN,
    mean: NaN,
    p50: NaN,
    p90: NaN,
    p95: NaN,
    p99: NaN,
    p999: NaN,
    max: NaN,
  };
  const facts = { service: none, response: none, requests: 0, failed: 0, achievedRate: 0 };
  const judged = judge(
    readThresholds(["p99.9 < 1 s", "errors < 1 %", "rate < 5"], undefined),
    facts,
  );
  assert.deepEqual(judged.map(({ value, met }) => [value, met]), [[null, false], [null, false], [
    0,
    true,
  ]]);
});
