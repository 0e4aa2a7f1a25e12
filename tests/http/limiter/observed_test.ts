/** What is read out of the fields of a response, of each family, and what is not believed. */

import assert from "assertions";
import fc from "fast-check";
import { type Left, observedIn } from "../../../src/http/limiter/observed.ts";
import { check } from "../../support/arbitraries.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const MINUTE = 60_000_000;
const HOUR = 60 * MINUTE;

function read(fields: Record<string, string>, status?: number) {
  return observedIn(new Headers(fields), status, NOW);
}

const bucket = (left: number, cap: number, perUs: number, forUs = MINUTE): Left => ({
  left,
  cap,
  perUs,
  forUs,
});

const window = (left: number, forUs: number): Left => bucket(left, Math.max(1, left), 0, forUs);

Deno.test("limiter headers: OpenAI's", () => {
  const said = read({
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-remaining-requests": "59",
    "x-ratelimit-reset-requests": "1s",
    "x-ratelimit-limit-tokens": "150000",
    "x-ratelimit-remaining-tokens": "30000",
    "x-ratelimit-reset-tokens": "0m48s",
  });
  assert.deepEqual(said, {
    requests: bucket(59, 60, 1 / 1_000_000),
    tokens: bucket(30_000, 150_000, 120_000 / 48_000_000),
    pauseUs: 0,
  });
  const durations = { "20ms": 20_000, "6m0s": 6 * MINUTE, "7.66s": 7_660_000, "1h2m3.5s": HOUR };
  for (const [text, us] of Object.entries(durations)) {
    const { requests } = read({
      "x-ratelimit-limit-requests": "10",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": text,
    });
    assert.deepEqual(requests, bucket(0, 10, 10 / us, Math.max(us, MINUTE)), text);
  }
});

Deno.test("limiter headers: Anthropic's", () => {
  const said = read({
    "anthropic-ratelimit-requests-limit": "50",
    "anthropic-ratelimit-requests-remaining": "20",
    "anthropic-ratelimit-requests-reset": "2026-01-02T03:04:35Z",
    "anthropic-ratelimit-tokens-limit": "80000",
    "anthropic-ratelimit-tokens-remaining": "79000",
    "anthropic-ratelimit-tokens-reset": "2026-01-02T03:04:06Z",
    "anthropic-ratelimit-input-tokens-remaining": "1",
  });
  assert.deepEqual(said.requests, bucket(20, 50, 30 / 30_000_000));
  assert.deepEqual(said.tokens, bucket(79_000, 80_000, 1_000 / 1_000_000));
  const parts = {
    "anthropic-ratelimit-input-tokens-limit": "40000",
    "anthropic-ratelimit-input-tokens-remaining": "30000",
    "anthropic-ratelimit-output-tokens-limit": "8000",
    "anthropic-ratelimit-output-tokens-remaining": "100",
  };
  assert.equal(read(parts).tokens?.left, 30_000);
  const out = { ...parts, "anthropic-ratelimit-output-tokens-remaining": "0" };
  assert.deepEqual(read(out).tokens, bucket(0, 8_000, 8_000 / MINUTE));
});

Deno.test("limiter headers: the drafts of the IETF", () => {
  const of = (fields: Record<string, string>) => read(fields).requests;
  assert.deepEqual(of({ ratelimit: `"default";r=50;t=30` }), window(50, 30_000_000));
  assert.deepEqual(
    of({ ratelimit: `"perMinute";r=5;t=30, "per,Day; r=0";r=3;t=9000` }),
    window(3, HOUR),
  );
  assert.deepEqual(of({ ratelimit: `"a";r=9;t=3;qu="content-bytes"` }), undefined);
  assert.deepEqual(of({ ratelimit: `"a";r=9;t=3;qu="requests"` }), window(9, 3_000_000));
  assert.deepEqual(of({ ratelimit: "limit=100, remaining=0, reset=5" }), window(0, 5_000_000));
  assert.deepEqual(
    of({ "ratelimit-limit": "100", "ratelimit-remaining": "7", "ratelimit-reset": "12" }),
    window(7, 12_000_000),
  );
  assert.deepEqual(of({ "ratelimit-remaining": "7" }), window(7, MINUTE));
  assert.deepEqual(of({ "ratelimit-policy": `"default";q=100;w=60` }), undefined);
});

Deno.test("limiter headers: GitHub's, by the server's own clock where it says it", () => {
  const fields = { "x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0" };
  const seconds = NOW / 1_000;
  const of = (reset: string, more = {}) =>
    read({ ...fields, "x-ratelimit-reset": reset, ...more }).requests;
  assert.deepEqual(of(`${seconds + 40}`), window(0, 40_000_000));
  assert.deepEqual(of(`${NOW + 40_000}`), window(0, 40_000_000), "in milliseconds");
  assert.deepEqual(of("40"), window(0, 40_000_000), "from now");
  const date = new Date(NOW + 30_000).toUTCString();
  assert.deepEqual(of(`${seconds + 40}`, { date }), window(0, 10_000_000));
  assert.deepEqual(of(`${seconds - 5}`), undefined, "it has begun anew");
  assert.deepEqual(of(`${seconds + 10_000_000}`), window(0, HOUR));
});

Deno.test("limiter headers: pauses", () => {
  const pause = (text: string, status?: number) => read({ "retry-after": text }, status).pauseUs;
  assert.equal(pause("7"), 7_000_000);
  assert.equal(pause("0.25"), 250_000);
  assert.equal(pause(new Date(NOW + 9_000).toUTCString()), 9_000_000);
  assert.equal(pause(new Date(NOW - 9_000).toUTCString()), 0);
  for (const status of [429, 503, 529]) assert.equal(pause("7", status), 7_000_000);
  for (const status of [200, 301, 413, 500]) assert.equal(pause("7", status), 0);
  assert.equal(read({ "retry-after": "9", "retry-after-ms": "1500" }).pauseUs, 1_500_000);
  for (const odd of ["", "-7", "NaN", "1e3", "Infinity", "soon", "1 2", "0x10", "7 apples"]) {
    assert.equal(pause(odd), 0, odd);
  }
  assert.equal(pause("999999999999999"), HOUR);
  assert.equal(pause("Fri, 31 Dec 9999 23:59:59 GMT"), HOUR);
});

Deno.test("limiter headers: what they hold is bounded, whatever it is", () => {
  const odd = fc.oneof(
    fc.constantFrom(
      ...["-1", "NaN", "Infinity", "1e308", "99999999999999999999", "-99999999999", "0x1f", "1,2"],
      ...["1.5", ";", "=", `"`, "9".repeat(400), "1h".repeat(300), "(1 2);w=3", "?1", ":AA==:"],
      ...["Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59Z", "+275760-09-13T00:00:00Z"],
    ),
    fc.integer().map(String),
    fc.string({ unit: "grapheme-ascii", maxLength: 30 }).map((text) => text.trim()),
    fc.record({ r: fc.integer(), t: fc.integer() }).map(({ r, t }) => `"x";r=${r};t=${t}`),
  );
  const names = ["ratelimit", "ratelimit-remaining", "ratelimit-reset", "retry-after", "date"];
  for (const part of ["limit", "remaining", "reset"]) {
    names.push(`x-ratelimit-${part}`, `anthropic-ratelimit-tokens-${part}`);
    for (const kind of ["requests", "tokens"]) names.push(`x-ratelimit-${part}-${kind}`);
  }
  const fields = fc.dictionary(fc.constantFrom(...names), odd, { minKeys: 1, maxKeys: 6 });
  check(fc.property(fields, fc.constantFrom(undefined, 200, 429), (given, status) => {
    const { requests, tokens, pauseUs } = read(given, status);
    assert.ok(Number.isInteger(pauseUs) && pauseUs >= 0 && pauseUs <= HOUR, `${pauseUs}`);
    for (const said of [requests, tokens]) {
      if (said === undefined) continue;
      assert.ok(Number.isInteger(said.left) && said.left >= 0 && said.left <= 1e12);
      assert.ok(Number.isInteger(said.cap) && said.cap >= 1 && said.cap >= said.left);
      assert.ok(Number.isFinite(said.perUs) && said.perUs >= 0);
      assert.ok(Number.isInteger(said.forUs) && said.forUs > 0 && said.forUs <= HOUR);
    }
  }));
});
