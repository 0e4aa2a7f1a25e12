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
import { countUpTo, isBlank, PositionReader } from "../outline/mod.ts";
import type { Chunk, TokenTwin } from "./types.ts";

const END_MASK = 0x7fffffff;
/** UTF-16 units a token has, at a guess for the first window. */
const UNITS = 6;

/** A border and how many tokens the chunk up to it has. */
interface Cut {
  end: number;
  tokens: number;
}

/** Splits a text; the numbers are checked. */
export function split(text: string, max: number, overlap: number, twin: TokenTwin): Chunk[] {
  return new Splitter(max, overlap, twin).push(text, true);
}

/**
 * Splits a text that may come in parts: a chunk is cut off as soon as nothing that may follow can change it. Only what
 * is not cut off yet is kept; positions inside count from its beginning.
 */
export class Splitter {
  readonly #max: number;
  readonly #overlap: number;
  readonly #twin: TokenTwin;
  readonly #outline = new PositionReader();
  #text = "";
  /** Where the text that is kept begins in the whole. */
  #base = 0;
  /** Where the next chunk begins; up to `#done` it repeats the one before. */
  #start = 0;
  #done = 0;
  /** Up to where nothing can change any more, whatever follows. */
  #certain = 0;
  /** Before the kept text is this long, another look is not worth while. */
  #needed = 0;
  /** The window: where it begins, how long it is at least, and its tokens' ends from there. */
  #from = 0;
  #size = 0;
  #spans: Uint32Array = new Uint32Array(0);

  constructor(max: number, overlap: number, twin: TokenTwin) {
    this.#max = max;
    this.#overlap = overlap;
    this.#twin = twin;
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
    while (this.#done < this.#text.length) {
      this.#certain = last ? Infinity : this.#outline.certainFrom(this.#done) - LOOKAHEAD;
      const chunk = this.#next(last);
      if (chunk === undefined) break;
      chunks.push(chunk);
    }
    const passed = this.#start;
    this.#text = this.#text.slice(passed);
    this.#outline.drop(passed);
    this.#base += passed;
    this.#done -= passed;
    this.#needed -= passed;
    this.#start = 0;
    return chunks;
  }

  /** The next chunk; undefined if what follows may change it. */
  #next(last: boolean): Chunk | undefined {
    const { headings } = this.#outline;
    const done = this.#done;
    const stop = headings[countUpTo(headings, done)] ?? (last ? this.#text.length : Infinity);
    let cut: Cut | undefined;
    if (this.#start < done) {
      if (!this.#look(this.#start, stop)) return undefined;
      cut = this.#cut(this.#start, done, stop, false);
      // What it was to repeat leaves no room for a whole sentence.
      if (cut === undefined) this.#start = done;
    }
    if (cut === undefined) {
      if (!this.#look(done, stop)) return undefined;
      cut = this.#cut(done, done, stop, true)!;
    }
    const { end, tokens } = cut;
    const start = this.#start;
    const base = this.#base;
    this.#done = end;
    this.#start = this.#overlap > 0 && end < stop ? this.#overlapStart(start, end, tokens) : end;
    const text = this.#text.slice(start, end);
    return { text, start: base + start, end: base + end, tokens };
  }

  /**
   * The chunk that begins at `start`, ends behind `done` and at `stop` at the latest. Undefined if it could only be cut
   * inside a sentence, and that was not wanted.
   */
  #cut(start: number, done: number, stop: number, anywhere: boolean): Cut | undefined {
    const total = this.#spans.length;
    if (total <= this.#max) return { end: stop, tokens: total };
    const text = this.#text;
    const most = start + (this.#spans[this.#max - 1]! & END_MASK);
    const { blocks, fences } = this.#outline;
    const cut = this.#last(blocksIn(blocks, done, most)) ?? this.#beforeFence(fences, done, most) ??
      this.#last(sentences(text, done, most, this.#outline));
    if (cut !== undefined || !anywhere) return cut;
    return this.#last(words(text, done, most)) ?? this.#last(graphemes(text, done, most)) ??
      this.#last(codePoints(text, done, most)) ?? this.#character(start);
  }

  /** A fence that does not fit into the rest of the chunk is left to the next one. */
  #beforeFence(fences: readonly number[], done: number, most: number): Cut | undefined {
    const passed = countUpTo(fences, most);
    const fence = fences[passed - 1];
    return passed % 2 === 1 && fence !== undefined && fence > done
      ? this.#last([fence])
      : undefined;
  }

  /** The last of ascending borders up to which the chunk fits. */
  #last(borders: readonly number[]): Cut | undefined {
    for (let index = borders.length - 1; index >= 0; index--) {
      const end = borders[index]!;
      const tokens = this.#tokensTo(end);
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
    this.#from = start;
    for (let size = Math.max(this.#size, UNITS * this.#max + 64);; size *= 2) {
      const end = Math.min(stop, start + size);
      if (end >= this.#certain) {
        this.#size = size;
        this.#needed = Math.max(end + LOOKAHEAD, text.length + (size >> 4)) + 1;
        return false;
      }
      const whole = wholeUpTo(text, end);
      this.#spans = this.#twin.spans(text.slice(start, whole)).slice();
      if (this.#spans.length <= this.#max && end !== stop) continue;
      this.#size = 0;
      return true;
    }
  }

  /**
   * The exact number of tokens from the window's beginning to a place in it. Cutting there can change only the piece of
   * the last character that is not white space and what follows; the tokens before stay as they are.
   */
  #tokensTo(end: number): number {
    const text = this.#text;
    const from = this.#from;
    let last = end;
    while (last > from && isBlank(text.charCodeAt(last - 1))) last--;
    let token = this.#tokenAt(last - from);
    // Back to the beginning of the token's piece.
    while (token > 0 && this.#spans[token - 1]! <= END_MASK) token--;
    const piece = token > 0 ? from + (this.#spans[token - 1]! & END_MASK) : from;
    return token + this.#twin.count(text.slice(piece, end));
  }

  /** The first token with which `units` are complete. */
  #tokenAt(units: number): number {
    let low = 0;
    let high = this.#spans.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#spans[middle]! & END_MASK) < units) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Where the chunk after the one from `start` to `end` begins: a sentence, else a word, within the overlap. */
  #overlapStart(start: number, end: number, tokens: number): number {
    const text = this.#text;
    const overlap = this.#overlap;
    const skipped = tokens - overlap - 1;
    const earliest = skipped < 0 ? start : start + (this.#spans[skipped]! & END_MASK) - 1;
    const fits = (place: number): boolean =>
      place > start && place < end && this.#twin.count(text.slice(place, end)) <= overlap;
    const places = sentences(text, start, end, this.#outline);
    const sentence = places.slice(countUpTo(places, earliest)).find(fits);
    if (sentence !== undefined) return sentence;
    return words(text, Math.max(start, earliest - 32), end).find((place) =>
      place > earliest && fits(place)
    ) ?? end;
  }
}

function blocksIn(blocks: readonly number[], over: number, upTo: number): number[] {
  return blocks.slice(countUpTo(blocks, over), countUpTo(blocks, upTo));
}
