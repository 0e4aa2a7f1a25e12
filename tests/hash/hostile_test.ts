/** Input made to hurt: the same result or the same clear error from both twins. */

import assert from "assertions";
import { hash, hashMany } from "@agent/runtime/text";
import { alike, million, random } from "../support/hostile.ts";
import { testOfBoth, twins } from "../support/twins.ts";

const both = twins("text");

testOfBoth("hash", both, "hostile: many one-character strings, and none", async () => {
  const some = million().slice(0, 100_000);
  await alike(
    async (implementation) => (await hashMany(some, { implementation })).join(""),
    "hashMany",
  );
  assert.deepEqual(
    await alike((implementation) => hashMany([], { implementation }), "none"),
    [],
  );
});

testOfBoth("hash", both, "hostile: keys of 1 MB", async () => {
  const keys = [random(1 << 20, "key "), random(1 << 20, "key ", 3)];
  await alike((implementation) => keys.map((key) => hash(key, { implementation })), "hash");
});
