/** The local copies that an isolate keeps of a native cache. */

import assert from "assertions";
import fc from "fast-check";
import { ENTRY_OVERHEAD_BYTES } from "../../src/cache/mod.ts";
import { LocalCopies } from "../../src/cache/native/local_copies.ts";

Deno.test("local copies: keeps an eighth of the bytes, 32 MiB without a bound", () => {
  const step = fc.tuple(fc.nat(40), fc.nat(300), fc.boolean(), fc.boolean());
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 20_000 }),
      fc.array(step, { maxLength: 200, size: "max" }),
      (maxEntries, maxBytes, steps) => {
        const copies = new LocalCopies<number>({ maxEntries, maxBytes });
        for (const [at, [key, size, displace, used]] of steps.entries()) {
          if (size === 0) copies.drop(`${key}`);
          else copies.put(`${key}`, at, key, at + 1, size, displace);
          const place = copies.map.get(`${key}`);
          if (place !== undefined) {
            const marks = [...copies.marks.subarray(2 * place, 2 * place + 2)];
            assert.deepEqual([copies.values[place], ...marks], [at, at + 1, key]);
            copies.used[place] = used ? 1 : 0;
          }
          let bytes = 0;
          for (const place of copies.map.values()) bytes += copies.weightOf(place);
          const places = [...copies.map.values()].sort((a, b) => a - b);
          assert.deepEqual(places, copies.values.map((_, place) => place), "without gaps");
          assert.equal(copies.bytes, bytes);
          assert.ok(copies.map.size <= maxEntries && bytes <= maxBytes / 8);
        }
      },
    ),
    { numRuns: 300, seed: 20_265 },
  );
  const copies = new LocalCopies<number>({ maxEntries: 1e6, maxBytes: Infinity });
  for (let i = 0; i < 20_000; i++) copies.put(`${i}`, i, i, i + 1, 10, true);
  assert.equal(copies.map.size, 20_000);
  for (let i = 0; i < 100; i++) copies.put(`large ${i}`, i, i, i + 1, 2 ** 20, true);
  assert.ok(copies.bytes > 31 * 2 ** 20 && copies.bytes <= 32 * 2 ** 20);
  copies.clear();
  assert.equal(copies.bytes, 0);
});

Deno.test("local copies: what is in use outlives what is not", () => {
  const copies = new LocalCopies<number>({ maxEntries: 10, maxBytes: 1e6 });
  for (let i = 0; i < 200; i++) {
    for (const key of ["hot", "warm"]) {
      const place = copies.map.get(key);
      if (place === undefined) copies.put(key, i, 0, 1, 10, true);
      else copies.used[place] = 1;
    }
    copies.put(`passing ${i}`, i, 0, 1, 10, true);
  }
  const hot = copies.map.get("hot");
  assert.ok(hot !== undefined && copies.values[hot] === 0, "it was never displaced");
  assert.equal(copies.weightOf(hot), 10 + ENTRY_OVERHEAD_BYTES);
});

Deno.test("local copies: what is fetched once displaces nothing, what is fetched again does", () => {
  const copies = new LocalCopies<string>({ maxEntries: 3, maxBytes: 1e6 });
  const versionOf = (key: string): number | undefined => {
    const place = copies.map.get(key);
    return place === undefined ? undefined : copies.marks[2 * place];
  };
  const offer = (slot: number, version = slot + 1): void =>
    copies.offer(`${slot}`, "v", slot, version, 10);
  for (let slot = 0; slot < 1_000; slot++) offer(slot);
  assert.deepEqual([...copies.map.keys()], ["0", "1", "2"]);
  offer(999, 5_000);
  assert.ok(!copies.map.has("999"), "another version is another value");
  offer(999, 5_000);
  assert.equal(versionOf("999"), 5_000);
  assert.equal(copies.map.size, 3);
  offer(999, 6_000);
  assert.equal(versionOf("999"), 6_000, "what is kept is kept up to date");
});

Deno.test("local copies: bulk displaces nothing", () => {
  const copies = new LocalCopies<number>({ maxEntries: 2, maxBytes: 1e6 });
  copies.put("a", 1, 0, 1, 10, true);
  copies.put("b", 1, 0, 1, 10, false);
  copies.put("c", 1, 0, 1, 10, false);
  assert.deepEqual([...copies.map.keys()], ["a", "b"]);
});
