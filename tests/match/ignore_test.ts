/** What `ignore` leaves out of account, on both twins; full case folding over every code point. */

import assert from "assertions";
import fc from "fast-check";
import { type Ignored, matcher, rank, similarity } from "@agent/runtime/text";
import { anyString, CASES, check } from "../support/arbitraries.ts";
import { NATIVE, PURE, testOf, testOfBoth, twins } from "../support/twins.ts";
import { wrong } from "../support/values.ts";

const both = twins("text");
const ALL: readonly Ignored[] = ["case", "accents", "punctuation"];

for (const twin of both.each) {
  const options = { implementation: twin.name };
  testOf("match", twin, "case, accents and punctuation are left out of account", async () => {
    const same = (a: string, b: string, ignore: Ignored[]): void =>
      assert.equal(similarity(a, b, { ...options, ignore }), 1, `${a} ${b} ${ignore}`);
    const other = (a: string, b: string, ignore: Ignored[]): void =>
      assert.ok(similarity(a, b, { ...options, ignore }) < 1, `${a} ${b} ${ignore}`);
    same("LONDON", "london", ["case"]);
    same("Straße", "STRASSE", ["case"]);
    same("ẞ", "ss", ["case"]);
    same("ΟΔΟΣ", "οδος", ["case"]);
    same("οδός", "ΟΔΌΣ", ["case"]);
    same("ﬃ", "FFI", ["case"]);
    same("ſ", "S", ["case"]);
    same("K", "k", ["case"]);
    other("É", "e", ["case"]);
    other("ı", "i", ["case"]);
    same("São Paulo", "Sao Paulo", ["accents"]);
    same("e\u0301", "é", ["accents"]);
    same("Łódź", "Lodz", ["accents"]);
    same("ⱥɇɫƶɍʉǥ ȺɆ", "aelzrug AE", ["accents"]);
    same("ŀ", "l", ["accents"]);
    same("Ελλάδα", "Ελλαδα", ["accents"]);
    same("ёлка", "елка", ["accents"]);
    same("שָׁלוֹם", "שלום", ["accents"]);
    other("が", "か", ["accents"]);
    other("São", "sao", ["accents"]);
    other("कि", "क", ["accents"]);
    same("O'Neil", "ONeil", ["punctuation"]);
    same("rock - roll", "rock roll", ["punctuation"]);
    same("¿Qué?", "Qué", ["punctuation"]);
    for (const sign of "'\u2018\u2019`\u00b4\u02bc\u2032\uff07") {
      same(`Don${sign}t`, "Dont", ["punctuation"]);
    }
    other("C++", "C", ["punctuation"]);
    same("  ÉCOLE-normale!", "ecolenormale", ["punctuation", "case", "accents"]);
    assert.ok(similarity("A", "a", { ...options, ignore: [] }) < 1);

    const places = ["london", "LISBON", "Łódź"];
    const [best] = rank("LONDON", places, { ...options, ignore: ["case"] });
    assert.deepEqual(best, { index: 0, choice: "london", score: 1 });
    using prepared = matcher(places, { ...options, ignore: [...ALL] });
    assert.equal(prepared.implementation, twin.name);
    assert.deepEqual(prepared.rank("lodz", { limit: 1 }), [{ index: 2, choice: "Łódź", score: 1 }]);
    assert.equal(prepared.add(["São Paulo"]), 3);
    const [first] = await prepared.rankMany(["SAO-PAULO", "x"], { limit: 1 });
    assert.equal(first?.[0]?.choice, "São Paulo");
    assert.equal(prepared.remove(2), true);
    assert.equal(prepared.size, 3);
    assert.ok(prepared.rank("lodz").every(({ index }) => index !== 2));
    assert.throws(() => prepared.rank("a", wrong({ ignore: ["case"] })), TypeError);
    prepared.close();
    assert.throws(() => prepared.rank("a"), /closed/);

    assert.throws(() => similarity("a", "b", { ...options, ignore: wrong("case") }), TypeError);
    assert.throws(() => rank("a", ["b"], { ...options, ignore: wrong(["cases"]) }), TypeError);
    assert.throws(() => matcher(["b"], { ...options, ignore: wrong([1]) }), TypeError);
  });
}

testOfBoth("match", both, "ignore gives the same on both twins", () => {
  const ignored = fc.subarray([...ALL]);
  check(
    fc.property(anyString(30), anyString(30), ignored, (a, b, ignore) => {
      const native = similarity(a, b, { ...NATIVE, ignore });
      assert.equal(native, similarity(a, b, { ...PURE, ignore }));
      assert.equal(similarity(a, a.toWellFormed(), { ...PURE, ignore }), 1);
      const choices = [a, b, a.toUpperCase(), b.toLowerCase()];
      const ranked = rank(a, choices, { ...NATIVE, ignore });
      assert.deepEqual(ranked, rank(a, choices, { ...PURE, ignore }));
      for (const { index, choice } of ranked) assert.equal(choice, choices[index]);
    }),
    CASES / 4,
  );
});

Deno.test("match: case is ignored as the engine's expressions ignore it, for every code point", () => {
  let pairs = 0;
  for (let code = 0; code < 0x110000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const character = String.fromCodePoint(code);
    for (const cased of [character.toLowerCase(), character.toUpperCase()]) {
      // The dotted capital I and the dotless small one have partners in Turkish only.
      if (cased === character || character === "ı" || character === "İ") continue;
      pairs++;
      assert.equal(
        similarity(character, cased, { ...PURE, ignore: ["case"] }),
        1,
        code.toString(16),
      );
    }
    // Simple case folding, which expressions have, never parts what full folding joins the other way round.
    if (code > 0x7f && code < 0x2000) {
      const lower = character.toLowerCase();
      if (lower.length === 1 && new RegExp(`^${RegExp.escape(lower)}$`, "iu").test(character)) {
        assert.equal(similarity(character, lower, { ...PURE, ignore: ["case"] }), 1);
      }
    }
  }
  assert.ok(pairs > 2800);
});
