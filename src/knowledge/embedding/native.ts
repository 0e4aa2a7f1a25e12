/**
 * The nearest of many vectors, the Rust twin: the vectors are kept off the heap. Pair of `pure.ts`, which says what
 * comes out.
 *
 * @module
 */
import {
  embeddingNearest,
  embeddingOpen,
  embeddingProducts,
} from "../../native/generated/embedding.ts";
import { NativeHandle } from "../../native/handle.ts";
import type { Nearest, VectorList } from "./types.ts";

/** {@linkcode VectorList} in native memory. */
export class NativeVectorList extends NativeHandle implements VectorList {
  readonly dimensions: number;
  readonly length: number;
  readonly implementation = "native";

  constructor(rows: Int8Array, dimensions: number) {
    super("core-utils", embeddingOpen(bytesOf(rows), dimensions), "vector list");
    this.dimensions = dimensions;
    this.length = rows.length / dimensions;
  }

  nearest(vector: Int8Array, most: number): Nearest {
    const found = embeddingNearest(
      this.handle,
      bytesOf(vector),
      most,
      8 * Math.min(most, this.length),
    );
    const rows = new Uint32Array(found.length / 2);
    const products = new Int32Array(found.length / 2);
    for (let at = 0; at < rows.length; at++) {
      rows[at] = found[2 * at]!;
      products[at] = found[2 * at + 1]! | 0;
    }
    return { rows, products };
  }

  products(vector: Int8Array, rows: Uint32Array): Int32Array {
    const found = embeddingProducts(this.handle, bytesOf(vector), bytesOf(rows), 4 * rows.length);
    return Int32Array.from(found);
  }
}

function bytesOf(numbers: Int8Array | Uint32Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    numbers.buffer as ArrayBuffer,
    numbers.byteOffset,
    numbers.byteLength,
  );
}
