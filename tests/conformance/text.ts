/**
 * What the text area must do, whichever twin does it. Run by text_pure_test.ts and text_native_test.ts. Not part of any
 * result: durationMs (only that it is a time), and how often progress is reported.
 */

import assert from "node:assert/strict";
import {
  hash,
  hashMany,
  hashStream,
  keywords,
  matcher,
  type Metric,
  processBatch,
  rank,
  similarity,
  transform,
  type TransformOperation,
} from "@agent/runtime/text";
import { quiet } from "../text/quiet.ts";
import { matcherConformance } from "./text_matcher.ts";
import hashVectors from "../vectors/text_hash.json" with { type: "json" };
import keywordVectors from "../vectors/text_keywords.json" with { type: "json" };
import similarityVectors from "../vectors/text_similarity.json" with { type: "json" };
import transformVectors from "../vectors/text_transform.json" with { type: "json" };

const METRICS = similarityVectors.metrics as Metric[];

/** Registers the suite for one twin. */
export function textConformance(implementation: "pure" | "native"): void {
  const name = (what: string): string => `text ${implementation}: ${what}`;
  const options = { implementation };

  Deno.test(name("transform() gives the vectors' results"), () => {
    for (const { operation, input, output, why } of transformVectors.cases) {
      assert.deepEqual(
        transform([input], operation as TransformOperation, options),
        [output],
        `${operation}: ${why}`,
      );
    }
  });

  Deno.test(name("transform() takes many strings, empty ones and line feeds"), () => {
    const strings = ["", "A\n", "\n", "", "É\nß", "\u0000B"];
    assert.deepEqual(transform(strings, "lowercase", options), [
      "",
      "a\n",
      "\n",
      "",
      "é\nß",
      "\u0000b",
    ]);
    assert.deepEqual(transform([], "uppercase", options), []);
    assert.deepEqual(transform(["\n", "\n"], "trim", options), ["", ""]);
    const many = Array.from({ length: 5000 }, (_, i) => ` İtem ${i} ß `);
    assert.deepEqual(transform(many, "uppercase", options), many.map((s) => s.toUpperCase()));
  });

  Deno.test(name("transform() makes strings well-formed, each by itself"), () => {
    assert.deepEqual(transform(["\ud83d", "\ude00", "a\udc00b\ud800"], "uppercase", options), [
      "\ufffd",
      "\ufffd",
      "A\ufffdB\ufffd",
    ]);
  });

  Deno.test(name("transform() reverses twice to the same clusters"), () => {
    const text = "Zürich\r\n👩‍🚀 e\u0301\u0302 क्षि 🇨🇭🇦🇹 " + "x".repeat(20_000) + "👍🏿";
    const [once] = transform([text], "reverse", options);
    assert.equal(once!.length, text.length);
    assert.deepEqual(transform([once!], "reverse", options), [text]);
  });

  Deno.test(name("hash() gives the vectors' digits"), () => {
    for (const { length, hash: digits } of hashVectors.cases) {
      assert.equal(
        hash(Uint8Array.from({ length }, (_, i) => i % 251), options),
        digits,
        `${length} bytes`,
      );
    }
    for (const { text, hash: digits } of hashVectors.strings) {
      assert.equal(hash(text, options), digits);
    }
  });

  Deno.test(name("hash() sees a lone surrogate as U+FFFD and a view as its own bytes"), () => {
    assert.equal(hash("a\ud800", options), hash("a\ufffd", options));
    const bytes = new Uint8Array([1, 2, 3, 4]);
    assert.equal(hash(bytes.subarray(1, 3), options), hash(new Uint8Array([2, 3]), options));
  });

  Deno.test(name("hashMany() gives what hash() gives, in order"), async () => {
    const inputs = Array.from(
      { length: 300 },
      (_, i) => i % 3 === 0 ? new Uint8Array(i * 7).fill(i) : `${"ü".repeat(i)}\n😀`,
    );
    inputs.push("", new Uint8Array(0), "\udfff", "x".repeat(100_000));
    assert.deepEqual(await hashMany(inputs, options), inputs.map((input) => hash(input, options)));
    assert.deepEqual(await hashMany([], options), []);
  });

  Deno.test(name("hashStream() gives what hash() gives for the whole"), async () => {
    for (const { length, hash: digits } of hashVectors.cases) {
      const bytes = Uint8Array.from({ length }, (_, i) => i % 251);
      for (const size of [1 + (length >> 3), 1024, length + 1]) {
        const parts: Uint8Array[] = [];
        for (let at = 0; at < length; at += size) parts.push(bytes.subarray(at, at + size));
        assert.equal(await hashStream(parts, options), digits);
      }
    }
    const texts: readonly (readonly (string | Uint8Array)[])[] = [
      [],
      ["", "a", ""],
      ["\ud83d", "\ude00 x"],
      ["\ud83d", "x", "\ud83d", "\ud83d\ude00", "\ude00"],
      ["\ud83d"],
      ["é".repeat(9_000_000), "end"],
    ];
    for (const parts of texts) {
      const whole = hash(parts.join(""), options);
      assert.equal(await hashStream(parts, options), whole);
      assert.equal(await hashStream(ReadableStream.from(parts), options), whole);
    }
    const mixed = ["\ud83d", new Uint8Array([0x61, 0x62]).subarray(1), "\ude00"];
    assert.equal(await hashStream(mixed, options), hash("\ufffdb\ufffd", options));
  });

  Deno.test(name("hashStream() ends by its signal and with what is wrong"), async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const endless = (function* (): Generator<Uint8Array> {
      for (let i = 0;; i++) {
        if (i === 20) controller.abort(reason);
        yield new Uint8Array(1 << 20);
      }
    })();
    await assert.rejects(hashStream(endless, { ...options, signal: controller.signal }), reason);
    await assert.rejects(
      hashStream(["a"], { ...options, signal: AbortSignal.abort(reason) }),
      reason,
    );
    const failing = (function* (): Generator<string> {
      yield "a";
      throw reason;
    })();
    await assert.rejects(hashStream(failing, options), reason);
    for (const none of ["text", null, 7, {}]) {
      await assert.rejects(hashStream(none as unknown as string[], options), TypeError);
    }
    await assert.rejects(hashStream(["a", 1 as unknown as string], options), TypeError);
  });

  Deno.test(name("hashMany() ends by its signal and reports progress"), async () => {
    const reason = new Error("enough");
    await assert.rejects(
      hashMany(["a"], { ...options, signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
    const controller = new AbortController();
    const long = Array.from({ length: 3000 }, (_, i) => `${i}`.repeat(4000));
    const running = hashMany(long, { ...options, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 5);
    await assert.rejects(running, (error) => error === reason);
    await quiet(implementation);
    const seen: { done: number; total: number }[] = [];
    await hashMany(["a", "b"], {
      ...options,
      onProgress: (progress) => seen.push({ ...progress }),
    });
    assert.deepEqual(seen.at(-1), { done: 2, total: 2 });
  });

  Deno.test(name("similarity() gives RapidFuzz's scores"), () => {
    for (const { a, b, scores } of similarityVectors.cases) {
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

  Deno.test(name("similarity() is Levenshtein by default, symmetric, 1 for equal strings"), () => {
    assert.equal(similarity("kitten", "sitting", options), 1 - 3 / 7);
    for (const { a, b } of similarityVectors.cases) {
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

  Deno.test(name("similarity() counts code points and makes strings well-formed"), () => {
    assert.equal(similarity("😀a", "😁a", options), 0.5);
    for (const metric of METRICS) {
      assert.equal(similarity("x\ud800", "x\ufffd", { ...options, metric }), 1, metric);
      assert.equal(similarity("\ud83d", "\ude00", { ...options, metric }), 1, metric);
    }
    assert.equal(similarity("\ud83d\ude00", "\ufffd\ufffd", options), 0);
    assert.equal(similarity("a\u0000b", "ab", options), 1 - 1 / 3);
  });

  Deno.test(name("similarity() sorts words by code point"), () => {
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

  Deno.test(
    name("similarity() refuses pairs that would take minutes, but not equal or linear ones"),
    () => {
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
    },
  );

  Deno.test(name("similarity() works over the borders of machine words"), () => {
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

  Deno.test(name("rank() puts the best first and ties by index"), () => {
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

  Deno.test(name("rank() takes scores that reach the cutoff exactly"), () => {
    const choices = ["abcd", "abcx", "abxx", "axxx", "xxxx"];
    for (const cutoff of [0, 0.25, 0.5, 0.75, 1]) {
      const kept = rank("abcd", choices, { ...options, cutoff }).map(({ score }) => score);
      assert.deepEqual(kept, [1, 0.75, 0.5, 0.25, 0].filter((score) => score >= cutoff));
    }
    const third = similarity("abc", "axy", options);
    assert.equal(rank("abc", ["axy"], { ...options, cutoff: third }).length, 1);
  });

  Deno.test(name("rank() scores as similarity() does, whatever limit and cutoff prune"), () => {
    const choices = similarityVectors.cases.map(({ a }) => a);
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

  Deno.test(name("rank() gives the choices back as they were"), () => {
    const choices = ["a\ud800", "\n", "x\ny", "\udc00"];
    for (const { index, choice } of rank("\n", choices, options)) {
      assert.equal(choice, choices[index]);
    }
  });

  Deno.test(name("keywords() gives the vectors' words and scores to the last bit"), () => {
    for (const { text, limit, minLength, keywords: expected } of keywordVectors.cases) {
      assert.deepEqual(
        keywords(text, { ...options, limit, minLength }),
        expected,
        text.slice(0, 60),
      );
    }
  });

  Deno.test(name("keywords() keeps limit, minLength and its bounds"), () => {
    const text = keywordVectors.cases[5]!.text;
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

  Deno.test(name("processBatch() gives all fields"), async () => {
    const texts = ["  Hello World  ", "", "HELLO\n world", "\ud800Σ"];
    const results = await processBatch(texts, { ...options, reference: "hello WORLD " });
    assert.deepEqual(results.map(({ original }) => original), texts);
    assert.deepEqual(results.map(({ processed }) => processed), [
      "hello world",
      "",
      "hello\n world",
      "\ufffdσ",
    ]);
    assert.deepEqual(results.map(({ similarity }) => similarity), [1, 0, 1 - 1 / 12, 0]);
    assert.deepEqual(
      results.map((result) => result.keywords),
      texts.map((text) => keywords(text, options)),
    );
    for (const { durationMs } of results) assert.ok(Number.isFinite(durationMs) && durationMs >= 0);
    const [alone] = await processBatch(["x"], options);
    assert.equal(alone!.similarity, null);
    assert.deepEqual(await processBatch([], options), []);
  });

  Deno.test(name("processBatch() ends by its signal and reports progress"), async () => {
    const reason = new Error("enough");
    const text = keywordVectors.cases[5]!.text.repeat(20);
    const texts = Array.from({ length: 3000 }, (_, i) => `${text} ${i}`);
    const controller = new AbortController();
    const running = processBatch(texts, { ...options, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 5);
    await assert.rejects(running, (error) => error === reason);
    await quiet(implementation);
    const seen: number[] = [];
    await processBatch(["a", "b"], { ...options, onProgress: ({ done }) => seen.push(done) });
    assert.equal(seen.at(-1), 2);
  });

  Deno.test(name("every function refuses wrong arguments"), async () => {
    const wrong = (value: unknown): never => value as never;
    const type = { name: "TypeError" };
    const range = { name: "RangeError" };
    assert.throws(() => transform(wrong("abc"), "trim", options), type);
    assert.throws(
      () => transform(["a", wrong(1)], "trim", options),
      /strings\[1\] must be a string, got 1/,
    );
    assert.throws(() => transform(["a"], wrong("shout"), options), /"shout"/);
    assert.throws(() => hash(wrong(null), options), type);
    assert.throws(() => hash(wrong([1, 2]), options), type);
    await assert.rejects(hashMany(wrong("ab"), options), type);
    await assert.rejects(hashMany([wrong(5)], options), type);
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
    assert.throws(() => keywords(wrong(0), options), type);
    assert.throws(() => keywords("a", { ...options, minLength: -3 }), range);
    assert.throws(() => keywords("a", { ...options, limit: NaN }), range);
    assert.throws(() => keywords("a", { implementation: wrong("rust") }), type);
    await assert.rejects(processBatch([wrong(1)], options), type);
    await assert.rejects(processBatch(["a"], { ...options, reference: wrong(1) }), type);
    assert.throws(() => hash("a", { ...options, signal: wrong("now") }), type);
    assert.throws(() => hash("a", { ...options, onProgress: wrong(1) }), type);
    const reason = new Error("no");
    assert.throws(
      () => rank("a", ["a"], { ...options, signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
  });

  matcherConformance(implementation);
}
