/**
 * How long a response is fresh, and how its fields are read. The cases are those of the public HTTP caching tests
 * (http-tests/cache-tests: cc-freshness, cc-parse, age-parse, expires, expires-parse, heuristic, status, pragma, other)
 * that apply to a client, in words of our own.
 */

import assert from "assertions";
import { httpDate } from "../../../src/http/dates.ts";
import { Site, site } from "./support.ts";

/** Whether a response is given again after seconds. */
async function reused(
  headers: Record<string, string | string[]>,
  seconds: number,
  status = 200,
): Promise<boolean> {
  await using server = site(headers, status);
  await server.ask();
  server.later(seconds);
  const { fromCache, text } = await server.ask();
  if (status !== 204) assert.equal(text, fromCache ? "answer 1" : "answer 2");
  assert.equal(server.count, fromCache ? 1 : 2);
  return fromCache;
}

const NOW = Date.UTC(2026, 0, 15, 12);
const at = (seconds: number): string => httpDate(NOW + seconds * 1000);

/** What is said, how much later it is asked again, whether the first response is given. */
type Case = readonly [
  what: string,
  headers: Record<string, string | string[]>,
  later: number,
  boolean,
];

function cases(name: string, list: readonly Case[]): void {
  Deno.test(name, async (t) => {
    for (const [what, headers, later, expected] of list) {
      await t.step(what, async () => assert.equal(await reused(headers, later), expected));
    }
  });
}

const cc = (value: string | string[]): Record<string, string | string[]> => ({
  "cache-control": value,
});

cases("max-age says how long a response is fresh", [
  ["nothing says anything", {}, 0, false],
  ["within", cc("max-age=3600"), 3599, true],
  ["at the end", cc("max-age=3600"), 3600, false],
  ["of 0", cc("max-age=0"), 0, false],
  ["at 2^31 - 1", cc("max-age=2147483647"), 86_400, true],
  ["at 2^31", cc("max-age=2147483648"), 86_400, true],
  ["at 2^31 + 1", cc("max-age=2147483649"), 86_400, true],
  ["beyond every number", cc("max-age=99999999999999999999999999"), 86_400, true],
  ["older by Age", { ...cc("max-age=3600"), age: "7200" }, 0, false],
  ["younger by Age", { ...cc("max-age=3600"), age: "3000" }, 500, true],
  ["older by Date", { ...cc("max-age=3600"), date: at(-7200) }, 0, false],
  ["with Date in the future", { ...cc("max-age=60"), date: at(600) }, 30, true],
  ["with Date in the future, over", { ...cc("max-age=60"), date: at(600) }, 61, false],
  ["before an Expires that is over", { ...cc("max-age=3600"), expires: at(-100) }, 100, true],
  ["before an Expires that is no date", { ...cc("max-age=3600"), expires: "0" }, 100, true],
  ["0 before an Expires to come", { ...cc("max-age=0"), expires: at(3600) }, 0, false],
  ["beside an unknown directive", cc("foobar, max-age=3600"), 100, true],
  ["in capitals", cc("MaX-AgE=3600"), 100, true],
  ["negative", cc("max-age=-3600"), 0, false],
  ["s-maxage is not for us", cc("max-age=1, s-maxage=3600"), 2, false],
  ["s-maxage on a line of its own", cc(["max-age=1", "s-maxage=3600"]), 2, false],
]);

cases("Cache-Control is read as it is defined, and a doubt makes stale", [
  ["quoted", cc('max-age="3600"'), 100, true],
  ["in a quoted string before it", cc('extension="max-age=3600", max-age=1'), 3, false],
  ["in a quoted string after it", cc('max-age=1, extension="max-age=3600"'), 3, false],
  ["a comma in a quoted string", cc('extension="a, no-store, b", max-age=3600'), 3, true],
  ["an escaped quote", cc('extension="a\\", no-store, \\"b", max-age=3600'), 3, true],
  ["a quoted string without end", cc('max-age=3600, extension="a, b'), 3, true],
  ["leading zeros", cc("max-age=003600"), 100, true],
  ["single quotes", cc("max-age='3600'"), 0, false],
  ["a space before =", cc("max-age =3600"), 0, false],
  ["a space after =", cc("max-age= 3600"), 0, false],
  ["a fraction", cc("max-age=3600.0"), 0, false],
  ["letters before", cc("max-age=a3600"), 0, false],
  ["letters behind", cc("max-age=3600a"), 0, false],
  ["no value", cc("max-age"), 0, false],
  ["twice the same", cc("max-age=3600, max-age=3600"), 100, true],
  ["twice, longer first", cc("max-age=1800, max-age=1"), 0, false],
  ["twice, shorter first", cc("max-age=1, max-age=1800"), 0, false],
  ["twice on two lines", cc(["max-age=1800", "max-age=1"]), 0, false],
  ["empty items", cc(", ,max-age=3600,,"), 100, true],
]);

cases("Age is read as it is defined", [
  ["no number", { ...cc("max-age=3600"), age: "abc" }, 0, true],
  ["negative", { ...cc("max-age=3600"), age: "-7200" }, 0, true],
  ["a fraction", { ...cc("max-age=3600"), age: "7200.0" }, 0, true],
  ["2^31 - 1", { ...cc("max-age=3600"), age: "2147483647" }, 0, false],
  ["2^31", { ...cc("max-age=3600"), age: "2147483648" }, 0, false],
  ["2^31 + 1", { ...cc("max-age=3600"), age: "2147483649" }, 0, false],
  ["old, then 0", { ...cc("max-age=3600"), age: "7200, 0" }, 0, false],
  ["0, then old", { ...cc("max-age=3600"), age: "0, 7200" }, 0, true],
  ["lines: old, 0", { ...cc("max-age=3600"), age: ["7200", "0"] }, 0, false],
  ["lines: 0, old", { ...cc("max-age=3600"), age: ["0", "7200"] }, 0, true],
  ["0, 0", { ...cc("max-age=3600"), age: "0, 0" }, 0, true],
  ["lines: 0, 0", { ...cc("max-age=3600"), age: ["0", "0"] }, 0, true],
]);

cases("Expires counts from Date", [
  ["to come", { expires: at(1800) }, 1799, true],
  ["over", { expires: at(-1800) }, 0, false],
  ["now", { expires: at(0) }, 0, false],
  ["older than Date, both fast", { expires: at(300), date: at(400) }, 0, false],
  ["with a Date that is none", { expires: at(1800), date: "foo" }, 100, true],
  ["without Date", { expires: at(1800), date: "" }, 100, true],
  ["Age beyond it, Date slow", { expires: at(10), date: at(-10), age: "25" }, 0, false],
  ["Age beyond it, Date fast", { expires: at(35), date: at(10), age: "30" }, 0, false],
  ["0", { expires: "0" }, 0, false],
  ["32 bits of seconds", { expires: "Tue, 19 Jan 2038 14:14:08 GMT" }, 100, true],
  ["far to come", { expires: "Sun, 21 Nov 2286 04:46:39 GMT" }, 100, true],
  ["of RFC 850", { expires: "Thursday, 15-Jan-26 12:30:00 GMT" }, 100, true],
  ["of asctime", { expires: "Thu Jan 15 12:30:00 2026" }, 100, true],
  ["day in capitals", { expires: "THU, 15 Jan 2026 12:30:00 GMT" }, 100, true],
  ["month in capitals", { expires: "Thu, 15 JAN 2026 12:30:00 GMT" }, 100, true],
  ["zone in small letters", { expires: "Thu, 15 Jan 2026 12:30:00 gmt" }, 100, true],
  ["UTC", { expires: "Thu, 15 Jan 2026 12:30:00 UTC" }, 0, false],
  ["another zone", { expires: "Thu, 15 Jan 2026 12:30:00 AEST" }, 0, false],
  ["two digits of the year", { expires: "Thu, 15 Jan 26 12:30:00 GMT" }, 0, false],
  ["no comma", { expires: "Thu 15 Jan 2026 12:30:00 GMT" }, 0, false],
  ["many spaces", { expires: "Thu, 15  Jan  2026 12:30:00 GMT" }, 0, false],
  ["hyphens", { expires: "Thu, 15-Jan-2026 12:30:00 GMT" }, 0, false],
  ["dots in the time", { expires: "Thu, 15 Jan 2026 12.30.00 GMT" }, 0, false],
  ["one digit of the hour", { expires: "Thu, 15 Jan 2026 9:30:00 GMT" }, 0, false],
  ["two lines", { expires: [at(1800), at(1800)] }, 0, false],
  ["a day that there is not", { expires: "Mon, 30 Feb 2026 12:30:00 GMT" }, 0, false],
]);

Deno.test("a tenth of the time since Last-Modified is fresh, for statuses that allow it", async () => {
  const modified = { "last-modified": at(-1000) };
  for (const status of [200, 203, 204, 404, 405, 410, 414, 501]) {
    assert.equal(await reused(modified, 99, status), true, `${status}`);
    assert.equal(await reused(modified, 100, status), false, `${status}, over`);
  }
  for (const status of [201, 202, 302, 307, 403, 502, 503, 504, 599]) {
    assert.equal(await reused(modified, 0, status), false, `${status}`);
  }
  assert.equal(await reused({ ...modified, ...cc("public") }, 50, 599), true);
  // A day at most.
  const old = { "last-modified": at(-100 * 86_400) };
  assert.equal(await reused(old, 86_399), true);
  assert.equal(await reused(old, 86_400), false);
  assert.equal(await reused({ "last-modified": at(100) }, 0), false);
  assert.equal(await reused({ "last-modified": "yesterday" }, 0), false);
  assert.equal(await reused({ ...modified, pragma: "no-cache" }, 50), true);
});

Deno.test("whatever its status, a response is fresh as long as it says; parts and drafts are never kept", async () => {
  const statuses = [200, 203, 204, 299, 301, 302, 303, 307, 308, 400, 404, 410, 499, 500, 502, 503];
  for (const status of [...statuses, 504, 599]) {
    assert.equal(await reused(cc("max-age=60"), 59, status), true, `${status}`);
    assert.equal(await reused(cc("max-age=60"), 60, status), false, `${status}, over`);
  }
  assert.equal(await reused(cc("max-age=60"), 0, 206), false);
});

Deno.test("a clock that is set back makes nothing younger than it came", async () => {
  await using server = site({ "cache-control": "max-age=100", age: "50" });
  await server.ask();
  server.later(-10_000);
  const { fromCache, get } = await server.ask();
  assert.deepEqual([fromCache, get("age")], [true, "50"]);
});

Deno.test("the time that an exchange takes counts as age", async () => {
  await using server: Site = new Site(() => {
    server.later(20);
    return { headers: { "cache-control": "max-age=60", age: "10", date: "" } };
  });
  await server.ask();
  assert.equal((await server.ask()).get("age"), "30");
  server.later(30);
  assert.equal((await server.ask()).fromCache, false);
});

Deno.test("a stored response has its age, its own Date and its own Expires", async () => {
  const headers = {
    expires: at(500),
    "x-own": "kept",
    age: "7",
    "content-disposition": "attachment",
  };
  await using server = site(headers);
  const first = await server.ask();
  server.later(20.9);
  const second = await server.ask();
  assert.equal(second.get("age"), "27");
  for (const name of ["date", "expires", "x-own", "content-disposition"]) {
    assert.equal(second.get(name), first.get(name), name);
  }
  assert.deepEqual([second.attempts, second.fromCache, first.attempts, first.fromCache], [
    ...[0, true, 1, false],
  ]);
});
