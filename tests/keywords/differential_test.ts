/** The two twins on the same random inputs: equal results to the last bit, equal errors. */

import assert from "assertions";
import fc from "fast-check";
import { keywords } from "@agent/runtime/text";
import { anyString, CASES, check, sameErrors } from "../support/arbitraries.ts";
import { NATIVE, PURE, testOfBoth, twins } from "../support/twins.ts";

const both = twins("text");

testOfBoth("keywords", both, "keywords()", () => {
  check(fc.property(
    fc.oneof(anyString(60), anyString(1200)),
    fc.nat(30),
    fc.nat(6),
    (text, limit, minLength) => {
      assert.deepEqual(
        keywords(text, { ...NATIVE, limit, minLength }),
        keywords(text, { ...PURE, limit, minLength }),
      );
    },
  ));
});

testOfBoth("keywords", both, "keywords() of texts with more words than vertices", () => {
  const words = fc.array(fc.nat(5000), { minLength: 1500, maxLength: 6000, size: "max" });
  check(
    fc.property(words, fc.nat(40), (numbers, limit) => {
      const text = numbers.map((n) => `word${n % 1 === 0 ? n * n % 4999 : n}`).join(" ");
      assert.deepEqual(keywords(text, { ...NATIVE, limit }), keywords(text, { ...PURE, limit }));
    }),
    Math.min(200, CASES / 100),
  );
});

testOfBoth("keywords", both, "wrong arguments give the same errors", () => {
  sameErrors([
    (twin, a, b, c) => keywords(a, { ...twin, limit: b, minLength: c }),
  ]);
});
