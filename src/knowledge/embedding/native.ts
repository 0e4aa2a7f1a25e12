/**
 * The nearest of many vectors, and the vectors of many texts, the Rust twins: what they keep is off the heap. Pair of
 * `pure.ts` and `default.ts`, which say what comes out.
 *
 * @module
 */
import {
  embeddingAppend,
  embeddingEmbed,
  embeddingNearest,
  embeddingOpen,
  embeddingOpenTable,
  embeddingProducts,
} from "../../native/generated/embedding.ts";
import { NativeHandle } from "../../native/handle.ts";
import type { Nearest, VectorList } from "./types.ts";

/** {@linkcode VectorList} in native memory. */
export class NativeVectorList extends NativeHandle implements VectorList {
  readonly dimensions: number;
  readonly implementation = "native";
  #length = 0;

  /** An empty list with room for about so many vectors. */
  constructor(dimensions: number, room: number) {
    super("core-utils", embeddingOpen(dimensions, room), "vector list");
    this.dimensions = dimensions;
  }

  get length(): number {
    return this.#length;
  }

  append(rows: Int8Array): void {
    embeddingAppend(this.handle, bytesOf(rows));
    this.#length += rows.length / this.dimensions;
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

/** The table of the default embedder in native memory. */
export class NativeTable extends NativeHandle {
  constructor(file: Uint8Array<ArrayBuffer>) {
    super("core-utils", embeddingOpenTable(file), "embedding table");
  }

  /** The vectors of some texts, prepared by `plainWords`, row after row. */
  async rows(texts: readonly string[], signal: AbortSignal | undefined): Promise<Int8Array> {
    return await embeddingEmbed(
      this.handle,
      texts,
      (bytes) => new Int8Array(bytes.slice().buffer),
      { signal },
    );
  }
}

function bytesOf(numbers: Int8Array | Uint32Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    numbers.buffer as ArrayBuffer,
    numbers.byteOffset,
    numbers.byteLength,
  );
}
