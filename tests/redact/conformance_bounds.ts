/**
 * Texts that are meant to make a search slow. Nothing here measures time: a search that is not linear would not come to an
 * end within the patience of anybody. Part of the suite in redact.ts.
 */

import assert from "assertions";
import { BUILT_IN_RULES, redact, redactor } from "@agent/runtime/text";
import { testOf, type Twin } from "../support/twins.ts";

const MEGABYTE = 1 << 20;

/** Registers this part for one twin. */
export function redactBounds(twin: Twin): void {
  const { name: implementation } = twin;
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("redact bounds", twin, name, body);

  test("a megabyte of what the rules look at", () => {
    const none = [
      "@",
      ".",
      "+",
      "-",
      "(",
      ":",
      "0",
      "1",
      "4",
      "a",
      "_",
      "a.",
      "a@",
      "@a.",
      "4 ",
      "4-",
      "+4",
      "(0",
      "00:",
      "a:",
      "1.",
      "eyJ",
      "eyJhbGciOiJIUzI1NiJ9.",
      "sk-",
      "GB82",
      "GB82 WEST ",
      "-----BEGIN",
      "-----BEGIN PRIVATE KEY-----",
      "-----BEGIN PRIVATE KEY-----\nA: b\n",
    ];
    for (const piece of none) {
      const text = piece.repeat(Math.ceil(MEGABYTE / piece.length));
      const { matches, text: output } = redact(text, { rules: BUILT_IN_RULES, implementation });
      if (matches.length === 0) assert.equal(output, text);
      let at = 0;
      for (const { start, end } of matches) {
        assert.ok(start >= at && end > start);
        at = end;
      }
    }
  });

  test("patterns meant to explode", () => {
    const text = "a".repeat(MEGABYTE);
    for (
      const pattern of [
        "(?:a+)+b",
        "(?:a|aa)+b",
        "(?:a|a)*b",
        "a*a*a*a*a*b",
        "\\w+@corp\\.example",
        "(?:.*)*x",
        "(?:a{1,50}){1,50}b",
        "[^]{1000}b",
      ]
    ) {
      const options = { rules: [], patterns: [pattern], implementation } as const;
      assert.deepEqual(redact(text, options).matches, [], pattern);
    }
  });

  test("literals that are each other's beginnings and ends", () => {
    const literals = Array.from({ length: 500 }, (_, i) => "a".repeat(i + 1) + "b");
    const text = "a".repeat(MEGABYTE);
    const options = { rules: [], literals, implementation } as const;
    assert.deepEqual(redact(text, options).matches, []);
    assert.deepEqual(redact(`${text}b`, options).matches, [
      { rule: "literal", start: MEGABYTE - 500, end: MEGABYTE + 1 },
    ]);
  });

  test("a private key of more than 64 KiB is cut, in a stream too", async () => {
    const head = "-----BEGIN PRIVATE KEY-----\n";
    const body = `${"A".repeat(64)}\n`.repeat(2000);
    const text = `${head}${body}-----END PRIVATE KEY-----`;
    const options = { rules: ["private-key"], implementation } as const;
    const whole = redact(text, options);
    assert.deepEqual(whole.matches, [{ rule: "private-key", start: 0, end: 65_536 }]);
    const chunks = text.match(/[^]{1,1000}/g)!;
    const output = ReadableStream.from(chunks).pipeThrough(redactor(options));
    assert.equal((await Array.fromAsync(output)).join(""), whole.text);
  });

  test("a JSON web token of more than 16 KiB is cut, in a stream too", async () => {
    const text = `eyJhbGciOiJIUzI1NiJ9.${"A".repeat(40_000)}.sig next`;
    const options = { rules: ["jwt"], implementation } as const;
    const whole = redact(text, options);
    assert.deepEqual(whole.matches, [{ rule: "jwt", start: 0, end: 16_384 }]);
    const output = ReadableStream.from(text.match(/[^]{1,777}/g)!).pipeThrough(redactor(options));
    assert.equal((await Array.fromAsync(output)).join(""), whole.text);
  });
}
