/**
 * The default embedder: a text's vector is the sum of the vectors of its word pieces. It needs no network, no native
 * library and some microseconds a sentence. Defines every bit of the native twin, `NativeTable` in `native.ts`.
 *
 * @module
 */
import { fold } from "../words.ts";
import { WordPieces } from "./pieces.ts";
import { loadTable, type PieceTable } from "./table.ts";
import { DEFAULT_EMBEDDER, type Embedder } from "./types.ts";

const WORDS = (): RegExp => /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]|[\p{L}\p{N}]+/gu;

/** Besides ASCII these are what words may stand between in a text that the native twin reads as it is. */
const FOREIGN = (): RegExp =>
  // deno-lint-ignore no-control-regex
  /[^\x00-\x7f\xa0-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb\xbf\u2010-\u2027\u2190-\u21ff\u2500-\u257f]/;

/** A text for the native twin, which knows ASCII alone: of others their words, folded. */
export function plainWords(text: string): string {
  return FOREIGN().test(text) ? (fold(text).match(WORDS()) ?? []).join(" ") : text;
}

let loaded: DefaultEmbedder | undefined;

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

  /** The one of this process, which remembers the pieces of words. Reads the table. */
  static async load(): Promise<DefaultEmbedder> {
    const table = await loadTable();
    if (loaded === undefined || loaded.#table !== table) loaded = new DefaultEmbedder(table);
    return loaded;
  }

  embed(texts: readonly string[]): Promise<Float32Array[]> {
    return Promise.resolve(texts.map((text) => Float32Array.from(this.sum(text))));
  }

  /** The file of the table. */
  get file(): Uint8Array<ArrayBuffer> {
    return this.#table.file;
  }

  /** The sum of the vectors of a text's word pieces. */
  sum(text: string): Float64Array {
    const { dimensions } = this;
    const sum = new Float64Array(dimensions);
    let pieces: number[] = [];
    for (const [word] of fold(text).matchAll(WORDS())) {
      for (const row of this.#pieces.of(word)) pieces.push(row);
      if (pieces.length < 4) continue;
      let at = 0;
      for (; at + 4 <= pieces.length; at += 4) {
        this.#addFour(sum, pieces[at]!, pieces[at + 1]!, pieces[at + 2]!, pieces[at + 3]!);
      }
      pieces = pieces.slice(at);
    }
    const { numbers, scales } = this.#table;
    for (const row of pieces) {
      const scale = scales[row]!;
      const start = row * dimensions;
      for (let i = 0; i < dimensions; i++) sum[i]! += scale * numbers[start + i]!;
    }
    return sum;
  }

  /** As one after the other, with a third of the reading and writing. */
  #addFour(sum: Float64Array, a: number, b: number, c: number, d: number): void {
    const { numbers, scales, dimensions } = this.#table;
    const [ofA, ofB, ofC, ofD] = [scales[a]!, scales[b]!, scales[c]!, scales[d]!];
    const atB = (b - a) * dimensions;
    const atC = (c - a) * dimensions;
    const atD = (d - a) * dimensions;
    for (let i = 0, at = a * dimensions; i < dimensions; i++, at++) {
      sum[i] = sum[i]! + ofA * numbers[at]! + ofB * numbers[at + atB]! + ofC * numbers[at + atC]! +
        ofD * numbers[at + atD]!;
    }
  }
}
