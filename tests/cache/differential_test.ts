/** The same random calls on both twins: equal answers, equal errors. */

import assert from "assertions";
import fc from "fast-check";
import { type CacheOptions, createCache, type TtlCache } from "../../src/cache/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { check } from "../support/arbitraries.ts";
import { testOfBoth, twins } from "../support/twins.ts";

const both = twins("cache");

/** What a call came to: its result, or which error it threw. */
function outcome(call: () => unknown): unknown {
  try {
    return { returned: call() };
  } catch (error) {
    const { name } = (error as Error).constructor;
    return AgentError.is(error) ? { name, code: error.code, details: error.details } : { name };
  }
}

/** Few keys, so that calls meet; odd ones among them. */
const key = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("a", "b", "c", "d", "", "\n", "é", "\ud800", "🙂x") },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(undefined, null, 5, {}) },
);

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 300 }),
  fc.constantFrom("", "\0", "\udc00", "x".repeat(30), "é".repeat(200)),
  fc.constantFrom<unknown>(undefined, 7, new Uint8Array(2)),
);
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.constantFrom<unknown>("text", undefined, [1], new Uint16Array(2)),
);
const json = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom<unknown>(undefined, NaN, -0, 1e400, { a: undefined }, [() => 1], new Date(0)),
  fc.constantFrom<unknown>("\ud800", { "\udc00": 1 }, 5n, Symbol("s")),
);

/** Few tags, so that entries share them; odd and wrong ones among them. */
const tag = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("x", "y", "z", "é", "\n", "\udc00", "\ud83d") },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 30 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>("", 5, undefined, "x".repeat(1_024), "é".repeat(600)),
  },
);
const tags = fc.oneof(
  { weight: 6, arbitrary: fc.array(tag, { maxLength: 4 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      "x",
      null,
      Array.from({ length: 64 }, (_, i) => `${i % 60}`),
      Array.from({ length: 65 }, (_, i) => `${i}`),
    ),
  },
);

/** Times that are over before the test is, or never while it runs, or wrong ones. */
const times = fc.constantFrom<unknown>(
  undefined,
  {},
  { ttlMs: 3_600_000 },
  { ttlMs: Infinity },
  { ttlMs: 3_600_000, graceMs: 5 },
  { ttlMs: 0 },
  { ttlMs: NaN },
  { ttlMs: "1" },
  { graceMs: -1 },
  { keepTtl: true },
  { ttlMs: 3_600_000, keepTtl: true },
  { keepTtl: 1 },
  7,
);
const options = fc.oneof(
  times,
  tags.map((tags): unknown => ({ ttlMs: 3_600_000, tags })),
  tags.map((tags): unknown => ({ tags })),
);

/** One call: its name, and what it does to a cache. */
type Call = [string, (cache: TtlCache<unknown>) => unknown];

function calls(value: fc.Arbitrary<unknown>): fc.Arbitrary<Call> {
  // deno-lint-ignore no-explicit-any
  const any = (x: unknown): any => x;
  const call = <A extends unknown[]>(
    name: string,
    weight: number,
    args: fc.Arbitrary<A>,
    body: (cache: TtlCache<unknown>, ...args: A) => unknown,
  ): { weight: number; arbitrary: fc.Arbitrary<Call> } => ({
    weight,
    arbitrary: args.map((a) => [`${name}(${fc.stringify(a)})`, (cache) => body(cache, ...a)]),
  });
  const keys = fc.oneof(
    fc.array(key, { maxLength: 6 }),
    fc.constantFrom<unknown>(undefined, "abc", 7),
  );
  const pairs = fc.oneof(
    fc.array(fc.tuple(key, value), { maxLength: 5 }),
    fc.constantFrom<unknown>(undefined, "ab", [["a"]], [7]),
  );
  return fc.oneof(
    call("set", 6, fc.tuple(key, value, options), (cache, k, v, o) => cache.set(any(k), v, any(o))),
    call("get", 5, fc.tuple(key), (cache, k) => cache.get(any(k))),
    call("peek", 1, fc.tuple(key), (cache, k) => cache.peek(any(k))),
    call("has", 2, fc.tuple(key), (cache, k) => cache.has(any(k))),
    call(
      "expire",
      2,
      fc.tuple(key, fc.constantFrom<unknown>(3_600_000, Infinity, 0, -1, NaN, "1", undefined)),
      (cache, k, ms) => cache.expire(any(k), any(ms)),
    ),
    call("delete", 2, fc.tuple(key), (cache, k) => cache.delete(any(k))),
    call("deleteByTag", 3, fc.tuple(tag), (cache, t) => cache.deleteByTag(any(t))),
    call("getMany", 3, fc.tuple(keys), (cache, k) => cache.getMany(any(k))),
    call("setMany", 3, fc.tuple(pairs, options), (cache, p, o) => cache.setMany(any(p), any(o))),
    call("keys", 1, fc.tuple(), (cache) => cache.keys().sort()),
    call("size", 1, fc.tuple(), (cache) => cache.size),
    call("clear", 1, fc.tuple(), (cache) => cache.clear()),
    call("purgeExpired", 1, fc.tuple(), (cache) => cache.purgeExpired()),
    { weight: 1, arbitrary: fc.constant<Call>(["close", (cache) => cache.close()]) },
  );
}

function compare(
  list: Call[],
  make: (implementation: "native" | "pure") => TtlCache<unknown>,
): void {
  using pure = make("pure");
  using other = make("native");
  for (const [name, call] of list) {
    assert.deepEqual(outcome(() => call(other)), outcome(() => call(pure)), name);
    assert.deepEqual(outcome(() => other.stats()), outcome(() => pure.stats()), `after ${name}`);
  }
}

const cases: [
  string,
  fc.Arbitrary<unknown>,
  CacheOptions & { codec: "text" | "bytes" | "json" },
][] = [
  ["text", text, { codec: "text" }],
  ["bytes", bytes, { codec: "bytes" }],
  ["JSON", json, { codec: "json" }],
  // An entry over the bound is refused; what is taken never fills it.
  ["heavy text", text, { codec: "text", maxBytes: 100_000 }],
];

for (const [name, value, made] of cases) {
  testOfBoth("cache", both, name, () => {
    check(
      fc.property(
        fc.array(calls(value), { maxLength: 40, size: "max" }),
        (list) =>
          compare(list, (implementation) =>
            // deno-lint-ignore no-explicit-any
            createCache({ ...made, implementation } as any)),
      ),
    );
  });
}

testOfBoth("cache", both, "what does not fit", () => {
  const size = fc.integer({ min: 0, max: 400 });
  check(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("a", "é"), size, fc.array(tag, { maxLength: 2 })), {
        maxLength: 20,
      }),
      (list) =>
        compare(
          list.map(([key, length, tags]) => [
            `set(${key}, ${length}, ${fc.stringify(tags)})`,
            (cache) => {
              cache.clear();
              // deno-lint-ignore no-explicit-any
              return cache.set(key, "x".repeat(length), { tags: tags as any });
            },
          ]),
          (implementation) => createCache({ implementation, maxBytes: 300 }) as TtlCache<unknown>,
        ),
    ),
  );
});
