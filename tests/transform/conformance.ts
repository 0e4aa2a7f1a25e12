/** What transform() must do, whichever twin does it. */

import assert from "assertions";
import { transform, type TransformOperation } from "@agent/runtime/text";
import { testOf, type Twin } from "../support/twins.ts";
import { wrong } from "../support/values.ts";
import vectors from "../vectors/text_transform.json" with { type: "json" };

/** Registers the suite for one twin. */
export function transformConformance(twin: Twin): void {
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("transform", twin, name, body);
  const options = { implementation: twin.name };

  test("transform() gives the vectors' results", () => {
    for (const { operation, input, output, why } of vectors.cases) {
      assert.deepEqual(
        transform([input], operation as TransformOperation, options),
        [output],
        `${operation}: ${why}`,
      );
    }
  });

  test("transform() takes many strings, empty ones and line feeds", () => {
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

  test("transform() makes strings well-formed, each by itself", () => {
    assert.deepEqual(transform(["\ud83d", "\ude00", "a\udc00b\ud800"], "uppercase", options), [
      "\ufffd",
      "\ufffd",
      "A\ufffdB\ufffd",
    ]);
  });

  test("transform() reverses twice to the same clusters", () => {
    const text = "Zürich\r\n👩‍🚀 e\u0301\u0302 क्षि 🇨🇭🇦🇹 " + "x".repeat(20_000) + "👍🏿";
    const [once] = transform([text], "reverse", options);
    assert.equal(once!.length, text.length);
    assert.deepEqual(transform([once!], "reverse", options), [text]);
  });

  test("wrong arguments are refused", () => {
    assert.throws(() => transform(wrong("abc"), "trim", options), { name: "TypeError" });
    assert.throws(
      () => transform(["a", wrong(1)], "trim", options),
      /strings\[1\] must be a string, got 1/,
    );
    assert.throws(() => transform(["a"], wrong("shout"), options), /"shout"/);
  });
}
