/**
 * Where a stretch of text may be cut: before sentences (in code: lines), words, grapheme clusters (UAX 29, by the
 * platform's `Intl.Segmenter`), code points. Both twins split with this code, so that their chunks are the same.
 *
 * @module
 */

import { countUpTo, endsSentence, isBlank, type Positions, WRAP } from "../outline/mod.ts";

const segmenters = new Map<string, Intl.Segmenter>();

/** The segments of a text. Made at first use: a segmenter loads rules, which counting never needs. */
function segments(text: string, granularity: "sentence" | "word" | "grapheme"): Intl.Segments {
  let segmenter = segmenters.get(granularity);
  if (segmenter === undefined) {
    segmenter = new Intl.Segmenter("en", { granularity });
    segmenters.set(granularity, segmenter);
  }
  return segmenter.segment(text);
}

/** Text behind a border that segmenters are shown, so that they see what follows. */
export const LOOKAHEAD = 64;

/** What belongs to the word behind it. */
const OPENING = /[\p{Ps}\p{Pi}"'`]/u;

/** What may stand between a full stop and what follows. */
const CLOSING = /["'”’)\]*_`]/;

/** Whether the unit at a place belongs to a pair that begins before it. */
export function insidePair(text: string, at: number): boolean {
  return at > 0 && at < text.length && (text.charCodeAt(at) & 0xfc00) === 0xdc00 &&
    (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
}

/** A place at or behind `at` that is not inside a pair, and not behind the text's end. */
export function wholeUpTo(text: string, at: number): number {
  if (at >= text.length) return text.length;
  return insidePair(text, at) ? at + 1 : at;
}

/** Places over `from` and up to `to` where a sentence begins; in fences, a line. Ascending. */
export function sentences(text: string, from: number, to: number, positions: Positions): number[] {
  const { fences } = positions;
  const places: number[] = [];
  for (let at = from; at < to;) {
    const passed = countUpTo(fences, at);
    const end = Math.min(to, fences[passed] ?? to);
    if (passed % 2 === 1) lines(text, at, end, places);
    else proseSentences(text, at, end, to, places);
    at = end;
    if (at > from && at < to && places.at(-1) !== at) places.push(at);
  }
  return places;
}

function lines(text: string, from: number, to: number, places: number[]): void {
  for (let at = text.indexOf("\n", from) + 1; at > 0 && at <= to; at = text.indexOf("\n", at) + 1) {
    if (at > from && at < text.length) places.push(at);
  }
}

function proseSentences(
  text: string,
  from: number,
  end: number,
  to: number,
  places: number[],
): void {
  const until = end < to ? end : wholeUpTo(text, end + LOOKAHEAD);
  // Line ends of the same length as what they stand for keep all places.
  const prose = text.slice(from, until).replace(WRAP, (wrap) => " ".repeat(wrap.length));
  let place = from;
  for (const { index } of segments(prose, "sentence")) {
    // Several sentences without a word lie before the next one that has some.
    if (index === 0 || from + index < place) continue;
    place = from + index;
    while (place < until && isBlank(text.charCodeAt(place))) place++;
    if (place > end || place >= text.length) break;
    if (!isEnd(text, from, from + index, place)) continue;
    if (place > (places.at(-1) ?? from)) places.push(place);
  }
}

/** Whether the border of sentences at `border`, behind which the next one begins at `place`, is one. */
function isEnd(text: string, from: number, border: number, place: number): boolean {
  let stop = border - 1;
  while (stop > from && (isBlank(text.charCodeAt(stop)) || CLOSING.test(text[stop]!))) stop--;
  return endsSentence(text, lineStart(text, from), stop, place);
}

/** Where the line begins in which a place is, or a little before the place. */
function lineStart(text: string, place: number): number {
  for (let at = place; at > 0 && at > place - 32; at--) {
    if (text.charCodeAt(at - 1) === 10) return at;
  }
  return place;
}

/** Places over `from` and up to `to` where a word begins. Ascending. */
export function words(text: string, from: number, to: number): number[] {
  const places: number[] = [];
  const until = wholeUpTo(text, to + LOOKAHEAD);
  for (const { index, isWordLike } of segments(text.slice(from, until), "word")) {
    const place = from + index;
    if (place > to) break;
    if (index === 0 || isBlank(text.charCodeAt(place))) continue;
    const before = text[place - 1]!;
    // "U.S." and "example.org" are cut at no stop.
    if (before === "." && !isBlank(text.charCodeAt(place - 2)) && isWordLike === true) continue;
    const line = indented(text, from, place);
    if (line > from) places.push(line);
    else if (isBlank(before.charCodeAt(0)) || (isWordLike === true && !OPENING.test(before))) {
      places.push(place);
    }
  }
  return places;
}

/** Where the line begins whose indentation ends at a place; 0 if the place is none. */
function indented(text: string, from: number, place: number): number {
  let at = place;
  while (at > from && (text.charCodeAt(at - 1) === 32 || text.charCodeAt(at - 1) === 9)) at--;
  return at < place && text.charCodeAt(at - 1) === 10 ? at : 0;
}

/** Places over `from` and up to `to` where a grapheme cluster begins. Ascending. */
export function graphemes(text: string, from: number, to: number): number[] {
  const places: number[] = [];
  const until = wholeUpTo(text, to + LOOKAHEAD);
  for (const { index } of segments(text.slice(from, until), "grapheme")) {
    if (from + index > to) break;
    if (index > 0) places.push(from + index);
  }
  return places;
}

/** Places over `from` and up to `to` where a code point begins. Ascending. */
export function codePoints(text: string, from: number, to: number): number[] {
  const places: number[] = [];
  for (let at = from + 1; at <= to; at++) {
    if (!insidePair(text, at)) places.push(at);
  }
  return places;
}
