/** What keywords() must do, whichever twin does it. */

import assert from "assertions";
import { keywords } from "@agent/runtime/text";
import { testOf, type Twin } from "../support/twins.ts";
import { wrong } from "../support/values.ts";
import vectors from "../vectors/text_keywords.json" with { type: "json" };

/** Registers the suite for one twin. */
export function keywordsConformance(twin: Twin): void {
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("keywords", twin, name, body);
  const implementation = twin.name;
  const options = { implementation };

  test("keywords() gives the vectors' words and scores to the last bit", () => {
    for (const { text, limit, minLength, keywords: expected } of vectors.cases) {
      assert.deepEqual(
        keywords(text, { ...options, limit, minLength }),
        expected,
        text.slice(0, 60),
      );
    }
  });

  test("keywords() keeps limit, minLength and its bounds", () => {
    const text = vectors.cases[5]!.text;
    assert.deepEqual(keywords(text, { ...options, limit: 0 }), []);
    assert.deepEqual(keywords(text, { ...options, limit: -0, minLength: -0 }), []);
    assert.equal(keywords(text, options).length, 10);
    assert.equal(keywords(text, { ...options, limit: 3 }).length, 3);
    for (const { keyword } of keywords(text, { ...options, minLength: 8 })) {
      assert.ok(keyword.length >= 8);
    }
    const many = Array.from({ length: 3000 }, (_, i) => `word${i}`).join(" ");
    assert.equal(keywords(many, { ...options, limit: Infinity }).length, 1024);
    assert.deepEqual(keywords("a".repeat(1_000_000), options), []);
    assert.deepEqual(keywords("'".repeat(100_000) + "\ud800".repeat(10), options), []);
  });

  test("wrong arguments are refused", () => {
    const type = { name: "TypeError" };
    const range = { name: "RangeError" };
    assert.throws(() => keywords(wrong(0), options), type);
    assert.throws(() => keywords("a", { ...options, minLength: -3 }), range);
    assert.throws(() => keywords("a", { ...options, limit: NaN }), range);
    assert.throws(() => keywords("a", { implementation: wrong("rust") }), type);
  });
}
