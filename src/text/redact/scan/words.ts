/**
 * Whether letters are words: how many of the pairs of letters are among those that make nine tenths of English and of
 * names in code, of which random letters have three tenths. Twin: `rust/areas/redact/src/words.rs`.
 *
 * @module
 */

import { CLASS, DIGIT, LOWER, UPPER } from "./chars.ts";

/** By letter: which follow it often. Counted in 40 MB of documentation and code of Debian 12, the 200 most frequent. */
const FOLLOWERS = [
  "bcdgiklmnprstuvy",
  "aeilou",
  "acehiklortu",
  "adeiosu",
  "abcdefglmnprstvx",
  "aefioru",
  "ehinr",
  "aeiot",
  "abcdefglmnoprstv",
  "",
  "e",
  "adeilostuy",
  "aeimop",
  "acdefgiostu",
  "bcdglmnoprstuvw",
  "aeiloprtu",
  "u",
  "acdegimnorstuy",
  "acehiopstuy",
  "acehilorstuy",
  "bceilmnprst",
  "aei",
  "aehio",
  "t",
  "p",
  "",
];

// Sixteen times the logarithms of how much more often words have it than random characters.
const OFTEN = 18;
const SELDOM = -31;
const CAPITALS = -8;
const TURN = -24;

let pairs: Uint8Array | undefined;

function makePairs(): Uint8Array {
  const table = new Uint8Array(26 * 26);
  FOLLOWERS.forEach((followers, first) => {
    for (const second of followers) table[first * 26 + second.charCodeAt(0) - 97] = 1;
  });
  return table;
}

/** How much more the characters from `s` to `e` look like words than like random ones; above 0, they do. */
export function wordsIn(text: string, s: number, e: number): number {
  const table = pairs ??= makePairs();
  let score = 0;
  let before = 0;
  for (let p = s; p < e; p++) {
    const bits = CLASS[text.charCodeAt(p)]! & (LOWER | UPPER | DIGIT);
    if (before !== 0 && bits !== 0) {
      if ((before & DIGIT) !== (bits & DIGIT)) score += TURN;
      // A capital behind a small letter begins a word.
      else if (bits !== DIGIT && !(before === LOWER && bits === UPPER)) {
        const pair = ((text.charCodeAt(p - 1) | 32) - 97) * 26 + (text.charCodeAt(p) | 32) - 97;
        score += table[pair] === 1 ? OFTEN : SELDOM;
        if (before === UPPER && bits === UPPER) score += CAPITALS;
      }
    }
    before = bits;
  }
  return score;
}
