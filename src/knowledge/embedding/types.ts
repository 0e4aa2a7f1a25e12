/**
 * The shapes of embedding: what makes vectors of texts, and how the nearest of many are found.
 *
 * @module
 */

/** Makes vectors of texts, so that texts of like meaning have vectors of like direction. */
export interface Embedder {
  /** Which model it is; a store is embedded anew when this changes. */
  readonly id: string;
  /** How long its vectors are, 1 to 4,096; 0 as long as nobody knows. */
  readonly dimensions: number;
  /** Finds out how long its vectors are; called before anything else while `dimensions` is 0. */
  prepare?(options: { signal?: AbortSignal }): Promise<void>;
  /** Makes one vector for each text, in their order. */
  embed(
    texts: readonly string[],
    options: { kind: "query" | "document"; signal?: AbortSignal },
  ): Promise<Float32Array[]>;
}

/** An embedder that brings its vectors to whole numbers itself. */
export interface RowEmbedder extends Embedder {
  /** The vectors of some texts as they are kept, row after row. */
  rows(texts: readonly string[], signal: AbortSignal | undefined): Promise<Int8Array>;
}

/** The default embedder: which table it is (a store is embedded anew when this changes), how long its vectors are. */
export const DEFAULT_EMBEDDER = { id: "minilm-256-2", dimensions: 256 } as const;

/** The rows of a list of vectors that are nearest to one, best first; of equals the first row. */
export interface Nearest {
  /** Their rows. */
  rows: Uint32Array;
  /** The inner products, whole numbers. */
  products: Int32Array;
}

/** A list of vectors of int8 that grows, searched exactly. */
export interface VectorList extends Disposable {
  /** How long a vector is. */
  readonly dimensions: number;
  /** How many there are. */
  readonly length: number;
  /** Which twin it is. */
  readonly implementation: "native" | "pure";
  /** Adds vectors, row after row. */
  append(rows: Int8Array): void;
  /** The `most` rows with the largest inner product with a vector. */
  nearest(vector: Int8Array, most: number): Nearest;
  /** The inner product of a vector with some rows. */
  products(vector: Int8Array, rows: Uint32Array): Int32Array;
}
