/** The ready values that an isolate keeps of a native cache. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { ENTRY_OVERHEAD_BYTES } from "../../src/cache/mod.ts";
import { Near } from "../../src/cache/near.ts";

Deno.test("near: keeps at most 8,192 entries and an eighth of the bytes", () => {
  const step = fc.tuple(fc.nat(40), fc.nat(300), fc.boolean(), fc.boolean());
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 20_000 }),
      fc.array(step, { maxLength: 200, size: "max" }),
      (maxEntries, maxBytes, steps) => {
        const near = new Near<number>({ maxEntries, maxBytes });
        for (const [at, [key, size, displace, used]] of steps.entries()) {
          if (size === 0) near.drop(`${key}`);
          else near.put(`${key}`, at, key, at + 1, size, displace);
          const entry = near.map.get(`${key}`);
          if (entry !== undefined) {
            assert.deepEqual([entry.value, entry.version], [at, at + 1]);
            entry.used = used;
          }
          let bytes = 0;
          for (const { weight } of near.map.values()) bytes += weight;
          assert.equal(near.bytes, bytes);
          assert.ok(near.map.size <= maxEntries && bytes <= maxBytes / 8);
        }
      },
    ),
    { numRuns: 300, seed: 20_265 },
  );
  const near = new Near<number>({ maxEntries: 1e6, maxBytes: Infinity });
  for (let i = 0; i < 20_000; i++) near.put(`${i}`, i, i, i + 1, 10, true);
  assert.equal(near.map.size, 8_192);
  near.clear();
  assert.equal(near.bytes, 0);
});

Deno.test("near: what is in use outlives what is not", () => {
  const near = new Near<number>({ maxEntries: 10, maxBytes: 1e6 });
  for (let i = 0; i < 200; i++) {
    for (const key of ["hot", "warm"]) {
      const entry = near.map.get(key);
      if (entry === undefined) near.put(key, i, 0, 1, 10, true);
      else entry.used = true;
    }
    near.put(`passing ${i}`, i, 0, 1, 10, true);
  }
  const hot = near.map.get("hot");
  assert.ok(hot !== undefined && hot.value === 0, "it was never displaced");
  assert.equal(hot.weight, 10 + ENTRY_OVERHEAD_BYTES);
});

Deno.test("near: what is fetched once displaces nothing, what is fetched again does", () => {
  const near = new Near<string>({ maxEntries: 3, maxBytes: 1e6 });
  const offer = (slot: number, version = slot + 1): void =>
    near.offer(`${slot}`, "v", slot, version, 10);
  for (let slot = 0; slot < 1_000; slot++) offer(slot);
  assert.deepEqual([...near.map.keys()], ["0", "1", "2"]);
  offer(999, 5_000);
  assert.ok(!near.map.has("999"), "another version is another value");
  offer(999, 5_000);
  assert.equal(near.map.get("999")?.version, 5_000);
  assert.equal(near.map.size, 3);
  offer(999, 6_000);
  assert.equal(near.map.get("999")?.version, 6_000, "what is kept is kept up to date");
});

Deno.test("near: bulk displaces nothing", () => {
  const near = new Near<number>({ maxEntries: 2, maxBytes: 1e6 });
  near.put("a", 1, 0, 1, 10, true);
  near.put("b", 1, 0, 1, 10, false);
  near.put("c", 1, 0, 1, 10, false);
  assert.deepEqual([...near.map.keys()], ["a", "b"]);
});
