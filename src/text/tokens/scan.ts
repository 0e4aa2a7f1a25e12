/**
 * Cuts UTF-8 text into the pieces that byte-pair encoding works on.
 *
 * The published patterns are regular expressions with backtracking and lookahead; this scanner finds the same pieces
 * with one look at each character. Twin: `rust/agent-core-utils/src/tokens/scan.rs`; both are tested against the
 * expressions. What class a character has comes from the vocabulary's file, so that it never depends on anybody's
 * version of Unicode.
 *
 * @module
 */

import { isBlank } from "../outline/mod.ts";
import type { Cuts } from "./types.ts";

// Classes of characters. Letters are 1 to 3.
const OTHER = 0;
const UPPER = 1;
const LOWER = 2;
const MARK = 4;
const NUMBER = 5;
const BLANK = 6;
/** There is no character any more. */
const END = 7;

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const APOSTROPHE = 39;
const SLASH = 47;

/** Cuts a text into pieces: `begin`, then `next` from 0 on, piece after piece. */
export interface PieceScanner {
  /** Sets the text: the first `end` bytes. */
  begin(bytes: Uint8Array, end: number): void;
  /** The end of the piece that begins at a byte under the text's end. */
  next(at: number): number;
}

/** Finds the end of each piece. A character as it is seen: its class, and eight times its width in bytes. */
export class Scanner implements PieceScanner {
  readonly #o200k: boolean;
  readonly #digits: number;
  /** The class of each code point. */
  readonly classes: Uint8Array;
  /** What is seen at an ASCII byte. */
  readonly #ascii: Uint8Array;
  #bytes: Uint8Array = new Uint8Array(0);
  #end = 0;

  /** Takes what the vocabulary's file says. */
  constructor(family: number, digits: number, classes: Uint8Array) {
    this.#o200k = family === 2;
    this.#digits = digits;
    this.classes = classes;
    this.#ascii = classes.slice(0, 128).map((kind) => kind + 8);
  }

  /** Sets the text: the first `end` bytes. */
  begin(bytes: Uint8Array, end: number): void {
    this.#bytes = bytes;
    this.#end = end;
  }

  /** The end of the piece that begins at a byte under the text's end. */
  next(at: number): number {
    const bytes = this.#bytes;
    const seen = this.#see(at);
    const kind = seen & 7;
    const after = at + (seen >> 3);
    const first = bytes[at]!;
    if (kind >= 1 && kind <= 3) {
      return this.#o200k ? this.#afterContraction(this.#word(at) >> 1) : this.#letters(after);
    }
    if (kind === NUMBER) return this.#numbers(after);
    if (!this.#o200k && first === APOSTROPHE) {
      const end = this.#afterContraction(at);
      if (end > at) return end;
    }
    if (first !== LF && first !== CR) {
      const following = this.#see(after);
      const followingKind = following & 7;
      if (this.#o200k) {
        if (kind === MARK || (followingKind >= 1 && followingKind <= 4)) {
          const end = this.#mixed(kind, after);
          if (end > 0) return this.#afterContraction(end);
        }
      } else if (followingKind >= 1 && followingKind <= 3) {
        return this.#letters(after + (following >> 3));
      }
      if (first === SPACE && (followingKind === OTHER || followingKind === MARK)) {
        return this.#others(after + (following >> 3));
      }
    }
    return kind === BLANK ? this.#blanks(at) : this.#others(after);
  }

  #see(at: number): number {
    if (at >= this.#end) return END;
    const byte = this.#bytes[at]!;
    return byte < 128 ? this.#ascii[byte]! : this.#seeWide(at, byte);
  }

  #seeWide(at: number, byte: number): number {
    const bytes = this.#bytes;
    const second = bytes[at + 1]! & 63;
    if (byte < 0xe0) return this.classes[(byte & 31) << 6 | second]! | 16;
    const third = bytes[at + 2]! & 63;
    if (byte < 0xf0) return this.classes[(byte & 15) << 12 | second << 6 | third]! | 24;
    return this.classes[(byte & 7) << 18 | second << 12 | third << 6 | bytes[at + 3]! & 63]! | 32;
  }

  /** A word behind one character that is no letter, of o200k: its end, or 0 if there is none. */
  #mixed(kind: number, after: number): number {
    const word = this.#word(after);
    if ((word & 1) === 1) return word >> 1;
    // Behind a mark are only capitals: the first alternative of the pattern then takes the mark alone.
    if (kind === MARK) return after;
    return word >> 1 > after ? word >> 1 : 0;
  }

  /**
   * A word of o200k: capitals, then small letters; what is caseless counts as both. Twice its end, and 1 more if it
   * ends in what may be small; else twice the end of the capitals.
   */
  #word(at: number): number {
    let both = 0;
    for (;;) {
      const seen = this.#see(at);
      const kind = seen & 7;
      if (kind === UPPER) {
        at += seen >> 3;
      } else if (kind === 3 || kind === MARK) {
        at += seen >> 3;
        both = at;
      } else if (kind === LOWER) {
        at += seen >> 3;
        for (;;) {
          const more = this.#see(at);
          const moreKind = more & 7;
          if (moreKind < LOWER || moreKind > MARK) return at * 2 + 1;
          at += more >> 3;
        }
      } else {
        return both > 0 ? both * 2 + 1 : at * 2;
      }
    }
  }

  #letters(at: number): number {
    for (;;) {
      const seen = this.#see(at);
      const kind = seen & 7;
      if (kind < 1 || kind > 3) return at;
      at += seen >> 3;
    }
  }

  #numbers(at: number): number {
    for (let left = this.#digits - 1; left > 0; left--) {
      const seen = this.#see(at);
      if ((seen & 7) !== NUMBER) break;
      at += seen >> 3;
    }
    return at;
  }

  /** Punctuation and what belongs to it: line ends, and for o200k slashes. */
  #others(at: number): number {
    for (;;) {
      const seen = this.#see(at);
      const kind = seen & 7;
      if (kind !== OTHER && kind !== MARK) break;
      at += seen >> 3;
    }
    for (; at < this.#end; at++) {
      const byte = this.#bytes[at]!;
      if (byte !== LF && byte !== CR && !(this.#o200k && byte === SLASH)) break;
    }
    return at;
  }

  /**
   * A run of white space: up to its last line end; else all of it at the end of the text; else all but the last, which
   * belongs to what follows.
   */
  #blanks(start: number): number {
    let at = start;
    let last = start;
    let lineEnd = 0;
    for (;;) {
      const seen = this.#see(at);
      if ((seen & 7) !== BLANK) {
        if (lineEnd > 0) return lineEnd;
        return (seen & 7) === END || last === start ? at : last;
      }
      const byte = this.#bytes[at]!;
      if (byte === LF || byte === CR) lineEnd = at + 1;
      last = at;
      at += seen >> 3;
    }
  }

  /**
   * Where an English contraction that begins here with an apostrophe ends; here if there is none. Without regard to
   * case, which for `s` includes the long s, U+017F.
   */
  #afterContraction(at: number): number {
    const bytes = this.#bytes;
    if (at + 1 >= this.#end || bytes[at] !== APOSTROPHE) return at;
    const second = bytes[at + 1]!;
    const third = at + 2 < this.#end ? bytes[at + 2]! : 0;
    switch (second | 32) {
      case 0x73: // s
      case 0x74: // t
      case 0x6d: // m
      case 0x64: // d
        return at + 2;
      case 0x72: // re
      case 0x76: // ve
        return (third | 32) === 0x65 ? at + 3 : at;
      case 0x6c: // ll
        return (third | 32) === 0x6c ? at + 3 : at;
      default:
        return second === 0xc5 && third === 0xbf ? at + 3 : at;
    }
  }
}

/**
 * Whether a text can be cut between two units without changing a token. No piece of either pattern goes over such a
 * border, and none ends elsewhere for want of what follows:
 *
 * - a blank or tab begins a piece, unless white space stands before it;
 * - a line feed ends one, unless white space or a slash follows;
 * - between an ASCII letter or digit and another ASCII character is a border, but for two letters, two digits, and an
 *   apostrophe, which may be part of a contraction.
 *
 * @param before The unit before the place.
 * @param behind The unit behind it.
 */
function isSafeCut(before: number, behind: number): boolean {
  if (behind === SPACE || behind === TAB) return !isBlank(before);
  if (before === LF) return behind !== SLASH && !isBlank(behind);
  if (behind > 127 || behind === APOSTROPHE) return false;
  const kind = asciiKind(before);
  return kind !== 0 && kind !== asciiKind(behind);
}

/** 1 for an ASCII letter, 2 for a digit, 0 for all else. */
function asciiKind(code: number): number {
  const letter = code | 32;
  if (letter >= 0x61 && letter <= 0x7a) return code < 128 ? 1 : 0;
  return code >= 0x30 && code <= 0x39 ? 2 : 0;
}

/** The cuts of the vocabularies of the package. */
export const PATTERN_CUTS: Cuts = { isSafe: isSafeCut };

/** The cuts of a tokenizer file: a bit for each two ASCII characters. */
export class BitCuts implements Cuts {
  readonly #bits: Uint8Array;

  /** Takes the bits: at 128 times the character before and the one behind. */
  constructor(bits: Uint8Array) {
    this.#bits = bits;
  }

  isSafe(before: number, behind: number): boolean {
    if ((before | behind) > 127) return false;
    return (this.#bits[(before << 7 | behind) >> 3]! >> (behind & 7) & 1) === 1;
  }
}

/**
 * The first place at or behind `from` where a long text can be cut without changing a token; the end of the text if
 * there is none.
 */
export function safeCut(text: string, from: number, cuts: Cuts): number {
  for (let at = Math.max(1, from); at < text.length; at++) {
    if (cuts.isSafe(text.charCodeAt(at - 1), text.charCodeAt(at))) return at;
  }
  return text.length;
}

/** The last place over 0 where a text can be cut without changing a token; 0 if there is none. */
export function lastSafeCut(text: string, cuts: Cuts): number {
  for (let at = text.length - 1; at > 0; at--) {
    if (cuts.isSafe(text.charCodeAt(at - 1), text.charCodeAt(at))) return at;
  }
  return 0;
}
