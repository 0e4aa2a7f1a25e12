/** Every code point that the engine knows, through both twins. */

import assert from "assertions";
import { type CallOptions, transform, type TransformOperation } from "@agent/runtime/text";
import { OPERATIONS } from "../../src/text/transform/operations.ts";
import { reverse } from "../../src/text/transform/pure.ts";
import { DISTINCT, escaped, KNOWN } from "../support/code_points.ts";
import { NATIVE, PURE, testOf, testOfBoth, twins } from "../support/twins.ts";

const both = twins("text");

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
  testOfBoth("transform", both, `transform() ${operation} of every known code point`, () => {
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
        if (one !== other) different.push(escaped(text));
      }
    }
    assert.deepEqual(different, []);
  });
}

testOf(
  "transform",
  both.pure,
  "reverse() takes its short cut only where the segmenter agrees",
  () => {
    const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
    const slow = (text: string): string =>
      Array.from(segmenter.segment(text), ({ segment }) => segment).reverse().join("");
    const companions = ["a", "\n", "\r", "\u0301", "\u200d", "中", "한", "ア", "😀", "\u1100", "é"];
    const basic = KNOWN.filter((c) => c <= "\uffff");
    for (const other of companions) {
      for (let i = 0; i < basic.length; i += 500) {
        const text = basic.slice(i, i + 500).map((c) => `${c}${other}${c}`).join("\n");
        assert.equal(reverse(text), slow(text), `${escaped(other)} from ${escaped(basic[i]!)}`);
      }
    }
  },
);
