/** Input made to hurt: the same result or the same clear error from both twins. */

import assert from "assertions";
import { keywords } from "@agent/runtime/text";
import { alike, SHAPES } from "../support/hostile.ts";
import { testOfBoth, twins } from "../support/twins.ts";

const both = twins("text");

testOfBoth("keywords", both, "hostile: keywords() of any shape, and of nothing", async () => {
  const distinct = Array.from({ length: 200_000 }, (_, i) => `word${i.toString(36)}`).join(" ");
  for (const [name, text] of Object.entries({ ...SHAPES, "distinct words": distinct })) {
    await alike((implementation) => keywords(text, { implementation }), name);
  }
  assert.deepEqual(await alike((implementation) => keywords("", { implementation }), "none"), []);
});
