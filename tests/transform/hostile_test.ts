/** Input made to hurt: the same result or the same clear error from both twins. */

import assert from "assertions";
import { transform } from "@agent/runtime/text";
import { normalized } from "../../src/shared/normal_form.ts";
import { OPERATIONS } from "../../src/text/transform/operations.ts";
import { alike, filled, million, SHAPES } from "../support/hostile.ts";
import { testOf, testOfBoth, twins } from "../support/twins.ts";

const both = twins("text");

testOfBoth("transform", both, "hostile: transform() of any shape, by every operation", async () => {
  for (const [name, text] of Object.entries(SHAPES)) {
    for (const operation of OPERATIONS) {
      const what = `${operation} of ${name}`;
      await alike((implementation) => transform([text], operation, { implementation })[0], what);
    }
  }
});

testOfBoth("transform", both, "hostile: transform() puts a million marks in order", async () => {
  for (const marks of ["\u0323\u0307", "\u0307\u0323", "\u0301\uff9e", "\u0f73\u0344\u0334"]) {
    for (const operation of ["nfc", "nfkc"] as const) {
      const text = `e${filled(marks, 500_000)}x${filled(marks, 300)}`;
      await alike(
        (implementation) => transform([text], operation, { implementation })[0],
        `${operation} of ${JSON.stringify(marks)}`,
      );
    }
  }
});

testOf(
  "transform",
  both.pure,
  "hostile: normal forms of long runs of marks are the engine's",
  () => {
    const marks: string[] = [];
    for (let code = 0x300; code < 0x1f000; code++) {
      const character = String.fromCodePoint(code);
      if (/\p{M}/u.test(character)) marks.push(character);
    }
    let seed = 7;
    const next = (below: number): number => (seed = seed * 48271 % 2147483647) % below;
    const between = ["a", "é", "\u0f73", "\u0344", "\uff9e", "가", "\u034f"];
    let changed = 0;
    for (let round = 0; round < 300; round++) {
      const pool = Array.from({ length: 1 + next(8) }, () => marks[next(marks.length)]!);
      let text = "x".repeat(next(200)) + between[next(between.length)]!;
      for (let i = next(900); i >= 0; i--) {
        text += next(150) === 0 ? between[next(between.length)]! : pool[next(pool.length)]!;
      }
      for (const form of ["NFC", "NFKC"] as const) {
        const expected = text.normalize(form);
        if (expected !== text) changed++;
        assert.equal(normalized(text, form) === expected, true, JSON.stringify(text));
      }
    }
    assert.ok(changed > 100, `${changed} changed`);
  },
);

testOfBoth("transform", both, "hostile: a million one-character strings, and none", async () => {
  const strings = million();
  for (const operation of OPERATIONS) {
    await alike(
      (implementation) => transform(strings, operation, { implementation }).join(""),
      operation,
    );
  }
  assert.deepEqual(
    await alike((implementation) => transform([], "nfc", { implementation }), "none"),
    [],
  );
});
