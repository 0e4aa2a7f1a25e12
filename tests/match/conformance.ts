/** What similarity(), rank() and matcher() must do, whichever twin does it. */

import assert from "assertions";
import { matcher, type Metric, rank, similarity } from "@agent/runtime/text";
import { testOf, type Twin } from "../support/twins.ts";
import { wrong } from "../support/values.ts";
import { matcherConformance } from "./conformance_matcher.ts";
import vectors from "../vectors/text_similarity.json" with { type: "json" };

const METRICS = vectors.metrics as Metric[];

/** Registers the suite for one twin. */
export function matchConformance(twin: Twin): void {
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("match", twin, name, body);
  const options = { implementation: twin.name };

  test("similarity() gives RapidFuzz's scores", () => {
    for (const { a, b, scores } of vectors.cases) {
      METRICS.forEach((metric, i) => {
        // The one deviation: equal strings are equal, also without a word in them.
        const expected = metric === "token-set" && a === b ? 1 : scores[i]!;
        const score = similarity(a, b, { ...options, metric });
        assert.ok(
          Math.abs(score - expected) <= 1e-12,
          `${metric} of ${JSON.stringify([a, b])}: ${score}, expected ${expected}`,
        );
      });
    }
  });

  test("similarity() is Levenshtein by default, symmetric, 1 for equal strings", () => {
    assert.equal(similarity("kitten", "sitting", options), 1 - 3 / 7);
    for (const { a, b } of vectors.cases) {
      for (const metric of METRICS) {
        const there = similarity(a, b, { ...options, metric });
        assert.equal(
          there,
          similarity(b, a, { ...options, metric }),
          `${metric} ${JSON.stringify([a, b])}`,
        );
        assert.ok(there >= 0 && there <= 1);
        assert.equal(similarity(a, a, { ...options, metric }), 1);
      }
    }
  });

  test("similarity() counts code points and makes strings well-formed", () => {
    assert.equal(similarity("😀a", "😁a", options), 0.5);
    for (const metric of METRICS) {
      assert.equal(similarity("x\ud800", "x\ufffd", { ...options, metric }), 1, metric);
      assert.equal(similarity("\ud83d", "\ude00", { ...options, metric }), 1, metric);
    }
    assert.equal(similarity("\ud83d\ude00", "\ufffd\ufffd", options), 0);
    assert.equal(similarity("a\u0000b", "ab", options), 1 - 1 / 3);
  });

  test("similarity() sorts words by code point", () => {
    // U+FF21 comes before U+1F600, although its UTF-16 unit is the greater one.
    assert.equal(
      similarity("😀 \uff21 b", "b \uff21 😀", { ...options, metric: "token-sort" }),
      1,
    );
    assert.equal(
      similarity("\uff21 😀", "\uff21x 😀", { ...options, metric: "token-sort" }),
      (2 * 3) / 7,
    );
  });

  test("similarity() refuses pairs that would take minutes, but not equal or linear ones", () => {
    const long = "ab".repeat(200_000);
    const other = "ba".repeat(200_001);
    for (const metric of METRICS) {
      if (metric === "jaro" || metric === "jaro-winkler") {
        assert.ok(similarity(long, other, { ...options, metric }) > 0.8);
        continue;
      }
      assert.throws(
        () => similarity(long, other, { ...options, metric }),
        { name: "AgentError", code: "TOO_LARGE" },
      );
      assert.equal(similarity(long, "ab".repeat(200_000), { ...options, metric }), 1);
    }
    assert.equal(similarity("x".repeat(1_000_000), "y", options), 0);
  });

  test("similarity() works over the borders of machine words", () => {
    for (const length of [31, 32, 33, 63, 64, 65, 127, 128, 129, 200]) {
      const text = "abcdefghijk".repeat(20).slice(0, length);
      const swapped = text.slice(0, length - 3) + text[length - 2] + text[length - 3] +
        text.slice(length - 1);
      assert.equal(similarity(text, swapped, { ...options, metric: "osa" }), 1 - 1 / length);
      assert.equal(
        similarity(`x${text}y`, `y${swapped}x`, { ...options, metric: "osa" }),
        1 - 3 / (length + 2),
      );
      assert.equal(similarity(`x${text}y`, `y${swapped}x`, options), 1 - 4 / (length + 2));
      assert.equal(
        similarity(`x${text}y`, `y${text}x`, { ...options, metric: "lcs" }),
        length / (length + 2),
      );
      assert.equal(similarity(text, `__${text}__`, { ...options, metric: "partial" }), 1);
    }
  });

  test("rank() puts the best first and ties by index", () => {
    const choices = ["beta", "alpha", "beta", "alphabet", "", "alpha"];
    assert.deepEqual(
      rank("alpha", choices, options).map(({ index }) => index),
      [1, 5, 3, 0, 2, 4],
    );
    assert.deepEqual(rank("alpha", choices, { ...options, limit: 1 }), [
      { index: 1, choice: "alpha", score: 1 },
    ]);
    assert.deepEqual(rank("alpha", [], options), []);
    assert.deepEqual(rank("alpha", choices, { ...options, limit: 0 }), []);
    assert.equal(rank("alpha", choices, { ...options, limit: Infinity }).length, 6);
    assert.equal(rank("", choices, options)[0]!.index, 4);
  });

  test("rank() takes scores that reach the cutoff exactly", () => {
    const choices = ["abcd", "abcx", "abxx", "axxx", "xxxx"];
    for (const cutoff of [0, 0.25, 0.5, 0.75, 1]) {
      const kept = rank("abcd", choices, { ...options, cutoff }).map(({ score }) => score);
      assert.deepEqual(kept, [1, 0.75, 0.5, 0.25, 0].filter((score) => score >= cutoff));
    }
    const third = similarity("abc", "axy", options);
    assert.equal(rank("abc", ["axy"], { ...options, cutoff: third }).length, 1);
  });

  test("rank() scores as similarity() does, whatever limit and cutoff prune", () => {
    const choices = vectors.cases.map(({ a }) => a);
    for (const metric of METRICS) {
      for (
        const query of [
          "",
          "abcd ab",
          "é😀 a中",
          choices.find((choice) => choice.length > 64)!,
        ]
      ) {
        const all = choices.map((choice, index) => ({
          index,
          choice,
          score: similarity(query, choice, { ...options, metric }),
        })).sort((x, y) => y.score - x.score || x.index - y.index);
        assert.deepEqual(rank(query, choices, { ...options, metric }), all);
        assert.deepEqual(rank(query, choices, { ...options, metric, limit: 7 }), all.slice(0, 7));
        assert.deepEqual(
          rank(query, choices, { ...options, metric, limit: 40, cutoff: 0.4 }),
          all.filter(({ score }) => score >= 0.4).slice(0, 40),
        );
      }
    }
  });

  test("rank() gives the choices back as they were", () => {
    const choices = ["a\ud800", "\n", "x\ny", "\udc00"];
    for (const { index, choice } of rank("\n", choices, options)) {
      assert.equal(choice, choices[index]);
    }
  });

  test("wrong arguments are refused", () => {
    const type = { name: "TypeError" };
    const range = { name: "RangeError" };
    assert.throws(() => similarity("a", wrong(undefined), options), type);
    assert.throws(() => similarity("a", "b", { ...options, metric: wrong("hamming") }), type);
    assert.throws(() => similarity("a", "b", wrong(7)), type);
    assert.throws(() => rank(wrong(1), [], options), type);
    assert.throws(() => rank("a", wrong({ length: 1 }), options), type);
    assert.throws(() => rank("a", [], { ...options, limit: -1 }), range);
    assert.throws(() => rank("a", [], { ...options, limit: 1.5 }), range);
    assert.throws(() => rank("a", [], { ...options, limit: wrong("3") }), type);
    assert.throws(() => rank("a", [], { ...options, cutoff: NaN }), range);
    assert.throws(() => rank("a", [], { ...options, cutoff: 1.01 }), range);
    assert.throws(() => rank("a", [], { ...options, cutoff: wrong("1") }), type);
    assert.throws(() => matcher(wrong(new Set()), options), type);
    const reason = new Error("no");
    assert.throws(
      () => rank("a", ["a"], { ...options, signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
  });

  matcherConformance(twin);
}
