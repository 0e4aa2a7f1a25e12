/**
 * Cuts UTF-8 text into pieces by tables: for each stage a table of `tokenizer/automaton.ts`, whose matches are pieces, and
 * what lies between two of them; the pieces of a stage are cut by the next one. Twin: `rust/areas/tokens/src/table_scan.rs`.
 *
 * @module
 */

import type { PieceScanner } from "./scan.ts";

/** Where a stage stands. */
interface Stage {
  readonly steps: Uint16Array;
  /** The end of its piece. */
  end: number;
  /** The end of the match that begins at `end`; 0 if none was looked for. */
  matched: number;
}

/** See `PieceScanner`. */
export class TableScanner implements PieceScanner {
  readonly #columns: number;
  readonly #stages: readonly Stage[];
  readonly #classes: Uint8Array;
  readonly #ascii: Uint8Array;
  #bytes: Uint8Array = new Uint8Array(0);
  #end = 0;
  /** How wide the character was that `#classAt` saw last. */
  #width = 1;

  /** Takes what the vocabulary's file says. */
  constructor(columns: number, tables: readonly Uint16Array[], classes: Uint8Array) {
    this.#columns = columns;
    this.#stages = tables.map((steps) => ({ steps, end: 0, matched: 0 }));
    this.#classes = classes;
    this.#ascii = classes.slice(0, 128);
  }

  begin(bytes: Uint8Array, end: number): void {
    this.#bytes = bytes;
    this.#end = end;
    for (const stage of this.#stages) stage.end = stage.matched = 0;
  }

  next(at: number): number {
    let limit = this.#end;
    for (const stage of this.#stages) {
      if (stage.end <= at) this.#piece(stage, at, limit);
      limit = stage.end;
    }
    return limit;
  }

  /** The next piece of a stage, which begins at `at` and ends at `limit` at the latest. */
  #piece(stage: Stage, at: number, limit: number): void {
    // What was looked for behind the last piece counts only where that piece ended.
    let matched = stage.end === at ? stage.matched : 0;
    stage.matched = 0;
    if (matched === 0) matched = this.#match(stage.steps, at, limit);
    if (matched > at) {
      stage.end = matched;
      return;
    }
    // No match begins here: the piece goes to the next one.
    do {
      this.#classAt(at);
      at += this.#width;
    } while (at < limit && (matched = this.#match(stage.steps, at, limit)) === 0);
    stage.end = at;
    stage.matched = at < limit ? matched : 0;
  }

  /** The end of the match that begins at `at`; 0 if there is none. */
  #match(steps: Uint16Array, at: number, limit: number): number {
    const columns = this.#columns;
    const bytes = this.#bytes;
    const ascii = this.#ascii;
    let last = 0;
    for (let state = 1; state !== 0;) {
      if (at >= limit) return (steps[state * columns + columns - 1]! & 1) === 1 ? at : last;
      const byte = bytes[at]!;
      let width = 1;
      let column = 0;
      if (byte < 128) column = ascii[byte]!;
      else {
        column = this.#classAt(at);
        width = this.#width;
      }
      const step = steps[state * columns + column]!;
      if ((step & 1) === 1) last = at;
      state = step >> 1;
      at += width;
    }
    return last;
  }

  #classAt(at: number): number {
    const bytes = this.#bytes;
    const byte = bytes[at]!;
    if (byte < 128) {
      this.#width = 1;
      return this.#ascii[byte]!;
    }
    const second = bytes[at + 1]! & 63;
    if (byte < 0xe0) {
      this.#width = 2;
      return this.#classes[(byte & 31) << 6 | second]!;
    }
    const third = bytes[at + 2]! & 63;
    if (byte < 0xf0) {
      this.#width = 3;
      return this.#classes[(byte & 15) << 12 | second << 6 | third]!;
    }
    this.#width = 4;
    return this.#classes[(byte & 7) << 18 | second << 12 | third << 6 | bytes[at + 3]! & 63]!;
  }
}
