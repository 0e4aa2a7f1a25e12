/**
 * Splits a text into chunks by tokens; what it promises is said at `Encoding.split`. One algorithm over both twins, which
 * give it counts and token ends.
 *
 * A chunk is found from its beginning: a window of the text behind it is encoded, and the last border is taken at which
 * the exact count is not over the bound. Time is near to linear: each chunk costs a few times its own length.
 *
 * @module
 */

import { codePoints, graphemes, isBlank, sentences, wholeUpTo, words } from "./borders.ts";
import { countUpTo, type Structure, structureOf } from "./structure.ts";
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
  return new Splitter(text, max, twin).chunks(overlap);
}

class Splitter {
  readonly #text: string;
  readonly #max: number;
  readonly #twin: TokenTwin;
  readonly #structure: Structure;
  /** The window: where it begins, and its tokens' ends from there. */
  #from = 0;
  #spans: Uint32Array = new Uint32Array(0);

  constructor(text: string, max: number, twin: TokenTwin) {
    this.#text = text;
    this.#max = max;
    this.#twin = twin;
    this.#structure = structureOf(text);
  }

  chunks(overlap: number): Chunk[] {
    const text = this.#text;
    const { headings } = this.#structure;
    const chunks: Chunk[] = [];
    let start = 0;
    for (let done = 0; done < text.length;) {
      const stop = headings[countUpTo(headings, done)] ?? text.length;
      const cut = start < done
        ? this.#cut(start, done, stop, false) ?? this.#cut(start = done, done, stop, true)!
        : this.#cut(done, done, stop, true)!;
      const { end, tokens } = cut;
      chunks.push({ text: text.slice(start, end), start, end, tokens });
      done = end;
      start = overlap > 0 && end < stop ? this.#overlapStart(start, end, tokens, overlap) : end;
    }
    return chunks;
  }

  /**
   * The chunk that begins at `start`, ends behind `done` and at `stop` at the latest. Undefined if it could only be cut
   * inside a sentence, and that was not wanted.
   */
  #cut(start: number, done: number, stop: number, anywhere: boolean): Cut | undefined {
    const total = this.#look(start, stop);
    if (total <= this.#max) return { end: stop, tokens: total };
    const text = this.#text;
    const most = start + (this.#spans[this.#max - 1]! & END_MASK);
    const { blocks, fences } = this.#structure;
    const cut = this.#last(blocksIn(blocks, done, most)) ?? this.#beforeFence(fences, done, most) ??
      this.#last(sentences(text, done, most, this.#structure));
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
      `The character U+${code} at ${start} has ${tokens} tokens, which is over maxTokens (${this.#max})`,
    );
  }

  /** Encodes a window that begins at `start` and holds more than the bound, or all up to `stop`: its tokens. */
  #look(start: number, stop: number): number {
    const text = this.#text;
    this.#from = start;
    for (let size = UNITS * this.#max + 64;; size *= 2) {
      const end = Math.min(stop, wholeUpTo(text, start + size));
      this.#spans = this.#twin.spans(text.slice(start, end)).slice();
      if (this.#spans.length > this.#max || end === stop) return this.#spans.length;
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
  #overlapStart(start: number, end: number, tokens: number, overlap: number): number {
    const text = this.#text;
    const skipped = tokens - overlap - 1;
    const earliest = skipped < 0 ? start : start + (this.#spans[skipped]! & END_MASK) - 1;
    const fits = (place: number): boolean =>
      place > start && place < end && this.#twin.count(text.slice(place, end)) <= overlap;
    const places = sentences(text, start, end, this.#structure);
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
