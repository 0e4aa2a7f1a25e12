/** Both twins of nearDuplicates() on the same random inputs, against the definition, and what only one of them has. */

import assert from "assertions";
import fc from "fast-check";
import { nearDuplicates } from "@agent/runtime/text";
import { bandsFor, groupsOf } from "../../src/text/duplicates/bands.ts";
import { areNear, shinglesOf } from "../../src/text/duplicates/sets.ts";
import { orderBy } from "../../src/text/duplicates/radix.ts";
import { anyString, CASES, check, checkAsync } from "../support/arbitraries.ts";
import { bruteGroups } from "./oracle.ts";
import { heldBy, NATIVE, PURE, testOf, testOfBoth, twins } from "../support/twins.ts";
import { until } from "../support/values.ts";

const both = twins("text");
const held = heldBy("text");

const threshold = fc.oneof(
  fc.integer({ min: 1, max: 20 }).map((n) => n / 20),
  fc.integer({ min: 1, max: 6 }).chain((n) =>
    fc.integer({ min: 1, max: n }).map((part) => part / n)
  ),
  fc.double({ min: 0.001, max: 1, noNaN: true }),
);

/** A text and what editing makes of it: words or pieces of it left out, put in, changed. */
function edited(
  text: fc.Arbitrary<string>,
  most: number,
  piece: fc.Arbitrary<string> = anyString(4),
): fc.Arbitrary<string[]> {
  const edit = fc.tuple(fc.nat(), fc.nat(12), fc.oneof(piece, fc.constant("")));
  return fc.tuple(
    text,
    fc.array(fc.array(edit, { maxLength: 3 }), { maxLength: most, size: "max" }),
  )
    .map(([original, versions]) => [
      original,
      ...versions.map((edits) =>
        edits.reduce((changed, [place, removed, piece]) => {
          const at = place % (changed.length + 1);
          return changed.slice(0, at) + piece + changed.slice(at + removed);
        }, original)
      ),
    ]);
}

const words = (count: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(..."abcdefgh", "the", "漢", "字", "ไ", "Ünder", "x\u0301"), {
    maxLength: count,
    size: "max",
  }).map((some) => some.join(" "));

async function agree(texts: string[], threshold: number): Promise<number[][]> {
  const pure = await nearDuplicates(texts, { ...PURE, threshold });
  assert.deepEqual(await nearDuplicates(texts, { ...NATIVE, threshold }), pure);
  return pure;
}

testOfBoth("duplicates", both, "few texts, as the definition says", async () => {
  const text = edited(fc.oneof(words(12), words(60)), 4, words(3));
  const lists = fc.array(text, { maxLength: 3 }).map((groups) => groups.flat());
  await checkAsync(fc.asyncProperty(lists, threshold, async (texts, threshold) => {
    assert.deepEqual(await agree(texts, threshold), bruteGroups(texts, threshold));
  }));
});

testOfBoth("duplicates", both, "few texts of any characters", async () => {
  const lists = fc.array(edited(fc.oneof(anyString(30), anyString(200)), 4), { maxLength: 4 })
    .map((groups) => groups.flat());
  await checkAsync(fc.asyncProperty(lists, threshold, async (texts, threshold) => {
    await agree(texts, threshold);
  }));
});

testOfBoth("duplicates", both, "many texts, by bands", async () => {
  const lists = fc.array(edited(fc.oneof(words(8), words(40), anyString(60)), 12), {
    minLength: 20,
    maxLength: 60,
    size: "max",
  }).map((groups) => groups.flat());
  await checkAsync(
    fc.asyncProperty(lists, threshold, async (texts, threshold) => {
      await agree(texts, threshold);
    }),
    CASES / 10,
  );
});

testOfBoth("duplicates", both, "every known character, in words and alone", async () => {
  const unassigned = /\p{Cn}/u;
  const texts: string[] = [];
  for (let c = 0; c < 0x3ffff; c++) {
    const character = String.fromCodePoint(c);
    if (unassigned.test(character)) continue;
    texts.push(`q${character}${character}q two${character} Σ${character}`);
  }
  assert.ok((await agree(texts, 1)).length > 1000);
});

testOfBoth("duplicates", both, "long texts, read in pieces", async () => {
  const part = "ΟΔΟΣ e\u0301a b \ud83d 漢字 Straße ";
  const long = part.repeat(20_000);
  const unbroken = long.replaceAll(" ", "\n");
  await agree([long, unbroken, `${long}!`, part, `x ${long}`, long.toUpperCase()], 0.9);
  assert.deepEqual(await agree([long, unbroken], 1), [[0, 1]]);
});

testOf("duplicates", both.pure, "order by a key is stable and that of unsigned numbers", () => {
  const keys = fc.oneof(fc.integer(), fc.integer({ min: -3, max: 3 }), fc.constant(256));
  check(fc.property(fc.array(keys, { maxLength: 300, size: "max" }), (list) => {
    const order = orderBy(Int32Array.from(list), list.length);
    const expected = list.map((_, i) => i).sort((a, b) =>
      (list[a]! >>> 0) - (list[b]! >>> 0) || a - b
    );
    assert.deepEqual([...order], expected);
  }));
});

testOf("duplicates", both.pure, "a set is exact where hashes collide", () => {
  // Made so that these words have one FNV-1a hash: found by trying, kept as they are.
  const set = shinglesOf("costarring b c");
  const other = shinglesOf("liquid b c");
  assert.equal(set.hashes[0], other.hashes[0]);
  assert.equal(areNear(set, other, 0.1), false);
  const both = shinglesOf("costarring b c x liquid b c x costarring b c");
  assert.equal(both.size, 7);
  assert.equal(areNear(both, set, 1 / 7), true);
  assert.equal(areNear(both, other, 1 / 7), true);
  assert.equal(areNear(both, other, 0.15), false);
});

testOfBoth("duplicates", both, "words whose hashes collide", async () => {
  const texts = [
    "costarring b c",
    "liquid b c",
    "c costarring b c",
    "c liquid b c",
    "Liquid: b, c",
  ];
  assert.deepEqual(await agree(texts, 0.5), [[0, 2], [1, 3, 4]]);
});

testOf(
  "duplicates",
  both.pure,
  "rows and bands miss one of 200 pairs at the threshold, at most",
  () => {
    for (let percent = 4.1; percent <= 100; percent += 0.1) {
      const threshold = Math.min(1, percent / 100);
      const { rows, bands } = bandsFor(threshold);
      assert.ok(rows >= 1 && bands >= 1 && rows * bands <= 128);
      assert.ok(1 - (1 - threshold ** rows) ** bands >= 0.995 - 1e-12, `${threshold}`);
    }
    assert.deepEqual(bandsFor(0.8), { rows: 6, bands: 18 });
    assert.deepEqual(bandsFor(1), { rows: 16, bands: 1 });
    assert.deepEqual(bandsFor(Number.MIN_VALUE), { rows: 1, bands: 128 });
  },
);

testOf("duplicates", both.pure, "groups are listed by their first texts", () => {
  assert.deepEqual(groupsOf(Uint32Array.of(0, 1, 2, 1, 0, 5)), [[0, 4], [1, 3]]);
  assert.deepEqual(groupsOf(new Uint32Array(0)), []);
});

testOf("duplicates", both.native, "an aborted search stops working", async () => {
  const text = Array.from({ length: 20_000 }, (_, i) => `word${i}`).join(" ");
  const many = Array.from({ length: 300 }, (_, i) => `${i} ${text.slice(i * 7)} ${i}`);
  const crowd = Array.from(
    { length: 60_000 },
    (_, i) => `some words all texts share ${i} ${i * 7}`,
  );
  for (const [texts, threshold] of [[many, 0.8], [crowd, 0.9]] as const) {
    const controller = new AbortController();
    const running = nearDuplicates(texts, { ...NATIVE, threshold, signal: controller.signal });
    // From the moment that it works: how long it would is another matter on every machine.
    await until(() => held.tasks() > 0, "the search does not begin");
    controller.abort(new Error("enough"));
    await assert.rejects(running, { message: "enough" });
    await held.ended();
    await both.native.idle();
  }
});
