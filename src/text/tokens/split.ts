/**
 * Splits a text into chunks by tokens; what it promises is said at `Encoding.split`. One algorithm over both twins, which
 * give it counts and token ends.
 *
 * A chunk is found from its beginning: a window of the text behind it is encoded, and the last border is taken at which
 * the exact count is not over the bound. Time is near to linear: each chunk costs a few times its own length.
 *
 * @module
 */

import { codePoints, graphemes, LOOKAHEAD, sentences, wholeUpTo, words } from "./borders.ts";
import {
  countUpTo,
  HeadingPath,
  PositionReader,
  RecordLines,
  Records,
  type Span,
} from "../outline/mod.ts";
import type { Chunk, TokenTwin } from "./types.ts";
import { TokenWindow } from "./window.ts";

/** UTF-16 units a token has, at a guess for the first window. */
const UNITS = 6;
/** UTF-16 units a token has at most, nearly always: so far is looked for the end of a record. */
const MOST_UNITS = 16;

/** UTF-16 units before a chunk that are kept: more than anything looks back. */
const LEAD = 64;

/** A record and where it ends. */
interface Ended {
  text: string;
  end: number;
}

const NO_RECORD: Ended = { text: "", end: 0 };

/** A border and how many tokens the chunk up to it has. */
interface Cut {
  end: number;
  tokens: number;
}

/** How chunks are made; checked. */
export interface Bounds {
  /** The most tokens of a chunk. */
  max: number;
  /** The most tokens that a chunk repeats. */
  overlap: number;
  /** Whether the head of a table stands before rows that were cut off from it. */
  repeatHeader: boolean;
}

/** Splits a text. */
export function split(text: string, bounds: Bounds, twin: TokenTwin): Chunk[] {
  return new Splitter(bounds, twin).push(text, true);
}

/**
 * Splits a text that may come in parts: a chunk is cut off as soon as nothing that may follow can change it. Only what
 * is not cut off yet is kept; positions inside count from its beginning.
 */
export class Splitter {
  readonly #bounds: Bounds;
  readonly #overlap: number;
  readonly #path = new HeadingPath();
  /** The record before the next chunk, and the one before the place where the chunk is cut. */
  #before = NO_RECORD;
  /** Which records fit into a chunk; those of one look at the text. */
  readonly #fitting = new WeakMap<Span, boolean>();
  #behind = NO_RECORD;
  /** The most tokens of the text of this chunk. */
  #max: number;
  readonly #twin: TokenTwin;
  readonly #outline = new PositionReader();
  readonly #lines = new RecordLines();
  #text = "";
  /** Where the text that is kept begins in the whole. */
  #base = 0;
  /** Where the next chunk begins in the kept text; up to `#done` it repeats the one before. */
  #start = 0;
  #done = 0;
  /** Up to where nothing can change any more, whatever follows. */
  #certain = 0;
  /** Before the kept text is this long, another look is not worth while. */
  #needed = 0;
  /** The tokens behind a chunk's beginning, and how far they are looked at at least. */
  readonly #window: TokenWindow;
  #size = 0;

  constructor(bounds: Bounds, twin: TokenTwin) {
    this.#bounds = bounds;
    this.#max = bounds.max;
    this.#overlap = bounds.overlap;
    this.#twin = twin;
    this.#window = new TokenWindow(twin);
  }

  /**
   * Takes a part of the text.
   *
   * @param part The part.
   * @param last Whether the text ends with it.
   * @returns The chunks that are certain now.
   */
  push(part: string, last: boolean): Chunk[] {
    this.#text += part;
    const chunks: Chunk[] = [];
    if (!last && this.#text.length < this.#needed) return chunks;
    this.#outline.read(this.#text, last);
    this.#lines.begin(this.#text);
    while (this.#done < this.#text.length) {
      this.#certain = last ? Infinity : this.#outline.certainFrom(this.#done) -
        LOOKAHEAD - this.#reach;
      const chunk = this.#next(last);
      if (chunk === undefined) break;
      chunks.push(chunk);
    }
    // Whether a line begins at the next chunk, and which words stand before it, is still asked.
    const passed = Math.max(0, this.#start - LEAD);
    this.#text = this.#text.slice(passed);
    this.#outline.drop(passed);
    this.#window.drop(passed);
    this.#base += passed;
    this.#done -= passed;
    this.#needed -= passed;
    this.#before = { ...this.#before, end: this.#before.end - passed };
    this.#start -= passed;
    return chunks;
  }

  /** How far behind a window records are looked at. */
  get #reach(): number {
    return MOST_UNITS * this.#bounds.max + 64;
  }

  /** The next chunk; undefined if what follows may change it. */
  #next(last: boolean): Chunk | undefined {
    const { headings, tables } = this.#outline;
    const done = this.#done;
    const stop = headings[countUpTo(headings, done)] ?? (last ? this.#text.length : Infinity);
    this.#max = this.#bounds.max;
    let repeated = "";
    if (this.#bounds.repeatHeader) {
      const table = tables.find((some) => some.start <= done && done < some.end);
      if (table !== undefined) {
        this.#start = done;
        repeated = table.header;
      }
    }
    let cut: Cut | undefined;
    if (repeated !== "") {
      const found = this.#withHeader(repeated, done, stop);
      if (found === undefined) return undefined;
      if (found === "no room") {
        repeated = "";
        this.#max = this.#bounds.max;
      } else cut = found;
    }
    if (cut === undefined && this.#start < done) {
      if (!this.#look(this.#start, stop)) return undefined;
      cut = this.#cut(this.#start, done, stop, false);
      // What it was to repeat leaves no room for a whole sentence.
      if (cut === undefined) this.#start = done;
    }
    if (cut === undefined) {
      if (!this.#look(done, stop)) return undefined;
      cut = this.#cut(done, done, stop, true)!;
    }
    return this.#chunk(cut, stop, repeated);
  }

  #chunk({ end, tokens }: Cut, stop: number, repeated: string): Chunk {
    const start = this.#start;
    const base = this.#base;
    this.#done = end;
    this.#before = this.#behind;
    this.#start = this.#overlap > 0 && end < stop ? this.#overlapStart(start, end, tokens) : end;
    const { titles } = this.#outline;
    let passed = 0;
    for (; passed < titles.length && titles[passed]!.at < end; passed++) {
      this.#path.enterTitle(titles[passed]!.level, titles[passed]!.title);
    }
    titles.splice(0, passed);
    const own = this.#text.slice(start, end);
    const headings = this.#path.titles();
    if (repeated === "") {
      return { text: own, start: base + start, end: base + end, tokens, headings };
    }
    const text = repeated + own;
    return {
      text,
      start: base + start,
      end: base + end,
      tokens: this.#twin.count(text),
      headings,
      repeated: repeated.length,
    };
  }

  /** The rows that fit behind the head of their table, if it is one whole row at least. */
  #withHeader(header: string, done: number, stop: number): Cut | "no room" | undefined {
    const { max } = this.#bounds;
    this.#max = max - this.#twin.count(header);
    while (this.#max > 0) {
      if (!this.#look(done, stop)) return undefined;
      const cut = this.#cut(done, done, stop, false);
      if (cut === undefined) break;
      const over = this.#twin.count(header + this.#text.slice(done, cut.end)) - max;
      if (over <= 0) {
        const isRow = cut.end === this.#text.length || this.#text.charCodeAt(cut.end - 1) === 10;
        return isRow ? cut : "no room";
      }
      // Together they may have a few tokens more.
      this.#max -= over;
    }
    return "no room";
  }

  /**
   * The chunk that begins at `start`, ends behind `done` and at `stop` at the latest. Undefined if it could only be cut
   * inside a sentence, and that was not wanted.
   */
  #cut(start: number, done: number, stop: number, anywhere: boolean): Cut | undefined {
    const total = this.#window.tokens;
    this.#behind = NO_RECORD;
    if (total <= this.#max) return { end: stop, tokens: total };
    const text = this.#text;
    const most = this.#window.endOf(this.#max - 1);
    const { blocks, fences } = this.#outline;
    const limit = Math.min(stop, most + this.#reach);
    // A record that was cut goes on to its end; only there can another one begin.
    const from = Math.max(done, this.#before.end);
    const records = new Records(this.#lines, from, most, limit, this.#before.text);
    const cut = this.#whole(blocksIn(blocks, done, most), done, most, records) ??
      this.#beforeFence(fences, done, most) ??
      this.#whole(
        merged(sentences(text, done, most, this.#outline), records.borders()),
        done,
        most,
        records,
      );
    const found = cut ?? (anywhere ? this.#inside(start, done, most, records) : undefined);
    if (found !== undefined) this.#remember(found.end, done, records);
    return found;
  }

  /** A cut that breaks a sentence or a record. */
  #inside(start: number, done: number, most: number, records: Records): Cut {
    const text = this.#text;
    return this.#withoutEnd(done, records) ?? this.#last(words(text, done, most)) ??
      this.#last(graphemes(text, done, most)) ?? this.#last(codePoints(text, done, most)) ??
      this.#character(start);
  }

  /** Keeps the record before a place, which may have begun in an earlier chunk. */
  #remember(end: number, done: number, records: Records): void {
    const own = records.before(end);
    if (own !== undefined) {
      this.#behind = { text: this.#text.slice(own.start, own.end), end: own.end };
    } else if (!this.#text.slice(done, end).includes("\n\n")) this.#behind = this.#before;
  }

  /** A fence that does not fit into the rest of the chunk is left to the next one. */
  #beforeFence(fences: readonly number[], done: number, most: number): Cut | undefined {
    const passed = countUpTo(fences, most);
    const fence = fences[passed - 1];
    return passed % 2 === 1 && fence !== undefined && fence > done
      ? this.#last([fence])
      : undefined;
  }

  /** The first of descending borders that cuts no record which fits whole into a chunk. */
  #whole(
    borders: Iterable<number>,
    done: number,
    most: number,
    records: Records,
  ): Cut | undefined {
    for (const border of borders) {
      if (border <= done || border > most) continue;
      const record = records.around(border, done, (span) => this.#fits(span));
      // One that begins here fits but for its line end.
      if (record?.start === done) continue;
      const cut = this.#last([record?.start ?? border]);
      if (cut !== undefined) return cut;
    }
    return undefined;
  }

  /** A record that fits without the blank lines, or the line end, behind it. */
  #withoutEnd(done: number, { spans }: Records): Cut | undefined {
    const record = spans.find((span) => span.start === done && this.#fits(span));
    if (record === undefined) return undefined;
    const { length } = this.#text.slice(done, record.end).trimEnd();
    return this.#last([record.end, done + length]);
  }

  /** Whether a record is no larger than a chunk; asked again for every border in it. */
  #fits(span: Span): boolean {
    let fits = this.#fitting.get(span);
    if (fits === undefined) {
      const { max } = this.#bounds;
      const { start, end } = span;
      fits = end - start <= MOST_UNITS * max &&
        this.#window.isWithin(start, start + this.#text.slice(start, end).trimEnd().length, max);
      this.#fitting.set(span, fits);
    }
    return fits;
  }

  /** The first of descending borders up to which the chunk fits. */
  #last(borders: Iterable<number>): Cut | undefined {
    for (const end of borders) {
      const tokens = this.#window.countTo(end);
      if (tokens <= this.#max) return { end, tokens };
    }
    return undefined;
  }

  /** One character, which may have fewer tokens than its beginning has in the text. */
  #character(start: number): Cut {
    const text = this.#text;
    const end = wholeUpTo(text, start + 1);
    const tokens = this.#twin.count(text.slice(start, end));
    if (tokens <= this.#max) return { end, tokens };
    const code = text.codePointAt(start)!.toString(16).toUpperCase().padStart(4, "0");
    throw new RangeError(
      `The character U+${code} at ${
        this.#base + start
      } has ${tokens} tokens, which is over maxTokens (${this.#max})`,
    );
  }

  /**
   * Encodes a window that begins at `start` and holds more tokens than the bound, or all up to `stop`. False if what
   * follows may change it.
   */
  #look(start: number, stop: number): boolean {
    const text = this.#text;
    for (let size = Math.max(this.#size, UNITS * this.#max + 64);; size *= 2) {
      const end = Math.min(stop, start + size);
      if (end >= this.#certain) {
        this.#size = size;
        this.#needed = Math.max(end + LOOKAHEAD + this.#reach, text.length + (size >> 4)) + 1;
        return false;
      }
      this.#window.read(text, start, wholeUpTo(text, end));
      if (this.#window.tokens <= this.#max && end !== stop) continue;
      this.#size = 0;
      return true;
    }
  }

  /** Where the chunk after the one from `start` to `end` begins: a sentence, else a word, within the overlap. */
  #overlapStart(start: number, end: number, tokens: number): number {
    const text = this.#text;
    const overlap = this.#overlap;
    const skipped = tokens - overlap - 1;
    const earliest = skipped < 0 ? start : this.#window.endOf(skipped) - 1;
    const fits = (place: number): boolean =>
      place > start && place < end && this.#twin.count(text.slice(place, end)) <= overlap;
    return behind(sentences(text, start, end, this.#outline), earliest).find(fits) ??
      behind(words(text, Math.max(start, earliest - 32), end), earliest).find(fits) ?? end;
  }
}

/** Those of descending places that are over another one, ascending. */
function behind(places: Iterable<number>, earliest: number): number[] {
  const found: number[] = [];
  for (const place of places) {
    if (place <= earliest) break;
    found.push(place);
  }
  return found.reverse();
}

/** Descending places and ascending ones, all of them descending and each once. */
function* merged(places: Iterable<number>, others: readonly number[]): Generator<number> {
  let index = others.length - 1;
  for (const place of places) {
    while (index >= 0 && others[index]! > place) yield others[index--]!;
    if (others[index] === place) index--;
    yield place;
  }
  while (index >= 0) yield others[index--]!;
}

/** The blocks over one place and up to another, from the last one on. */
function blocksIn(blocks: readonly number[], over: number, upTo: number): number[] {
  return blocks.slice(countUpTo(blocks, over), countUpTo(blocks, upTo)).reverse();
}
