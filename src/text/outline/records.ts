/**
 * What belongs together in a text beside its paragraphs: the items of lists with what is under them, rows of tables and of
 * delimited files, lines of JSON, definitions, blocks of code and data by their indentation. One pass over the lines; of a
 * line only its front is looked at.
 *
 * @module
 */

import { type Fields, fieldsOf, type Line, type RecordLines } from "./record_lines.ts";
import type { Span } from "./types.ts";

interface Open extends Span {
  indent: number;
  kind: "item" | "record" | "line";
  /** Whether something is under it. */
  hasMore: boolean;
  /** Whether its first line opens a block. */
  opens: boolean;
}

/** The records of a stretch of a text that begin in it. */
export class Records {
  /** All of them, outer before inner ones; `end` is behind the last line end. */
  readonly spans: Span[] = [];
  readonly #lines: RecordLines;
  readonly #limit: number;
  readonly #open: Open[] = [];
  /** How many delimiters the row before the stretch has, until a blank line. */
  #rowBefore: Fields | undefined;

  /**
   * Reads a stretch.
   *
   * @param lines The lines of the text.
   * @param from Where the stretch begins.
   * @param to Where it ends: later lines begin nothing.
   * @param limit How far is read to find where records end; what ends later has no end.
   * @param before The record before it, if one is right before it.
   */
  constructor(lines: RecordLines, from: number, to: number, limit: number, before?: string);
  constructor(lines: RecordLines, from: number, to: number, limit: number, before = "") {
    this.#lines = lines;
    this.#rowBefore = before === "" ? undefined : fieldsOf(before);
    this.#limit = Math.min(limit, lines.text.length);
    this.#read(from, to);
    this.spans.sort((a, b) => a.start - b.start || b.end - a.end);
  }

  /** Where records begin, and where what is behind them does: places to cut. Ascending. */
  borders(): number[] {
    const places = new Set<number>();
    for (const { start, end } of this.spans) {
      places.add(start);
      if (end < this.#limit) places.add(this.#wordFrom(end));
    }
    return Array.from(places).sort((a, b) => a - b);
  }

  /** The outermost record around a place for which something holds, that begins at `from` or behind it. */
  around(place: number, from: number, holds: (span: Span) => boolean): Span | undefined {
    for (const span of this.spans) {
      if (span.start >= place) return undefined;
      if (span.start >= from && place < span.end && holds(span)) return span;
    }
    return undefined;
  }

  /** The record that ends at a place or goes on there. */
  before(place: number): Span | undefined {
    return this.spans.findLast(({ start, end }) => start < place && end >= place && end < Infinity);
  }

  #wordFrom(at: number): number {
    const { text } = this.#lines;
    while (at < this.#limit && text.charCodeAt(at) <= 32) at++;
    return at;
  }

  #lineAt(start: number): Line | undefined {
    return this.#lines.at(start, this.#limit);
  }

  #read(from: number, to: number): void {
    // A stretch that begins inside a line goes on with the next one.
    const isFresh = from === 0 || this.#lines.text.charCodeAt(from - 1) === 10;
    let line = this.#lineAt(from);
    let before: Line | undefined;
    let afterBlank = true;
    if (!isFresh && line !== undefined) {
      line = this.#lineAt(line.next);
      afterBlank = false;
    }
    while (line !== undefined && (line.start <= to || this.#open.length > 0)) {
      let following = this.#lineAt(line.next);
      if (line.text === "") {
        afterBlank = true;
        this.#rowBefore = undefined;
      } else {
        const row = this.#rowOf(line, afterBlank ? undefined : before);
        if (row !== undefined) following = this.#lineAt(row);
        this.#take(line, row, [before, following], afterBlank, line.start <= to);
        afterBlank = false;
        before = line;
      }
      line = following;
    }
    const isEnd = line === undefined && this.#limit === this.#lines.text.length;
    for (const open of this.#open.splice(0)) this.#close(open, isEnd);
  }

  #close(open: Open, known: boolean): void {
    if (open.kind === "line" && !open.hasMore) return;
    this.spans.push({ start: open.start, end: known ? open.end : Infinity });
  }

  #take(
    line: Line,
    row: number | undefined,
    around: readonly (Line | undefined)[],
    afterBlank: boolean,
    begins: boolean,
  ): void {
    const { isItem } = line;
    const isRow = row !== undefined;
    const end = row ?? line.next;
    for (let last = this.#open.at(-1); last !== undefined; last = this.#open.at(-1)) {
      if (this.#goesOn(last, line, afterBlank, isRow)) break;
      this.#close(this.#open.pop()!, true);
    }
    for (const open of this.#open) {
      open.end = end;
      open.hasMore = true;
    }
    if (!begins) return;
    const last = this.#open.at(-1);
    // What only goes on with a record begins none.
    if (last !== undefined && last.indent >= line.indent) return;
    const kind = isItem ? "item" : isRow || this.#isRecord(line, around) ? "record" : "line";
    this.#open.push({
      start: line.start,
      end,
      indent: line.indent,
      kind,
      hasMore: false,
      opens: line.isOpening,
    });
  }

  /** Whether a line belongs to what is open. */
  #goesOn(open: Open, line: Line, afterBlank: boolean, isRow: boolean): boolean {
    if (line.indent > open.indent) {
      return !afterBlank || open.kind === "item" || open.opens || open.hasMore;
    }
    if (line.indent < open.indent) return false;
    if (line.isDefinition && !afterBlank) return true;
    if (line.isClosing) return open.opens || open.hasMore;
    if (afterBlank || line.isItem || isRow) return false;
    // The head of a table keeps its line and its first row.
    if (line.isSeparator) return true;
    return open.kind === "item" && !line.isSpecial && !line.isRow;
  }

  #isRecord(line: Line, around: readonly (Line | undefined)[]): boolean {
    return line.isWhole || (line.isPair && around.some((one) => one?.isPair === true));
  }

  /** Where a row of a delimited file ends that begins with a line; undefined if it is none. */
  #rowOf(line: Line, adjacent: Line | undefined): number | undefined {
    const own = this.#fields(line);
    if (own === undefined) return undefined;
    const following = this.#lineAt(own.next);
    const others = [
      (adjacent === undefined ? undefined : this.#fields(adjacent)) ?? this.#rowBefore,
      following === undefined || following.text === "" ? undefined : this.#fields(following),
    ];
    for (const fields of others) {
      if (fields === undefined) continue;
      for (let kind = 0; kind < own.counts.length; kind++) {
        const count = own.counts[kind]!;
        if (count === 0 || count !== fields.counts[kind]) continue;
        if (kind < 2 || count > 3 || (!own.isSpaced && !fields.isSpaced)) return own.next;
      }
    }
    return undefined;
  }

  #fields(line: Line): Fields | undefined {
    return this.#lines.fields(line.start, this.#limit);
  }
}
