/** Input made to hurt: the same result or the same clear error from both twins. */

import assert from "assertions";
import { matcher, rank, similarity } from "@agent/runtime/text";
import { METRICS } from "../../src/text/match/options.ts";
import { alike, million, random } from "../support/hostile.ts";
import { testOfBoth, twins } from "../support/twins.ts";

const both = twins("text");

testOfBoth("match", both, "hostile: a million one-character strings, and none", async () => {
  const choices = million();
  const options = { limit: 3 };
  await alike((implementation) => rank("m", choices, { ...options, implementation }), "rank");
  await alike(async (implementation) => {
    using prepared = matcher(choices, { implementation });
    return await prepared.rankMany(["a", "", "zz", "\ud83d"], options);
  }, "matcher");
  const none = await alike(async (implementation) => {
    using prepared = matcher([], { implementation });
    return [rank("", [], { implementation }), prepared.rank("a"), await prepared.rankMany([])];
  }, "none");
  assert.deepEqual(none, [[], [], []]);
});

testOfBoth("match", both, "hostile: keys of 1 MB", async () => {
  const keys = [random(1 << 20, "key "), random(1 << 20, "key ", 3)];
  for (const metric of METRICS) {
    const what = `rank by ${metric}`;
    await alike((implementation) => rank("key", keys, { metric, implementation }), what);
    const pair = await alike(
      (implementation) => similarity(keys[0]!, keys[1]!, { metric, implementation }),
      `similarity by ${metric}`,
    );
    if (!metric.startsWith("jaro")) assert.equal((pair as { code: unknown }).code, "TOO_LARGE");
    assert.equal(similarity(keys[0]!, keys[0]!, { metric, implementation: "native" }), 1);
  }
});
