/** What `Encoding.split` must do, whichever twin counts. */

import assert from "assertions";
import { type Chunk, type Encoding, loadEncoding, type SplitOptions } from "@agent/runtime/text";
import { testOf, type Twin } from "../support/twins.ts";
import { wrong } from "../support/values.ts";

/** Splits, and checks what holds for every text: true offsets, exact counts, the bound, order and cover. */
export function splitChecked(encoding: Encoding, text: string, options: SplitOptions): Chunk[] {
  const chunks = encoding.split(text, options);
  let covered = 0;
  for (const [index, { text: part, start, end, tokens }] of chunks.entries()) {
    assert.equal(text.slice(start, end), part);
    assert.equal(tokens, encoding.count(part), `chunk ${index}: count`);
    assert.ok(tokens >= 1 && tokens <= options.maxTokens, `chunk ${index}: ${tokens} tokens`);
    assert.ok(
      start <= covered && end > covered,
      `chunk ${index}: ${start}-${end} after ${covered}`,
    );
    const overlap = text.slice(start, covered);
    assert.ok(encoding.count(overlap) <= (options.overlapTokens ?? 0), `chunk ${index}: overlap`);
    covered = end;
  }
  assert.equal(covered, text.length);
  return chunks;
}

/** Registers the suite for one twin. */
export function splitConformance(twin: Twin): void {
  const { name: implementation } = twin;
  const test = (what: string, body: (encoding: Encoding) => void): void => {
    testOf("tokens", twin, `split() ${what}`, async () => {
      using encoding = await loadEncoding("o200k_base", { implementation });
      body(encoding);
    });
  };
  const texts = (chunks: readonly Chunk[]): string[] => chunks.map((chunk) => chunk.text);

  test("keeps what fits whole", (encoding) => {
    const text = "One paragraph.\n\nAnother one.";
    assert.deepEqual(splitChecked(encoding, text, { maxTokens: 100 }), [
      { text, start: 0, end: text.length, tokens: encoding.count(text), headings: [] },
    ]);
    assert.deepEqual(splitChecked(encoding, "", { maxTokens: 5 }), []);
  });

  test("cuts at paragraphs first", (encoding) => {
    const text = "First one here. It has two sentences.\n\nSecond one.\n\n\nThird one is here.\n";
    assert.deepEqual(texts(splitChecked(encoding, text, { maxTokens: 16 })), [
      "First one here. It has two sentences.\n\nSecond one.\n\n\n",
      "Third one is here.\n",
    ]);
  });

  test("then at sentences, whatever the line ends inside a paragraph", (encoding) => {
    const text =
      "The first sentence is wrapped\nover two lines. The second one is\r\nwrapped too. The end is here.";
    assert.deepEqual(texts(splitChecked(encoding, text, { maxTokens: 11 })), [
      "The first sentence is wrapped\nover two lines. ",
      "The second one is\r\nwrapped too. ",
      "The end is here.",
    ]);
    assert.deepEqual(
      texts(splitChecked(encoding, "第一句话在这里。第二句话也在这里。", { maxTokens: 9 })),
      ["第一句话在这里。", "第二句话也在这里。"],
    );
  });

  test("then at words, and never before punctuation or blanks", (encoding) => {
    const text = "alpha, beta (gamma) delta; epsilon zeta-eta theta";
    const chunks = texts(splitChecked(encoding, text, { maxTokens: 5 }));
    assert.ok(chunks.length > 2);
    for (const chunk of chunks) assert.match(chunk, /^[a-z(]/);
    for (const chunk of chunks.slice(0, -1)) assert.match(chunk, /[\s-]$/);
  });

  test("then at grapheme clusters, then at code points", (encoding) => {
    const family = "👩‍👩‍👧‍👦";
    const size = encoding.count(family);
    for (const chunk of texts(splitChecked(encoding, family.repeat(5), { maxTokens: size }))) {
      assert.equal(chunk.length % family.length, 0);
    }
    const parts = texts(splitChecked(encoding, family, { maxTokens: size - 1 }));
    assert.ok(parts.length > 1);
    for (const part of parts) assert.ok(part.isWellFormed());
  });

  test("does with one token what can be done", (encoding) => {
    const chunks = splitChecked(encoding, "Hello wonderful world\n\nab", { maxTokens: 1 });
    assert.equal(texts(chunks).join(""), "Hello wonderful world\n\nab");
    assert.throws(
      () => encoding.split("ok 🀄", { maxTokens: 1 }),
      (error) => error instanceof RangeError && /U\+1F004 at 3 has \d+ tokens/.test(error.message),
    );
  });

  test("refuses bounds that cannot be", (encoding) => {
    for (const maxTokens of [0, -1, 1.5, NaN, Infinity]) {
      assert.throws(() => encoding.split("a", { maxTokens }), RangeError, String(maxTokens));
    }
    for (const overlapTokens of [5, 6, -1, 0.5]) {
      const options = { maxTokens: 5, overlapTokens };
      assert.throws(() => encoding.split("a", options), RangeError, String(overlapTokens));
    }
    assert.throws(() => encoding.split("a", wrong(undefined)), TypeError);
    assert.throws(() => encoding.split("a", wrong({ maxTokens: "5" })), TypeError);
    assert.throws(() => encoding.split("a", wrong({})), RangeError);
  });

  test("begins a chunk with each heading, which stays with what follows", (encoding) => {
    const text =
      "Intro.\n\n# Title\n\n## Part\n\nText of the part.\n\nUnderlined\n===\nMore.\n\n#no heading\n" +
      "\n### Last ###\nEnd.\n";
    assert.deepEqual(texts(splitChecked(encoding, text, { maxTokens: 200 })), [
      "Intro.\n\n",
      "# Title\n\n## Part\n\nText of the part.\n\n",
      "Underlined\n===\nMore.\n\n#no heading\n\n",
      "### Last ###\nEnd.\n",
    ]);
    const long = `# Title\n\n${"A sentence of the text. ".repeat(6)}`;
    const [first] = splitChecked(encoding, long, { maxTokens: 14 });
    assert.match(first!.text, /^# Title\n\nA sentence of the text\. $/);
  });

  test("does not cut a fence that fits, and cuts others at lines", (encoding) => {
    const code = "```js\nconst a = 1;\n\n# no heading. Really.\nconst b = 2;\n```\n";
    const text = `Some words before the code, which fill the chunk.\n\n${code}\nAfter.\n`;
    const maxTokens = encoding.count(code) + 2;
    const chunks = texts(splitChecked(encoding, text, { maxTokens }));
    assert.ok(chunks.some((chunk) => chunk.startsWith(code)), JSON.stringify(chunks));
    const big = `~~~\n${
      Array.from({ length: 40 }, (_, i) => `line. Number ${i};`).join("\n")
    }\n\`\`\`\n~~~\n`;
    for (const chunk of texts(splitChecked(encoding, big, { maxTokens: 20 }))) {
      assert.match(chunk, /\n$/);
      assert.match(chunk, /^(line\.|~~~|```)/);
    }
    splitChecked(encoding, "```\nnever closed\n# x\n", { maxTokens: 3 });
  });

  test("overlaps at sentences or words, never over a heading", (encoding) => {
    const sentences = Array.from({ length: 12 }, (_, i) => `Sentence number ${i} stands here. `);
    const text = sentences.join("");
    const chunks = splitChecked(encoding, text, { maxTokens: 30, overlapTokens: 10 });
    assert.ok(chunks.length > 2);
    for (const [index, chunk] of chunks.entries()) {
      assert.match(chunk.text, /^Sentence/);
      if (index > 0) assert.ok(chunk.start < chunks[index - 1]!.end, "overlaps");
    }
    const two = splitChecked(encoding, "# A\n\nOne two three.\n\n# B\n\nFour five six.\n", {
      maxTokens: 50,
      overlapTokens: 5,
    });
    assert.deepEqual(two.map(({ start }) => start), [0, 21]);
    const words = Array.from({ length: 60 }, (_, i) => `word${i}`).join(" ");
    splitChecked(encoding, words, { maxTokens: 12, overlapTokens: 4 });
  });

  test("holds for awkward texts", (encoding) => {
    const awkward = [
      "x".repeat(3000),
      "日本語".repeat(500),
      " ".repeat(2000),
      "\n".repeat(2000),
      "a\u0301".repeat(800),
      "\ud83d".repeat(50),
      `${"😀".repeat(300)}`,
      "🇩🇪".repeat(99),
      "\r\n\r\n \t x\r\n".repeat(99),
      "`".repeat(500),
      "#".repeat(500),
      "# h\n".repeat(100),
      "```\n".repeat(101),
      "=\n".repeat(50),
      "a  ".repeat(300),
      "don't ".repeat(200),
      "AAAAaaaa".repeat(200),
      "!?.".repeat(300),
      "1234567890".repeat(100),
    ];
    for (const text of awkward) {
      for (const maxTokens of [4, 7, 50]) {
        for (const overlapTokens of [0, 3]) {
          const chunks = splitChecked(encoding, text, { maxTokens, overlapTokens });
          if (overlapTokens === 0) assert.equal(texts(chunks).join(""), text);
        }
      }
    }
  });
}
