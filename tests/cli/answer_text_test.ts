/** Answers on the terminal: lines that fit, what answers emphasised, nothing that a terminal acts on. */

import assert from "assertions";
import fc from "fast-check";
import type { Answer } from "@agent/runtime/agent";
import { printAnswer, wrapped } from "../../src/cli/answer_text.ts";
import type { Citation } from "../../src/cli/citations.ts";
import { harmless, harmlessJson } from "../../src/cli/harmless.ts";
import type { Output } from "../../src/cli/output.ts";
import { widthOf } from "../../src/cli/top/cells.ts";

const ESCAPE = "\x1b";

/** Writes into a text, with bold in stars. */
function paper(): { output: Output; text: () => string } {
  const lines: string[] = [];
  const output = {
    json: false,
    line: (text = "") => void lines.push(text),
    bold: (text: string) => `**${text}**`,
    dim: (text: string) => text,
  } as unknown as Output;
  return { output, text: () => lines.join("\n") };
}

const ANSWER: Answer = {
  answer: "The lamp burns for nine hours. [1]",
  domain: "general",
  confidence: 0.81,
  sources: [],
  reasoning: "",
  keywords: [],
  timestamp: "2026-01-01T00:00:00.000Z",
  cached: false,
};

function citation(more: Partial<Citation> = {}): Citation {
  return {
    source: { document: "/docs/lamp.html", title: "Lamps", start: 0, end: 1, quote: "", score: 1 },
    line: null,
    heading: ["The lamp", "Light"],
    anchor: "light",
    words: { quote: "The lamp burns for nine hours.", mark: "" },
    ...more,
  };
}

Deno.test("an answer names document, section, title and headings", () => {
  const { output, text } = paper();
  printAnswer(ANSWER, [citation(), citation({ line: 7, anchor: undefined })], output, 80);
  assert.equal(
    text(),
    "The lamp burns for nine hours. [1]\n\n" +
      "[1] **/docs/lamp.html#light**\n    Lamps › The lamp › Light\n\n" +
      "[2] **/docs/lamp.html:7**\n    Lamps › The lamp › Light\n\n" +
      "confidence 0.81, domain general",
  );
});

Deno.test("what answers is emphasised over the ends of lines, and a quote that is no part of the answer is shown", () => {
  const { output, text } = paper();
  const words = { quote: "Other words are here for the reader.", mark: "words are here" };
  printAnswer(
    { ...ANSWER, answer: "Before. The lamp burns for nine hours. After." },
    [
      citation({ words: { quote: "", mark: "The lamp burns for nine hours." } }),
      citation({ words }),
    ],
    output,
    24,
  );
  const lines = text().split("\n");
  assert.deepEqual(lines.slice(0, 2), ["Before. **The lamp burns**", "**for nine hours.** After."]);
  assert.deepEqual(lines.slice(-4, -2), ["    Other **words are here**", "    for the reader."]);
});

Deno.test("nothing of a document acts on the terminal", () => {
  const evil = `${ESCAPE}]0;title\x07 ${ESCAPE}[2J\u009b1m \u202eabc`;
  const { output, text } = paper();
  printAnswer(
    { ...ANSWER, answer: evil },
    [citation({
      heading: [evil],
      anchor: evil,
      source: { ...citation().source, document: `/d/${evil}`, title: evil },
      words: { quote: evil + evil, mark: evil },
    })],
    output,
    80,
  );
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text(), /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
  assert.match(text(), /<1B>\]0;title<07>/);
  assert.equal(harmless("a\tb\nc ü 日本 👩‍💻"), "a\tb\nc ü 日本 👩‍💻");
  const json = JSON.stringify({ evil }, undefined, 2);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(harmlessJson(json), /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
  assert.deepEqual(JSON.parse(harmlessJson(json)), { evil });
});

Deno.test("lines fit, and nothing but blanks at their ends is lost", () => {
  const word = fc.constantFrom(
    "a",
    "longer",
    "x".repeat(30),
    "日本語の文章",
    "👩‍💻",
    "  ",
    "\n",
    " ",
  );
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 40 }),
      fc.integer({ min: 2, max: 40 }),
      (words, columns) => {
        const text = words.join(" ");
        const lines = wrapped(text, columns).map(({ start, end }) => text.slice(start, end));
        for (const line of lines) assert.ok(widthOf(line) <= columns, JSON.stringify(line));
        const bare = (all: string): string => all.replace(/[ \n]/g, "");
        assert.equal(bare(lines.join("")), bare(text));
      },
    ),
    { numRuns: 300, seed: 13 },
  );
});
