/** The two twins on the same random inputs: equal results to the last bit, equal errors. */

import assert from "assertions";
import fc from "fast-check";
import { transform } from "@agent/runtime/text";
import { OPERATIONS } from "../../src/text/transform/operations.ts";
import { anyString, check, sameErrors } from "../support/arbitraries.ts";
import { NATIVE, PURE, testOfBoth, twins } from "../support/twins.ts";

const both = twins("text");

for (const operation of OPERATIONS) {
  testOfBoth("transform", both, `transform() ${operation}`, () => {
    check(fc.property(fc.array(anyString(40), { maxLength: 6 }), (strings) => {
      assert.deepEqual(transform(strings, operation, NATIVE), transform(strings, operation, PURE));
    }));
  });
}
testOfBoth("transform", both, "wrong arguments give the same errors", () => {
  sameErrors([
    (twin, a, b) => transform(a, b, twin),
  ]);
});
