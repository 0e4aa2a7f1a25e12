/** Which twin answers: what the caller says, or the crossover table. */

import assert from "assertions";
import { matcher } from "@agent/runtime/text";
import { METRICS } from "../../src/text/match/options.ts";
import { OPERATIONS } from "../../src/text/transform/operations.ts";
import { pick } from "../../src/native/choose.ts";
import { CROSSOVER } from "../../src/native/crossover.ts";
import { testOfBoth, twins } from "../support/twins.ts";

const both = twins("text");

testOfBoth("choose", both, "auto takes native from the crossover on", () => {
  assert.equal(pick("text", 99, 100, "auto"), false);
  assert.equal(pick("text", 100, 100, "auto"), true);
  assert.equal(pick("text", 0, 0, "auto"), true);
  assert.equal(pick("text", 2 ** 52, Infinity, "auto"), false);
});

testOfBoth("choose", both, "a wish holds whatever the size", () => {
  assert.equal(pick("text", 0, Infinity, "native"), true);
  assert.equal(pick("text", 2 ** 52, 0, "pure"), false);
});

testOfBoth("text choose", both, "a matcher says which twin keeps it, and keeps it", () => {
  using small = matcher(["a"], { implementation: "pure" });
  assert.equal(small.implementation, "pure");
  using large = matcher(Array.from({ length: 5000 }, (_, i) => `${i}`), { implementation: "auto" });
  assert.equal(large.implementation, "native");
  for (let i = 0; i < 5000; i++) large.remove(i);
  assert.equal(large.implementation, "native");
});

Deno.test("text choose: the crossover table has a number for every metric and operation", () => {
  const numbers = [
    ...METRICS.flatMap((metric) => [
      CROSSOVER.similarity[metric],
      CROSSOVER.similarityLong[metric],
      CROSSOVER.similarityWide[metric],
      CROSSOVER.rank[metric],
    ]),
    ...OPERATIONS.map((operation) => CROSSOVER.transform[operation]),
    CROSSOVER.reversePlain,
    CROSSOVER.redact.builtIn,
    CROSSOVER.redact.own,
    CROSSOVER.nearDuplicates,
    CROSSOVER.matcher,
    CROSSOVER.hash,
    CROSSOVER.hashMany,
    CROSSOVER.keywords,
    CROSSOVER.processBatch,
  ];
  for (const number of numbers) assert.ok(number >= 0, `${number}`);
});
