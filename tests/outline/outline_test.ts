/** The outline of a document: its blocks, headings, sentences, and what splitting sees of it. */

import assert from "assertions";
import fc from "fast-check";
import {
  blocksOf,
  HeadingPath,
  headingText,
  plainText,
  PositionReader,
  sentencesOf,
} from "../../src/text/outline/mod.ts";

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

Deno.test("blocksOf() reads fences and underlines as CommonMark does", () => {
  const kinds = (text: string, offset?: number): string[] =>
    blocksOf(text, "markdown", offset).map(({ kind, level }) => kind + (level || ""));
  assert.deepEqual(kinds("````\n```\n# a\n````\nb"), ["code", "text"]);
  assert.deepEqual(kinds("~~~\n```\n~~~ x\n~~~\nb"), ["code", "text"]);
  assert.deepEqual(kinds("``` a`b\n# c"), ["text", "heading1"]);
  assert.deepEqual(kinds("A title\n-\nb"), ["heading2", "text"]);
  assert.deepEqual(kinds("- a\n---\n\nb\nc\n---"), ["item", "text"]);
  assert.deepEqual(kinds("#no\n\n####### no\n\n###### yes ##"), ["text", "text", "heading6"]);
  assert.deepEqual(kinds("---\na: b\n---\nc"), ["meta", "text"]);
  // In quotes and items; a fence ends with the quote that it stands in.
  assert.deepEqual(kinds("> a\n> ```\n> # b\n>\n> c\n> ```\n> d"), ["text", "code", "text"]);
  assert.deepEqual(kinds("> > ~~~\n> > # b\n> c\n\n# d"), ["code", "text", "heading1"]);
  assert.deepEqual(kinds("> ```\n# b\n```\n# c\n```"), ["code", "heading1", "code"]);
  assert.deepEqual(kinds("1. a\n\n    ```sh\n    # b\n    ```\n\n2. c"), ["item", "code", "item"]);
  assert.deepEqual(kinds("- ```js\n  - ```\n  ```\n- a"), ["code", "item"]);
  assert.deepEqual(kinds("a\n\n    ```\n# b"), ["text", "text", "heading1"]);
  assert.deepEqual(kinds("- a\n\nb\n\n    ```\n# c"), ["item", "text", "text", "heading1"]);
  // In the middle of a document it is no front matter.
  assert.deepEqual(kinds("---\na: b\n---\nc", 7), ["text"]);
  assert.deepEqual(blocksOf("```\n# a\n", "text").map(({ kind }) => kind), ["text"]);
});

Deno.test("HeadingPath names the headings above", () => {
  const text = "## B\n# A\n### C *d*\n### [E](x) ###\n## `F`\n# \n## G";
  const path = new HeadingPath();
  const paths = blocksOf(text, "markdown").map((block) => {
    path.enter(text, block);
    return path.titles().join(" > ");
  });
  assert.deepEqual(paths, ["B", "A", "A > C d", "A > E", "A > F", "", "G"]);
});

Deno.test("headingText() and plainText() leave out marks, not what they are about", () => {
  const heading = (text: string) => headingText(text, { start: 0, end: text.length });
  assert.equal(heading("## The **big** [one](/x_(y)) \\*"), "The big one *");
  assert.equal(heading("Two\n==="), "Two");
  const plain: [string, string][] = [
    ["- See [a *b*](c) and\n  <https://d.example/e_f>", "See a b and https://d.example/e_f"],
    ["2\\*3 is `a\\*b` and **c_d**, *e f* __g__\\\nh", "2*3 is `a\\*b` and c_d, e f g h"],
    ["| a | b\\|c |\n| --- | --- |", "a | b|c --- | ---"],
    ["Do:\n\n```sh\n# **a**\n  b\n```\n\n> c", "Do:\n```sh\n# **a**\n  b\n```\nc"],
    ["a * b * c and x**2 \\[no](link)", "a * b * c and x**2 [no](link)"],
  ];
  for (const [text, expected] of plain) assert.equal(plainText(text, "markdown"), expected);
  assert.equal(plainText("- a\\*b  **c**\n__d__", "text"), "a\\*b **c** __d__");
  const lines: [string, string][] = [
    ["One\ntwo:\n\n- a *b*\n- c\n  d\n\nThree.", "One two:\n- a b\n- c d\nThree."],
    ["One.\n\n`-x`\n- two", "One.\n`-x`\n- two"],
    ["1. a\n2. b", "1. a\n2. b"],
    ["| a | b |\n| - | - |\n| 1 | 2 |", "a | b\n1 | 2"],
  ];
  for (const [text, expected] of lines) {
    assert.equal(plainText(text, "markdown", "lines"), expected);
  }
});

Deno.test("splitting and blocks see the same headings and fences", () => {
  const line = fc.constantFrom(
    "# a",
    "  ## b ##",
    "####### c",
    "```",
    "~~~~ x",
    "~~~",
    "````",
    "``` a`b",
    "> ```",
    "> a",
    ">> ~~~",
    "1. b",
    "    ```",
    "- ~~~ c",
    "Title",
    "===",
    "-",
    "text, long ".repeat(30),
    "",
    "  ",
    "    # d",
  );
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 30 }),
      fc.integer({ min: 1, max: 9 }),
      (lines, step) => {
        const text = lines.join("\n");
        const positions = new PositionReader();
        positions.read(text, true);
        const parts = new PositionReader();
        for (let end = 0; end < text.length; end += step) parts.read(text.slice(0, end), false);
        parts.read(text, true);
        assert.deepEqual({ ...parts }, { ...positions });
        const blocks = blocksOf(text, "html");
        const starts = blocks.filter(({ kind }) => kind === "heading").map(({ start }) => start);
        for (const heading of positions.headings) assert.ok(starts.includes(heading), text);
        const code = blocks.filter(({ kind }) => kind === "code").flatMap(({ start, end }) => [
          start,
          Math.min(end + 1, text.length),
        ]);
        assert.deepEqual(positions.fences, code);
      },
    ),
    { numRuns: 1000, seed: 7 },
  );
});

Deno.test("hostile text is read in linear time", () => {
  const pieces = [
    "#\n",
    "# a\n",
    "a\n=\n",
    "```\n",
    "<!--\n",
    "<!-- -->\n",
    "- ",
    "| ",
    "[a](",
    "![",
    "\\",
    "`",
    "*a",
    "**",
    "__a",
    "<",
    "===\n",
  ];
  const size = 100_000;
  for (const piece of pieces) {
    for (const text of [piece.repeat(size), `x ${piece.trim().repeat(size)}`]) {
      const blocks = blocksOf(text, "markdown");
      const path = new HeadingPath();
      for (const block of blocks) if (block.kind === "heading") path.enter(text, block);
      let end = 0;
      for (const block of blocks) {
        assert.ok(block.start >= end && block.end > block.start);
        end = block.end;
        sentencesOf(text, block);
      }
      new PositionReader().read(text, true);
    }
  }
});
