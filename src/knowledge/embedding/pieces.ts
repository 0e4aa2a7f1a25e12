/**
 * Word pieces: what the models of the package read instead of words.
 *
 * @module
 */

/** Longer words are no words. */
const MAX_WORD = 100;
const MAX_KNOWN = 100_000;

/** The longest pieces of words, as BERT's tokenizer finds them. */
export class WordPieces {
  readonly #rows: ReadonlyMap<string, number>;
  readonly #known = new Map<string, Uint32Array>();

  /** Takes the number of each piece; pieces inside a word begin with `##`. */
  constructor(rows: ReadonlyMap<string, number>) {
    this.#rows = rows;
  }

  /** The longest pieces of a word from its start on; none if some part of it is no piece. */
  of(word: string): Uint32Array {
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
        row = this.#rows.get(`${start > 0 ? "##" : ""}${word.slice(start, end)}`);
        if (row !== undefined) break;
      }
      if (row === undefined) return [];
      pieces.push(row);
      start = end;
    }
    return pieces;
  }
}
