/**
 * The lines of a text as records are told by them: how far a line is indented, what it looks like, how many fields it has.
 * What is known of a line is kept, because stretches that are looked at one after the other share most of theirs.
 *
 * @module
 */

import { FRONT } from "./lines.ts";

/** The marker of an item. */
const ITEM =
  /^(?:[-*+•‣◦▪]|\(?(?:\d{1,9}|[A-Za-z]|[ivxlcdm]{2,7}|[IVXLCDM]{2,7})[.)]|\[[ xX\d]{1,4}\])[ \t]/;
/** The line under the head of a table. */
export const SEPARATOR = /^\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?$/;
const JSON_LINE = /^[{[].*[}\]],?$/;
const ELEMENT = /^<([A-Za-z][\w:.-]*)[^>]*>.*<\/\1>$|^<[A-Za-z][^>]*\/>$/;
const PAIR = /^["']?[\p{L}\p{N}_][\p{L}\p{N}_ .\-\/]{0,40}["']?[ \t]*[:=](?:[ \t]|$)/u;
const DATED = /^[[(]?\d{2,4}[-/.:]\d{1,2}[-/.:T ]/;
const CLOSING = /^(?:[\]})]|<\/|(?:end|fi|done|esac)\b)/;
const SPECIAL = /^(?:#{1,6}[ \t]|`{3}|~{3}|>)/;
/** The most lines of one row whose fields are quoted. */
const ROW_LINES = 20;
/** So many lines are kept at most. */
const MOST_LINES = 8192;

/** A line of a text. */
export class Line {
  /** Where it begins. */
  readonly start: number;
  /** Behind its line end. */
  readonly next: number;
  /** How far it is set in, in columns. */
  readonly indent: number;
  /** Without white space at its ends; its front, if it is long. */
  readonly text: string;
  #isItem: boolean | undefined;
  #isPair: boolean | undefined;
  #isWhole: boolean | undefined;

  /** Reads a line of a text: where it begins, ends, and goes on. */
  constructor(text: string, start: number, end: number, next: number) {
    const front = text.slice(start, Math.min(end, start + FRONT));
    let indent = 0;
    for (let at = 0; at < front.length; at++) {
      const unit = front.charCodeAt(at);
      if (unit === 32) indent++;
      else if (unit === 9) indent += 4 - indent % 4;
      else break;
    }
    this.start = start;
    this.next = next;
    this.indent = indent;
    this.text = front.trim();
  }

  /** Whether it begins with the marker of an item. */
  get isItem(): boolean {
    return this.#isItem ??= ITEM.test(this.text);
  }

  /** Whether it is a name and what is set to it, as others beside it may be. */
  get isPair(): boolean {
    return this.#isPair ??= PAIR.test(this.text);
  }

  /** Whether it is a record whatever stands beside it. */
  get isWhole(): boolean {
    return this.#isWhole ??= this.isRow || JSON_LINE.test(this.text) || ELEMENT.test(this.text) ||
      DATED.test(this.text);
  }

  /** Whether it is a row of a table of Markdown. */
  get isRow(): boolean {
    return this.text.startsWith("|");
  }

  /** Whether it is the line under a table's head. */
  get isSeparator(): boolean {
    return this.text.includes("|") && SEPARATOR.test(this.text);
  }

  /** Whether it defines the term above it. */
  get isDefinition(): boolean {
    const { text } = this;
    if (text[0] !== ":" && text[0] !== "~") return false;
    return text[1] === " " || text[1] === "\t";
  }

  /** Whether it closes a block. */
  get isClosing(): boolean {
    return CLOSING.test(this.text);
  }

  /** Whether it opens a block. */
  get isOpening(): boolean {
    const last = this.text.at(-1);
    return last === "{" || last === "[" || last === "(" || last === ":";
  }

  /** Whether it is a heading, a fence or a quote. */
  get isSpecial(): boolean {
    return SPECIAL.test(this.text);
  }
}

/** How many delimiters of each kind a row has outside quotes; it may go over lines in them. */
export interface Fields {
  /** Of tab, bar, semicolon and comma; none if there is no delimiter, or quotes that nothing closes. */
  counts: readonly number[];
  /** Whether a comma or semicolon has a blank behind it, as in prose. */
  isSpaced: boolean;
  /** Behind its line end. */
  next: number;
}

/** The lines of a text, each looked at once. */
export class RecordLines {
  /** The text. */
  text = "";
  readonly #lines = new Map<number, Line>();
  readonly #fields = new Map<number, Fields>();

  /** Takes a text, of which nothing is known. */
  begin(text: string): void {
    this.text = text;
    this.#lines.clear();
    this.#fields.clear();
  }

  /** The line that begins at a place, as far as it lies before a limit; undefined behind that. */
  at(start: number, limit: number): Line | undefined {
    if (start >= limit) return undefined;
    const known = this.#lines.get(start);
    if (known !== undefined && known.next <= limit) return known;
    const { text } = this;
    const feed = text.indexOf("\n", start);
    if (feed < 0 || feed >= limit) return new Line(text, start, limit, limit);
    const line = new Line(text, start, feed, feed + 1);
    if (this.#lines.size >= MOST_LINES) this.#lines.clear();
    this.#lines.set(start, line);
    return line;
  }

  /** The fields of the row that begins with a line; undefined if it has no delimiter, or quotes that nothing closes. */
  fields(start: number, limit: number): Fields | undefined {
    let fields = this.#fields.get(start);
    if (fields === undefined || fields.next > limit) {
      const found = fieldsIn(this.text, start, limit);
      ({ fields } = found);
      if (found.isCertain) {
        if (this.#fields.size >= MOST_LINES) this.#fields.clear();
        this.#fields.set(start, fields);
      }
    }
    return fields.counts.length === 0 ? undefined : fields;
  }
}

/** The fields of the row at the beginning of a text that ends behind it. */
export function fieldsOf(row: string): Fields | undefined {
  const { fields } = fieldsIn(row, 0, row.length);
  return fields.counts.length === 0 ? undefined : fields;
}

/** The fields of a row, and whether they would be the same with more text behind the limit. */
function fieldsIn(
  text: string,
  start: number,
  limit: number,
): { fields: Fields; isCertain: boolean } {
  let tabs = 0;
  let bars = 0;
  let semicolons = 0;
  let commas = 0;
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
      if (unit === 0x2c || unit === 0x3b) {
        if (unit === 0x2c) commas++;
        else semicolons++;
        if (text.charCodeAt(at + 1) === 0x20) isSpaced = true;
      } else if (unit === 0x7c) bars++;
      else if (unit === 9) tabs++;
    }
  }
  const isNone = isQuoted || tabs + bars + semicolons + commas === 0;
  const counts = isNone ? [] : [tabs, bars, semicolons, commas];
  return { fields: { counts, isSpaced, next: Math.min(at + 1, limit) }, isCertain: at < limit };
}
