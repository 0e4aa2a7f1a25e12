/** Input made to hurt: the same result or the same clear error from both twins. */

import assert from "assertions";
import { processBatch } from "@agent/runtime/text";
import { alike, million, SHAPES } from "../support/hostile.ts";
import { testOfBoth, twins } from "../support/twins.ts";

const both = twins("text");

testOfBoth("process", both, "hostile: processBatch() of any shape", async () => {
  const distinct = Array.from({ length: 200_000 }, (_, i) => `word${i.toString(36)}`).join(" ");
  for (const [name, text] of Object.entries({ ...SHAPES, "distinct words": distinct })) {
    await alike(async (implementation) => {
      const [result] = await processBatch([text], { implementation });
      return { ...result, durationMs: 0 };
    }, name);
  }
});

testOfBoth("process", both, "hostile: many one-character strings, and none", async () => {
  const some = million().slice(0, 100_000);
  await alike(async (implementation) => {
    const results = await processBatch(some, { implementation, reference: "b" });
    return results.map(({ processed, similarity }) => `${processed}${similarity}`).join("");
  }, "processBatch");
  assert.deepEqual(
    await alike((implementation) => processBatch([], { implementation }), "none"),
    [],
  );
});
