/** The two twins on the same random inputs: equal results to the last bit, equal errors. */

import assert from "assertions";
import fc from "fast-check";
import { matcher, rank, similarity } from "@agent/runtime/text";
import { METRICS } from "../../src/text/match/options.ts";
import {
  anyPair,
  anyString,
  CASES,
  check,
  checkAsync,
  sameErrors,
} from "../support/arbitraries.ts";
import { NATIVE, PURE, testOfBoth, twins } from "../support/twins.ts";

const both = twins("text");

for (const metric of METRICS) {
  testOfBoth("match", both, `similarity() ${metric}`, () => {
    const scored = ([a, b]: [string, string]): void => {
      assert.equal(similarity(a, b, { ...NATIVE, metric }), similarity(a, b, { ...PURE, metric }));
    };
    check(fc.property(anyPair(24), scored));
    check(fc.property(anyPair(300), scored), CASES / 4);
  });

  testOfBoth("match", both, `rank() and matcher.rank() ${metric}`, () => {
    const request = fc.record({
      limit: fc.option(fc.nat(12), { nil: undefined }),
      cutoff: fc.option(fc.integer({ min: 0, max: 20 }).map((n) => n / 20), { nil: undefined }),
    });
    const choices = fc.array(fc.oneof(anyString(12), anyString(40), anyString(150)), {
      maxLength: 40,
      size: "max",
    });
    check(
      fc.property(
        anyString(45),
        choices,
        request,
        fc.array(fc.nat(40)),
        (query, all, extra, gone) => {
          const options = { ...extra, metric };
          assert.deepEqual(
            rank(query, all, { ...NATIVE, ...options }),
            rank(query, all, { ...PURE, ...options }),
          );
          using native = matcher(all, NATIVE);
          using pure = matcher(all, PURE);
          for (const index of gone) assert.equal(native.remove(index), pure.remove(index));
          assert.equal(native.add(all.slice(0, 3)), pure.add(all.slice(0, 3)));
          assert.equal(native.size, pure.size);
          assert.deepEqual(native.rank(query, options), pure.rank(query, options));
        },
      ),
      CASES / 4,
    );
  });
}
testOfBoth("match", both, "matcher.rankMany()", async () => {
  const strings = fc.array(anyString(30), { maxLength: 30, size: "max" });
  const request = fc.record({
    metric: fc.constantFrom(...METRICS),
    limit: fc.option(fc.nat(8), { nil: undefined }),
    cutoff: fc.constantFrom(0, 0.3, 0.5, 1),
  });
  await checkAsync(
    fc.asyncProperty(strings, strings, request, async (choices, queries, options) => {
      using native = matcher(choices, NATIVE);
      using pure = matcher(choices, PURE);
      assert.deepEqual(
        await native.rankMany(queries, options),
        await pure.rankMany(queries, options),
      );
    }),
    CASES / 4,
  );
});

testOfBoth("match", both, "wrong arguments give the same errors", () => {
  sameErrors([
    (twin, a, b, c) => similarity(a, b, { ...twin, metric: c }),
    (twin, a, b, c) => rank("abc", a, { ...twin, limit: b, cutoff: c }),
    (twin, a, b, c) => {
      using prepared = matcher(["abc", "b"], twin);
      return [prepared.remove(a), prepared.rank("b", { limit: b, cutoff: c })];
    },
  ]);
});
