/**
 * The default embedder: a text's vector is the sum of the vectors of its word pieces. It needs no network, no native
 * library and some microseconds a sentence.
 *
 * @module
 */
import { fold } from "../words.ts";
import { WordPieces } from "./pieces.ts";
import { loadTable, type PieceTable } from "./table.ts";
import { DEFAULT_EMBEDDER, type Embedder } from "./types.ts";

const WORDS = (): RegExp => /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]|[\p{L}\p{N}]+/gu;

/** {@linkcode Embedder} of the table that comes with the package. */
export class DefaultEmbedder implements Embedder {
  readonly id = DEFAULT_EMBEDDER.id;
  readonly dimensions: number;
  readonly #table: PieceTable;
  readonly #pieces: WordPieces;

  constructor(table: PieceTable) {
    this.#table = table;
    this.#pieces = new WordPieces(table.rows);
    this.dimensions = table.dimensions;
  }

  /** Reads the table. */
  static async load(): Promise<DefaultEmbedder> {
    return new DefaultEmbedder(await loadTable());
  }

  embed(texts: readonly string[]): Promise<Float32Array[]> {
    return Promise.resolve(texts.map((text) => Float32Array.from(this.sum(text))));
  }

  /** The sum of the vectors of a text's word pieces. */
  sum(text: string): Float64Array {
    const { numbers, scales, dimensions } = this.#table;
    const sum = new Float64Array(dimensions);
    for (const [word] of fold(text).matchAll(WORDS())) {
      for (const row of this.#pieces.of(word)) {
        const scale = scales[row]!;
        const start = row * dimensions;
        for (let i = 0; i < dimensions; i++) sum[i]! += scale * numbers[start + i]!;
      }
    }
    return sum;
  }
}
