/** What splitting keeps whole: sentences with abbreviations, list items, rows, records, functions; headings and table heads. */

import assert from "assertions";
import fc from "fast-check";
import { type Encoding, loadEncoding, type SplitOptions } from "@agent/runtime/text";
import { CASES, check } from "../support/arbitraries.ts";
import { testOf, twins } from "../support/twins.ts";
import { splitChecked } from "./conformance_split.ts";
import { chunksOf, partsOf } from "./conformance_streams.ts";
import { wrong } from "../support/values.ts";

/** Stretches with a full stop inside at which nothing ends. */
const NO_ENDS = [
  "Mr. Smith",
  "Dr. Brown",
  "Fig. 3",
  "approx. 5 metres",
  "e.g. Berlin",
  "J. R. R. Tolkien",
  "the U.S. Embassy",
  "pp. 12",
  "No. 7",
  "am 3. Oktober",
  "im 19. Jahrhundert",
  "z. B. Hamburg",
  "Acme Inc. Holdings",
  "St. Paul",
  "рис. 5",
  "M. Dupont",
  "Sr. Gómez",
  "version 2.5 of it",
  "at 5 p.m. Friday",
  "Com. & Adm. Building",
  "Roe v. Wade",
  "Dr. med. Müller",
  "Dipl.-Ing. Meier",
  "Gem. § 5",
  "Dres. Broda",
  "EE. UU.",
  "Ref. [7]",
  "App. A,",
  "Assoc. Prof. Lee",
  "two M.Sc. Students",
  'him shout "Stop!" and go',
  "it wait\u2026 and go",
  "Bach use .NET",
];
const WORDS = ["alpha", "beta", "gamma", "delta", "omega", "river", "stone", "cloud"];
const words = (most: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: most }).map((some) =>
    some.join(" ")
  );
/** Two sentences, so that there are borders inside a record that a splitter could take. */
const two = fc.tuple(words(5), words(5)).map(([a, b]) => `Here ${a}. There ${b}.`);

/** Records by kind: each is a list of lines that belong together, and what stands between two. */
const KINDS: Record<string, fc.Arbitrary<string[]>> = {
  items: fc.array(two, { minLength: 2, maxLength: 12 }).map((all) =>
    all.map((one) => `- ${one}\n`)
  ),
  numbered: fc.array(two, { minLength: 2, maxLength: 12 }).map((all) =>
    all.map((one, index) => `${index + 1}. ${one}\n`)
  ),
  wrapped: fc.array(fc.tuple(two, two), { minLength: 2, maxLength: 9 }).map((all) =>
    all.map(([a, b]) => `* ${a}\n  ${b}\n`)
  ),
  nested: fc.array(fc.tuple(two, two), { minLength: 2, maxLength: 9 }).map((all) =>
    all.map(([a, b]) => `1. ${a}\n   - ${b}\n`)
  ),
  rows: fc.array(fc.tuple(two, two), { minLength: 2, maxLength: 12 }).map((all) =>
    all.map(([a, b]) => `| ${a} | ${b} |\n`)
  ),
  csv: fc.array(fc.tuple(two, words(2)), { minLength: 2, maxLength: 12 }).map((all) =>
    all.map(([a, b]) => `${b},"${a}\nMore, of it.",7\n`)
  ),
  tabs: fc.array(fc.tuple(two, words(2)), { minLength: 2, maxLength: 12 }).map((all) =>
    all.map(([a, b]) => `${b}\t${a}\tx\n`)
  ),
  json: fc.array(two, { minLength: 2, maxLength: 12 }).map((all) =>
    all.map((text, id) => `${JSON.stringify({ id, text })}\n`)
  ),
  pretty: fc.array(two, { minLength: 2, maxLength: 9 }).map((all) =>
    all.map((text, id) => `  {\n    "id": ${id},\n    "text": "${text}"\n  },\n`)
  ),
  definitions: fc.array(fc.tuple(words(1), two), { minLength: 2, maxLength: 9 }).map((all) =>
    all.map(([a, b]) => `${a}\n: ${b}\n\n`)
  ),
  functions: fc.array(fc.tuple(words(1), words(2)), { minLength: 2, maxLength: 9 }).map((all) =>
    all.map(([a, b]) => `function ${a}() {\n  // ${b}.\n\n  return 1;\n}\n\n`)
  ),
  python: fc.array(fc.tuple(words(1), words(2)), { minLength: 2, maxLength: 9 }).map((all) =>
    all.map(([a, b]) => `def ${a}():\n    # ${b}.\n    x = 1\n\n    return x\n\n\n`)
  ),
  log: fc.array(two, { minLength: 2, maxLength: 12 }).map((all) =>
    all.map((one, i) => `2024-05-01 10:00:${10 + i} INFO ${one}\n`)
  ),
};

for (const twin of twins("text").each) {
  const test = (what: string, body: (encoding: Encoding) => void | Promise<void>): void => {
    testOf("tokens", twin, `split() ${what}`, async () => {
      using encoding = await loadEncoding("o200k_base", { implementation: twin.name });
      await body(encoding);
    });
  };
  const texts = (encoding: Encoding, text: string, options: SplitOptions): string[] =>
    splitChecked(encoding, text, options).map((chunk) => chunk.text);

  test("takes no marker of a list for a sentence", (encoding) => {
    const text = "1. Open the lid.\n2. Press the button.\n3. Close the lid.\n";
    assert.deepEqual(texts(encoding, text, { maxTokens: 9 }), [
      "1. Open the lid.\n",
      "2. Press the button.\n",
      "3. Close the lid.\n",
    ]);
    for (const marker of ["1.", "12.", "a.", "iv.", "B.", "3.2.", "(1)", "2)", "-", "- [ ]"]) {
      const item = `${marker} Some words of an item that are too many for one chunk of it.\n`;
      for (const chunk of texts(encoding, item.repeat(3), { maxTokens: 12 })) {
        assert.doesNotMatch(
          chunk,
          /(?:^|\n)[ \t]*(?:\(?\w{1,3}(?:\.\d)?[.)]|-(?: \[ \])?)\s*$/,
          `${marker}: ${chunk}`,
        );
      }
    }
  });

  test("ends no sentence at abbreviations, initials and ordinals", (encoding) => {
    for (const phrase of NO_ENDS) {
      const text = `We saw ${phrase} again. Then they all went home. It was late.`;
      for (const maxTokens of [8, 9, 10, 12, 14, 16]) {
        if (maxTokens < encoding.count(`We saw ${phrase} again. `)) continue;
        for (const chunk of texts(encoding, text, { maxTokens })) {
          assert.match(
            chunk,
            /(?:again|home|late)\.\s*$/,
            `${maxTokens}: ${JSON.stringify(chunk)}`,
          );
        }
      }
    }
    const ends =
      "It was 1999. He left at 5 p.m. The rest stayed etc. Nobody saw me in the U.S. They knew. So did I. Then all slept. They took vitamin C. It is good. He went \u201cNo!\u201d They left.";
    assert.deepEqual(texts(encoding, ends, { maxTokens: 9 }).map((text) => text.trim()), [
      "It was 1999.",
      "He left at 5 p.m.",
      "The rest stayed etc.",
      "Nobody saw me in the U.S.",
      "They knew. So did I.",
      "Then all slept.",
      "They took vitamin C.",
      "It is good.",
      "He went \u201cNo!\u201d They left.",
    ]);
  });

  for (const [kind, records] of Object.entries(KINDS)) {
    test(`cuts no record that fits: ${kind}`, (encoding) => {
      check(
        fc.property(
          records,
          words(6),
          fc.integer({ min: 8, max: 90 }),
          fc.boolean(),
          (all, intro, maxTokens, isFenced) => {
            const isCode = kind === "functions" || kind === "python" || kind === "pretty";
            const [open, close] = isFenced && isCode ? ["```\n", "```\n"] : ["", ""];
            const head = `${intro}. It goes on.\n\n${open}`;
            const text = `${head}${all.join("")}${close}`;
            const cuts = splitChecked(encoding, text, { maxTokens }).map(({ end }) => end);
            let start = head.length;
            for (const record of all) {
              const end = start + record.trimEnd().length;
              const isCut = cuts.some((cut) => cut > start && cut < end);
              const size = encoding.count(record.trimEnd());
              assert.ok(
                !isCut || size > maxTokens,
                `${size} of ${maxTokens}: ${JSON.stringify([record, text])}`,
              );
              start += record.length;
            }
          },
        ),
        CASES / 20,
      );
    });
  }

  test("gives the same chunks of a stream of records", async (encoding) => {
    for (const [kind, records] of Object.entries(KINDS)) {
      const text = fc.sample(records, { seed: 3, numRuns: 6 }).map((all) =>
        `# ${kind}\n\n${all.join("")}`
      ).join("\n");
      for (
        const options of [{ maxTokens: 30 }, { maxTokens: 60, overlapTokens: 9 }, {
          maxTokens: 60,
          repeatTableHeader: true,
        }]
      ) {
        const whole = encoding.split(text, options);
        for (const lengths of [[1], [64, 1], [1000]]) {
          assert.deepEqual(await chunksOf(encoding, partsOf(text, lengths), options), whole, kind);
        }
      }
    }
  });

  test("tells the headings above each chunk", (encoding) => {
    const text =
      "Intro.\n\n# A *b*\n\n## C\n\nOne. Two.\n\nDeep\n----\nThree.\n\n# D\n\n```\n# none\n```\nEnd.";
    const headings = splitChecked(encoding, text, { maxTokens: 12 }).map((chunk) => [
      chunk.text.trim().split("\n").at(-1),
      chunk.headings,
    ]);
    assert.deepEqual(headings, [
      ["Intro.", []],
      ["One. Two.", ["A b", "C"]],
      ["Three.", ["A b", "Deep"]],
      ["End.", ["D"]],
    ]);
  });

  test("repeats the head of a table", (encoding) => {
    const head = "| Name | Price |\n| --- | ---: |\n";
    const rows = Array.from({ length: 20 }, (_, i) => `| item ${i} | ${i * 3} |\n`);
    const text = `# List\n\nWhat there is:\n\n${head}${rows.join("")}\nThe end.\n`;
    const maxTokens = 60;
    const chunks = encoding.split(text, { maxTokens, repeatTableHeader: true });
    assert.ok(chunks.length > 3);
    let covered = 0;
    for (const chunk of chunks) {
      assert.equal(chunk.start, covered);
      covered = chunk.end;
      assert.equal(chunk.tokens, encoding.count(chunk.text));
      assert.ok(chunk.tokens <= maxTokens);
      const { repeated = 0 } = chunk;
      assert.equal(chunk.text.slice(repeated), text.slice(chunk.start, chunk.end));
      if (repeated > 0) assert.equal(chunk.text.slice(0, repeated), head);
      assert.equal(repeated > 0, text.startsWith("| item", chunk.start));
    }
    assert.equal(covered, text.length);
    // No room for the head and a row.
    const tight = encoding.split(text, { maxTokens: 18, repeatTableHeader: true });
    assert.equal(tight.map((chunk) => chunk.text.slice(chunk.repeated ?? 0)).join(""), text);
    assert.throws(
      () => encoding.split("a", { maxTokens: 5, repeatTableHeader: wrong(1) }),
      TypeError,
    );
  });
}
