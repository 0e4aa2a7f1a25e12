/** Dates of HTTP in their three forms, and Retry-After. */

import assert from "assertions";
import { httpDate, parseHttpDate, parseRetryAfter } from "../../../src/http/dates.ts";

const NOW = Date.UTC(2026, 0, 15, 12);

Deno.test("the three forms of a date are read", () => {
  const expected = Date.UTC(1994, 10, 6, 8, 49, 37);
  for (
    const text of [
      "Sun, 06 Nov 1994 08:49:37 GMT",
      "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994",
      " sun, 06 nov 1994 08:49:37 gmt ",
      // The day of the week does not matter.
      "Mon, 06 Nov 1994 08:49:37 GMT",
    ]
  ) assert.equal(parseHttpDate(text, NOW), expected, text);
  assert.equal(httpDate(expected), "Sun, 06 Nov 1994 08:49:37 GMT");
  assert.equal(
    parseHttpDate("Sun, 06 Nov 0094 08:49:37 GMT"),
    new Date("0094-11-06T08:49:37Z").getTime(),
  );
  assert.equal(parseHttpDate("Fri, 31 Dec 9999 23:59:60 GMT"), Date.UTC(10_000, 0, 1));
});

Deno.test("a year of two digits is never more than 50 years ahead", () => {
  const year = (digits: string): number =>
    new Date(parseHttpDate(`Monday, 01-Jun-${digits} 00:00:00 GMT`, NOW)!).getUTCFullYear();
  assert.deepEqual(["00", "26", "76", "77", "99"].map(year), [2000, 2026, 2076, 1977, 1999]);
});

Deno.test("what is no date is none", () => {
  for (
    const text of [
      ...["", "0", "now", "Sun, 06 Nov 1994 08:49:37", "Sun, 6 Nov 1994 08:49:37 GMT"],
      ...[
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
      ],
      ...[
        "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 1994 08:61:37 GMT",
        `Sun, 06 Nov 1994 ${" ".repeat(1e5)}`,
      ],
    ]
  ) assert.equal(parseHttpDate(text, NOW), undefined, text.slice(0, 50));
});

Deno.test("Retry-After is seconds or a date", () => {
  assert.equal(parseRetryAfter("120", NOW), 120_000);
  assert.equal(parseRetryAfter(" 0 ", NOW), 0);
  assert.equal(parseRetryAfter(httpDate(NOW + 5_000), NOW), 5_000);
  assert.equal(parseRetryAfter(httpDate(NOW - 5_000), NOW), 0);
  for (const text of [null, "", "-1", "1.5", "soon", "9".repeat(30)]) {
    assert.equal(parseRetryAfter(text, NOW), undefined, String(text));
  }
});
