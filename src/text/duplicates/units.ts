/**
 * Cuts a text into units (words, and single characters of scripts without spaces) and hashes its shingles. Works piece
 * by piece, so that a long text can be read with pauses.
 *
 * @module
 */

import { normalized } from "../../shared/normal_form.ts";

/** Units in a shingle. */
export const SHINGLE = 3;

// A text is normalised in pieces of about this many units of UTF-16, cut at spaces: neither the normal form nor the
// lower case of a character depends on what is beyond a space.
const PIECE = 1 << 16;

const SEPARATOR = 0;
const WORD = 1;
const SINGLE = 2;
const UNKNOWN = 255;

let classes: Uint8Array | undefined;

/** Scripts that are written without spaces: East Asian, and those of mainland South East Asia. */
function isSpaceless(c: number): boolean {
  return c >= 0xe00 && (
    c <= 0xeff || (c >= 0x1000 && c <= 0x109f) || (c >= 0x1780 && c <= 0x17ff) ||
    (c >= 0x1950 && c <= 0x19df) || (c >= 0x1a20 && c <= 0x1aaf) ||
    (c >= 0x3005 && c <= 0x3007) || (c >= 0x3040 && c <= 0x30ff) ||
    (c >= 0x31f0 && c <= 0x31ff) || (c >= 0x3400 && c <= 0x4dbf) ||
    (c >= 0x4e00 && c <= 0x9fff) || (c >= 0xa9e0 && c <= 0xa9ff) ||
    (c >= 0xaa60 && c <= 0xaadf) || (c >= 0xf900 && c <= 0xfaff) ||
    (c >= 0xff66 && c <= 0xff9f) || (c >= 0x1aff0 && c <= 0x1b16f) ||
    (c >= 0x20000 && c <= 0x3ffff)
  );
}

function classify(codePoint: number): number {
  if (!/^[\p{L}\p{M}\p{N}]$/u.test(String.fromCodePoint(codePoint))) return SEPARATOR;
  return isSpaceless(codePoint) ? SINGLE : WORD;
}

function classTable(): Uint8Array {
  if (classes === undefined) {
    classes = new Uint8Array(0x10000).fill(UNKNOWN);
    classes.fill(SEPARATOR, 0, 0x80);
    classes.fill(WORD, 0x30, 0x3a);
    classes.fill(WORD, 0x41, 0x5b);
    classes.fill(WORD, 0x61, 0x7b);
    classes.fill(SEPARATOR, 0xd800, 0xe000);
  }
  return classes;
}

// FNV-1a's start and prime, over UTF-16 units.
const START = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

/** The hash of a whole string: FNV-1a over its UTF-16 units. */
export function hashOf(text: string): number {
  let hash = START;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  return hash;
}

/** MurmurHash3's last step: every bit of the input changes every bit of the result. */
export function mixed(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** The hash of a shingle from those of its units; 0 stands for a unit that a short text lacks. */
function shingleHash(a: number, b: number, c: number): number {
  return mixed(Math.imul(Math.imul(a, 0x9e3779b1) + b, 0x9e3779b1) + c | 0);
}

/** Takes the units of a text with their places, where more than hashes is wanted. */
export interface UnitSink {
  /** A normalised piece of the text. */
  piece(text: string): void;
  /** A unit, by its place in that piece. */
  unit(start: number, end: number): void;
}

/** Reads a text once, from its beginning to its end. */
export class Shingler {
  /** Units read so far. */
  units = 0;
  readonly #text: string;
  readonly #sink: UnitSink | undefined;
  readonly #classes = classTable();
  #from = 0;
  #piece = "";
  #at = 0;
  #first = 0;
  #second = 0;
  #over = false;

  /** Begins with a text. */
  constructor(text: string, sink?: UnitSink) {
    this.#text = text;
    this.#sink = sink;
  }

  /**
   * Hashes the next shingles: each run of three units; all units where there are fewer; the text itself where there is
   * none.
   *
   * @param out Where to; at least 2 long.
   * @returns How many; 0 at the end.
   */
  fill(out: Int32Array): number {
    let count = 0;
    while (count < out.length) {
      if (this.#at >= this.#piece.length && !this.#next()) return this.#finish(out, count);
      count = this.#read(out, count);
    }
    return count;
  }

  /** Reads units of the piece until it is over or the buffer is full. */
  #read(out: Int32Array, count: number): number {
    const text = this.#piece;
    const table = this.#classes;
    let at = this.#at;
    while (at < text.length && count < out.length) {
      const start = at;
      let hash = START;
      let kind = SEPARATOR;
      while (at < text.length) {
        const unit = text.charCodeAt(at);
        let width = 1;
        kind = table[unit]!;
        if (kind === UNKNOWN) kind = table[unit] = classify(unit);
        else if ((unit & 0xfc00) === 0xd800) {
          const codePoint = text.codePointAt(at)!;
          if (codePoint > 0xffff) {
            kind = classify(codePoint);
            width = 2;
          }
        }
        if (kind !== WORD && (at > start || kind === SEPARATOR)) break;
        hash = Math.imul(hash ^ unit, PRIME);
        if (width === 2) hash = Math.imul(hash ^ text.charCodeAt(at + 1), PRIME);
        at += width;
        if (kind === SINGLE) break;
      }
      if (at === start) {
        at++;
        continue;
      }
      this.#sink?.unit(start, at);
      if (++this.units >= SHINGLE) out[count++] = shingleHash(this.#first, this.#second, hash);
      this.#first = this.#second;
      this.#second = hash;
    }
    this.#at = at;
    return count;
  }

  /** The next piece; false if there is none. */
  #next(): boolean {
    const text = this.#text;
    const from = this.#from;
    if (from >= text.length) return false;
    let to = text.length;
    if (to - from > 2 * PIECE) {
      const space = text.indexOf(" ", from + PIECE);
      if (space >= 0) to = space;
    }
    this.#from = to;
    this.#piece = normalized(text.slice(from, to).toWellFormed(), "NFC").toLowerCase();
    this.#at = 0;
    this.#sink?.piece(this.#piece);
    return true;
  }

  #finish(out: Int32Array, count: number): number {
    if (this.#over || this.units >= SHINGLE) return count;
    this.#over = true;
    if (this.units === 2) out[count++] = shingleHash(this.#first, this.#second, 0);
    else if (this.units === 1) out[count++] = shingleHash(this.#second, 0, 0);
    else out[count++] = mixed(hashOf(this.#text.toWellFormed()));
    return count;
  }
}
