/**
 * What a request may ask of the cache: by its own Cache-Control and Pragma, and by fetch's modes. The cases are those
 * of the public HTTP caching tests (http-tests/cache-tests: cc-request, pragma) in words of our own.
 */

import assert from "assertions";
import { type Ask, PAGE, Site, site } from "./support.ts";

/** The text of a second answer, seconds after a first one that nothing was asked of. */
async function second(headers: Record<string, string>, later: number, ask: Ask): Promise<string> {
  await using server = site(headers);
  await server.ask();
  server.later(later);
  return (await server.ask(PAGE, ask)).text;
}

const OLD = "answer 1";
const NEW = "answer 2";

Deno.test("the directives of a request are honoured", async () => {
  const list: [string, Record<string, string>, number, string, string][] = [
    ["max-age=0", { "cache-control": "max-age=100" }, 1, "max-age=0", NEW],
    ["max-age over the age", { "cache-control": "max-age=100" }, 5, "max-age=5", OLD],
    ["max-age under the age", { "cache-control": "max-age=100" }, 5, "max-age=4", NEW],
    [
      "max-age under the Age",
      { "cache-control": "max-age=10000", age: "1800" },
      0,
      "max-age=600",
      NEW,
    ],
    ["max-age that is no number", { "cache-control": "max-age=100" }, 1, "max-age=x", NEW],
    ["max-stale", { "cache-control": "max-age=2" }, 100, "max-stale", OLD],
    ["max-stale enough", { "cache-control": "max-age=2" }, 100, "max-stale=98", OLD],
    ["max-stale not enough", { "cache-control": "max-age=2" }, 100, "max-stale=97", NEW],
    [
      "max-stale over an Age",
      { "cache-control": "max-age=1500", age: "2000" },
      0,
      "max-stale=1000",
      OLD,
    ],
    [
      "max-stale, must-revalidate",
      { "cache-control": "max-age=2, must-revalidate" },
      3,
      "max-stale",
      NEW,
    ],
    ["max-stale, no-cache", { "cache-control": "max-age=2, no-cache" }, 0, "max-stale", NEW],
    ["min-fresh less than left", { "cache-control": "max-age=1500" }, 0, "min-fresh=1500", OLD],
    ["min-fresh more than left", { "cache-control": "max-age=1500" }, 0, "min-fresh=2000", NEW],
    [
      "min-fresh after an Age",
      { "cache-control": "max-age=1500", age: "1000" },
      0,
      "min-fresh=1000",
      NEW,
    ],
    ["no-cache", { "cache-control": "max-age=100" }, 0, "no-cache", NEW],
    ["no-store", { "cache-control": "max-age=100" }, 0, "no-store", NEW],
    ["only-if-cached, fresh", { "cache-control": "max-age=100" }, 0, "only-if-cached", OLD],
    ["only-if-cached, stale", { "cache-control": "max-age=1" }, 2, "only-if-cached", ""],
    [
      "only-if-cached, max-stale",
      { "cache-control": "max-age=1" },
      2,
      "only-if-cached, max-stale",
      OLD,
    ],
    ["an unknown one", { "cache-control": "max-age=100" }, 0, "whatever", OLD],
  ];
  for (const [what, headers, later, directive, expected] of list) {
    const ask = { headers: { "cache-control": directive } };
    assert.equal(await second(headers, later, ask), expected, what);
  }
});

Deno.test("Pragma: no-cache is one where there is no Cache-Control", async () => {
  const fresh = { "cache-control": "max-age=100" };
  assert.equal(await second(fresh, 0, { headers: { pragma: "no-cache" } }), NEW);
  assert.equal(await second(fresh, 0, { headers: { pragma: "something" } }), OLD);
  const both = { pragma: "no-cache", "cache-control": "max-stale=1" };
  assert.equal(await second(fresh, 0, { headers: both }), OLD);
});

Deno.test("only-if-cached without a stored response is a 504 that nobody was asked for", async () => {
  await using server = site({});
  for (
    const ask of [{ headers: { "cache-control": "only-if-cached" } }, {
      mode: "only-if-cached",
    }] as const
  ) {
    for (const method of ["GET", "HEAD"]) {
      const got = await server.ask(PAGE, { ...ask, method });
      assert.deepEqual([got.status, got.attempts, got.fromCache, got.text], [504, 0, false, ""]);
      const whole = await server.send(PAGE, { ...ask, method, wholeBody: true });
      assert.deepEqual(whole.body, method === "HEAD" ? null : new Uint8Array(0));
    }
  }
  assert.equal(server.count, 0);
});

Deno.test("no-cache asks only whether it changed", async () => {
  for (const ask of [{ headers: { "cache-control": "no-cache" } }, { mode: "no-cache" }] as const) {
    await using server = new Site((request) =>
      request.headers.some(([name]) => name.startsWith("if-")) ? { status: 304 } : {
        headers: {
          "cache-control": "max-age=100",
          etag: '"a"',
          "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT",
        },
      }
    );
    await server.ask();
    const got = await server.ask(PAGE, ask);
    assert.deepEqual([got.text, got.fromCache, got.attempts], ["answer 1", true, 1]);
    assert.equal(server.asked("if-none-match"), '"a"');
    assert.equal(server.asked("if-modified-since"), "Thu, 01 Jan 2026 00:00:00 GMT");
    assert.equal(server.asked("cache-control"), "mode" in ask ? "max-age=0" : "no-cache");
  }
});

Deno.test("mode no-store neither looks nor keeps", async () => {
  await using server = site({ "cache-control": "max-age=100" });
  assert.equal((await server.ask(PAGE, { mode: "no-store" })).text, "answer 1");
  assert.deepEqual([server.asked("cache-control"), server.asked("pragma")], [
    "no-cache",
    "no-cache",
  ]);
  assert.equal((await server.ask()).text, "answer 2");
  assert.equal((await server.ask(PAGE, { mode: "no-store" })).text, "answer 3");
  assert.equal((await server.ask()).text, "answer 2");
});

Deno.test("mode reload does not look, asks without conditions, and keeps", async () => {
  await using server = site({ "cache-control": "max-age=100", etag: '"a"' });
  await server.ask();
  assert.equal((await server.ask(PAGE, { mode: "reload" })).text, "answer 2");
  assert.deepEqual([server.asked("if-none-match"), server.asked("cache-control")], [
    null,
    "no-cache",
  ]);
  assert.equal((await server.ask()).text, "answer 2");
});

Deno.test("modes force-cache and only-if-cached take what is stored, however old, no-cache included", async () => {
  for (const mode of ["force-cache", "only-if-cached"] as const) {
    for (const value of ["max-age=1", "max-age=1, no-cache", "max-age=1, must-revalidate"]) {
      assert.equal(
        await second({ "cache-control": value, etag: '"a"' }, 1000, { mode }),
        OLD,
        value,
      );
    }
  }
  await using server = site({});
  // Who takes anything also keeps what says nothing.
  assert.equal((await server.ask(PAGE, { mode: "force-cache" })).text, "answer 1");
  assert.equal((await server.ask(PAGE, { mode: "force-cache" })).text, "answer 1");
  assert.equal((await server.ask()).text, "answer 2");
});

Deno.test("a caller's own fields are not replaced by those of a mode", async () => {
  await using server = site({});
  await server.ask(PAGE, {
    mode: "reload",
    headers: { "cache-control": "max-age=5", pragma: "x" },
  });
  assert.deepEqual([server.asked("cache-control"), server.asked("pragma")], ["max-age=5", "x"]);
});
