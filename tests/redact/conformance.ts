/** What the redactor must do, whichever twin searches. */

import assert from "assertions";
import {
  BUILT_IN_RULES,
  type BuiltInRule,
  DEFAULT_RULES,
  prepareRedaction,
  redact,
  type RedactionMatch,
  RedactionVault,
  type RedactOptions,
  redactor,
} from "@agent/runtime/text";
import { redactBounds } from "./conformance_bounds.ts";
import { redactNotations } from "./conformance_notations.ts";
import { redactOptions } from "./conformance_options.ts";
import { redactPatterns } from "./conformance_patterns.ts";
import { redactStreams } from "./conformance_streams.ts";
import vectors from "../vectors/redact.json" with { type: "json" };
import { testOf, type Twin } from "../support/twins.ts";
import { wrong } from "../support/values.ts";

/** What was found, as text. */
export function values(text: string, matches: readonly RedactionMatch[]): string[] {
  return matches.map(({ start, end }) => text.slice(start, end));
}

/** Registers the suite for one twin. */
export function redactConformance(twin: Twin): void {
  const { name: implementation } = twin;
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("redact", twin, name, body);
  const found = (text: string, options: RedactOptions): string[] =>
    values(text, redact(text, { ...options, implementation }).matches);

  for (const rule of BUILT_IN_RULES) {
    test(`rule ${rule} finds what the vectors say`, () => {
      const cases = vectors.cases.filter((one) => one.rule === rule);
      assert.ok(cases.length > 5);
      for (const { text, found: expected, source } of cases) {
        assert.deepEqual(found(text, { rules: [rule] }), expected, `${text} (${source})`);
      }
    });
  }

  test("every vector is found among other text, in a stream cut anywhere", () => {
    for (const { rule, text, found: expected } of vectors.cases) {
      const padded = `é😀\n${text}\n「」 end`;
      const { matches } = redact(padded, { rules: [rule as BuiltInRule], implementation });
      assert.deepEqual(values(padded, matches), expected, text);
    }
  });

  test("the default rules label what they find", () => {
    const text = "Ada <ada@example.org>, +44 20 7946 0958, 4111 1111 1111 1111, from 192.0.2.7.";
    const result = redact(text, { implementation });
    assert.equal(result.text, "Ada <[EMAIL]>, [PHONE], [CREDIT_CARD], from [IPV4].");
    assert.deepEqual(result.matches.map(({ rule }) => rule), [
      "email",
      "phone",
      "credit-card",
      "ipv4",
    ]);
    assert.deepEqual(redact("", { implementation }), { text: "", matches: [] });
    assert.equal(DEFAULT_RULES.length, 15);
    const commit = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
    assert.equal(redact(commit, { implementation }).text, commit);
    assert.equal(redact(commit, { rules: ["hex-token"], implementation }).text, "[HEX_TOKEN]");
    assert.equal(redact(text, { rules: [], implementation }).text, text);
  });

  test("the leftmost match wins, then the longest, then the first rule", () => {
    const literals = ["abc", "bcdef", "abcd", "x@y.co"];
    assert.deepEqual(found("zabcdef", { rules: [], literals }), ["abcd"]);
    assert.deepEqual(found("x@y.com", { literals }), ["x@y.com"]);
    const same = redact("x@y.com", {
      implementation,
      literals: { mine: ["x@y.com"] },
      patterns: { theirs: "x@.*" },
    });
    assert.deepEqual(same.matches, [{ rule: "mine", start: 0, end: 7 }]);
    const patterns = { first: "a+", second: ["a{2}", "b"] };
    const named = redact("aab", { implementation, rules: [], patterns }).matches;
    assert.deepEqual(named.map(({ rule }) => rule), ["first", "second"]);
    // A literal that begins before an address takes its beginning; what is left is searched on.
    assert.deepEqual(found("my ada@example.org", { literals: ["my a"] }), ["my a"]);
    assert.deepEqual(found("1 2 10.0.0.1", { literals: ["2 1"] }), ["2 1"]);
  });

  test("what a mark gives is found behind what a later mark gives before it", () => {
    const text = '<Password Url="http://ann:pa55@cache">pvfy899uo</Password>';
    assert.deepEqual(found(text, {}), ["ann:pa55", "pvfy899uo"]);
  });

  test("literals: thousands, beyond ASCII, of one character, within each other", () => {
    const literals = Array.from({ length: 3000 }, (_, i) => `secret-${i * 7919}-é`);
    const text = `a ${literals[17]} b ${literals[2999]}${literals[3]} secret-1-é 😀`;
    assert.deepEqual(found(text, { rules: [], literals }), [
      literals[17],
      literals[2999],
      literals[3],
    ]);
    assert.deepEqual(found("ab😀c日本", { rules: [], literals: ["😀", "本"] }), ["😀", "本"]);
    assert.deepEqual(found("aaaa", { rules: [], literals: ["a", "aaa"] }), ["aaa", "a"]);
    assert.deepEqual(found("\u0000\n\u0000", { rules: [], literals: ["\u0000\n"] }), [
      "\u0000\n",
    ]);
    const long = "ab".repeat(8192);
    assert.deepEqual(found(`a${long}a`, { rules: [], literals: [long] }), [long]);
    assert.deepEqual(found("abab", { rules: [], literals: [] }), []);
  });

  test("literals ignore the case of ASCII letters, and of these only", () => {
    const options = { rules: [], literals: ["PassWord", "ÄB"], ignoreCase: true } as const;
    assert.deepEqual(found("pASSwORD Äb äb", options), ["pASSwORD", "Äb"]);
    assert.deepEqual(found("password", { ...options, ignoreCase: false }), []);
  });

  test("lone surrogates stay, and stand for U+FFFD in a search", () => {
    const text = "\ud83d x@y.com \ude00";
    assert.equal(redact(text, { implementation }).text, "\ud83d [EMAIL] \ude00");
    const { matches } = redact("a\ud800b\ufffd", {
      implementation,
      rules: [],
      literals: ["\udfff"],
    });
    assert.deepEqual(matches.map(({ start }) => start), [1, 3]);
    // Two halves apart are not the character.
    assert.deepEqual(found("\ude00\ud83d", { rules: [], literals: ["😀"] }), []);
  });

  test("replace: a text, a function, a vault", () => {
    const text = "a@b.org, c@d.org, a@b.org";
    assert.equal(redact(text, { implementation, replace: "" }).text, ", , ");
    assert.equal(redact(text, { implementation, replace: "$&" }).text, "$&, $&, $&");
    const seen: unknown[] = [];
    const replace = (match: unknown): string => `<${seen.push(match)}>`;
    assert.equal(redact(text, { implementation, replace }).text, "<1>, <2>, <3>");
    assert.deepEqual(seen[1], { rule: "email", label: "EMAIL", value: "c@d.org" });
    const vault = new RedactionVault();
    const hidden = redact(text, { implementation, replace: vault }).text;
    assert.equal(hidden, "[EMAIL_1], [EMAIL_2], [EMAIL_1]");
    assert.equal(vault.restore(`${hidden} [EMAIL_3]`), `${text} [EMAIL_3]`);
    assert.equal(redact("c@d.org", { implementation, replace: vault }).text, "[EMAIL_2]");
    assert.equal(vault.size, 2);
    // A replacement may redact by itself.
    const inner = (match: { value: string }): string =>
      redact(match.value, { implementation, replace: "*" }).text;
    assert.equal(redact(text, { implementation, replace: inner }).text, "*, *, *");
  });

  test("a vault leaves out placeholders that the text already has, and hides its values", () => {
    const vault = new RedactionVault();
    const text = "[EMAIL_1] [EMAIL_2] x@y.org [EMAIL_9]";
    const hidden = redact(text, { implementation, replace: vault }).text;
    assert.equal(hidden, "[EMAIL_1] [EMAIL_2] [EMAIL_3] [EMAIL_9]");
    assert.equal(vault.restore(hidden), text);
    assert.equal(redact(hidden, { implementation, replace: vault }).text, hidden);
    assert.equal(JSON.stringify(vault), "{}");
    assert.ok(!Deno.inspect(vault, { depth: 9, showHidden: true }).includes("x@y.org"));
    vault.clear();
    assert.equal(vault.restore(hidden), hidden);
  });

  test("a vault restores a text that has what looks like placeholders anywhere", async () => {
    const texts = [
      "a@b.org [EMAIL_1] c@d.org [EMAIL_2] [EMAIL_3] [EMAIL_1]",
      "[EMAIL_1] a@b.org [EMAIL_2][EMAIL_2",
      "a@b.org [EMAIL_a@b.org_1] [[EMAIL_1]]",
      "x [LITERAL_1] x [LITERAL_2] x",
    ];
    for (const text of texts) {
      const vault = new RedactionVault();
      const options = { implementation, literals: ["x", "["], replace: vault };
      assert.equal(vault.restore(redact(text, options).text), text);
      const own = new RedactionVault();
      const hidden = redact(text, { implementation, replace: own }).text;
      assert.equal(own.restore(hidden), text);
      assert.ok(!hidden.includes("a@b.org"));
      for (const size of [1, 3, 10]) {
        const parts = text.match(new RegExp(`.{1,${size}}`, "g"))!;
        const other = new RedactionVault();
        const stream = redactor({ implementation, replace: other });
        const streamed = await Array.fromAsync(ReadableStream.from(parts).pipeThrough(stream));
        assert.equal(streamed.join(""), hidden);
        assert.equal(other.restore(hidden), text);
      }
    }
    // What was given for an earlier text means its value.
    const vault = new RedactionVault();
    const first = redact("Mail a@b.org", { implementation, replace: vault }).text;
    const second = redact(`${first}, c@d.org`, { implementation, replace: vault }).text;
    assert.equal(second, "Mail [EMAIL_1], [EMAIL_2]");
    assert.equal(vault.restore(second), "Mail a@b.org, c@d.org");
  });

  test("options are compiled again when they hold something else", () => {
    const literals = ["one"];
    const options = { implementation, rules: [] as BuiltInRule[], literals };
    assert.equal(redact("one two", options).text, "[LITERAL] two");
    literals.push("two");
    assert.equal(redact("one two", options).text, "[LITERAL] [LITERAL]");
    options.rules.push("email");
    assert.equal(redact("a@b.org", options).text, "[EMAIL]");
    const prepared = prepareRedaction(options);
    literals.push("three");
    assert.equal(prepared.redact("two three").text, "[LITERAL] three");
  });

  test("wrong arguments are refused by name and value", () => {
    const type = (text: RegExp): { name: string; message: RegExp } => ({
      name: "TypeError",
      message: text,
    });
    const call = (options: unknown) => () =>
      redact("x", { implementation, ...options as RedactOptions });
    assert.throws(() => redact(wrong(7), { implementation }), type(/text must be a string, got 7/));
    assert.throws(() => redact("x", wrong(7)), type(/options/));
    assert.throws(call({ rules: "email" }), type(/options\.rules must be an array/));
    assert.throws(call({ rules: ["mail"] }), type(/options\.rules .*"mail"/));
    assert.throws(call({ literals: "abc" }), type(/options\.literals must be an array/));
    assert.throws(call({ literals: ["a", 7] }), type(/options\.literals\[1\].* got 7/));
    assert.throws(
      call({ literals: { mine: "a" } }),
      type(/options\.literals\.mine must be an array/),
    );
    assert.throws(call({ literals: { "not a name": ["a"] } }), type(/"not a name"/));
    assert.throws(call({ literals: { email: ["a"] } }), type(/built-in rule/));
    assert.throws(call({ literals: [""] }), {
      name: "RangeError",
      message: /\[0\] must not be empty/,
    });
    assert.throws(call({ literals: ["x".repeat(16_385)] }), { name: "RangeError" });
    assert.throws(
      call({ literals: Array.from({ length: 300 }, (_, i) => `${i}`.padEnd(16_384)) }),
      { name: "RangeError", message: /4194304/ },
    );
    assert.throws(call({ ignoreCase: 1 }), type(/options\.ignoreCase/));
    assert.throws(call({ replace: 5 }), type(/options\.replace/));
    assert.throws(call({ implementation: "rust" }), type(/implementation/));
    assert.throws(() => redactor({ implementation, rules: [wrong("x")] }), type(/options\.rules/));
    assert.throws(
      () => redact("a@b.org", { implementation, replace: () => wrong(5) }),
      type(/options\.replace must return a string/),
    );
    const reason = new Error("no");
    const aborted = AbortSignal.abort(reason);
    assert.throws(
      () => redact("x", { implementation, signal: aborted }),
      (error) => error === reason,
    );
  });

  redactNotations(twin);
  redactOptions(twin);
  redactPatterns(twin);
  redactStreams(twin);
  redactBounds(twin);
}
