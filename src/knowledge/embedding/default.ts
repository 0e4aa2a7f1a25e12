/**
 * The default embedder: a text's vector is the sum of the vectors of its word pieces. It needs no network, no native
 * library and some microseconds a sentence.
 *
 * @module
 */
import { fold } from "../words.ts";
import { loadTable, type PieceTable } from "./table.ts";
import type { Embedder } from "./types.ts";

/** Longer words are no words. */
const MAX_WORD = 100;
const MAX_KNOWN = 100_000;
const WORDS = (): RegExp => /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]|[\p{L}\p{N}]+/gu;

/** {@linkcode Embedder} of the table that comes with the package. */
export class DefaultEmbedder implements Embedder {
  readonly id = "minilm-256-2";
  readonly dimensions: number;
  readonly #table: PieceTable;
  readonly #known = new Map<string, Uint32Array>();

  constructor(table: PieceTable) {
    this.#table = table;
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
      for (const row of this.#piecesOf(word)) {
        const scale = scales[row]!;
        const start = row * dimensions;
        for (let i = 0; i < dimensions; i++) sum[i]! += scale * numbers[start + i]!;
      }
    }
    return sum;
  }

  /** The longest pieces of a word from its start on; none if some part of it is no piece. */
  #piecesOf(word: string): Uint32Array {
    let pieces = this.#known.get(word);
    if (pieces === undefined) {
      pieces = Uint32Array.from(word.length > MAX_WORD ? [] : this.#split(word));
      if (this.#known.size >= MAX_KNOWN) this.#known.clear();
      this.#known.set(word, pieces);
    }
    return pieces;
  }

  #split(word: string): number[] {
    const pieces: number[] = [];
    for (let start = 0; start < word.length;) {
      let end = word.length;
      let row: number | undefined;
      for (; end > start; end--) {
        row = this.#table.rows.get(`${start > 0 ? "##" : ""}${word.slice(start, end)}`);
        if (row !== undefined) break;
      }
      if (row === undefined) return [];
      pieces.push(row);
      start = end;
    }
    return pieces;
  }
}
