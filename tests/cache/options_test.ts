/** Which twin a cache gets, and arguments that only `createCache` itself can refuse. */

import assert from "node:assert/strict";
import { createCache } from "../../src/cache/mod.ts";
import { byteLength } from "../../src/cache/measure.ts";
import { testOf, wrong } from "../conformance/twins.ts";
import { both, native } from "./support.ts";

Deno.test("createCache() refuses what are no options", () => {
  assert.throws(() => createCache(wrong("text")), TypeError);
  assert.throws(() => createCache(wrong(null)), TypeError);
  assert.throws(() => createCache(wrong(5)), TypeError);
  assert.throws(() => createCache({ implementation: wrong("rust") }), TypeError);
});

testOf("createCache()", native, "auto keeps small private caches in this isolate", () => {
  const before = Deno.env.get("AGENT_IMPLEMENTATION");
  if (before !== undefined && before !== "auto") return;
  using small = createCache();
  assert.equal(small.implementation, "pure");
  using large = createCache({ maxEntries: 5_000_000 });
  assert.equal(large.implementation, "native");
  assert.equal(large.shared, false);
  using heavy = createCache({ maxBytes: 2 ** 31 });
  assert.equal(heavy.implementation, "native");
});

for (const twin of both) {
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
