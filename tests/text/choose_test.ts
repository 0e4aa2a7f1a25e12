/** Which twin answers: what the caller says, or the crossover table. */

import assert from "node:assert/strict";
import { matcher } from "@agent/runtime/text";
import { textDoor } from "../../src/ffi/doors/text.ts";
import { textManyDoor } from "../../src/ffi/doors/text_many.ts";
import { METRICS, OPERATIONS } from "../../src/text/check.ts";
import { twinFor } from "../../src/text/choose.ts";
import { CROSSOVER } from "../../src/text/crossover.ts";
import { NativeText } from "../../src/text/native.ts";
import { pure } from "../../src/text/pure.ts";

textDoor.require();
textManyDoor.require();

Deno.test("text choose: auto takes native from the crossover on", () => {
  assert.equal(twinFor("auto", 99, 100), pure);
  assert.ok(twinFor("auto", 100, 100) instanceof NativeText);
  assert.ok(twinFor("auto", 0, 0) instanceof NativeText);
  assert.equal(twinFor("auto", 2 ** 52, Infinity), pure);
});

Deno.test("text choose: a wish holds whatever the size", () => {
  assert.ok(twinFor("native", 0, Infinity) instanceof NativeText);
  assert.equal(twinFor("pure", 2 ** 52, 0), pure);
});

Deno.test("text choose: a matcher says which twin keeps it, and keeps it", () => {
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
