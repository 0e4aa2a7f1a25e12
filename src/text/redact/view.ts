/**
 * Text inside text: what a JSON, JavaScript or shell string, a URL, HTML or a terminal stands for, with the way back to
 * the places in the text as it is written. The built-in rules look at views, so that an escape hides no beginning of a
 * word; what they find goes back to whole escapes, so that what could be parsed still can. Twin:
 * `rust/areas/redact/src/view.rs`.
 *
 * Where an escape begins is decided by what follows alone, so that a text can be read on from any border between two.
 *
 * @module
 */

import { Decoder, ESCAPE } from "./escapes.ts";
import { classAt, WORD } from "./scan/chars.ts";

const EQUALS = 61;
const ESCAPE_UNIT = 27;

/** A text as it reads, and where its characters stand in the text as it is written. */
export class View {
  /** What is read. */
  readonly text: string;
  /** Up to here the written text is part of it; behind that an escape is not complete. */
  readonly limit: number;
  /** Where this reading is another than the first: beginnings and ends, in order; undefined for anywhere. */
  readonly near: readonly number[] | undefined;
  readonly #written: string;
  // By escape: where it begins in the view, how many units it is there, where it begins and ends in the written text.
  readonly #at: readonly number[];
  readonly #width: readonly number[];
  readonly #from: readonly number[];
  readonly #to: readonly number[];

  /** Takes what `readText` found; `text` may be another reading of the same length. */
  constructor(
    written: string,
    text: string,
    limit: number,
    escapes: readonly [at: number[], width: number[], from: number[], to: number[]],
    near?: readonly number[],
  ) {
    this.near = near;
    this.#written = written;
    this.text = text;
    this.limit = limit;
    [this.#at, this.#width, this.#from, this.#to] = escapes;
  }

  /** The same places with another text of the same length, or a little shorter, which differs near some places. */
  reread(text: string, near: readonly number[]): View {
    const limit = text.length < this.text.length ? this.written(text.length) : this.limit;
    return new View(this.#written, text, limit, [
      this.#at as number[],
      this.#width as number[],
      this.#from as number[],
      this.#to as number[],
    ], near);
  }

  /** Where a unit of the view begins in the written text. */
  written(at: number): number {
    const k = last(this.#at, at);
    if (k < 0) return at;
    const inside = at - this.#at[k]!;
    return inside < this.#width[k]! ? this.#from[k]! : this.#to[k]! + inside - this.#width[k]!;
  }

  /** Where what ends at a place of the view ends in the written text. */
  writtenEnd(end: number): number {
    const at = end - 1;
    const k = last(this.#at, at);
    if (k < 0) return end;
    const inside = at - this.#at[k]!;
    return inside < this.#width[k]! ? this.#to[k]! : this.#to[k]! + inside - this.#width[k]! + 1;
  }

  /** The first unit of the view that begins at a place of the written text or behind it. */
  read(at: number): number {
    const k = last(this.#from, at);
    if (k < 0) return Math.min(at, this.text.length);
    if (at === this.#from[k]) return this.#at[k]!;
    const behind = this.#at[k]! + this.#width[k]!;
    return Math.min(at < this.#to[k]! ? behind : behind + at - this.#to[k]!, this.text.length);
  }

  /** The beginning of the escape that a place of the written text is within; the place itself where it is in none. */
  floor(at: number): number {
    const k = last(this.#from, at);
    return k >= 0 && at < this.#to[k]! ? this.#from[k]! : at;
  }

  /** The end of the escape that a place of the written text is within; the place itself where it is in none. */
  ceil(at: number): number {
    const k = last(this.#from, at - 1);
    return k >= 0 && at < this.#to[k]! ? this.#to[k]! : at;
  }

  /** How many units of the written text a unit of the view takes. */
  lengthAt(at: number): number {
    return this.writtenEnd(at + 1) - this.written(at);
  }

  /** Whether a unit of the view is written with a percent sign. */
  isPercent(at: number): boolean {
    return this.lengthAt(at) > 1 && this.#written.charCodeAt(this.written(at)) === 37;
  }
}

/** The last of ascending numbers that is not larger; -1 if there is none. */
function last(numbers: readonly number[], most: number): number {
  let low = -1;
  let high = numbers.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! <= most) low = middle;
    else high = middle;
  }
  return low;
}

// deno-lint-ignore no-control-regex
const MARKS = /[\\%&\u001b]/g;

/**
 * Reads a text.
 *
 * @param text Well-formed text.
 * @param ended Whether it ends here.
 * @returns Its readings, the first of which is always there: colours of a terminal left out; the same as something that
 * parts words; with `+` for a space, as in a form. Undefined where the text is what it says.
 */
export function readText(text: string, ended: boolean): [View, ...View[]] | undefined {
  // Most texts have none, which is found much faster than one of several.
  if (
    !text.includes("\\") && !text.includes("%") && !text.includes("&") && !text.includes("+") &&
    !text.includes(ESCAPE)
  ) return undefined;
  const n = text.length;
  const escapes: [number[], number[], number[], number[]] = [[], [], [], []];
  const [at, width, from, to] = escapes;
  const decoder = new Decoder(text, ended);
  // Put together at once: what is read is one string, and no tree of parts.
  const parts: string[] = [];
  let have = 0;
  let done = 0;
  let limit = n;
  let colours = false;
  MARKS.lastIndex = 0;
  while (MARKS.test(text)) {
    const p = MARKS.lastIndex - 1;
    const length = decoder.escapeAt(p);
    if (length < 0) {
      limit = p;
      break;
    }
    if (length === 0) continue;
    parts.push(text.slice(done, p));
    have += p - done;
    const { value } = decoder;
    at.push(have);
    from.push(p);
    done = p + length;
    to.push(done);
    if (value === ESCAPE) {
      // A colour is nothing in the first reading.
      colours = true;
      width.push(0);
    } else {
      width.push(value.length);
      parts.push(value);
      have += value.length;
    }
    MARKS.lastIndex = done;
  }
  if (done === 0 && limit === n) {
    if (!text.includes("+")) return undefined;
    const plain = new View(text, text, n, escapes);
    const filled = form(plain, ended);
    return filled === undefined ? undefined : [plain, filled];
  }
  parts.push(text.slice(done, limit));
  const first = new View(text, parts.join(""), limit, escapes);
  const views: [View, ...View[]] = [first];
  if (colours) views.push(parted(text, escapes, limit, first));
  const filled = form(first, ended);
  if (filled !== undefined) views.push(filled);
  return views;
}

/** How far before a plus sign the equals sign of a form may be, in characters; behind it all begins that the plus is of. */
const FORM_MAX = 64;
/** What begins behind a plus sign begins so near to it: `+b"..."`. */
const BEHIND_MAX = 4;

/** The reading in which a plus sign between words is a space, as in what a form sends: behind an equals sign. */
function form(view: View, ended: boolean): View | undefined {
  const { text } = view;
  const parts: string[] = [];
  let done = 0;
  const near: number[] = [];
  // The last equals sign before a plus sign; most are far away.
  let sign = -1;
  let next = text.indexOf("=");
  for (let at = text.indexOf("+"); at >= 0; at = text.indexOf("+", at + 1)) {
    for (; next >= 0 && next < at; next = text.indexOf("=", next + 1)) sign = next;
    if (sign < 0 || at - sign > 2 * FORM_MAX || (classAt(text, at - 1) & WORD) === 0) continue;
    const equals = equalsBefore(text, at);
    if (equals < 0) continue;
    if (at + 1 === text.length && !ended) {
      addNear(near, equals, at);
      parts.push(text.slice(done, at));
      return view.reread(parts.join(""), near);
    }
    if ((classAt(text, at + 1) & WORD) === 0) continue;
    addNear(near, equals, at);
    parts.push(text.slice(done, at), " ");
    done = at + 1;
  }
  if (done === 0) return undefined;
  parts.push(text.slice(done));
  return view.reread(parts.join(""), near);
}

/** Adds the surroundings of a plus sign to stretches; those that touch become one. */
function addNear(near: number[], start: number, at: number): void {
  const { length } = near;
  if (length > 0 && near[length - 1]! >= start) near[length - 1] = at + BEHIND_MAX;
  else near.push(start, at + BEHIND_MAX);
}

/** Where the equals sign of a form is before a plus sign; -1 if there is none. */
function equalsBefore(text: string, at: number): number {
  for (let p = at - 1, left = FORM_MAX; p >= 0 && left > 0; p--) {
    const unit = text.charCodeAt(p);
    if (unit === EQUALS) return p;
    if (unit <= 32) return -1;
    if ((unit & 0xfc00) !== 0xdc00) left--;
  }
  return -1;
}

/** The reading in which a colour parts words. */
function parted(
  text: string,
  [at, width, from, to]: [number[], number[], number[], number[]],
  limit: number,
  first: View,
): View {
  const parts: string[] = [];
  let have = 0;
  let done = 0;
  const places: number[] = [];
  const widths: number[] = [];
  for (let k = 0; k < at.length; k++) {
    parts.push(first.text.slice(done, at[k]));
    have += at[k]! - done;
    places.push(have);
    done = at[k]!;
    const colour = width[k] === 0;
    widths.push(colour ? 1 : width[k]!);
    if (!colour) continue;
    parts.push(ESCAPE);
    have++;
  }
  parts.push(first.text.slice(done));
  const read = parts.join("");
  // A private key goes on over colours, however far.
  const near = text.includes("PRIVATE KEY") ? undefined : nearColours(read, places, widths);
  return new View(text, read, limit, [places, widths, from, to], near);
}

/** What a colour can matter to begins so far before it, or in a word that begins earlier; and so far behind it. */
const COLOUR_BEFORE = 1600;
const COLOUR_BEHIND = 400;

/** The surroundings of colours: beginnings and ends of stretches; those that touch are one. */
function nearColours(text: string, places: readonly number[], widths: readonly number[]): number[] {
  const near: number[] = [];
  let end = -1;
  for (let k = 0; k < places.length; k++) {
    const at = places[k]!;
    if (widths[k] !== 1 || text.charCodeAt(at) !== ESCAPE_UNIT) continue;
    let start = Math.max(0, at - COLOUR_BEFORE);
    while (start > end && start > 0 && text.charCodeAt(start - 1) > 32) start--;
    if (start <= end) near.pop();
    else near.push(start);
    end = at + COLOUR_BEHIND;
    near.push(end);
  }
  return near;
}
