/**
 * What processBatch() must do, whichever twin does it. Not part of any result: durationMs (only that it is a time), and
 * how often progress is reported.
 */

import assert from "assertions";
import { keywords, processBatch } from "@agent/runtime/text";
import { testOf, type Twin } from "../support/twins.ts";
import { wrong } from "../support/values.ts";
import vectors from "../vectors/text_keywords.json" with { type: "json" };

/** Registers the suite for one twin. */
export function processConformance(twin: Twin): void {
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("process", twin, name, body);
  const options = { implementation: twin.name };

  test("processBatch() gives all fields", async () => {
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

  test("processBatch() ends by its signal and reports progress", async () => {
    const reason = new Error("enough");
    const text = vectors.cases[5]!.text.repeat(20);
    const texts = Array.from({ length: 3000 }, (_, i) => `${text} ${i}`);
    const controller = new AbortController();
    const running = processBatch(texts, { ...options, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 5);
    await assert.rejects(running, (error) => error === reason);
    await twin.idle();
    const seen: number[] = [];
    await processBatch(["a", "b"], { ...options, onProgress: ({ done }) => seen.push(done) });
    assert.equal(seen.at(-1), 2);
  });

  test("wrong arguments are refused", async () => {
    const type = { name: "TypeError" };
    await assert.rejects(processBatch([wrong(1)], options), type);
    await assert.rejects(processBatch(["a"], { ...options, reference: wrong(1) }), type);
  });
}
