/**
 * Asking whether a stored response is still right, what a 304, a HEAD and an error change, and what a stale response is
 * good for. The cases are those of the public HTTP caching tests (http-tests/cache-tests: update304, updateHEAD,
 * conditional-lm, conditional-inm, stale, cc-response) that apply to a client, in words of our own.
 */

import assert from "assertions";
import { AgentError } from "../../../src/shared/errors.ts";
import { TransportFault } from "../../../src/http/transport/fault.ts";
import { until } from "../../support/values.ts";
import { type Answer, PAGE, Site, site } from "./support.ts";

/** A first answer, and others to those who ask for changes. */
function changing(first: Answer, ...then: (Answer | Error)[]): Site {
  return new Site((_, n) => {
    const answer = n === 1 ? first : then[Math.min(n - 2, then.length - 1)]!;
    if (answer instanceof Error) throw answer;
    return answer;
  });
}

const LAST = "Thu, 01 Jan 2026 00:00:00 GMT";

Deno.test("a 304 renews a stored response by ETag, by Last-Modified, and by a weak ETag", async () => {
  const validators: Record<string, string>[] = [
    { etag: '"a"' },
    { etag: 'W/"a"' },
    { "last-modified": LAST },
    { etag: '"a"', "last-modified": LAST },
  ];
  for (const validator of validators) {
    const headers = { "cache-control": "max-age=2", ...validator };
    await using server = changing({ headers }, { status: 304, headers });
    await server.ask();
    server.later(3);
    const got = await server.ask();
    assert.deepEqual([got.status, got.text, got.fromCache, got.attempts], [
      200,
      "answer 1",
      true,
      1,
    ]);
    assert.equal(server.asked("if-none-match"), validator.etag ?? null);
    assert.equal(server.asked("if-modified-since"), validator["last-modified"] ?? null);
    assert.equal(got.get("age"), "0");
    server.later(1);
    assert.deepEqual([(await server.ask()).get("age"), server.count], ["1", 2]);
    server.later(1);
    await server.ask();
    assert.equal(server.count, 3);
  }
});

Deno.test("a response with no-cache is kept, and validated before each use", async () => {
  for (const value of ["no-cache", "No-CaChE, max-age=100", 'no-cache="x-a", max-age=100']) {
    const headers = { "cache-control": value, etag: '"a"' };
    await using server = changing({ headers }, { status: 304 });
    await server.ask();
    for (let n = 2; n < 5; n++) {
      assert.equal((await server.ask()).text, "answer 1");
      assert.equal(server.count, n);
    }
  }
});

Deno.test("fields of a 304 take the place of the stored ones, but for those of the body", async () => {
  const old = {
    ...{ "cache-control": "max-age=2", etag: '"a"', "x-old": "old", "x-both": "old", age: "1" },
    ...{ "content-type": "text/plain", "content-encoding": "x", "content-length": "8" },
  };
  const fresh = {
    ...{ "cache-control": "max-age=3600", etag: '"a"', "x-both": ["new", "er"], "x-new": "new" },
    ...{ "content-type": "text/html", "content-encoding": "y", "content-length": "0" },
  };
  await using server = changing({ headers: old }, { status: 304, headers: fresh });
  await server.ask();
  server.later(3);
  for (const later of [0, 3000]) {
    server.later(later);
    const { get, text } = await server.ask();
    assert.deepEqual([get("x-old"), get("x-both"), get("x-new")], ["old", "new, er", "new"]);
    assert.deepEqual([get("content-type"), get("cache-control")], ["text/html", "max-age=3600"]);
    assert.deepEqual([get("content-encoding"), get("content-length")], ["x", "8"]);
    assert.equal(text, "answer 1");
    assert.equal(get("age"), `${later}`);
  }
  assert.equal(server.count, 2);
});

Deno.test("a 304 about another response than the stored one is not believed", async () => {
  const headers = { "cache-control": "max-age=2", etag: '"a"' };
  await using server = changing({ headers }, { status: 304, headers: { etag: '"b"' } }, {
    headers: { ...headers, etag: '"b"' },
  });
  await server.ask();
  server.later(3);
  const got = await server.ask();
  assert.deepEqual([got.text, got.fromCache, server.asked("if-none-match")], [
    "answer 3",
    false,
    null,
  ]);
  assert.equal((await server.ask()).text, "answer 3");
});

Deno.test("a 304 with no-store is used and not kept", async () => {
  const headers = { "cache-control": "max-age=2", etag: '"a"' };
  await using server = changing({ headers }, {
    status: 304,
    headers: { "cache-control": "no-store" },
  });
  await server.ask();
  server.later(3);
  assert.equal((await server.ask()).text, "answer 1");
  await server.ask();
  assert.equal(server.count, 3);
});

Deno.test("a whole response takes the place of the stored one", async () => {
  const headers = { "cache-control": "max-age=2", etag: '"a"' };
  await using server = changing({ headers }, { headers: { ...headers, etag: '"b"' } });
  await server.ask();
  server.later(3);
  assert.equal((await server.ask()).text, "answer 2");
  assert.equal((await server.ask()).text, "answer 2");
});

Deno.test("a HEAD is answered from a stored GET; its own response is kept for other HEADs", async () => {
  await using server = site({ "cache-control": "max-age=10", "x-a": "1" });
  await server.ask(PAGE, { method: "HEAD" });
  const again = await server.ask(PAGE, { method: "HEAD" });
  assert.deepEqual([again.fromCache, again.text, again.get("x-a"), server.count], [
    true,
    "",
    "1",
    1,
  ]);
  assert.equal((await server.ask()).text, "answer 2");
  server.later(5);
  const third = await server.ask(PAGE, { method: "HEAD" });
  assert.deepEqual([third.get("age"), server.count], ["5", 2]);
});

Deno.test("the response to a HEAD freshens the stored GET, or removes it if it is of another body", async () => {
  const headers = { "cache-control": "max-age=2", etag: '"a"', "x-a": "1", "content-length": "8" };
  const list: [Answer, boolean][] = [
    [{ headers: { "cache-control": "max-age=100", etag: '"a"', "x-b": "2" } }, true],
    [{ headers: { "cache-control": "max-age=100", etag: '"b"' } }, false],
    [{ headers: { "cache-control": "max-age=100", "content-length": "9" } }, false],
    [{ status: 410, headers: { "cache-control": "max-age=100", etag: '"a"' } }, false],
  ];
  for (const [answer, kept] of list) {
    await using server = changing({ headers }, answer, { headers });
    await server.ask();
    server.later(3);
    await server.ask(PAGE, { method: "HEAD" });
    const { text, get } = await server.ask();
    assert.equal(text, kept ? "answer 1" : "answer 3");
    if (kept) assert.deepEqual([get("x-a"), get("x-b"), get("content-length")], ["1", "2", "8"]);
  }
});

const SERVER_ERRORS = [
  ...[500, 502, 503, 504].map((status): Answer => ({ status })),
  ...[
    new TransportFault("reset", "gone"),
    new TransportFault("connect-timeout", "slow"),
    new AgentError("UNAVAILABLE", "gone", { server: "site.test" }),
    new AgentError("TIMEOUT", "slow", { operation: "fetch", timeoutMs: 1 }),
  ],
];

Deno.test("stale-if-error stands in for a server that fails, as long as it says", async () => {
  for (const error of SERVER_ERRORS) {
    const headers = { "cache-control": "max-age=2, stale-if-error=60", etag: '"a"' };
    await using server = changing({ headers }, error);
    await server.ask();
    server.later(62);
    const got = await server.ask();
    assert.deepEqual([got.status, got.text, got.fromCache, got.get("age")], [
      200,
      "answer 1",
      true,
      "62",
    ]);
    server.later(1);
    const over = await server.ask().catch((thrown) => thrown);
    assert.ok(error instanceof Error ? over === error : over.status === error.status);
  }
});

Deno.test("a request may allow it too, and what must be validated is never served in place of an error", async () => {
  const ask = { headers: { "cache-control": "stale-if-error=60" } };
  for (
    const [value, expected] of [["", true], [", must-revalidate", false], [
      ", no-cache",
      false,
    ]] as const
  ) {
    const headers = { "cache-control": `max-age=2${value}` };
    await using server = changing({ headers }, { status: 503 });
    await server.ask();
    server.later(3);
    assert.equal((await server.ask(PAGE, ask)).fromCache, expected, value);
    assert.equal((await server.ask()).status, 503);
  }
});

Deno.test("without stale-if-error an error is an error, for a fresh response too that was to be validated", async () => {
  const headers = { "cache-control": "max-age=100", etag: '"a"' };
  await using server = changing({ headers }, new TransportFault("reset", "gone"));
  await server.ask();
  await assert.rejects(server.ask(PAGE, { mode: "no-cache" }), { message: "gone" });
  server.later(200);
  await assert.rejects(server.ask(), { message: "gone" });
});

Deno.test("a wrong certificate, a refusal of ours and a body that is too large are no failures of the server", async () => {
  const errors = [
    new TransportFault("tls", "wrong certificate"),
    new TransportFault("head-too-large", "too large"),
    new AgentError("PERMISSION", "no", { permission: "net", target: "site.test" }),
    new AgentError("SCOPE", "no", { target: "site.test", address: "10.0.0.1", reason: "private" }),
    new TypeError("a defect"),
  ];
  for (const error of errors) {
    const headers = { "cache-control": "max-age=2, stale-if-error=60" };
    await using server = changing({ headers }, error);
    await server.ask();
    server.later(3);
    await assert.rejects(server.ask(), error);
  }
});

Deno.test("stale-while-revalidate serves at once and renews behind, one exchange for all", async () => {
  const headers = { "cache-control": "max-age=1, stale-while-revalidate=60", etag: '"a"' };
  const gate = Promise.withResolvers<void>();
  await using server = new Site(async (_, n) => {
    if (n === 2) await gate.promise;
    return { headers: { ...headers, etag: `"${n}"` } };
  });
  await server.ask();
  server.later(61);
  for (const got of await Promise.all([server.ask(), server.ask(), server.ask()])) {
    assert.deepEqual([got.text, got.get("age"), got.fromCache], ["answer 1", "61", true]);
  }
  await until(() => server.count === 2);
  assert.equal(server.asked("if-none-match"), '"1"');
  gate.resolve();
  await until(async () => (await server.ask()).text === "answer 2");
  assert.equal(server.count, 2);
  server.later(62);
  assert.equal((await server.ask()).text, "answer 3");
});

Deno.test("it does not serve after its window, nor what must be validated, nor to who wants it fresher", async () => {
  const window = "max-age=1, stale-while-revalidate=4";
  const list: [string, number, Record<string, string>][] = [
    [window, 6, {}],
    [`${window}, must-revalidate`, 2, {}],
    [`${window}, no-cache`, 2, {}],
    [window, 2, { "cache-control": "min-fresh=1" }],
    [window, 2, { "cache-control": "max-age=1" }],
  ];
  for (const [value, later, headers] of list) {
    await using server = site({ "cache-control": value });
    await server.ask();
    server.later(later);
    assert.equal((await server.ask(PAGE, { headers })).text, "answer 2", value);
  }
});

Deno.test("renewing behind that fails is tried again by the next one; closing ends it", async () => {
  const headers = { "cache-control": "max-age=1, stale-while-revalidate=60" };
  const server = new Site((request, n) => {
    if (n === 2) throw new TransportFault("reset", "gone");
    if (n === 1) return { headers };
    return new Promise((_, reject) => {
      request.signal!.addEventListener("abort", () => reject(request.signal!.reason), {
        once: true,
      });
    });
  });
  await server.ask();
  server.later(2);
  assert.equal((await server.ask()).text, "answer 1");
  await until(async () => {
    assert.equal((await server.ask()).text, "answer 1");
    return server.count === 3;
  });
  await server[Symbol.asyncDispose]();
  assert.equal(server.requests.at(-1)!.signal!.aborted, true);
});
