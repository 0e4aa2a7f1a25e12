/**
 * What belongs together in a text beside its paragraphs: the items of lists with what is under them, rows of tables and of
 * delimited files, lines of JSON, definitions, blocks of code and data by their indentation. One pass over the lines; of a
 * line only its front is looked at.
 *
 * @module
 */

import { FRONT } from "./lines.ts";
import type { Span } from "./types.ts";

/** The marker of an item. */
const ITEM =
  /^(?:[-*+•‣◦▪]|\(?(?:\d{1,9}|[A-Za-z]|[ivxlcdm]{2,7}|[IVXLCDM]{2,7})[.)]|\[[ xX\d]{1,4}\])[ \t]/;
const ROW = /^\|/;
/** The line under the head of a table. */
export const SEPARATOR = /^\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?$/;
const JSON_LINE = /^[{[].*[}\]],?$/;
const ELEMENT = /^<([A-Za-z][\w:.-]*)[^>]*>.*<\/\1>$|^<[A-Za-z][^>]*\/>$/;
const PAIR = /^["']?[\p{L}\p{N}_][\p{L}\p{N}_ .\-\/]{0,40}["']?[ \t]*[:=](?:[ \t]|$)/u;
const DATED = /^[[(]?\d{2,4}[-/.:]\d{1,2}[-/.:T ]/;
const DEFINITION = /^[:~][ \t]/;
const CLOSING = /^(?:[\]})]|<\/|(?:end|fi|done|esac)\b)/;
const OPENING = /[[{(:]$/;
const SPECIAL = /^(?:#{1,6}[ \t]|`{3}|~{3}|>)/;
/** Tab, bar, semicolon, comma. */
const DELIMITERS = 4;
/** The most lines of one row whose fields are quoted. */
const ROW_LINES = 20;

interface Line {
  start: number;
  /** Behind its line end. */
  next: number;
  indent: number;
  /** Without white space at its ends; its front, if it is long. */
  text: string;
}

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
  readonly #text: string;
  readonly #limit: number;
  readonly #open: Open[] = [];
  readonly #known = new Map<number, Fields>();
  /** How many delimiters the row before the stretch has, until a blank line. */
  #rowBefore: Fields | undefined;

  /**
   * Reads a stretch.
   *
   * @param text The text.
   * @param from Where the stretch begins.
   * @param to Where it ends: later lines begin nothing.
   * @param limit How far is read to find where records end; what ends later has no end.
   * @param before The record before it, if one is right before it.
   */
  constructor(text: string, from: number, to: number, limit: number, before?: string);
  constructor(text: string, from: number, to: number, limit: number, before = "") {
    this.#text = text;
    this.#rowBefore = before === "" ? undefined : fieldsIn(before, 0, before.length);
    this.#limit = Math.min(limit, text.length);
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
    return this.spans.find((span) =>
      span.start >= from && span.start < place && place < span.end && holds(span)
    );
  }

  /** The record that ends at a place or goes on there. */
  before(place: number): Span | undefined {
    return this.spans.findLast(({ start, end }) => start < place && end >= place && end < Infinity);
  }

  #wordFrom(at: number): number {
    while (at < this.#limit && this.#text.charCodeAt(at) <= 32) at++;
    return at;
  }

  #lineAt(start: number): Line | undefined {
    if (start >= this.#limit) return undefined;
    const feed = this.#text.indexOf("\n", start);
    const end = feed < 0 || feed >= this.#limit ? this.#limit : feed;
    const front = this.#text.slice(start, Math.min(end, start + FRONT));
    const text = front.trim();
    let indent = 0;
    for (let at = 0; at < front.length; at++) {
      const unit = front.charCodeAt(at);
      if (unit === 32) indent++;
      else if (unit === 9) indent += 4 - indent % 4;
      else break;
    }
    return { start, next: Math.min(end + 1, this.#limit), indent, text };
  }

  #read(from: number, to: number): void {
    // A stretch that begins inside a line goes on with the next one.
    const isFresh = from === 0 || this.#text.charCodeAt(from - 1) === 10;
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
        if (row !== undefined) {
          line.next = row;
          following = this.#lineAt(row);
        }
        this.#take(line, [before, following], afterBlank, row !== undefined, line.start <= to);
        afterBlank = false;
        before = line;
      }
      line = following;
    }
    const isEnd = line === undefined && this.#limit === this.#text.length;
    for (const open of this.#open.splice(0)) this.#close(open, isEnd);
  }

  #close(open: Open, known: boolean): void {
    if (open.kind === "line" && !open.hasMore) return;
    this.spans.push({ start: open.start, end: known ? open.end : Infinity });
  }

  #take(
    line: Line,
    around: readonly (Line | undefined)[],
    afterBlank: boolean,
    isRow: boolean,
    begins: boolean,
  ): void {
    const isItem = ITEM.test(line.text);
    for (let last = this.#open.at(-1); last !== undefined; last = this.#open.at(-1)) {
      if (this.#goesOn(last, line, afterBlank, isItem, isRow)) break;
      this.#close(this.#open.pop()!, true);
    }
    for (const open of this.#open) {
      open.end = line.next;
      open.hasMore = true;
    }
    if (!begins) return;
    const last = this.#open.at(-1);
    // What only goes on with a record begins none.
    if (last !== undefined && last.indent >= line.indent) return;
    const kind = isItem ? "item" : isRow || this.#isRecord(line, around) ? "record" : "line";
    this.#open.push({
      start: line.start,
      end: line.next,
      indent: line.indent,
      kind,
      hasMore: false,
      opens: OPENING.test(line.text),
    });
  }

  /** Whether a line belongs to what is open. */
  #goesOn(open: Open, line: Line, afterBlank: boolean, isItem: boolean, isRow: boolean): boolean {
    if (line.indent > open.indent) {
      return !afterBlank || open.kind === "item" || open.opens || open.hasMore;
    }
    if (line.indent < open.indent) return false;
    if (DEFINITION.test(line.text) && !afterBlank) return true;
    if (CLOSING.test(line.text)) return open.opens || open.hasMore;
    if (afterBlank || isItem || isRow) return false;
    // The head of a table keeps its line and its first row.
    if (SEPARATOR.test(line.text) && line.text.includes("|")) return true;
    return open.kind === "item" && !SPECIAL.test(line.text) && !ROW.test(line.text);
  }

  #isRecord({ text }: Line, around: readonly (Line | undefined)[]): boolean {
    if (ROW.test(text) || JSON_LINE.test(text) || ELEMENT.test(text) || DATED.test(text)) {
      return true;
    }
    return PAIR.test(text) && around.some((line) => line !== undefined && PAIR.test(line.text));
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
      for (let kind = 0; kind < DELIMITERS; kind++) {
        const count = own.counts[kind]!;
        if (count === 0 || count !== fields.counts[kind]) continue;
        if (kind < 2 || count > 3 || (!own.isSpaced && !fields.isSpaced)) return own.next;
      }
    }
    return undefined;
  }

  /** A line's fields; it is asked for its own, and as the neighbour of two others. */
  #fields(line: Line): Fields | undefined {
    let fields = this.#known.get(line.start);
    if (fields === undefined) {
      fields = fieldsIn(this.#text, line.start, this.#limit) ?? NO_FIELDS;
      this.#known.set(line.start, fields);
    }
    return fields === NO_FIELDS ? undefined : fields;
  }
}

/** How many delimiters of each kind a row has outside quotes; it may go over lines in them. */
interface Fields {
  counts: number[];
  /** Whether a comma or semicolon has a blank behind it, as in prose. */
  isSpaced: boolean;
  /** Behind its line end. */
  next: number;
}

const NO_FIELDS: Fields = { counts: [], isSpaced: false, next: 0 };

function fieldsIn(text: string, start: number, limit: number): Fields | undefined {
  const counts = [0, 0, 0, 0];
  let isQuoted = false;
  let isSpaced = false;
  let lines = 0;
  let at = start;
  const furthest = Math.min(limit, start + 16 * FRONT);
  for (; at < furthest; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x3b && unit !== 0x7c) continue;
    if (unit === 0x22) isQuoted = !isQuoted;
    else if (unit === 0x0a) {
      if (!isQuoted || ++lines > ROW_LINES) break;
    } else if (!isQuoted) {
      const kind = unit === 0x2c ? 3 : unit === 0x3b ? 2 : unit === 0x7c ? 1 : unit === 9 ? 0 : -1;
      if (kind < 0) continue;
      counts[kind]!++;
      if (kind > 1 && text.charCodeAt(at + 1) === 0x20) isSpaced = true;
    }
  }
  if (isQuoted || counts.every((count) => count === 0)) return undefined;
  return { counts, isSpaced, next: Math.min(at + 1, limit) };
}
