/** The two twins on the same random inputs: equal results to the last bit. */

import assert from "assertions";
import fc from "fast-check";
import { processBatch } from "@agent/runtime/text";
import { anyString, CASES, checkAsync } from "../support/arbitraries.ts";
import { NATIVE, PURE, testOfBoth, twins } from "../support/twins.ts";

const both = twins("text");

testOfBoth("process", both, "processBatch()", async () => {
  const options = fc.record({ reference: fc.option(anyString(40), { nil: undefined }) });
  await checkAsync(
    fc.asyncProperty(fc.array(anyString(80), { maxLength: 6 }), options, async (texts, extra) => {
      const timeless = async (implementation: typeof PURE | typeof NATIVE) =>
        (await processBatch(texts, { ...extra, ...implementation }))
          .map((result) => ({ ...result, durationMs: 0 }));
      assert.deepEqual(await timeless(NATIVE), await timeless(PURE));
    }),
    CASES / 2,
  );
});
