/** Which twin a cache gets, and arguments that only `createCache` itself can refuse. */

import assert from "assertions";
import { createCache } from "../../src/cache/mod.ts";
import { byteLength } from "../../src/cache/weight.ts";
import { testOf, twins } from "../support/twins.ts";
import { wrong } from "../support/values.ts";

const { each, native } = twins("cache");

Deno.test("createCache() refuses what are no options", () => {
  assert.throws(() => createCache(wrong("text")), TypeError);
  assert.throws(() => createCache(wrong(null)), TypeError);
  assert.throws(() => createCache(wrong(5)), TypeError);
  assert.throws(() => createCache({ implementation: wrong("rust") }), TypeError);
});

testOf("createCache()", native, "auto keeps small private caches in this isolate", () => {
  const implementation = "auto";
  using small = createCache({ implementation });
  assert.equal(small.implementation, "pure");
  using large = createCache({ implementation, maxEntries: 5_000_000 });
  assert.equal(large.implementation, "native");
  assert.equal(large.shared, false);
  using heavy = createCache({ implementation, maxBytes: 2 ** 31 });
  assert.equal(heavy.implementation, "native");
});

for (const twin of each) {
  testOf("createCache()", twin, "two private caches have nothing in common", () => {
    using one = createCache({ implementation: twin.name });
    using two = createCache({ implementation: twin.name });
    one.set("a", "1");
    assert.equal(two.get("a"), undefined);
  });
}

Deno.test("byteLength() measures what an encoder writes, pairs at the borders of its parts too", () => {
  const encoder = new TextEncoder();
  const strings = ["", "a", "é", "🙂", "x".repeat(23) + "é", "日".repeat(5_000)];
  for (const before of [4_094, 4_095, 4_096, 8_190, 8_191]) {
    strings.push("x".repeat(before) + "🙂".repeat(5_000), "é".repeat(before) + "🙂y");
  }
  for (const text of strings) assert.equal(byteLength(text), encoder.encode(text).length);
  assert.equal(byteLength(new Uint8Array(5)), 5);
});
