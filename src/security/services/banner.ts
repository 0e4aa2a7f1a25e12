/**
 * Makes harmless what a server said: bounded, without control characters, escape sequences and characters that hide or
 * turn text round. What remains is still somebody else's text.
 *
 * @module
 */

import type { Banner } from "./types.ts";

/** The most bytes of an answer that are kept. */
export const MOST_BANNER_BYTES = 4096;

/** The most characters of a product, a version or a name. */
const MOST_WORD = 120;

// Sequences go as a whole, so that their parameters do not remain as text. Each has a bound: no search is long.
const SEQUENCES =
  // deno-lint-ignore no-control-regex
  /(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,16}[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]{0,4}[0-~]/g;
// Controls, marks of direction, characters without width, tags, private use, variation selectors.
const HIDDEN =
  // deno-lint-ignore no-control-regex
  /[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff]|[\u{e0000}-\u{e0fff}\u{f0000}-\u{10ffff}]|[\ue000-\uf8ff]/gu;

/** Text without what does not show. Line feeds stay, everything else of the kind goes or becomes a blank. */
export function harmless(text: string): string {
  return text.replace(/\r\n?/g, "\n").replaceAll("\t", " ").replace(SEQUENCES, "").replace(
    HIDDEN,
    "",
  );
}

/** A short value of one line out of a server's text; null if nothing of it remains. */
export function word(text: string | null | undefined, most: number = MOST_WORD): string | null {
  if (text === null || text === undefined) return null;
  const line = harmless(text.slice(0, most * 8)).replace(/\s+/g, " ").trim();
  const cut = Array.from(line).slice(0, most).join("");
  return cut === "" ? null : cut;
}

/** What a server said first, as it may be shown; null if nothing can be shown. */
export function bannerOf(bytes: Uint8Array, isCut = false): Banner | null {
  const kept = bytes.subarray(0, MOST_BANNER_BYTES);
  const text = harmless(new TextDecoder().decode(kept)).trim();
  if (text === "") return null;
  return { text, untrusted: true, truncated: isCut || bytes.length > kept.length };
}
