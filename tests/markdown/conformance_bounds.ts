/** Pages made to cost much: each must be done in a time that is in proportion to its length. */

import assert from "assertions";
import { toMarkdown } from "@agent/runtime/text";
import { testOf, type Twin } from "../support/twins.ts";

const MANY = 100_000;

const numbered = (make: (index: number) => string): string =>
  Array.from({ length: MANY }, (_, index) => make(index)).join("");

const PAGES: readonly (readonly [name: string, html: string, expected?: string])[] = [
  ["100,000 nested divs", `${"<div>".repeat(MANY)}x`, "x"],
  ["100,000 nested inline elements", `${"<span>".repeat(MANY)}x`, "x"],
  ["nested quotes", "<blockquote>x".repeat(MANY)],
  ["nested lists", "<ul><li>x".repeat(MANY)],
  ["nested tables", "<table><tr><td>x".repeat(MANY)],
  ["nested formatting", `${"<b><i>".repeat(MANY)}x`, "***x***"],
  ["nested definitions", "<dl><dd>x".repeat(MANY)],
  ["end tags", `${"</b></p></div>".repeat(MANY)}x`, "x"],
  ["paragraphs", "<p>x".repeat(MANY), Array.from({ length: MANY }, () => "x").join("\n\n")],
  ["unfinished tags", "<a".repeat(MANY), ""],
  ["unfinished quotes", '<a href="'.repeat(MANY), ""],
  ["unfinished comments", "<!--".repeat(MANY), ""],
  ["dashes in a comment", `<!--${"-".repeat(10 * MANY)}`, ""],
  ["angle brackets", "<".repeat(10 * MANY), `${"<".repeat(10 * MANY - 1)}\\<`],
  ["ampersands", "&".repeat(10 * MANY), `${"&".repeat(10 * MANY - 1)}\\&`],
  ["names of references", "&aaaaaaaaaaaaaaaa".repeat(MANY)],
  ["marks", "*_`[]".repeat(MANY)],
  ["marks at words", "a<b>(</b>a<i>x</i>".repeat(MANY)],
  ["nested scripts", "<script><!--<script>".repeat(MANY), ""],
  ["names", numbered((index) => `<x${index}>`), ""],
  ["names of end tags", numbered((index) => `</y${index}>`), ""],
  ["attributes", `<p ${numbered((index) => `class=a${index} `)}>x`, "x"],
  [
    "a block behind a button",
    `<p><button>${"<span>".repeat(MANY)}${"<div></div>".repeat(MANY)}x`,
    "x",
  ],
  ["links", "<a href=u>x".repeat(MANY), "[x](u)".repeat(MANY)],
  ["wide cells", `<table><tr>${"<th colspan=1000 rowspan=1000>x".repeat(MANY / 10)}`],
  ["line ends in code", `<blockquote><pre>${"\n".repeat(10 * MANY)}x`],
  ["code", "<code>`".repeat(MANY)],
  ["foreign content", "<math><td><svg><p>".repeat(MANY), ""],
];

/** Registers the tests for one twin. */
export function markdownBounds(twin: Twin): void {
  const { name: implementation } = twin;
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("markdown", twin, name, body);
  for (const [name, html, expected] of PAGES) {
    test(`many ${name} take linear time`, () => {
      for (const content of ["all", "main"] as const) {
        const text = toMarkdown(html, { content, implementation });
        if (expected !== undefined) assert.equal(text, expected);
        // Prefixes of lines are bounded.
        assert.ok(text.length < 40 * html.length);
      }
    });
  }

  test("a page of 10 MB", () => {
    const part =
      "<section><h2>Title</h2><p>Some <b>bold</b> text &amp; a <a href='/x'>link</a>.</p></section>\n";
    const one = "## Title\n\nSome **bold** text & a [link](/x).";
    const times = Math.ceil(10e6 / part.length);
    const text = toMarkdown(part.repeat(times), { implementation });
    assert.equal(text.length, times * (one.length + 2) - 2);
    assert.ok(text.startsWith(`${one}\n\n${one}`) && text.endsWith(one));
  });

  test("a text of 100 MB", () => {
    const text = "lorem ipsum dolor sit amet, ".repeat(100e6 / 28);
    const result = toMarkdown(text, { implementation });
    assert.equal(result.length, text.length - 1);
  });
}
