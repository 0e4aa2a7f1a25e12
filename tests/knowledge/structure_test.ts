import assert from "node:assert/strict";
import fc from "fast-check";
import { chunksOf, MAX_CHUNK } from "../../src/knowledge/chunk.ts";
import {
  decodeText,
  formatOfName,
  prepareDocument,
  sniffFormat,
} from "../../src/knowledge/document.ts";
import { blocksOf, sentencesOf } from "../../src/knowledge/structure.ts";
import { assertAgentError } from "./errors.ts";

function sentences(text: string, format: "text" | "markdown" = "text"): string[] {
  return blocksOf(text, format).flatMap((block) => sentencesOf(text, block))
    .map(({ start, end }) => text.slice(start, end));
}

Deno.test("blocksOf() tells headings, items, code, tables and front matter apart", () => {
  const text =
    "---\ntitle: T\n---\n# One\n\nPara\nmore.\n\n- a\n- b\n  still b\n\n```sh\n# no heading\n\nls\n```\n" +
    "| a | b |\n| - | - |\n\nTwo\n===\n\nThree\n---\n";
  const blocks = blocksOf(text, "markdown").map((
    { kind, level, start, end },
  ) => [kind, level, text.slice(start, end)]);
  assert.deepEqual(blocks, [
    ["meta", 0, "---\ntitle: T\n---"],
    ["heading", 1, "# One"],
    ["text", 0, "Para\nmore."],
    ["item", 0, "- a"],
    ["item", 0, "- b\n  still b"],
    ["code", 0, "```sh\n# no heading\n\nls\n```"],
    ["table", 0, "| a | b |\n| - | - |"],
    ["heading", 1, "Two\n==="],
    ["heading", 2, "Three\n---"],
  ]);
});

Deno.test("blocksOf() takes comments and the targets of links for no text", () => {
  const text =
    "a\n<!-- one -->\nb\n\n<!--\n# no heading\n\nstill -->\n\n[x]: https://example.org\n[y]: z\nc\n\n<!-- open";
  const blocks = blocksOf(text, "markdown").map((
    { kind, start, end },
  ) => [kind, text.slice(start, end)]);
  assert.deepEqual(blocks, [
    ["text", "a"],
    ["meta", "<!-- one -->"],
    ["text", "b"],
    ["meta", "<!--\n# no heading\n\nstill -->"],
    ["meta", "[x]: https://example.org\n[y]: z"],
    ["text", "c"],
    ["meta", "<!-- open"],
  ]);
  assert.deepEqual(sentences(text, "markdown"), ["a", "b", "c"]);
});

Deno.test("blocksOf() reads Windows line ends like others", () => {
  const text =
    "---\r\ntitle: T\r\n---\r\n# One\r\n\r\nPara.\r\n\r\n```\r\ncode\r\n\r\n```\r\n- item\r\n\r\nTwo\r\n===\r\n";
  assert.deepEqual(blocksOf(text, "markdown").map(({ kind }) => kind), [
    "meta",
    "heading",
    "text",
    "code",
    "item",
    "heading",
  ]);
  assert.equal(chunksOf(text, "markdown").at(-1)?.heading, "Two");
});

Deno.test("blocksOf() sees the headings of plain text", () => {
  const text = "NAME\n\nls - list\n\nOPTIONS AND FLAGS\n\nNOT A HEADING BECAUSE\nit goes on\n";
  const headings = blocksOf(text, "text").filter(({ kind }) => kind === "heading");
  assert.deepEqual(headings.map(({ start, end }) => text.slice(start, end)), [
    "NAME",
    "OPTIONS AND FLAGS",
  ]);
});

Deno.test("sentencesOf() ends sentences where a reader does", () => {
  assert.deepEqual(
    sentences('It costs 3.5 euros, e.g. in shops. See Fig. 4! Is it? Yes… "Done." Next'),
    [
      "It costs 3.5 euros, e.g. in shops.",
      "See Fig. 4!",
      "Is it?",
      "Yes…",
      '"Done."',
      "Next",
    ],
  );
  assert.deepEqual(sentences("1. First step.\n2. Second step.", "markdown"), [
    "1. First step.",
    "2. Second step.",
  ]);
  assert.deepEqual(sentences("一つ目です。二つ目です。"), ["一つ目です。", "二つ目です。"]);
  assert.deepEqual(sentences("Wrapped\nlines are one sentence.\n\nAnother"), [
    "Wrapped\nlines are one sentence.",
    "Another",
  ]);
});

Deno.test("sentencesOf() cuts what never ends", () => {
  const pieces = sentences("word ".repeat(1000));
  assert.ok(pieces.length > 10);
  assert.ok(pieces.every((piece) => piece.length <= 400));
  assert.equal(pieces.join(" "), "word ".repeat(1000).trim());
});

Deno.test("chunksOf() begins at headings and names the path to them", () => {
  const text = "# A\n\nintro\n\n## B\n\n### C\n\nbody c\n\n## D\n\nbody d\n";
  const chunks = chunksOf(text, "markdown").map((
    { start, end, heading },
  ) => [heading, text.slice(start, end)]);
  assert.deepEqual(chunks, [
    ["A", "# A\n\nintro\n\n"],
    ["A > B > C", "## B\n\n### C\n\nbody c\n\n"],
    ["A > D", "## D\n\nbody d\n"],
  ]);
});

Deno.test("chunksOf() covers any text without gap, overlap or torn pair", () => {
  const piece = fc.oneof(
    fc.string({ unit: "binary", maxLength: 30 }),
    fc.constantFrom(
      "\n\n",
      "\n",
      "# heading\n",
      "```\n",
      "- item ",
      "| a |\n",
      "===\n",
      "Stop. ",
      "😀".repeat(900),
    ),
    fc.string({ maxLength: 5 }).map((word) => word.repeat(400)),
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 40 }).map((parts) => parts.join("")),
      fc.constantFrom("text" as const, "markdown" as const),
      (text, format) => {
        const chunks = chunksOf(text, format);
        let at = 0;
        for (const { start, end } of chunks) {
          assert.equal(start, at);
          assert.ok(end > start);
          assert.ok(text.slice(start, end).trim().length <= MAX_CHUNK);
          const [before, after] = [text.charCodeAt(end - 1), text.charCodeAt(end)];
          assert.ok(
            !(before >= 0xd800 && before < 0xdc00 && after >= 0xdc00 && after < 0xe000),
            "torn pair",
          );
          at = end;
        }
        assert.equal(at, text.length);
        for (const block of blocksOf(text, format)) {
          for (const sentence of sentencesOf(text, block)) {
            assert.ok(sentence.start >= block.start && sentence.end <= block.end);
          }
        }
      },
    ),
    { numRuns: 500, seed: 24 },
  );
});

Deno.test("formatOfName() knows documents by their ending", () => {
  const expected = {
    "a.md": "markdown",
    "b/C.MARKDOWN": "markdown",
    "a.txt": "text",
    "a.rst": "text",
    "a.htm": "html",
    "README": "sniff",
    "dir.d/LICENSE": "sniff",
    "README.Debian": "sniff",
    "copyright": "sniff",
    "changelog.gz": undefined,
    "a.rs": undefined,
    "a.png": undefined,
  };
  for (const [name, format] of Object.entries(expected)) {
    assert.equal(formatOfName(name), format, name);
  }
});

Deno.test("sniffFormat() tells HTML, Markdown and text apart", () => {
  const expected: [string, string][] = [
    ["html", "<!DOCTYPE html><p>a"],
    ["html", "  <?xml version='1.0'?>\n<!-- note -->\n<html><body>a"],
    ["markdown", "# Title\n\ntext"],
    ["markdown", "---\ntitle: a\n---\ntext"],
    ["markdown", "see [this](that) and `code`"],
    ["text", "Plain words.\n\nMore of them, <b>perhaps</b> with a tag."],
    ["text", "- a list alone is no sign"],
    ["text", ""],
  ];
  for (const [format, text] of expected) assert.equal(sniffFormat(text), format, text);
});

Deno.test("decodeText() reads UTF-8, UTF-16 and Latin letters, and refuses binary", () => {
  const utf8 = new TextEncoder();
  assert.equal(decodeText(utf8.encode("\ufeffgrün")), "grün");
  assert.equal(decodeText(new Uint8Array([0xff, 0xfe, 0x67, 0, 0xfc, 0])), "gü");
  assert.equal(decodeText(new Uint8Array([0xfe, 0xff, 0, 0x67, 0, 0xfc])), "gü");
  assert.equal(decodeText(new Uint8Array([0x67, 0x72, 0xfc, 0x6e, 0x65, 0x72])), "grüner");
  const torn = new Uint8Array([...utf8.encode("größer als äöü "), 0xc3]);
  assert.equal(decodeText(torn), "größer als äöü \ufffd");
  assert.equal(decodeText(new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0])), undefined);
  assert.equal(decodeText(new Uint8Array(200).fill(1)), undefined);
  assert.equal(decodeText(new Uint8Array(200).fill(0xfe, 1)), undefined);
  assert.equal(decodeText(new Uint8Array()), "");
});

Deno.test("HTML becomes what a reader sees, with Markdown's marks", async () => {
  const html =
    "<html><head><title>The  page</title><style>leak{}</style><script>leak()</script></head><body>" +
    "<nav>leak</nav><h1>Big <a href='#big'>#</a></h1><p>One&nbsp;&amp; <b>two</b>,<br>three.</p>" +
    "<ul><li>first<li>second</ul><pre><code>a  b\n\n# c</code></pre><p hidden>leak</p>" +
    "<table><tr><th>k</th><th>v</th></tr><tr><td>1</td><td>2</td></tr></table>" +
    "<noscript>leak</noscript><template>leak</template><svg><text>leak</text></svg><p aria-hidden=true>leak</p>end";
  const { text, title, format, chunks } = await prepareDocument({ document: "p.html", text: html });
  assert.equal(format, "html");
  assert.equal(title, "The page");
  assert.equal(
    text,
    "# Big\n\nOne\u00a0& two,\nthree.\n\n- first\n- second\n\n```\na  b\n\n# c\n```\n\nk | v\n1 | 2\n\nend",
  );
  assert.deepEqual(blocksOf(text, "html").map(({ kind }) => kind), [
    "heading",
    "text",
    "item",
    "item",
    "code",
    "text",
    "text",
  ]);
  assert.equal(chunks.map(({ start, end }) => text.slice(start, end)).join(""), text);
});

Deno.test("HTML that is malformed is read, and scripts stay out of it", async () => {
  const pages: [string, string][] = [
    ["<p>a<p>b", "a\n\nb"],
    ["<div>a</span></div>b", "a\n\nb"],
    ["a <script>leak", "a"],
    ["a <!-- leak", "a"],
    ["a <style>leak</sty", "a"],
    ["<h2>open", "## open"],
    ["<pre>open", "```\nopen\n```"],
    ["<nav>leak</div></nav>after", "after"],
    ["a < b && c > d", "a < b && c > d"],
    ["&#x41;&eacute;&unknown;", "Aé&unknown;"],
    ["<li>".repeat(3), ""],
  ];
  for (const [html, text] of pages) {
    assert.equal(
      (await prepareDocument({ document: "p", text: html, format: "html" })).text,
      text,
      html,
    );
  }
});

Deno.test("HTML nested without end is refused in words", async () => {
  const deep = "<div>".repeat(1_000_000);
  await assertAgentError(
    () => prepareDocument({ document: "p", text: deep, format: "html" }),
    "TOO_LARGE",
    "20000",
  );
  const fine = `${"<div>".repeat(5_000)}inside${"</div>".repeat(5_000)}`;
  assert.equal(
    (await prepareDocument({ document: "p", text: fine, format: "html" })).text,
    "inside",
  );
});
