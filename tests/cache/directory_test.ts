/** Keys of a private cache: in the Map, in the index of fingerprints, or in both, all are found and none twice. */

import assert from "node:assert/strict";
import { createCache } from "../../src/cache/mod.ts";
import { Clock } from "../../src/cache/pure/clock.ts";
import { Directory } from "../../src/cache/pure/directory.ts";
import { KeyIndex } from "../../src/cache/pure/key_index.ts";
import { Prints } from "../../src/cache/pure/prints.ts";
import { NONE, Slots } from "../../src/cache/pure/slots.ts";
import { Store } from "../../src/cache/pure/store.ts";
import { Random } from "../../bench/lib/random.ts";

Deno.test("index: finds what is there after many came and went", () => {
  const slots = new Slots<string>(false);
  const index = new KeyIndex(slots);
  const prints = new Prints();
  const held: number[] = [];
  const numbers = new Random(5);
  const random = () => numbers.next() / 2 ** 32;
  for (let i = 0; i < 20_000; i++) {
    if (held.length > 0 && (held.length > 900 || random() < 0.4)) {
      const [slot] = held.splice(Math.floor(random() * held.length), 1) as [number];
      const key = slots.keys[slot] as string;
      index.remove(slot, slots.prints[slot] as number);
      slots.give(slot);
      assert.equal(index.find(key, prints.of(key)), NONE);
    } else {
      const slot = slots.take(`key ${i}`, "", prints.of(`key ${i}`));
      assert.ok(index.add(slot, slots.prints[slot] as number));
      held.push(slot);
    }
  }
  assert.equal(index.count, held.length);
  for (const slot of held) {
    const key = slots.keys[slot] as string;
    assert.equal(index.find(key, prints.of(key)), slot);
  }
});

Deno.test("directory: keys whose fingerprints are the same are found, and gone when they are removed", () => {
  const slots = new Slots<string>(false);
  const prints = new Prints();
  const clock = new Clock();
  const directory = new Directory(slots, clock, prints);
  directory.list();
  // The middle of a long key is not in its fingerprint.
  const keys = Array.from({ length: 300 }, (_, i) => {
    return "a".repeat(100) + String(i).padStart(4, "0") + "b".repeat(100);
  });
  assert.equal(new Set(keys.map((key) => prints.of(key))).size, 1);
  const slotsOf = keys.map((key) => {
    assert.equal(directory.place(key), NONE);
    const slot = slots.take(key, "", directory.printOfNew(key));
    directory.add(slot, key);
    return slot;
  });
  assert.equal(directory.size, 300);
  for (const [i, key] of keys.entries()) assert.equal(directory.find(key), slotsOf[i]);
  for (const [i, key] of keys.entries()) {
    if (i % 3 === 0) directory.remove(slotsOf[i] as number, key);
  }
  assert.equal(directory.size, 200);
  for (const [i, key] of keys.entries()) {
    assert.equal(directory.find(key), i % 3 === 0 ? NONE : slotsOf[i]);
  }
});

Deno.test("cache (pure): before, while and after all entries are listed, each key is there once", () => {
  using cache = createCache({ maxEntries: 500, implementation: "pure" });
  const numbers = new Random(9);
  const random = () => numbers.next() / 2 ** 32;
  for (let i = 0; i < 40_000; i++) {
    const key = `${"long enough to be borrowed"} ${Math.floor(random() ** 2 * 2_000)}`;
    const what = random();
    if (what < 0.4) {
      cache.set(key, key);
      assert.equal(cache.get(key), key);
    } else if (what < 0.8) {
      const value = cache.get(key);
      assert.ok(value === undefined || value === key);
      if (value === undefined) cache.set(key, key);
    } else if (what < 0.9) {
      const had = cache.has(key);
      assert.equal(cache.delete(key), had);
      assert.equal(cache.get(key), undefined);
    } else if (what < 0.95) {
      // Not well-formed: one with what it becomes.
      cache.set(`\ud800${i % 7}`, "half");
      assert.equal(cache.get(`\ufffd${i % 7}`), "half");
    } else assert.equal(new Set(cache.keys()).size, cache.size);
    assert.ok(cache.size <= 500);
  }
  assert.equal(cache.keys().length, cache.size);
  cache.clear();
  assert.equal(cache.size, 0);
  cache.set("again", "there");
  assert.deepEqual(cache.keys(), ["again"]);
});

Deno.test("cache (pure): where the Map seldom knows a key the index is asked first, and it changes back", () => {
  const bounds = { maxEntries: 1_000, maxBytes: Infinity };
  const store = new Store<string>(bounds, new Clock());
  const life = { ttlMs: Infinity, graceMs: 0, tags: undefined, keepTtl: false };
  const numbers = new Random(13);
  /** Reads keys, and stores those that are not there. */
  const aside = (count: number, keys: number): void => {
    for (let i = 0; i < count; i++) {
      const key = `a key of some length ${numbers.below(keys)}`;
      const slot = store.read(key);
      if (slot !== NONE) {
        assert.equal(store.slots.values[slot], `of ${key}`);
      } else {
        store.misses++;
        store.set(key, `of ${key}`, 0, life);
      }
      assert.ok(store.size <= 1_000);
    }
  };
  aside(1_000, 1_000);
  assert.equal(store.directory.prefersIndex, false, "before anything was evicted");
  aside(20_000, 5_000);
  assert.equal(store.directory.prefersIndex, true, "keys that hardly come again");
  aside(20_000, 300);
  assert.equal(store.directory.prefersIndex, false, "keys that come again and again");
  aside(20_000, 5_000);
  assert.equal(store.directory.prefersIndex, true, "and again others");
  const keys = store.keys();
  assert.equal(new Set(keys).size, keys.length);
  for (const key of keys) {
    assert.equal(store.slots.values[store.read(key)], `of ${key}`);
    assert.ok(store.delete(key));
    assert.equal(store.read(key), NONE);
  }
  assert.equal(store.size, 0);
  store.close();
});
