/**
 * Every code point that the engine knows, through both twins. Code points that only a newer Unicode has are left out:
 * the engine cannot know them.
 */

import assert from "node:assert/strict";
import {
  type CallOptions,
  keywords,
  transform,
  type TransformOperation,
} from "@agent/runtime/text";
import { textDoor } from "../../src/ffi/doors/text.ts";
import { OPERATIONS } from "../../src/text/check.ts";
import { reverse } from "../../src/text/pure_transform.ts";

textDoor.require();

const PURE = { implementation: "pure" } as const;
const NATIVE = { implementation: "native" } as const;

function known(): string[] {
  const characters: string[] = [];
  const unassigned = /\p{Cn}/u;
  for (let c = 0; c < 0x110000; c++) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    const character = String.fromCodePoint(c);
    if (!unassigned.test(character)) characters.push(character);
  }
  return characters;
}

const KNOWN = known();
// Private use is one big block of the same behaviour.
const DISTINCT = KNOWN.filter((character) => character < "\u{e000}" || character < "\u{f0000}");

/** Runs strings through a twin, some hundred as one: a line feed always stands alone between two. */
function inGroups(
  strings: string[],
  operation: TransformOperation,
  options: CallOptions,
): string[] {
  const groups: string[] = [];
  for (let i = 0; i < strings.length; i += 500) groups.push(strings.slice(i, i + 500).join("\n"));
  return transform(groups, operation, options);
}

for (const operation of OPERATIONS) {
  Deno.test(`text twins: transform() ${operation} of every known code point`, () => {
    const surroundings = operation === "reverse"
      ? DISTINCT.flatMap((c) => [`a${c}`, `${c}a`, `${c}${c}`, `👩\u200d${c}`, `\u0915\u094d${c}`])
      : KNOWN.flatMap((c) => [c, `a${c}\u0323`, `${c}Σ`]);
    const pure = inGroups(surroundings, operation, PURE);
    const native = inGroups(surroundings, operation, NATIVE);
    const different: string[] = [];
    for (let i = 0; i < pure.length; i++) {
      if (pure[i] === native[i]) continue;
      for (const text of surroundings.slice(i * 500, i * 500 + 500)) {
        const [one] = transform([text], operation, PURE);
        const [other] = transform([text], operation, NATIVE);
        if (one !== other) different.push(escape(text));
      }
    }
    assert.deepEqual(different, []);
  });
}

Deno.test("text twins: keywords() finds the same words around every known code point", () => {
  for (let from = 0; from < DISTINCT.length; from += 400) {
    const text = DISTINCT.slice(from, from + 400).map((c, i) => `xx${c}y${i} ${c}`).join(" ");
    const options = { limit: Infinity, minLength: 0 };
    assert.deepEqual(
      keywords(text, { ...NATIVE, ...options }),
      keywords(text, { ...PURE, ...options }),
      `from ${escape(DISTINCT[from]!)}`,
    );
  }
});

Deno.test("text pure: reverse() takes its short cut only where the segmenter agrees", () => {
  const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
  const slow = (text: string): string =>
    Array.from(segmenter.segment(text), ({ segment }) => segment).reverse().join("");
  const companions = ["a", "\n", "\r", "\u0301", "\u200d", "中", "한", "ア", "😀", "\u1100", "é"];
  const basic = KNOWN.filter((c) => c <= "\uffff");
  for (const other of companions) {
    for (let i = 0; i < basic.length; i += 500) {
      const text = basic.slice(i, i + 500).map((c) => `${c}${other}${c}`).join("\n");
      assert.equal(reverse(text), slow(text), `${escape(other)} from ${escape(basic[i]!)}`);
    }
  }
});

function escape(text: string): string {
  return Array.from(text, (c) => `U+${c.codePointAt(0)!.toString(16)}`).join(" ");
}
