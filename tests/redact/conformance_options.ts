/** What callers allow, how literals are found, what a vault knows again. Part of the suite in conformance.ts. */

import assert from "assertions";
import {
  prepareRedaction,
  redact,
  RedactionVault,
  type RedactOptions,
  redactor,
} from "@agent/runtime/text";
import { testOf, type Twin } from "../support/twins.ts";
import { wrong } from "../support/values.ts";

/** Registers this part for one twin. */
export function redactOptions(twin: Twin): void {
  const { name: implementation } = twin;
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("redact options", twin, name, body);
  const texts = (text: string, options: RedactOptions): string =>
    redact(text, { rules: [], implementation, ...options }).text;

  test("whole words only", () => {
    const literals = [{ text: "ann", wholeWord: true }, { text: "ann marie", wholeWord: true }];
    assert.equal(
      texts("ann, anna, joann, ann_, ann-x", { literals }),
      "[LITERAL], anna, joann, ann_, [LITERAL]-x",
    );
    assert.equal(texts("ann marie; ann maries", { literals }), "[LITERAL]; [LITERAL] maries");
    const others = [{ text: "mäx", wholeWord: true }, { text: "c++", wholeWord: true }, {
      text: "😀",
      wholeWord: true,
    }];
    assert.equal(
      texts("mäx mäxä ämäx c++ c++x xc++ 😀😀", { literals: others }),
      "[LITERAL] mäxä ämäx [LITERAL] [LITERAL]x xc++ [LITERAL][LITERAL]",
    );
    assert.equal(texts("a\\nann", { literals }), "a\\n[LITERAL]");
  });

  test("letters of other scripts in either case", () => {
    const literals = {
      who: [{ text: "MÜLLER", ignoreCase: true }, { text: "Σίσυφος", ignoreCase: true }],
    };
    assert.equal(texts("müller Müller ΣΊΣΥΦΟΣ muller", { literals }), "[WHO] [WHO] [WHO] muller");
    const both = [{ text: "ЖУК", ignoreCase: true, wholeWord: true }];
    assert.equal(texts("жук жуки Жук", { literals: both }), "[LITERAL] жуки [LITERAL]");
    // A string keeps to ASCII, and one that says so to its case.
    assert.equal(
      texts("ä Ä a A", { literals: ["Ä", "A"], ignoreCase: true }),
      "ä [LITERAL] [LITERAL] [LITERAL]",
    );
    const exact = [{ text: "A", ignoreCase: false }];
    assert.equal(texts("a A", { literals: exact, ignoreCase: true }), "a [LITERAL]");
  });

  test("the same in a stream cut anywhere", async () => {
    const literals = [{ text: "ann marie", wholeWord: true, ignoreCase: true }, {
      text: "Ünal",
      ignoreCase: true,
    }, "x1"];
    const text = "Ann Marie, ANN MARIES, ünal; joann marie x1 ann marie";
    for (const size of [1, 2, 5]) {
      const parts = text.match(new RegExp(`.{1,${size}}`, "g"))!;
      const stream = redactor({ rules: [], literals, implementation });
      const output = (await Array.fromAsync(ReadableStream.from(parts).pipeThrough(stream))).join(
        "",
      );
      assert.equal(output, texts(text, { literals }));
    }
  });

  test("what is allowed stays", async () => {
    const allow = ["127.0.0.1", /@example\.org$/, "ann@corp.net"];
    const options = { rules: ["email", "ipv4"], allow, implementation } as const;
    const text =
      "bob@example.org 127.0.0.1 10.0.0.1 ann@corp.net ann%40corp.net joe@example.org.net";
    const expected = "bob@example.org 127.0.0.1 [IPV4] ann@corp.net ann%40corp.net [EMAIL]";
    const result = redact(text, options);
    assert.equal(result.text, expected);
    assert.deepEqual(result.matches.map(({ rule }) => rule), ["ipv4", "email"]);
    const stream = ReadableStream.from([...text]).pipeThrough(prepareRedaction(options).stream());
    assert.equal((await Array.fromAsync(stream)).join(""), expected);
    const vault = new RedactionVault();
    assert.equal(vault.restore(redact(text, { ...options, replace: vault }).text), text);
    assert.throws(() => texts("x", { allow: wrong("a") }), /options\.allow must be an array/);
    assert.throws(() => texts("x", { allow: [wrong(7)] }), /options\.allow\[0\].* got 7/);
    assert.throws(
      () => texts("x", { literals: [wrong({ wholeWord: true })] }),
      /options\.literals\[0\]/,
    );
    assert.throws(() => texts("x", { literals: [{ text: "" }] }), { name: "RangeError" });
    assert.throws(
      () => texts("x", { literals: [{ text: "a", wholeWord: wrong(1) }] }),
      /wholeWord/,
    );
  });

  test("a vault knows a placeholder that was changed on the way", async () => {
    const vault = new RedactionVault();
    const hidden = redact("a@b.org 4111 1111 1111 1111", { implementation, replace: vault }).text;
    assert.equal(hidden, "[EMAIL_1] [CREDIT_CARD_1]");
    const changed = [
      "[EMAIL\\_1]",
      "\\[EMAIL_1\\]",
      "\\[EMAIL\\_1\\]",
      "[email_1]",
      "[Email_1]",
      "%5BEMAIL_1%5D",
      "%5bemail%5f1%5d",
      "%255BEMAIL_1%255D",
      "&#91;EMAIL_1&#93;",
      "\\\\[EMAIL\\\\_1\\\\]",
    ];
    for (const placeholder of changed) {
      assert.equal(vault.restore(`x ${placeholder}.`), "x a@b.org.", placeholder);
      const parts = ReadableStream.from([...`x ${placeholder}.`]).pipeThrough(vault.restorer());
      assert.equal((await Array.fromAsync(parts)).join(""), "x a@b.org.", placeholder);
    }
    assert.equal(vault.restore("[credit\\_card\\_1]"), "4111 1111 1111 1111");
    for (const other of ["[EMAIL_2]", "[EMAIL_01]", "EMAIL_1", "[EMAIL 1]"]) {
      assert.equal(vault.restore(other), other);
    }
    // What a text has itself is told apart, whatever it looks like.
    const text = "a@b.org [email_1] \\[EMAIL\\_2\\] c@d.org";
    const own = new RedactionVault();
    assert.equal(own.restore(redact(text, { implementation, replace: own }).text), text);
  });
}
