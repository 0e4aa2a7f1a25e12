/** The two twins on the same random inputs: equal results to the last bit, equal errors. */

import assert from "assertions";
import fc from "fast-check";
import { hash, hashMany } from "@agent/runtime/text";
import { anyString, check, checkAsync, sameErrors } from "../support/arbitraries.ts";
import { NATIVE, PURE, testOfBoth, twins } from "../support/twins.ts";

const both = twins("text");

testOfBoth("hash", both, "hash()", () => {
  check(fc.property(fc.oneof(anyString(300), fc.uint8Array({ maxLength: 3000 })), (input) => {
    assert.equal(hash(input, NATIVE), hash(input, PURE));
  }));
});

testOfBoth("hash", both, "hashMany()", async () => {
  const input = fc.oneof(anyString(60), fc.uint8Array({ maxLength: 100 }));
  await checkAsync(fc.asyncProperty(fc.array(input, { maxLength: 8 }), async (inputs) => {
    assert.deepEqual(await hashMany(inputs, NATIVE), await hashMany(inputs, PURE));
  }));
});

testOfBoth("hash", both, "wrong arguments give the same errors", () => {
  sameErrors([
    (twin, a, b) => hash(a, { ...twin, onProgress: b }),
  ]);
});
