/** The two twins on the same random pages. */

import assert from "assertions";
import fc from "fast-check";
import { type MarkdownOptions, toMarkdown, toMarkdownMany } from "@agent/runtime/text";
import { CASES, check, checkAsync } from "../support/arbitraries.ts";
import { anyPage, anyParagraph, anySoup } from "./arbitraries.ts";
import { testOfBoth, twins } from "../support/twins.ts";

const both = twins("text");

const anyOptions: fc.Arbitrary<MarkdownOptions> = fc.record({
  content: fc.constantFrom("main", "all"),
  baseUrl: fc.constantFrom("https://h.example/a/b?c#d", "https://h.example", "file:///a/b"),
}, { requiredKeys: [] });

/** Pages of some size, so that finding the main content has something to choose from. */
const anyComposition: fc.Arbitrary<string> = fc.array(
  fc.tuple(
    fc.constantFrom(
      "",
      "main",
      "article",
      "nav",
      "div class=c",
      "div id=sidebar",
      "header",
      "footer",
      "table><tr><td",
    ),
    fc.oneof(anyPage.map(({ html }) => html), anySoup),
    fc.constantFrom(
      "",
      "A sentence of some length that makes this a block of good text, as it has no links. ".repeat(
        2,
      ),
    ),
  ),
  { maxLength: 6 },
).map((parts) =>
  parts.map(([tag, html, text]) =>
    tag === "" ? html + text : `<${tag}>${text}${html}</${tag.split(/\W/)[0]}>`
  ).join("\n")
);

const same = (html: string, options: MarkdownOptions): void => {
  assert.equal(
    toMarkdown(html, { ...options, implementation: "native" }),
    toMarkdown(html, { ...options, implementation: "pure" }),
    JSON.stringify(html),
  );
};

testOfBoth("markdown", both, "toMarkdown() of soups", () => {
  check(fc.property(anySoup, anyOptions, same));
});

testOfBoth("markdown", both, "toMarkdown() of well-formed pages", () => {
  check(fc.property(anyPage, anyOptions, ({ html }, options) => same(html, options)));
});

testOfBoth("markdown", both, "toMarkdown() of paragraphs", () => {
  check(fc.property(anyParagraph, anyOptions, ({ html }, options) => same(html, options)));
});

testOfBoth("markdown", both, "toMarkdown() of whole pages", () => {
  check(fc.property(anyComposition, anyOptions, same));
});

testOfBoth("markdown", both, "toMarkdownMany()", async () => {
  await checkAsync(
    fc.asyncProperty(fc.array(anySoup, { maxLength: 8 }), anyOptions, async (htmls, options) => {
      assert.deepEqual(
        await toMarkdownMany(htmls, { ...options, implementation: "native" }),
        htmls.map((html) => toMarkdown(html, { ...options, implementation: "pure" })),
      );
    }),
    CASES / 10,
  );
});

testOfBoth("markdown", both, "emphasis around every character", () => {
  const unassigned = /\p{Cn}|\p{Cs}/u;
  for (let from = 0x80; from < 0x110000; from += 0x800) {
    const characters = Array.from(
      { length: Math.min(0x800, 0x110000 - from) },
      (_, index) => String.fromCodePoint(from + index),
    ).filter((character) => !unassigned.test(character));
    same(characters.map((one) => `<p>a<b>${one}x${one}</b>b`).join(""), { content: "all" });
  }
});
