/** The sentences of a block, and where else a stretch of text is trimmed or cut. Linear in its length. @module */

import { endsSentence } from "./stops.ts";
import type { Block, Span } from "./types.ts";

// Starts only where a run of stops does: a run of a million of them is then tried once.
const STOP = /(?<![.!?…])[.!?…]+["'”’)\]*_`]*(?=\s)|[。！？｡]+[」』”’）]*/gu;
const MAX_SENTENCE = 400;

/** The sentences of a block, trimmed; code is one, an unpunctuated stretch is cut at lines. */
export function sentencesOf(text: string, block: Block): Span[] {
  const spans: Span[] = [];
  if (block.kind === "code" || block.kind === "heading") push(spans, text, block.start, block.end);
  else if (block.kind === "table") {
    for (let start = block.start, end = start; start < block.end; start = end + 1) {
      end = text.indexOf("\n", start);
      if (end < 0 || end > block.end) end = block.end;
      push(spans, text, start, end);
    }
  } else if (block.kind !== "meta") {
    const body = text.slice(block.start, block.end);
    let start = 0;
    STOP.lastIndex = 0;
    for (let match = STOP.exec(body); match !== null; match = STOP.exec(body)) {
      const end = match.index + match[0].length;
      if (!endsSentence(body, start, match.index, nextWord(body, end))) continue;
      pushSplit(spans, text, block.start + start, block.start + end);
      start = end;
    }
    pushSplit(spans, text, block.start + start, block.end);
  }
  return spans;
}

/** Where the next word begins, behind white space. */
function nextWord(body: string, at: number): number {
  while (at < body.length && isBlank(body.charCodeAt(at))) at++;
  return at;
}

function pushSplit(spans: Span[], text: string, start: number, end: number): void {
  if (end - start <= MAX_SENTENCE) return push(spans, text, start, end);
  let from = start;
  while (end - from > MAX_SENTENCE) {
    const cut = borderBefore(text, from, from + MAX_SENTENCE);
    push(spans, text, from, cut);
    from = cut;
  }
  push(spans, text, from, end);
}

function push(spans: Span[], text: string, start: number, end: number): void {
  const trimmed = trimSpan(text, start, end);
  if (trimmed.end > trimmed.start) spans.push(trimmed);
}

/** Whether a unit is white space (Unicode's, or ECMAScript's U+FEFF). */
export function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 0x85 || code === 0xa0 ||
    code === 0x1680 || (code >= 0x2000 && code <= 0x200a) || code === 0x2028 || code === 0x2029 ||
    code === 0x202f || code === 0x205f || code === 0x3000 || code === 0xfeff;
}

/** A span without the white space at its ends. */
function trimSpan(text: string, start: number, end: number): Span {
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return { start, end };
}

/** The best place to cut in the second half of a stretch: a line's end, white space, anywhere. */
export function borderBefore(text: string, start: number, end: number): number {
  const half = start + ((end - start) >> 1);
  const line = text.slice(half, end).lastIndexOf("\n"); // a slice, so that the search ends there
  if (line >= 0) return half + line + 1;
  for (let at = end - 1; at >= half; at--) {
    const unit = text.charCodeAt(at);
    if (unit === 32 || unit === 9 || unit === 0x3000 || unit === 0x3002) return at + 1;
  }
  const unit = text.charCodeAt(end);
  return unit >= 0xdc00 && unit <= 0xdfff ? end - 1 : end;
}
