/** The nearest of many vectors: both twins give the same rows and products. */

import assert from "assertions";
import fc from "fast-check";
import { DefaultEmbedder, plainWords } from "../../src/knowledge/embedding/default.ts";
import { NativeTable, NativeVectorList } from "../../src/knowledge/embedding/native.ts";
import { PureVectorList } from "../../src/knowledge/embedding/pure.ts";
import { cosineOf, quantised } from "../../src/knowledge/embedding/vectors.ts";

// Loaded here, whichever twin the other tests use: the sanitizer looks at what a test loads.
{
  using first = new NativeVectorList(1, 0);
  first.append(Int8Array.of(1));
  first.products(Int8Array.of(1), first.nearest(Int8Array.of(1), 1).rows);
  using table = new NativeTable((await DefaultEmbedder.load()).file);
  await table.rows(["a"], undefined);
}

const byte = fc.integer({ min: -128, max: 127 });
const lists = fc.integer({ min: 1, max: 40 }).chain((dimensions) =>
  fc.record({
    dimensions: fc.constant(dimensions),
    rows: fc.array(fc.array(byte, { minLength: dimensions, maxLength: dimensions }), {
      maxLength: 30,
    }),
    vector: fc.array(byte, { minLength: dimensions, maxLength: dimensions }),
    most: fc.integer({ min: 0, max: 40 }),
  })
);

Deno.test("nearest() and products(): the twins agree, and with a plain sort", () => {
  fc.assert(
    fc.property(lists, ({ dimensions, rows, vector, most }) => {
      const numbers = Int8Array.from(rows.flat());
      const asked = Int8Array.from(vector);
      using pure = new PureVectorList(dimensions, rows.length);
      using native = new NativeVectorList(dimensions, 1);
      const products = rows.map((row) => row.reduce((sum, x, at) => sum + x * vector[at]!, 0));
      const order = products.map((product, row) => ({ product, row }))
        .sort((a, b) => b.product - a.product || a.row - b.row).slice(0, most);
      for (const list of [pure, native]) {
        // In two parts: lists grow.
        const half = dimensions * (rows.length >> 1);
        list.append(numbers.subarray(0, half));
        list.append(numbers.subarray(half));
        assert.equal(list.length, rows.length);
        assert.deepEqual(list.nearest(asked, most), {
          rows: Uint32Array.from(order, ({ row }) => row),
          products: Int32Array.from(order, ({ product }) => product),
        });
        const all = Uint32Array.from(rows.keys());
        assert.deepEqual(list.products(asked, all), Int32Array.from(products));
      }
    }),
    { seed: 13, numRuns: 200 },
  );
});

/** Letters of every kind, marks, ideographs, halves of pairs, and what stands between words. */
const SIGNS = [
  ..."aeiou tsnKLMAÉßİΣσςﬁ½²Ⅷ漢字かナ한😀é\u0301\u0345\u200d\u00ad\u00a0’—…→─·¨´¹ª#.-_'\n019",
];
const words = fc.array(
  fc.oneof(
    fc.constantFrom(...SIGNS, "\ud800", "\udc00", "store", "Connection", "unbelievably", "xq"),
    fc.constantFrom(" ", "a", "re", "ing"),
    fc.string({ unit: "binary", maxLength: 3 }),
  ),
  { maxLength: 60 },
).map((parts) => parts.join(""));

Deno.test("the vectors of texts: the native table gives every bit of the pure one", async () => {
  const embedder = await DefaultEmbedder.load();
  using native = new NativeTable(embedder.file);
  await fc.assert(
    fc.asyncProperty(fc.array(words, { maxLength: 20 }), async (texts) => {
      texts.push("x".repeat(101), "é".repeat(100), "");
      const rows = await native.rows(texts.map(plainWords), undefined);
      const vectors = (await embedder.embed(texts)).map((vector) => quantised(vector));
      assert.deepEqual(rows, Int8Array.from(vectors.flatMap((vector) => [...vector])));
    }),
    { seed: 17, numRuns: 150 },
  );
  assert.throws(() => new NativeTable(embedder.file.slice(0, -1)), { code: "CORRUPT" });
  const stopped = native.rows(["a"], AbortSignal.abort(new Error("enough")));
  await assert.rejects(stopped, /enough/);
});

Deno.test("quantised() keeps the direction", () => {
  const vector = Float32Array.from({ length: 256 }, (_, at) => Math.sin(at * at));
  const kept = quantised(vector);
  let product = 0;
  for (const x of kept) product += x * x;
  assert.ok(Math.abs(cosineOf(product, 256) - 1) < 0.01);
  assert.deepEqual(quantised(new Float32Array(4)), new Int8Array(4));
  assert.deepEqual(quantised(Float32Array.of(NaN, 1)), new Int8Array(2));
});
