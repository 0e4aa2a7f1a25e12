/** The nearest of many vectors: both twins give the same rows and products. */

import assert from "assertions";
import fc from "fast-check";
import { NativeVectorList } from "../../src/knowledge/embedding/native.ts";
import { PureVectorList } from "../../src/knowledge/embedding/pure.ts";
import { cosineOf, quantised } from "../../src/knowledge/embedding/vectors.ts";

// Loaded here, whichever twin the other tests use: the sanitizer looks at what a test loads.
{
  using first = new NativeVectorList(Int8Array.of(1), 1);
  first.products(Int8Array.of(1), first.nearest(Int8Array.of(1), 1).rows);
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
      using pure = new PureVectorList(numbers, dimensions);
      using native = new NativeVectorList(numbers, dimensions);
      const products = rows.map((row) => row.reduce((sum, x, at) => sum + x * vector[at]!, 0));
      const order = products.map((product, row) => ({ product, row }))
        .sort((a, b) => b.product - a.product || a.row - b.row).slice(0, most);
      for (const list of [pure, native]) {
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

Deno.test("quantised() keeps the direction", () => {
  const vector = Float32Array.from({ length: 256 }, (_, at) => Math.sin(at * at));
  const kept = quantised(vector);
  let product = 0;
  for (const x of kept) product += x * x;
  assert.ok(Math.abs(cosineOf(product, 256) - 1) < 0.01);
  assert.deepEqual(quantised(new Float32Array(4)), new Int8Array(4));
  assert.deepEqual(quantised(Float32Array.of(NaN, 1)), new Int8Array(2));
});
