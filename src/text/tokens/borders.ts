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

/**
 * Places over `from` and up to `to` where a sentence begins; in fences, a line. From the last one on, each looked for
 * when it is asked for: mostly one of the last ones is taken.
 */
export function* sentences(
  text: string,
  from: number,
  to: number,
  positions: Positions,
): Generator<number> {
  const { fences } = positions;
  let end = to;
  for (let passed = countUpTo(fences, to - 1); end > from; passed--) {
    const at = Math.max(from, fences[passed - 1] ?? from);
    // A fence begins where the one before ends.
    if (at === end) continue;
    const found = passed % 2 === 1
      ? lines(text, at, end)
      : proseSentences(text, at, end, end < to ? end : wholeUpTo(text, end + LOOKAHEAD));
    for (const place of found) if (place < end || end === to) yield place;
    end = at;
    // Where a fence begins or ends, a sentence does, too.
    if (end > from) yield end;
  }
}

function* lines(text: string, from: number, to: number): Generator<number> {
  let at = Math.min(to, text.length - 1);
  for (; at > from; at--) if (text.charCodeAt(at - 1) === 10) yield at;
}

function* proseSentences(
  text: string,
  from: number,
  end: number,
  until: number,
): Generator<number> {
  // Line ends of the same length as what they stand for keep all places.
  const prose = text.slice(from, until).replace(WRAP, (wrap) => " ".repeat(wrap.length));
  let behind = until;
  let next = -1;
  for (
    const { index } of backwards(
      segments(prose, "sentence"),
      Math.min(end - from, prose.length - 1),
    )
  ) {
    const border = from + index;
    // Several sentences without a word lie before the next one that has some.
    let place = border;
    while (place < behind && isBlank(text.charCodeAt(place))) place++;
    if (place === behind && next >= 0) place = next;
    behind = border;
    if (place === next) continue;
    next = place;
    if (place > end || place >= text.length) continue;
    if (isEnd(text, from, border, place)) yield place;
  }
}

/** The segments from the one at a place back to the first one, which is left out. */
function* backwards(segments: Intl.Segments, at: number): Generator<Intl.SegmentData> {
  while (at > 0) {
    const segment = segments.containing(at)!;
    if (segment.index === 0) return;
    yield segment;
    at = segment.index - 1;
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

/** Places over `from` and up to `to` where a word begins. Descending. */
export function* words(text: string, from: number, to: number): Generator<number> {
  const part = text.slice(from, wholeUpTo(text, to + LOOKAHEAD));
  const found = backwards(segments(part, "word"), Math.min(to - from, part.length - 1));
  for (const { index, isWordLike } of found) {
    const place = from + index;
    if (isBlank(text.charCodeAt(place))) continue;
    const before = text[place - 1]!;
    // "U.S." and "example.org" are cut at no stop.
    if (before === "." && !isBlank(text.charCodeAt(place - 2)) && isWordLike === true) continue;
    const line = indented(text, from, place);
    if (line > from) yield line;
    else if (isBlank(before.charCodeAt(0)) || (isWordLike === true && !OPENING.test(before))) {
      yield place;
    }
  }
}

/** Where the line begins whose indentation ends at a place; 0 if the place is none. */
function indented(text: string, from: number, place: number): number {
  let at = place;
  while (at > from && (text.charCodeAt(at - 1) === 32 || text.charCodeAt(at - 1) === 9)) at--;
  return at < place && text.charCodeAt(at - 1) === 10 ? at : 0;
}

/** Places over `from` and up to `to` where a grapheme cluster begins. Descending. */
export function* graphemes(text: string, from: number, to: number): Generator<number> {
  const part = text.slice(from, wholeUpTo(text, to + LOOKAHEAD));
  const found = backwards(segments(part, "grapheme"), Math.min(to - from, part.length - 1));
  for (const { index } of found) yield from + index;
}

/** Places over `from` and up to `to` where a code point begins. Descending. */
export function* codePoints(text: string, from: number, to: number): Generator<number> {
  for (let at = to; at > from; at--) if (!insidePair(text, at)) yield at;
}
