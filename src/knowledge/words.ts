/**
 * Words as the index sees them: folding, scripts without spaces, stop words.
 *
 * @module
 */

import { ENGLISH, stopWords } from "../shared/stop_words.ts";

/** Grows when a chunk would be indexed under other terms than before; indexes are then made anew. */
export const INDEXING = 2;

/** The most distinct words of a query that count; the rest of a pasted page adds only cost. */
export const MAX_QUERY_TERMS = 64;

// Within functions, because a program that only imports should not have to compile them.
const word = (): RegExp => /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

/** Scripts written without spaces, or with words too long to be looked up whole. */
const unspaced = (): RegExp =>
  /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}ー]+/gu;
// One class of the lowest code point of those scripts, as a cheap test of a whole chunk.
const MAYBE_UNSPACED = /[\u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u2e80-\uffdc\ud840-\ud8bf]/;

/** Stop words of texts that a question may yet be about: what is done, as in "how long does it keep?". */
export const ASKED_ABOUT: ReadonlySet<string> = new Set(
  ("become becomes became came come comes done gave get gets getting give given gives go goes going gone got " +
    "keep kept know known made make makes making need put said say says see seem seemed seems seen take taken " +
    "takes tried try use used uses using want wants went").split(" "),
);

/** Whether an English word of a question says nothing about what it asks for. */
export function isStopWord(word: string): boolean {
  return ((stopWords().get(word) ?? 0) & ENGLISH) !== 0 && !ASKED_ABOUT.has(word);
}

/** Lower case without accents, as the index folds words. */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  // deno-lint-ignore no-control-regex
  if (/^[\x00-\x7f]*$/.test(lower)) return lower;
  // Marks go before, too: putting a long run of them into order takes the engine quadratic time.
  const bare = lower.replace(/\p{M}+/gu, "").normalize("NFKD");
  return bare.replace(/\p{M}+/gu, "").normalize("NFC");
}

/** Splits runs of scripts without spaces into overlapping pairs of characters, for the index. */
export function spaceOut(text: string): string {
  if (!MAYBE_UNSPACED.test(text)) return text;
  return text.replace(unspaced(), (run) => ` ${pairs(run).join(" ")} `);
}

function pairs(run: string): string[] {
  const characters = Array.from(run);
  if (characters.length < 2) return characters;
  const result: string[] = [];
  for (let i = 1; i < characters.length; i++) result.push(`${characters[i - 1]}${characters[i]}`);
  return result;
}

/** All words of a text in order, folded. */
export function wordsOf(text: string): string[] {
  return fold(spaceOut(text)).match(word()) ?? [];
}
