/** What a prepared matcher must do, whichever twin keeps it; a part of conformance.ts. */

import assert from "assertions";
import { matcher, type Metric, rank } from "@agent/runtime/text";
import { testOf, type Twin } from "../support/twins.ts";
import { wrong } from "../support/values.ts";
import vectors from "../vectors/text_similarity.json" with { type: "json" };

const METRICS = vectors.metrics as Metric[];

/** Registers the suite for one twin. */
export function matcherConformance(twin: Twin): void {
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("match", twin, name, body);
  const implementation = twin.name;
  const options = { implementation };
  const words = vectors.cases.map(({ a }) => a);

  test("matcher.rank() gives what rank() gives", () => {
    using prepared = matcher(words, options);
    assert.equal(prepared.implementation, implementation);
    assert.equal(prepared.size, words.length);
    for (const metric of METRICS) {
      for (const query of ["", "abcdef", "ab 😀中é", vectors.cases.at(-1)!.b]) {
        for (const extra of [{}, { limit: 5 }, { cutoff: 0.5 }, { limit: 300, cutoff: 0.2 }]) {
          assert.deepEqual(
            prepared.rank(query, { metric, ...extra }),
            rank(query, words, { ...options, metric, ...extra }),
          );
        }
      }
    }
  });

  test("matcher.add() and remove() leave the other indices alone", () => {
    using prepared = matcher(["one", "two", "three"], options);
    assert.equal(prepared.remove(1), true);
    assert.equal(prepared.remove(1), false);
    assert.equal(prepared.remove(3), false);
    assert.equal(prepared.remove(-1), false);
    assert.equal(prepared.remove(0.5), false);
    assert.equal(prepared.remove(2 ** 32), false);
    assert.equal(prepared.size, 2);
    assert.equal(prepared.add(["four", "two"]), 3);
    assert.equal(prepared.add([]), 5);
    assert.equal(prepared.size, 4);
    assert.deepEqual(prepared.rank("two", { limit: 1 }), [{ index: 4, choice: "two", score: 1 }]);
    assert.deepEqual(prepared.rank("x", {}).map(({ index }) => index), [0, 2, 3, 4]);
    for (const index of [-0, 2, 3, 4]) assert.equal(prepared.remove(index), true);
    assert.equal(prepared.size, 0);
    assert.deepEqual(prepared.rank("two"), []);
    assert.deepEqual(prepared.rank("two", { limit: -0, cutoff: -0 }), []);
    assert.equal(prepared.add(["five"]), 5);
  });

  test("matcher() copies its choices and gives them back as they were", () => {
    const choices = ["a\ud800", "b"];
    using prepared = matcher(choices, options);
    choices[0] = "changed";
    choices.push("more");
    assert.equal(prepared.size, 2);
    assert.deepEqual(prepared.rank("a\ufffd", { limit: 1 }), [
      { index: 0, choice: "a\ud800", score: 1 },
    ]);
  });

  test("matcher.rankMany() gives what rank() gives for each query", async () => {
    using prepared = matcher(words, options);
    prepared.remove(3);
    const queries = ["", "abc", "😀", "fuzzy bear\nwas", ...words.slice(0, 60)];
    for (const metric of METRICS) {
      const request = { metric, limit: 9, cutoff: 0.3 };
      assert.deepEqual(
        await prepared.rankMany(queries, request),
        queries.map((query) => prepared.rank(query, request)),
      );
    }
    assert.deepEqual(await prepared.rankMany([]), []);
    assert.deepEqual(await prepared.rankMany(["a", "b"], { limit: 0 }), [[], []]);
    assert.deepEqual(await prepared.rankMany(["abc"]), [prepared.rank("abc")]);
  });

  test("matcher.rankMany() works on the choices of the moment of the call", async () => {
    const prepared = matcher(["one", "two"], options);
    const running = prepared.rankMany(["one", "six"], { limit: 2 });
    const before = ["one", "six"].map((query) => rank(query, ["one", "two"], options));
    prepared.add(["six"]);
    prepared.remove(0);
    prepared.close();
    assert.deepEqual(await running, before);
  });

  test("matcher.rankMany() reports progress and ends by its signal", async () => {
    const many = Array.from(
      { length: 20_000 },
      (_, i) => `choice number ${i * 7919 % 20_000} of many`,
    );
    using prepared = matcher(many, options);
    const seen: { done: number; total: number }[] = [];
    await prepared.rankMany(["choice", "many"], {
      limit: 1,
      onProgress: (progress) => seen.push({ ...progress }),
    });
    assert.deepEqual(seen.at(-1), { done: 2, total: 2 });
    for (let i = 1; i < seen.length; i++) assert.ok(seen[i]!.done >= seen[i - 1]!.done);

    const reason = new Error("enough");
    const queries = many.slice(0, 10_000);
    const controller = new AbortController();
    const running = prepared.rankMany(queries, { limit: 1, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 5);
    await assert.rejects(running, (error) => error === reason);
    await twin.idle();
    await assert.rejects(
      prepared.rankMany(["a"], { signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
  });

  test("matcher.rankMany() leaves the event loop free", async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `choice number ${i} of many`);
    using prepared = matcher(many, options);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    try {
      await prepared.rankMany(many.slice(0, 60), { limit: 1, metric: "partial" });
    } finally {
      clearInterval(timer);
    }
    assert.ok(turns > 0);
  });

  test("matcher methods refuse wrong arguments", async () => {
    using prepared = matcher(["a"], options);
    assert.throws(() => prepared.rank(wrong(1)), { name: "TypeError" });
    assert.throws(() => prepared.rank("a", { metric: wrong("soundex") }), { name: "TypeError" });
    assert.throws(() => prepared.rank("a", { limit: -1 }), { name: "RangeError" });
    assert.throws(() => prepared.remove(wrong("length")), { name: "TypeError" });
    assert.throws(() => prepared.add(wrong("abc")), { name: "TypeError" });
    assert.throws(
      () => prepared.add(["a", wrong(null)]),
      /choices\[1\] must be a string, got null/,
    );
    assert.equal(prepared.size, 1);
    await assert.rejects(prepared.rankMany(wrong("a")), { name: "TypeError" });
    await assert.rejects(prepared.rankMany(["a"], { cutoff: -0.1 }), { name: "RangeError" });
    const long = "ab".repeat(300_000);
    prepared.add([long]);
    assert.throws(() => prepared.rank("ba".repeat(300_000)), { code: "TOO_LARGE" });
    await assert.rejects(prepared.rankMany(["a", "ba".repeat(300_000)]), { code: "TOO_LARGE" });
    assert.equal(prepared.rank(long, { limit: 1 })[0]!.score, 1);
  });

  test("matcher.close() is final and may be repeated", async () => {
    const prepared = matcher(["a"], options);
    prepared.close();
    prepared.close();
    prepared[Symbol.dispose]();
    const closed = { name: "AgentError", code: "CLOSED" };
    assert.throws(() => prepared.rank("a"), closed);
    assert.throws(() => prepared.add(["a"]), closed);
    assert.throws(() => prepared.remove(0), closed);
    assert.throws(() => prepared.size, closed);
    await assert.rejects(prepared.rankMany(["a"]), closed);
  });
}
