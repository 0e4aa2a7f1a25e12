/** What is published leads to what is published. */

import assert from "assertions";
import { findDeadLinks } from "../../scripts/lib/checks/doc_links.ts";

const CONFIG = {
  path: "deno.json",
  text: JSON.stringify({ publish: { include: ["README.md", "docs/**/*.md", "src/**/*.ts"] } }),
};

function rulesOf(text: string, ...others: { path: string; text?: string }[]): string[] {
  const page = { path: "docs/deep/page.md", text };
  return findDeadLinks([CONFIG, page, ...others]).map(({ place, rule }) => `${place} ${rule}`);
}

Deno.test("findDeadLinks() finds links to what is not published, and headings that are not there", () => {
  const readme = { path: "README.md", text: "# A title\n\n## How `it` works, really\n" };
  const source = { path: "src/a/b.ts", text: "" };
  const good = [
    "[a](../../README.md), [b](../../README.md#how-it-works-really), [c](../../src/a/)",
    "![d](../../src/a/b.ts) [e](https://example.com/x.md) [f](mailto:ada@example.com)",
    "`[g](nowhere.md)` is code, [h](#here) is a heading of this page.",
    "# Here",
  ].join("\n\n");
  assert.deepEqual(rulesOf(good, readme, source), []);
  const bad = "[a](../DESIGN.md) [b](../../README.md#other)\n[c](../../rust/) [d](#here)";
  assert.deepEqual(rulesOf(bad, readme, { path: "docs/DESIGN.txt", text: "" }), [
    "docs/DESIGN.txt is not among what deno.json publishes",
    "docs/deep/page.md:1 links to ../DESIGN.md, which is not published",
    "docs/deep/page.md:1 links to ../../README.md#other, and there is no such heading",
    "docs/deep/page.md:2 links to ../../rust/, of which nothing is published",
    "docs/deep/page.md:2 links to #here, and there is no such heading",
  ]);
  // A file that is there but not published is dead for whoever has the package alone.
  assert.deepEqual(rulesOf("[x](../../CONTRIBUTING.md)", { path: "CONTRIBUTING.md", text: "" }), [
    "docs/deep/page.md:1 links to ../../CONTRIBUTING.md, which is not published",
  ]);
});
