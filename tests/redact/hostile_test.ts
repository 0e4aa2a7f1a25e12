/** Input made to hurt: the same result or the same clear error from both twins. */

import assert from "assertions";
import { BUILT_IN_RULES, prepareRedaction, redact, redactor } from "@agent/runtime/text";
import { alike, filled, million, random, SHAPES } from "../support/hostile.ts";
import { testOfBoth, twins } from "../support/twins.ts";

const both = twins("text");

testOfBoth(
  "redact",
  both,
  "hostile: redact() of what rules look for, again and again",
  async () => {
    const units = [
      ..."-4e+(:.",
      "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
      "eyJhbGciOiJIUzI1NiJ9.",
      "a@",
      "a.b-",
      "b.",
      "41111 ",
      "4 ",
      "1.",
      "a:",
      "::",
      "DE89 ",
      "sk-",
      "aB1/",
      "(0",
    ];
    for (const unit of [...units, ...Object.values(SHAPES)]) {
      const text = `a@${filled(unit, 300_000)}`;
      const options = { rules: BUILT_IN_RULES };
      await alike(
        (implementation) => redact(text, { ...options, implementation }).text,
        JSON.stringify(unit.slice(0, 20)),
      );
    }
  },
);

testOfBoth("redact", both, "hostile: patterns meant to explode", async () => {
  const cases: readonly (readonly [string, string])[] = [
    ["(a{1,50}){1,19}b", "a".repeat(500_000)],
    ["(a{1,50}){1,50}", "a".repeat(500_000)],
    ["(a{1,30}b?){1,30}c", random(300_000, "ab")],
    ["(x+x+)+y", "x".repeat(1_000_000)],
    ["(a|aa)+$", `${"a".repeat(1_000_000)}b`],
    ["(.*)(.*)(.*)[^x]z", "x".repeat(1_000_000)],
    ["a.*b.*c.*d.*q", random(500_000, "abcdef \n")],
    ["[ab]*a[ab]{200}c", random(60_000, "ab")],
    ["a[ab]{150}b[ab]{150}c", random(60_000, "ab")],
  ];
  for (const [pattern, text] of cases) {
    await alike(
      (implementation) => redact(text, { rules: [], patterns: [pattern], implementation }).text,
      pattern,
    );
  }
  const refused = await alike(
    (implementation) => redact("a", { patterns: ["(a{1,500}){1,500}"], implementation }).text,
    "too many states",
  );
  assert.equal((refused as Error).name, "RangeError");
  assert.match((refused as Error).message, /states/);
});

testOfBoth("redact", both, "hostile: literals that all begin alike, and many", async () => {
  const alikeOnes = Array.from({ length: 200 }, (_, i) => `${"a".repeat(16_000 - i)}b`);
  const many = Array.from({ length: 100_000 }, (_, i) => i.toString(36));
  for (const literals of [alikeOnes, many, million().slice(0, 100_000)]) {
    const text = `${"a".repeat(500_000)}${random(500_000, "abcdefghij0123")}`;
    await alike((implementation) => {
      const prepared = prepareRedaction({ rules: [], literals, implementation });
      return prepared.redact(text).text;
    }, literals[0]!.slice(0, 10));
  }
});

testOfBoth(
  "redact",
  both,
  "hostile: redactor() with a character at a time, while much is held",
  async () => {
    const pem = `-----BEGIN PRIVATE KEY-----\n${
      filled("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n", 150_000)
    }`;
    const cases = [
      [pem, { rules: BUILT_IN_RULES }],
      [filled("eyJhbGciOiJIUzI1NiJ9.", 60_000), { rules: BUILT_IN_RULES }],
      ["a".repeat(100_000), { rules: [], literals: [`${"a".repeat(16_000)}b`] }],
      ["a".repeat(60_000), { rules: [], patterns: ["a+b", "(a{1,50}){1,19}b"] }],
    ] as const;
    for (const [text, options] of cases) {
      const whole = await alike(async (implementation) => {
        const stream = redactor({ ...options, implementation });
        return (await Array.fromAsync(ReadableStream.from([...text]).pipeThrough(stream))).join("");
      }, text.slice(0, 20));
      const once = await alike(
        (implementation) => redact(text, { ...options, implementation }).text,
        `${text.slice(0, 20)} at once`,
      );
      assert.equal(once, whole);
    }
  },
);

testOfBoth("redact", both, "hostile: nothing to look for in nothing", async () => {
  const matches = await alike(
    (implementation) => redact("", { implementation, literals: [], patterns: [] }).matches,
    "empty",
  );
  assert.deepEqual(matches, []);
});
