/** Patterns of the caller's: their syntax, their meaning, what is refused. Part of the suite in redact.ts. */

import assert from "assertions";
import { redact, type RedactOptions } from "@agent/runtime/text";
import { testOf, type Twin } from "../support/twins.ts";

/** Registers this part for one twin. */
export function redactPatterns(twin: Twin): void {
  const { name: implementation } = twin;
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("redact patterns", twin, name, body);
  const found = (
    text: string,
    pattern: string | RegExp,
    options: RedactOptions = {},
  ): string[] => {
    const all = { implementation, rules: [], patterns: [pattern], ...options } as const;
    return redact(text, all).matches.map(({ start, end }) => text.slice(start, end));
  };

  test("sets, groups, repetitions and escapes", () => {
    assert.deepEqual(found("xOPS-12 OPS-345", "OPS-\\d{3}"), ["OPS-345"]);
    assert.deepEqual(found("ac abc abbc abbbc", "ab{1,2}c"), ["abc", "abbc"]);
    assert.deepEqual(found("cat dog cot", "c[a-o]t|d(?:o)g"), ["cat", "dog", "cot"]);
    assert.deepEqual(found("a-b]c^d\\", "[\\]^\\\\-]"), ["-", "]", "^", "\\"]);
    assert.deepEqual(found("aé日😀b", "[^a-z]+"), ["é日😀"]);
    assert.deepEqual(found("😀😁a", "[😀-😂]{2}"), ["😀😁"]);
    assert.deepEqual(found("é\u{1f600}A", "\\xe9\\u{1F600}\\u0041"), ["é😀A"]);
    assert.deepEqual(found("a\u00a0\tb c", "\\s+"), ["\u00a0\t", " "]);
    assert.deepEqual(found("a_1-é", "\\w+"), ["a_1"]);
    assert.deepEqual(found("a.b", "\\."), ["."]);
    assert.deepEqual(found("{x} {1}", "{x}|\\{1\\}"), ["{x}", "{1}"]);
    assert.deepEqual(found("ab", "(?<first>a)(b)"), ["ab"]);
    assert.deepEqual(found("a]b", "[^]"), ["a", "]", "b"]);
    assert.deepEqual(found("ab", "[]"), []);
    assert.deepEqual(found("xx", "x{2,}y|x"), ["x", "x"]);
  });

  test("the longest match is taken, whatever the order", () => {
    assert.deepEqual(found("abcd", "a|ab|abc"), ["abc"]);
    assert.deepEqual(found("foobarbaz", "foo(?:bar)?(?:barbaz)?|foob"), ["foobarbaz"]);
    assert.deepEqual(found("aaab", "(?:a|aa)+"), ["aaa"]);
    assert.deepEqual(found("abab", "(?:ab)*ab"), ["abab"]);
  });

  test("assertions", () => {
    assert.deepEqual(found("cat concat cat_ cat", "\\bcat\\b"), ["cat", "cat"]);
    assert.deepEqual(found("cat concat", "\\Bcat"), ["cat"]);
    assert.deepEqual(found("ab ab", "^ab"), ["ab"]);
    assert.deepEqual(found("ab ab", "ab$"), ["ab"]);
    assert.deepEqual(found("ab\nab\r\nab", /^ab$/m), ["ab", "ab", "ab"]);
    assert.deepEqual(found("ab\u2028ab", /^ab/m), ["ab", "ab"]);
    assert.deepEqual(found("ab\nab", "^ab$"), []);
    assert.deepEqual(found("a b", "a\\b|a\\b b"), ["a b"]);
    assert.deepEqual(found("éa", "\\ba"), ["a"]);
    // Where a search goes on behind a match, the text before it is still there.
    assert.deepEqual(found("abab", "\\bab"), ["ab"]);
    assert.deepEqual(found("abab", "^ab"), ["ab"]);
  });

  test("flags", () => {
    assert.deepEqual(found("Key KEY", /key/i), ["Key", "KEY"]);
    assert.deepEqual(found("Key KEY", "key", { ignoreCase: true }), ["Key", "KEY"]);
    assert.deepEqual(found("b B k \u212a", "[a-k]", { ignoreCase: true }), ["b", "B", "k"]);
    assert.deepEqual(found("aB", "[^b]", { ignoreCase: true }), ["a"]);
    assert.deepEqual(found("a\nb", "a.b"), []);
    assert.deepEqual(found("a\nb", /a.b/s), ["a\nb"]);
    assert.deepEqual(found("a\u2028b", "a.b"), []);
    assert.deepEqual(found("aa", /a/gdy), ["a", "a"]);
  });

  test("a match has at most 4,096 units", () => {
    const { matches } = redact("b" + "a".repeat(10_000), {
      implementation,
      rules: [],
      patterns: ["a+"],
    });
    assert.deepEqual(matches.map(({ start, end }) => [start, end]), [
      [1, 4097],
      [4097, 8193],
      [8193, 10_001],
    ]);
    const emoji = redact("😀".repeat(5000), { implementation, rules: [], patterns: ["x|😀+"] });
    assert.deepEqual(emoji.matches.map(({ end }) => end), [4096, 8192, 10_000]);
    assert.deepEqual(found("a".repeat(4096) + "b", "a+b").map(({ length }) => length), [4096]);
  });

  test("what is not of the syntax is refused with its place", () => {
    const refused: [string | RegExp, RegExp][] = [
      [/a(?=b)/, /only \(\?: \)/],
      [/(?<!a)b/, /only \(\?: \)/],
      [/(a)\1/, /escape \\1/],
      ["a*?", /longest match/],
      ["\\p{L}", /escape \\p/],
      ["(a", /not closed/],
      ["a)", /no group/],
      ["[a", /not closed/],
      ["[b-a]", /out of order/],
      ["[\\d-z]", /from character to character/],
      ["a{2,1}", /out of order/],
      ["a{1001}", /counted up to 1000/],
      ["*a", /nothing to repeat/],
      ["a**", /cannot be repeated/],
      ["^*a", /assertion cannot be repeated/],
      ["a\\", /nothing behind the backslash/],
      ["\\ud800", /scalar value/],
      ["\\8", /escape \\8/],
      ["", /matches where there is nothing/],
      ["a*", /matches where there is nothing/],
      ["\\b", /matches where there is nothing/],
      [/[a--b]/v, /flag v/],
      ["(".repeat(300) + "a" + ")".repeat(300), /deeper than 200/],
    ];
    for (const [pattern, why] of refused) {
      assert.throws(
        () => found("x", pattern),
        { name: "TypeError", message: why },
        String(pattern),
      );
    }
    assert.throws(() => found("x", "(?:a{1000}){1000}"), {
      name: "RangeError",
      message: /50000 states/,
    });
    assert.throws(() => found("x", 7 as never), { name: "TypeError", message: /patterns\[0\]/ });
  });

  test("many states are made and thrown away without a change of the result", () => {
    // The automaton of this pattern has 2^13 states on a text of two letters.
    const pattern = "x[ab]*a[ab]{12}c";
    let random = 7;
    const letters = Array.from({ length: 40_000 }, () => {
      random = Math.imul(random, 1_103_515_245) + 12_345 >>> 0;
      return random >>> 16 & 1 ? "a" : "b";
    }).join("");
    const text = `x${letters.slice(0, 3000)}a${letters.slice(0, 12)}c x${letters}c`;
    assert.deepEqual(found(text, pattern).map(({ length }) => length), [3015]);
  });
}
