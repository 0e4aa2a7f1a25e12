/** Names of processes are hostile: nothing of them reaches a terminal, and none is wider than it was counted. */

import assert from "assertions";
import fc from "fast-check";
import { cut, padEnd, padStart, visible, widthOf } from "../../src/cli/top/cells.ts";
import { bar, PLAIN, sparkline, UNICODE } from "../../src/cli/top/charts.ts";
import { bytes, count, duration, milliseconds, percent, rate } from "../../src/cli/top/format.ts";
import { lineWidth, plainText } from "../../src/cli/top/line.ts";

Deno.test("cells: what a terminal would act on is written as its number", () => {
  assert.equal(visible("plain name"), "plain name");
  assert.equal(visible("\x1b[2J\x07\r\n"), "<1B>[2J<07><0D><0A>");
  assert.equal(visible("a\u202Egnp.exe\u2066"), "a<202E>gnp.exe<2066>");
  assert.equal(visible("\u200F\u200B\uFEFF\u2028"), "<200F><200B><FEFF><2028>");
  assert.equal(visible("\x9b31m\uD800\uE000"), "<9B>31m<D800><E000>");
});

Deno.test("cells: wide and joined characters have the width of their parts", () => {
  assert.equal(widthOf("\u6f22\u5b57"), 4);
  assert.equal(widthOf(visible("e\u0301")), 1);
  assert.equal(widthOf("\u05e9\u05dc"), 2);
  // A family that some terminals draw as one picture and others as three.
  const family = visible("\u{1F468}\u200D\u{1F469}\u200D\u{1F467}");
  assert.equal(family, "\u{1F468}<200D>\u{1F469}<200D>\u{1F467}");
  assert.equal(widthOf(family), 6 + 12);
  assert.equal(visible("\u2764\uFE0F"), "\u2764");
});

Deno.test("cells: no more marks than two stand on a character", () => {
  assert.equal(visible(`a${"\u0301".repeat(50)}b`), "a\u0301\u0301b");
  assert.equal(visible("\u0301\u0301x"), "x");
});

Deno.test("cells: cut and padded texts have the width asked, whatever is in them", () => {
  assert.equal(cut("abcdef", 4), "abc~");
  // Half of a wide character is none.
  assert.equal(padEnd("\u6f22\u5b57x", 4), "\u6f22~ ");
  assert.equal(padStart("7", 3), "  7");
  assert.equal(cut("abc", 0), "");
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }));
  fc.assert(fc.property(text, fc.integer({ min: 1, max: 40 }), (name, width) => {
    const shown = visible(name);
    assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    assert.equal(visible(shown), shown);
    assert.ok(widthOf(cut(shown, width)) <= width);
    assert.equal(widthOf(padEnd(shown, width)), width);
    assert.equal(widthOf(padStart(shown, width)), width);
  }));
});

Deno.test("format: numbers are short and right, and what is not known is a dash", () => {
  assert.deepEqual([0, 0.2, 1, 999, 1_000, 1_024, 10_240, 1_048_064].map(bytes), [
    ...["0", "0", "1B", "999B", "1.0K", "1.0K", "10K", "1.0M"],
  ]);
  assert.deepEqual([bytes(5.5 * 2 ** 40), rate(2_048), rate(null)], ["5.5T", "2.0K/s", "-"]);
  assert.deepEqual([0, 0.4, 12, 9_999, 12_345, 3.4e6, 5e9].map(count), [
    ...["0", "0.4", "12", "9999", "12k", "3.4M", "5.0G"],
  ]);
  assert.deepEqual([0, 0.4523, 0.99949, 0.9999, 16].map(percent), [
    ...["0.0", "45.2", "99.9", "100", "1600"],
  ]);
  assert.deepEqual([7, 725, 35_220, 273_600, -1].map(duration), [
    ...["7s", "12m05s", "9h47m", "3d04h", "0s"],
  ]);
  assert.deepEqual([0, 3.4e-4, 0.12, 3.4, 1_200].map(milliseconds), [
    ...["0 ms", "340 ns", "120 us", "3.40 ms", "1.20 s"],
  ]);
  for (const  of of[bytes, count, percent, duration, milliseconds]) assert.equal(of(null), "-");
  fc.assert(fc.property(fc.double({ min: 0, max: 1e18, noNaN: true }), (value) => {
    assert.ok(bytes(value).length <= 5, bytes(value));
  }));
  fc.assert(fc.property(fc.double({ min: 0, max: 9e11, noNaN: true }), (value) => {
    assert.ok(count(value).length <= 4, count(value));
  }));
});

Deno.test("charts: bars and lines have the width asked, in blocks and in ASCII", () => {
  assert.equal(
    plainText(bar(0.5, 10, UNICODE)),
    "\u2588\u2588\u2588\u2588\u2588" + "\u2591".repeat(5),
  );
  assert.equal(plainText(bar(0.25, 4, PLAIN)), "#...");
  assert.equal(plainText(bar(7, 3, PLAIN)), "###");
  assert.equal(plainText(bar(null, 3, PLAIN)), "...");
  assert.equal(plainText(sparkline([0, 0.5, 1], 3, 1, UNICODE)), "\u2581\u2584\u2588");
  // The newest stands at the end; what is not known is a gap.
  assert.equal(plainText(sparkline([1, null, 1], 5, 1, PLAIN)), "  @ @");
  assert.equal(plainText(sparkline([1, 0, 0, 0], 2, 1, PLAIN)), "..");
  const values = fc.array(fc.option(fc.double({ min: -1, max: 9, noNaN: true })), {
    maxLength: 50,
  });
  fc.assert(fc.property(values, fc.integer({ min: 1, max: 30 }), (some, width) => {
    assert.equal(lineWidth(sparkline(some, width, 1, UNICODE)), width);
  }));
});
