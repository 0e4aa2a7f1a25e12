/** How responses are stored: what was written is read, and whatever else is no entry. */

import assert from "assertions";
import fc from "fast-check";
import { createCache } from "../../../src/cache/mod.ts";
import { decodeEntry, encodeEntry, type Variant } from "../../../src/http/cache/record.ts";
import { keyOf } from "../../../src/http/cache/store.ts";
import { check } from "../../support/arbitraries.ts";
import { PAGE, Site } from "./support.ts";

const name = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
const value = fc.string({ unit: "binary" }).map((text) => text.toWellFormed().replaceAll("\n", ""));
const amount = fc.double({ min: 0, max: 1e12, noNaN: true, noDefaultInfinity: true });
const variant: fc.Arbitrary<Variant> = fc.record({
  status: fc.integer({ min: 200, max: 599 }),
  policy: fc.record({
    lifetime: amount,
    whileRevalidate: amount,
    ifError: fc.option(amount, { nil: undefined }),
    noCache: fc.boolean(),
    mustRevalidate: fc.boolean(),
    forAll: fc.boolean(),
  }),
  receivedMs: amount,
  initialAge: amount,
  digest: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  vary: fc.array(name, { maxLength: 3 }),
  fields: fc.array(fc.tuple(name, value), { maxLength: 5 }),
  body: fc.uint8Array({ maxLength: 100 }).map((bytes) => new Uint8Array(bytes)),
});
const variants = fc.array(variant, { maxLength: 4 });

/** As values alone. */
function plain(list: readonly Variant[] | undefined): unknown {
  return list?.map((each) => ({
    ...each,
    policy: { ...each.policy },
    digest: [...each.digest],
    body: [...each.body],
  }));
}

Deno.test("what was written is read", () => {
  check(
    fc.property(variants, (list) => {
      assert.deepEqual(plain(decodeEntry(encodeEntry(list))), plain(list));
    }),
    500,
  );
});

Deno.test("a bit that changed, an end that is missing and more than the end are seen", () => {
  check(
    fc.property(variants, fc.nat(), fc.integer({ min: 1, max: 255 }), (list, at, change) => {
      const bytes = encodeEntry(list);
      const place = at % bytes.length;
      const changed = bytes.slice();
      changed[place]! ^= change;
      assert.equal(decodeEntry(changed), undefined);
      assert.equal(decodeEntry(bytes.subarray(0, place)), undefined);
      assert.equal(decodeEntry(new Uint8Array([...bytes, 0])), undefined);
    }),
    500,
  );
});

Deno.test("lengths that lie are seen, though the sum is right", async () => {
  const { crc32 } = await import("node:zlib");
  check(
    fc.property(variants, fc.nat(), fc.nat(0xffffffff), (list, at, number) => {
      const bytes = encodeEntry(list);
      if (bytes.length < 16) return;
      const view = new DataView(bytes.buffer);
      view.setUint32(8 + at % (bytes.length - 12), number, true);
      view.setUint32(4, crc32(bytes.subarray(8)), true);
      // It may still be an entry; it never throws, and what it says lies within it.
      for (const each of decodeEntry(bytes) ?? []) assert.ok(each.body.length <= bytes.length);
    }),
    2000,
  );
});

Deno.test("a line feed in a value, which cannot be, makes no field", () => {
  const [first] = fc.sample(variant, { seed: 1, numRuns: 1 });
  const [read] = decodeEntry(
    encodeEntry([{ ...first!, fields: [["a", "1\nset-cookie:x"], ["b", "2"]] }]),
  )!;
  assert.deepEqual(read!.fields, [["a", "1 set-cookie:x"], ["b", "2"]]);
});

Deno.test("whatever stands in the cache under its key, a request is answered and it is replaced", async () => {
  const key = keyOf("GET", new URL(PAGE));
  const junk = [[], [1], [0x41, 0x48, 0x43, 2, 0, 0, 0, 0, 0, 0, 0, 0], new Array(1000).fill(255)];
  for (const bytes of junk) {
    const cache = createCache({ codec: "bytes", implementation: "pure" });
    cache.set(key, new Uint8Array(bytes));
    await using server = new Site(() => ({ headers: { "cache-control": "max-age=100" } }), {
      cache,
    });
    assert.equal((await server.ask()).fromCache, false);
    assert.equal((await server.ask()).fromCache, true);
  }
});

Deno.test("no secret of a request and no address is in the cache", async () => {
  const cache = createCache({ codec: "bytes", implementation: "pure" });
  await using server = new Site(
    () => ({ headers: { "cache-control": "max-age=100", vary: "x-secret" }, body: "body" }),
    { cache },
  );
  await server.ask(`${PAGE}?token=hush1`, {
    headers: { authorization: "hush2", cookie: "hush3", "x-secret": "hush4" },
  });
  const [key] = cache.keys();
  const all = key! + new TextDecoder("latin1").decode(cache.get(key!));
  assert.ok(all.includes("body"));
  assert.equal(/hush|site\.test/.test(all), false);
});
