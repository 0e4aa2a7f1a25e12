/**
 * What a CommonMark reader sees in the result is what was in the page: nothing is lost, nothing leaks, nothing is taken
 * for a mark that was text.
 */

import assert from "assertions";
import fc from "fast-check";
import MarkdownIt from "markdown-it";
import { toMarkdown } from "@agent/runtime/text";
import { check } from "../support/arbitraries.ts";
import { anyPage, anyParagraph, anySoup } from "./arbitraries.ts";

const reader = new MarkdownIt({ html: true });

interface Token {
  type: string;
  content: string;
  children: Token[] | null;
}

/** The text that a reader of Markdown sees, without white space. */
function seen(markdown: string): string {
  let text = "";
  // Every token is looked at before those after it.
  const waiting: Token[] = (reader.parse(markdown, {}) as Token[]).reverse();
  for (let token = waiting.pop(); token !== undefined; token = waiting.pop()) {
    if (token.children !== null) waiting.push(...token.children.toReversed());
    else if (token.type !== "html_inline" || token.content !== "<br>") text += token.content;
  }
  return text.replace(/\s+/g, "");
}

Deno.test("markdown: a reader of the Markdown sees the text of the page", () => {
  check(fc.property(anyPage, ({ html, text }) => {
    const markdown = toMarkdown(html, { content: "all", implementation: "pure" });
    assert.equal(seen(markdown), text.replace(/\s+/g, ""), `${html}\n---\n${markdown}`);
  }));
});

Deno.test("markdown: a reader of the Markdown sees the text of a paragraph", () => {
  check(fc.property(anyParagraph, ({ html, text }) => {
    const markdown = toMarkdown(html, { content: "all", implementation: "pure" });
    assert.equal(seen(markdown), text.replace(/\s+/g, ""), `${html}\n---\n${markdown}`);
  }));
});

Deno.test("markdown: no lines end in spaces and no two are blank in a row, outside of code", () => {
  check(fc.property(anyPage, anySoup, ({ html }, soup) => {
    for (const page of [html, soup]) {
      const markdown = toMarkdown(page, { content: "all", implementation: "pure" });
      if (markdown.includes("```")) continue;
      assert.ok(markdown.split("\n").every((line) => !line.endsWith(" ")), markdown);
      assert.doesNotMatch(markdown, /\n[> ]*\n[> ]*\n/);
      assert.equal(markdown, markdown.replace(/^\n+|\n+$/g, ""));
    }
  }));
});
