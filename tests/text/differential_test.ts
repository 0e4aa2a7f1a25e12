/** The two twins on the same random inputs: equal results to the last bit, equal errors. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  hash,
  hashMany,
  keywords,
  matcher,
  processBatch,
  rank,
  similarity,
  transform,
} from "@agent/runtime/text";
import { textDoor } from "../../src/ffi/doors/text.ts";
import { textManyDoor } from "../../src/ffi/doors/text_many.ts";
import { METRICS, OPERATIONS } from "../../src/text/check.ts";
import { anyPair, anyString, CASES, check, checkAsync } from "./arbitraries.ts";

textDoor.require();
textManyDoor.require();

const PURE = { implementation: "pure" } as const;
const NATIVE = { implementation: "native" } as const;

for (const operation of OPERATIONS) {
  Deno.test(`text twins: transform() ${operation}`, () => {
    check(fc.property(fc.array(anyString(40), { maxLength: 6 }), (strings) => {
      assert.deepEqual(transform(strings, operation, NATIVE), transform(strings, operation, PURE));
    }));
  });
}

Deno.test("text twins: hash()", () => {
  check(fc.property(fc.oneof(anyString(300), fc.uint8Array({ maxLength: 3000 })), (input) => {
    assert.equal(hash(input, NATIVE), hash(input, PURE));
  }));
});

Deno.test("text twins: hashMany()", async () => {
  const input = fc.oneof(anyString(60), fc.uint8Array({ maxLength: 100 }));
  await checkAsync(fc.asyncProperty(fc.array(input, { maxLength: 8 }), async (inputs) => {
    assert.deepEqual(await hashMany(inputs, NATIVE), await hashMany(inputs, PURE));
  }));
});

for (const metric of METRICS) {
  Deno.test(`text twins: similarity() ${metric}`, () => {
    const scored = ([a, b]: [string, string]): void => {
      assert.equal(similarity(a, b, { ...NATIVE, metric }), similarity(a, b, { ...PURE, metric }));
    };
    check(fc.property(anyPair(24), scored));
    check(fc.property(anyPair(300), scored), CASES / 4);
  });

  Deno.test(`text twins: rank() and matcher.rank() ${metric}`, () => {
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

Deno.test("text twins: matcher.rankMany()", async () => {
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

Deno.test("text twins: keywords()", () => {
  check(fc.property(
    fc.oneof(anyString(60), anyString(1200)),
    fc.nat(30),
    fc.nat(6),
    (text, limit, minLength) => {
      assert.deepEqual(
        keywords(text, { ...NATIVE, limit, minLength }),
        keywords(text, { ...PURE, limit, minLength }),
      );
    },
  ));
});

Deno.test("text twins: keywords() of texts with more words than vertices", () => {
  const words = fc.array(fc.nat(5000), { minLength: 1500, maxLength: 6000, size: "max" });
  check(
    fc.property(words, fc.nat(40), (numbers, limit) => {
      const text = numbers.map((n) => `word${n % 1 === 0 ? n * n % 4999 : n}`).join(" ");
      assert.deepEqual(keywords(text, { ...NATIVE, limit }), keywords(text, { ...PURE, limit }));
    }),
    Math.min(200, CASES / 100),
  );
});

Deno.test("text twins: processBatch()", async () => {
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

Deno.test("text twins: wrong arguments give the same errors", () => {
  const odd = fc.oneof(
    fc.anything(),
    fc.constantFrom(NaN, -1, 1.5, Infinity, 2 ** 53, "x".repeat(70_000), ["a"], ["a", 1]),
  );
  const outcome = (call: () => unknown): string => {
    try {
      return JSON.stringify(call()) ?? "undefined";
    } catch (error) {
      assert.ok(error instanceof Error);
      return `${error.name} ${(error as { code?: string }).code} ${error.message}`;
    }
  };
  check(fc.property(odd, odd, odd, (x, y, z) => {
    const [a, b, c] = [x as never, y as never, z as never];
    for (
      const call of [
        (twin: typeof PURE | typeof NATIVE) => transform(a, b, twin),
        (twin: typeof PURE | typeof NATIVE) => hash(a, { ...twin, onProgress: b }),
        (twin: typeof PURE | typeof NATIVE) => similarity(a, b, { ...twin, metric: c }),
        (twin: typeof PURE | typeof NATIVE) => rank("abc", a, { ...twin, limit: b, cutoff: c }),
        (twin: typeof PURE | typeof NATIVE) => keywords(a, { ...twin, limit: b, minLength: c }),
        (twin: typeof PURE | typeof NATIVE) => {
          using prepared = matcher(["abc", "b"], twin);
          return [prepared.remove(a), prepared.rank("b", { limit: b, cutoff: c })];
        },
      ]
    ) {
      assert.equal(outcome(() => call(NATIVE)), outcome(() => call(PURE)));
    }
  }));
});
