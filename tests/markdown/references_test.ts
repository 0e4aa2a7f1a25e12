/** The table of character references against the one of another implementation of the standard. */

import assert from "assertions";
import { decodeHTML, decodeHTMLAttribute } from "entities";
import { toMarkdown } from "@agent/runtime/text";
import { REFERENCES } from "../../src/text/markdown/references_data.ts";
import { decode } from "../../src/text/markdown/references.ts";
import { testOfBoth, twins } from "../support/twins.ts";

const both = twins("text");

const NAMES = REFERENCES.split(/\s/).map((entry) => entry.split(/[:!]/)[0]!);

Deno.test("references: all 2,231 names of the standard, each as it stands in texts and attributes", () => {
  const bare = REFERENCES.split("!").length - 1;
  assert.equal(NAMES.length + bare, 2231);
  for (const name of NAMES) {
    assert.notEqual(decode(`&${name};`, false), `&${name};`);
    for (const after of [";", "", "x", "=", " ", "1;", ";;"]) {
      const text = `a&${name}${after}b`;
      assert.equal(decode(text, false), decodeHTML(text), text);
      assert.equal(decode(text, true), decodeHTMLAttribute(text), text);
    }
  }
});

Deno.test("references: numbers", () => {
  for (let code = 0; code < 0x300; code++) {
    for (const text of [`&#${code};`, `&#x${code.toString(16)}`, `&#X${code.toString(16)};`]) {
      assert.equal(decode(text, false), decodeHTML(text), text);
    }
  }
});

testOfBoth("references", both, "every name is decoded alike", () => {
  const html = `<pre>${NAMES.map((name) => `&${name}; &${name}`).join("\n")}</pre>`;
  assert.equal(
    toMarkdown(html, { content: "all", implementation: "native" }),
    toMarkdown(html, { content: "all", implementation: "pure" }),
  );
});
