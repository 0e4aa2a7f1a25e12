/** The two twins on the same random inputs: equal tokens, counts, texts and chunks, equal errors. */

import assert from "assertions";
import fc from "fast-check";
import { type Encoding, loadEncoding } from "@agent/runtime/text";
import { splitChecked } from "./conformance_split.ts";
import { chunksOf, partsOf } from "./conformance_streams.ts";
import { anyString, CASES, check, checkAsync } from "../support/arbitraries.ts";
import { NATIVE, PURE, testOfBoth, twins } from "../support/twins.ts";

const both = twins("text");

const NAMES = ["cl100k_base", "o200k_base"] as const;

/** Both twins of both vocabularies; without the native one there are only ignored tests to use them. */
const PAIRS: Readonly<Record<string, [native: Encoding, pure: Encoding]>> = Object.fromEntries(
  await Promise.all(
    NAMES.filter(() => both.native.missing === undefined).map(async (name) => [
      name,
      [await loadEncoding(name, NATIVE), await loadEncoding(name, PURE)],
    ]),
  ),
);

/** Pieces that the cutting into pieces and the splitting treat in ways of their own. */
const PIECES = [
  ..."aAbB19 .,!'/\n\r\t#`~-=|",
  "'s",
  "'LL",
  "'ſ",
  "  ",
  "\n\n",
  "\r\n",
  "\u00a0",
  "\u0085",
  "\ufeff",
  "word ",
  "CamelCase",
  "ǅ",
  "ʰ",
  "日本",
  "。",
  "\u0301",
  "े",
  "😀",
  "🇩🇪",
  "\ud83d",
  "\ude00",
  "# Head\n",
  "```\n",
  "~~~~\n",
  "===\n",
  "- item\n",
  "A sentence. ",
  "<|endoftext|>",
  "<|endofprompt|>",
  "x".repeat(70),
  "ab".repeat(50),
];

const special: fc.Arbitrary<string> = fc.array(fc.constantFrom(...PIECES), {
  maxLength: 40,
  size: "max",
}).map((parts) => parts.join(""));

/** Any text; one in a few is long enough for every way of merging. */
const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: special },
  { weight: 3, arbitrary: anyString(60) },
  { weight: 1, arbitrary: anyString(600) },
);

for (const name of NAMES) {
  const [native, pure] = PAIRS[name] ?? ([] as unknown as [Encoding, Encoding]);

  testOfBoth("tokens", both, `${name}: encode(), count() and decode()`, () => {
    check(fc.property(anyText, (text) => {
      const ids = native.encode(text);
      assert.deepEqual(ids, pure.encode(text));
      assert.equal(native.count(text), ids.length);
      assert.equal(pure.count(text), ids.length);
      assert.equal(native.decode(ids), text.toWellFormed());
      assert.equal(pure.decode(ids), text.toWellFormed());
    }));
  });

  testOfBoth("tokens", both, `${name}: long runs without a border`, () => {
    const letters = fc.constantFrom(
      "ab",
      "abc",
      "aB",
      "é",
      "日本語",
      "ACGT",
      "=-",
      " \n",
      "\u0301",
    );
    check(
      fc.property(letters, fc.nat(), fc.integer({ min: 60, max: 9000 }), (from, seed, length) => {
        let x = seed % 2147483646 + 1;
        let text = "";
        for (let i = 0; i < length; i++) {
          x = x * 48271 % 2147483647;
          text += from[x % from.length];
        }
        const ids = native.encode(text);
        assert.deepEqual(ids, pure.encode(text));
        assert.equal(native.count(text), ids.length);
        assert.equal(pure.decode(ids), text);
      }),
      CASES / 20,
    );
  });

  testOfBoth("tokens", both, `${name}: special tokens`, () => {
    const allowed = fc.oneof(
      fc.constant("all" as const),
      fc.subarray(Object.keys(native.specials)),
    );
    check(
      fc.property(special, allowed, (text, allowedSpecial) => {
        const ids = native.encode(text, { allowedSpecial });
        assert.deepEqual(ids, pure.encode(text, { allowedSpecial }));
        assert.equal(native.count(text, { allowedSpecial }), ids.length);
        assert.equal(pure.decode(ids), text.toWellFormed());
      }),
      CASES / 4,
    );
  });

  testOfBoth("tokens", both, `${name}: decode() of any ids`, () => {
    const id = fc.oneof(
      fc.nat(native.size - 1),
      fc.constantFrom(...Object.values(native.specials)),
      fc.constantFrom(-1, 0.5, NaN, 2 ** 32, native.size),
    );
    const outcome = (encoding: Encoding, ids: number[]): string => {
      try {
        return encoding.decode(ids);
      } catch (error) {
        return `${(error as Error).name}: ${(error as Error).message}`;
      }
    };
    check(fc.property(fc.array(id, { maxLength: 12 }), (ids) => {
      assert.equal(outcome(native, ids), outcome(pure, ids));
    }));
  });

  testOfBoth("tokens", both, `${name}: countMany()`, async () => {
    await checkAsync(
      fc.asyncProperty(fc.array(anyText, { maxLength: 12 }), async (texts) => {
        const counts = await native.countMany(texts);
        assert.deepEqual(counts, await pure.countMany(texts));
        assert.deepEqual(counts, texts.map((text) => pure.count(text)));
      }),
      CASES / 4,
    );
  });

  testOfBoth("tokens", both, `${name}: split()`, () => {
    const options = fc.record({ maxTokens: fc.integer({ min: 1, max: 60 }), part: fc.nat(99) });
    check(
      fc.property(anyText, options, (text, { maxTokens, part }) => {
        // One time in two without overlap.
        const overlapTokens = part % 2 === 0 ? 0 : Math.floor(maxTokens * part / 100);
        const bounds = { maxTokens, overlapTokens };
        let chunks;
        try {
          chunks = splitChecked(pure, text, bounds);
        } catch (error) {
          assert.ok(error instanceof RangeError && maxTokens < 8, String(error));
          assert.throws(() => native.split(text, bounds), { message: error.message });
          return;
        }
        assert.deepEqual(native.split(text, bounds), chunks);
        if (overlapTokens === 0) assert.equal(chunks.map((chunk) => chunk.text).join(""), text);
      }),
      CASES / 2,
    );
  });

  testOfBoth(
    "tokens",
    both,
    `${name}: splitter() and countStream() give what split() and count() do`,
    async () => {
      const options = fc.record({ maxTokens: fc.integer({ min: 3, max: 40 }), part: fc.nat(99) });
      const lengths = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 });
      const texts = fc.array(anyText, { maxLength: 6 }).map((some) => some.join(""));
      await checkAsync(
        fc.asyncProperty(texts, options, lengths, async (text, { maxTokens, part }, cut) => {
          const overlapTokens = part % 2 === 0 ? 0 : Math.floor(maxTokens * part / 100);
          const bounds = { maxTokens, overlapTokens };
          const parts = partsOf(text, cut);
          for (const encoding of [native, pure]) {
            assert.equal(await encoding.countStream(parts), encoding.count(text));
            let whole;
            try {
              whole = encoding.split(text, bounds);
            } catch (error) {
              assert.ok(error instanceof RangeError && maxTokens < 8, String(error));
              await assert.rejects(chunksOf(encoding, parts, bounds), { message: error.message });
              continue;
            }
            assert.deepEqual(await chunksOf(encoding, parts, bounds), whole);
          }
        }),
        CASES / 4,
      );
    },
  );
}
