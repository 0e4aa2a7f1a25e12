/** JSON that was written on one line, laid out so that it can be quoted piece by piece. @module */

/** Lines up to this length are left as they are. */
const LONG_LINE = 2_000;
/** Indentation would be more than the content in what is nested deeper. */
const MAX_DEPTH = 64;

/** The text as it is, or with a line a value if it has very long lines and is JSON. */
export function jsonText(text: string): string {
  if (longestLine(text) <= LONG_LINE || depthOf(text) > MAX_DEPTH) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // several values, comments, or none at all
  }
}

/** The length of the longest line. */
export function longestLine(text: string): number {
  let longest = 0;
  for (let start = 0; start < text.length;) {
    let end = text.indexOf("\n", start);
    if (end < 0) end = text.length;
    longest = Math.max(longest, end - start);
    start = end + 1;
  }
  return longest;
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x5b || unit === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (unit === 0x5d || unit === 0x7d) depth--;
  }
  return deepest;
}
