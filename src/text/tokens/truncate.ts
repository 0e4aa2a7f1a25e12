/**
 * Texts cut to a number of tokens, on either twin. Only as much is read as is kept: a long text goes by windows whose
 * ends change no token.
 *
 * @module
 */

import { graphemeAt } from "../graphemes.ts";
import { safeCut } from "./scan.ts";
import type { TokenTwin } from "./types.ts";

/** What stands for the part that was left out between two that are kept. */
const GAP = "…";
/** The smallest window, in UTF-16 units, and how many a token has with room to spare. */
const LEAST_WINDOW = 4096;
const TOKEN_UNITS = 8;
/** A grapheme longer than this is broken between two characters rather than lost. */
const LONG_GRAPHEME = 64;

/** Whether a text has at most so many tokens. */
export function isWithin(twin: TokenTwin, text: string, most: number): boolean {
  return unitsOf(twin, text, most) === text.length;
}

/** The part of a text that has at most so many tokens. */
export function truncated(
  twin: TokenTwin,
  text: string,
  most: number,
  keep: "start" | "end" | "both",
): string {
  if (isWithin(twin, text, most)) return text;
  if (keep === "end") return endOf(twin, text, most);
  const room = keep === "both" ? most - twin.count(GAP) : 0;
  // The parts and the gap may be more tokens together than each alone.
  for (let parts = room; parts > 1; parts--) {
    const start = startOf(twin, text, Math.ceil(parts / 2));
    const end = endOf(twin, text.slice(start.length), Math.floor(parts / 2));
    const result = `${start}${GAP}${end}`;
    const leftOut = text.length - start.length - end.length;
    if (leftOut > 0 && twin.count(result) <= most) return result;
  }
  return startOf(twin, text, most);
}

/** How many units of whole characters the first tokens of a text cover; all of them if it has no more. */
function unitsOf(twin: TokenTwin, text: string, most: number): number {
  const window = Math.max(LEAST_WINDOW, most * TOKEN_UNITS);
  for (let start = 0, left = most; start < text.length;) {
    const end = safeCut(text, start + window, twin.cuts);
    const { tokens, units } = twin.prefix(text.slice(start, end), left);
    if (tokens > left) return start + units;
    left -= tokens;
    start = end;
  }
  return text.length;
}

/** The longest start that fits. Cut off, it may be other tokens than it was in the text, and more of them. */
function startOf(twin: TokenTwin, text: string, most: number): string {
  for (let tokens = most; tokens > 0; tokens--) {
    const start = text.slice(0, borderBefore(text, unitsOf(twin, text, tokens)));
    if (twin.count(start) <= most) return start;
  }
  return "";
}

/** The longest end that fits. */
function endOf(twin: TokenTwin, text: string, most: number): string {
  if (most === 0) return "";
  let from = text.length;
  let tokens = 0;
  for (
    let reach = Math.max(LEAST_WINDOW, most * TOKEN_UNITS);
    tokens <= most && from > 0;
    reach *= 2
  ) {
    from = text.length <= reach ? 0 : safeCut(text, text.length - reach, twin.cuts);
    if (from === text.length) continue;
    ({ tokens } = twin.prefix(text.slice(from), 0));
  }
  const tail = text.slice(from);
  if (tokens <= most) return tail;
  for (let left = tokens - most; left <= tokens; left++) {
    const at = borderBehind(tail, unitsOf(twin, tail, left));
    if (twin.count(tail.slice(at)) <= most) return tail.slice(at);
  }
  return "";
}

/** The last border of graphemes at or before a place. */
function borderBefore(text: string, at: number): number {
  const [start, end] = graphemeAt(text, at);
  return end - start > LONG_GRAPHEME ? at : start;
}

/** The first border of graphemes at or behind a place. */
function borderBehind(text: string, at: number): number {
  const [start, end] = graphemeAt(text, at);
  return end - start > LONG_GRAPHEME ? at : end;
}
