/** The scanner against the published patterns, run as regular expressions. */

import assert from "assertions";
import fc from "fast-check";
import { vocabularyFile } from "../../src/text/tokens/data.ts";
import { isBlank } from "../../src/text/outline/mod.ts";
import { readVocabulary } from "../../src/text/tokens/file.ts";
import { lastSafeCut, PATTERN_CUTS, safeCut, Scanner } from "../../src/text/tokens/scan.ts";
import { VOCABULARIES } from "../../src/text/tokens/vocabularies.ts";
import { anyString, CASES, check } from "../support/arbitraries.ts";

// As in OpenAI's tiktoken (MIT), whose \s is Unicode's White_Space.
const PATTERNS = {
  cl100k_base: [
    String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)`,
    String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`,
    String.raw`\p{N}{1,3}`,
    String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*`,
    String.raw`\s*[\r\n]+`,
    String.raw`\s+(?!\S)`,
    String.raw`\s+`,
  ],
  o200k_base: [
    String
      .raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?`,
    String
      .raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?`,
    String.raw`\p{N}{1,3}`,
    String.raw` ?[^\s\p{L}\p{N}]+[\r\n/]*`,
    String.raw`\s*[\r\n]+`,
    String.raw`\s+(?!\S)`,
    String.raw`\s+`,
  ],
};

function expressionOf(alternatives: readonly string[]): RegExp {
  const source = alternatives.join("|")
    .replaceAll(String.raw`(?!\S)`, String.raw`(?!\P{White_Space})`)
    .replaceAll(/\[\^([^\]]*)\\s/g, String.raw`[^$1\p{White_Space}`)
    .replaceAll(/(?<!\[[^\]]*)\\s/g, String.raw`\p{White_Space}`);
  return new RegExp(source, "gu");
}

/** What the classes in the files and the engine's Unicode agree on. */
const tricky = fc.array(
  fc.constantFrom(
    ..."aAzZ09'\"/\\ \t\r\n.,-_()\0",
    "'s",
    "'S",
    "'ſ",
    "'Re",
    "'lL",
    "'v",
    "  ",
    "\r\n",
    "\u00a0",
    "\u0085",
    "\u2028",
    "\u3000",
    "\ufeff",
    "ǅ",
    "ʰ",
    "ß",
    "É",
    "日",
    "\u0301",
    "\u0903",
    "\u20dd",
    "½",
    "Ⅷ",
    "٣",
    "😀",
    "𝒜",
    "𐐀",
    "𐐨",
    "\ufffd",
  ),
  { maxLength: 30, size: "max" },
).map((parts) => parts.join(""));

for (const name of ["cl100k_base", "o200k_base"] as const) {
  const { scanner } = readVocabulary(await vocabularyFile(name, VOCABULARIES[name]));
  assert.ok(scanner instanceof Scanner);
  const { classes } = scanner;
  const expression = expressionOf(PATTERNS[name]);
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const pieces = (text: string): string[] => {
    const bytes = encoder.encode(text);
    scanner.begin(bytes, bytes.length);
    const found: string[] = [];
    for (let at = 0; at < bytes.length;) {
      const next = scanner.next(at);
      assert.ok(next > at);
      found.push(decoder.decode(bytes.subarray(at, next)));
      at = next;
    }
    return found;
  };

  Deno.test(`tokens ${name}: the scanner finds the pattern's pieces`, () => {
    check(
      fc.property(fc.oneof(tricky, tricky, anyString(60)), (any) => {
        const text = any.toWellFormed();
        assert.deepEqual(pieces(text), text.match(expression) ?? []);
      }),
      CASES * 5,
    );
  });

  Deno.test(`tokens ${name}: the scanner knows every character`, () => {
    // Code points that a later Unicode assigned may be known to the engine and not to the file.
    let differing = 0;
    for (let code = 0; code < 0x110000; code++) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const c = String.fromCodePoint(code);
      const text = `a${c}B${c}${c}1${c} ${c}`;
      if (code < 0x3000 || code % 7 === 0) {
        if (classes[code] === 0 && /[\p{L}\p{M}\p{N}]/u.test(c)) differing++;
        else assert.deepEqual(pieces(text), text.match(expression), code.toString(16));
      }
    }
    assert.ok(differing < 5000, `${differing} characters are new to the file`);
  });

  Deno.test(`tokens ${name}: a safe cut is a border of pieces`, () => {
    let cuts = 0;
    check(
      fc.property(fc.oneof(tricky, tricky, anyString(60)), (any) => {
        const text = any.toWellFormed();
        const whole = pieces(text).join("\u{10ffff}");
        for (let cut = 1; cut < text.length; cut++) {
          if (!PATTERN_CUTS.isSafe(text.charCodeAt(cut - 1), text.charCodeAt(cut))) continue;
          cuts++;
          const parts = [...pieces(text.slice(0, cut)), ...pieces(text.slice(cut))];
          assert.equal(parts.join("\u{10ffff}"), whole, JSON.stringify([text, cut]));
        }
      }),
      CASES * 2,
    );
    assert.ok(cuts > CASES * 2, `${cuts} cuts`);
  });

  Deno.test(`tokens ${name}: a safe cut is one between any two characters, whatever is around`, () => {
    // The file's white space is all known: else a blank behind one of it would be taken for a border.
    for (let code = 0; code < 0x110000; code++) {
      if (classes[code] === 6) assert.ok(code < 0x10000 && isBlank(code), code.toString(16));
    }
    const around = ["", " ", "\n", "a", "A", "1", "'", "/", ".", "\u0301", "日", "\r\n"];
    const units = [...Array(128).keys(), 0x85, 0xa0, 0xd7, 0xe9, 0x17f, 0x301, 0x2028, 0x65e5];
    const cut = (text: string): [string, string] => [text, pieces(text).join("\0\0")];
    const heads = units.map((unit) => around.map((left) => cut(left + String.fromCharCode(unit))));
    const tails = units.map((unit) =>
      around.map((right) => cut(String.fromCharCode(unit) + right))
    );
    let cuts = 0;
    for (const [i, before] of units.entries()) {
      for (const [j, behind] of units.entries()) {
        if (!PATTERN_CUTS.isSafe(before, behind)) continue;
        for (const [head, first] of heads[i]!) {
          for (const [tail, rest] of tails[j]!) {
            if (`${first}\0\0${rest}` !== cut(head + tail)[1]) {
              assert.fail(JSON.stringify([head, tail]));
            }
            cuts++;
          }
        }
      }
    }
    assert.ok(cuts > 100_000, `${cuts} cuts`);
  });

  Deno.test(`tokens ${name}: safeCut() and lastSafeCut() find the first and the last`, () => {
    check(fc.property(fc.oneof(tricky, anyString(60)), fc.nat(40), (text, from) => {
      const cuts: number[] = [];
      for (let at = 1; at < text.length; at++) {
        if (PATTERN_CUTS.isSafe(text.charCodeAt(at - 1), text.charCodeAt(at))) cuts.push(at);
      }
      assert.equal(
        safeCut(text, from, PATTERN_CUTS),
        cuts.find((cut) => cut >= from) ?? text.length,
      );
      assert.equal(lastSafeCut(text, PATTERN_CUTS), cuts.at(-1) ?? 0);
    }));
  });
}
