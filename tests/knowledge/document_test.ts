/** Reading one document: its format, its text, its pieces. */

import assert from "assertions";
import fc from "fast-check";
import { chunksOf, MAX_CHUNK } from "../../src/knowledge/chunk.ts";
import { decodeText, formatOfName, sniffFormat } from "../../src/knowledge/format.ts";
import { blocksOf, sentencesOf } from "../../src/text/outline/mod.ts";

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

Deno.test("chunksOf() reads Windows line ends like others", () => {
  const text = "# One\r\n\r\nPara.\r\n\r\nTwo\r\n===\r\n";
  assert.equal(chunksOf(text, "markdown").at(-1)?.heading, "Two");
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
