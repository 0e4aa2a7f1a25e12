/** Reading one document: its format, its text, its pieces. */

import assert from "assertions";
import fc from "fast-check";
import { chunksOf, MAX_CHUNK } from "../../src/knowledge/chunk.ts";
import { prepareDocument } from "../../src/knowledge/document.ts";
import { formatOfName, sniffFormat } from "../../src/knowledge/format.ts";
import { decodeBytes } from "../../src/knowledge/reading/charset.ts";
import { kindOfName } from "../../src/knowledge/reading/kinds.ts";
import { blocksOf, plainText, sentencesOf } from "../../src/text/outline/mod.ts";

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

Deno.test("chunksOf() leaves a term with its description", () => {
  const list = Array.from(
    { length: 120 },
    (_, at) => `--option-${at}\n- ${"What it is for. ".repeat(1 + at % 7)}`,
  );
  const text = `# Options\n\n${list.join("\n\n")}\n`;
  const chunks = chunksOf(text, "html");
  assert.ok(chunks.length > 3);
  for (const { start, end } of chunks) {
    assert.doesNotMatch(text.slice(start, end).trimEnd(), /--option-\d+$/);
  }
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
    "README": undefined,
    "README.Debian": undefined,
    "Notes-v1.2": undefined,
    "a.png": undefined,
  };
  for (const [name, format] of Object.entries(expected)) {
    assert.equal(formatOfName(name), format, name);
  }
});

Deno.test("kindOfName() says how a file is read, whatever its name", () => {
  const expected = {
    "README": "text",
    "Apache-2.0": "text",
    "docs.d/Notes-v1.2": "text",
    "changelog.Debian.gz": "gzip",
    "a.TSV": "table",
    "a.json": "json",
    "a.rs": "code",
    "Makefile": "code",
    "a.pdf": "pdf",
    "a.docx": "docx",
    "jquery.min.js": "other",
    "logo.svg": "other",
  };
  for (const [name, kind] of Object.entries(expected)) assert.equal(kindOfName(name), kind, name);
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
    ["text", "#!/bin/sh\n# A program\n\n# Says hello\necho hello"],
    ["text", "# The first line\n# of a comment\n\nkey = value\n\n# one alone\nother = value\n"],
    ["text", ""],
  ];
  for (const [format, text] of expected) assert.equal(sniffFormat(text), format, text);
});

Deno.test("decodeBytes() reads UTF-8, UTF-16 and Latin letters, and refuses binary", async () => {
  const utf8 = new TextEncoder();
  assert.equal(await decodeBytes(utf8.encode("\ufeffgrün")), "grün");
  assert.equal(await decodeBytes(new Uint8Array([0xff, 0xfe, 0x67, 0, 0xfc, 0])), "gü");
  assert.equal(await decodeBytes(new Uint8Array([0xfe, 0xff, 0, 0x67, 0, 0xfc])), "gü");
  const latin = new Uint8Array([0x67, 0x72, 0xfc, 0x6e, 0x65, 0x72]);
  assert.equal(await decodeBytes(latin), "grüner");
  const torn = new Uint8Array([...utf8.encode("größer als äöü "), 0xc3]);
  assert.equal(await decodeBytes(torn), "größer als äöü \ufffd");
  assert.equal(await decodeBytes(new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0])), undefined);
  assert.equal(await decodeBytes(new Uint8Array(200).fill(1)), undefined);
  assert.equal(await decodeBytes(new Uint8Array(200).fill(0xfe, 1)), undefined);
  assert.equal(await decodeBytes(new Uint8Array()), "");
});

Deno.test("a manual page has its name and its sections", async () => {
  const { title, chunks, text } = await prepareDocument({
    document: "ls.1.txt",
    text:
      "LS(1)                  User Commands                  LS(1)\n\nNAME\n       ls - list directory con\u2010\n" +
      "       tents\n\nSYNOPSIS\n       ls [OPTION]...\n\nEXIT STATUS\n       0      if OK,\n\n2020     LS(1)\n",
  });
  assert.equal(title, "ls(1)");
  assert.deepEqual(chunks.map(({ heading }) => heading), ["", "NAME", "SYNOPSIS", "EXIT STATUS"]);
  const name = text.slice(chunks[1]!.start, chunks[1]!.end);
  assert.equal(plainText(name, "text"), "NAME ls - list directory contents");
});
