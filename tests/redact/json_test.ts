/** What was JSON stays JSON, whatever is replaced in it: random documents, lines of them and documents in strings. */

import assert from "assertions";
import fc from "fast-check";
import { redact, RedactionVault, type RedactOptions, redactor } from "@agent/runtime/text";
import { CASES, check, checkAsync } from "../support/arbitraries.ts";
import { anyCuts, cut } from "./arbitraries.ts";
import { testOf, twins } from "../support/twins.ts";

const SECRETS = [
  "4111111111111111",
  "4111 1111 1111 1111",
  "ada@example.org",
  "+44 20 7946 0958",
  "AKIAIOSFODNN7EXAMPLE",
  "Bearer d41d8cd98f00b204e9800998ecf8427e",
  "redis://u:hunter2@cache:6379",
  "password=testing123",
  '{"pin":4111111111111111}',
  "a\nbob@example.org",
  "[4111111111111111,",
  "2001:db8::8:800:200c:417a",
  "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
];
const NUMBERS = [
  "4111111111111111",
  "-4111111111111111",
  "4111111111111111.25",
  "5555555555554444e0",
  "4.111111111111111e15",
  "1.5E+15555552671",
  "-0.0",
  "123456789",
  "14155552671",
  "512345",
  "true",
  "null",
  "false",
];
const NAMES = ["card", "password", "api_key", "ssn", "Authorization", "value", "x", "m"];

/** A string as JSON writes it, some of it escaped that need not be. */
const string = fc.tuple(
  fc.array(
    fc.oneof(fc.constantFrom(...SECRETS), fc.string({ unit: "grapheme", maxLength: 6 })),
    { maxLength: 3 },
  ),
  fc.constantFrom(/(?!)/g, /@/g, /[a1]/g, /\//g),
).map(([parts, escaped]) =>
  JSON.stringify(parts.join(" ")).replace(
    escaped,
    (unit) => unit === "/" ? "\\/" : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
);

const name = fc.oneof(fc.constantFrom(...NAMES).map((one) => JSON.stringify(one)), string);
const blank = fc.constantFrom("", "", " ", "\n  ", "\t");

/** A document as text: numbers as they may be written, blanks anywhere, documents in strings. */
const anyJson = fc.letrec<{ value: string; list: string; object: string; inner: string }>((
  tie,
) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(...NUMBERS),
    string,
    tie("list"),
    tie("object"),
    tie("inner"),
  ),
  list: fc.tuple(fc.array(tie("value"), { maxLength: 4 }), blank, blank)
    .map(([values, a, b]) => `[${a}${values.join(`${b},${a}`)}${b}]`),
  object: fc.tuple(
    fc.array(fc.tuple(name, tie("value")), { maxLength: 4 }),
    blank,
    blank,
  ).map(([members, a, b]) =>
    `{${a}${members.map(([key, value]) => `${key}${b}:${a}${value}`).join(`${b},${a}`)}${b}}`
  ),
  inner: fc.tuple(tie("value"), fc.constantFrom("", "said: ")).map(([text, before]) =>
    JSON.stringify(before + text)
  ),
}));
const document = fc.oneof(anyJson.list, anyJson.object);

/** Options whose matches lie within names, strings and numbers. */
const options: fc.Arbitrary<RedactOptions> = fc.record({
  rules: fc.constantFrom(undefined, undefined, []),
  literals: fc.constantFrom(undefined, ["12", "1.5", "true", "e0", "bob"]),
  patterns: fc.constantFrom(undefined, ["[1-4]{3,9}", "\\w{4,}"]),
});

const NASTY = '"\\\n';

for (const twin of twins("text").each) {
  const { name: implementation } = twin;
  const test = (title: string, body: () => void | Promise<void>): void =>
    testOf("redact", twin, title, body);

  test("a document parses when it has been redacted, with any replacement", () => {
    check(fc.property(document, options, (text, given) => {
      JSON.parse(text);
      for (const replace of [undefined, "", NASTY, () => NASTY]) {
        const hidden = redact(text, { ...given, replace, implementation }).text;
        assert.doesNotThrow(() => JSON.parse(hidden), hidden);
      }
    }));
  });

  test("lines of documents, and documents in the lines of a log", () => {
    const line = fc.tuple(fc.constantFrom("", "12:01 INFO: sent "), document)
      .map(([before, text]) => [before, text.replaceAll("\n", " ")] as const);
    check(fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), options, (lines, given) => {
      const text = lines.map((line) => line.join("")).join("\n");
      const hidden = redact(text, { rules: given.rules, implementation }).text.split("\n");
      assert.equal(hidden.length, lines.length);
      hidden.forEach((one, i) => {
        assert.ok(one.startsWith(lines[i]![0]));
        assert.doesNotThrow(() => JSON.parse(one.slice(lines[i]![0].length)), one);
      });
    }));
  });

  test("a vault gives a document back as it was, from a stream, too", async () => {
    await checkAsync(
      fc.asyncProperty(document, options, anyCuts, async (text, given, cuts) => {
        const vault = new RedactionVault();
        const all = { ...given, replace: vault, implementation };
        const hidden = redact(text, all).text;
        assert.doesNotThrow(() => JSON.parse(hidden), hidden);
        assert.equal(vault.restore(hidden), text);
        const chunks = ReadableStream.from(cut(text, cuts)).pipeThrough(
          redactor({ ...all, replace: new RedactionVault() }),
        );
        assert.equal((await Array.fromAsync(chunks)).join(""), hidden);
        const restored = ReadableStream.from(cut(hidden, cuts)).pipeThrough(vault.restorer());
        assert.equal((await Array.fromAsync(restored)).join(""), text);
      }),
      CASES / 4,
    );
  });
}
