/**
 * Word stems, compared when a question's words are looked for in sentences.
 *
 * @module
 */
import { stemmer } from "npm:stemmer@2.0.1";
import { formsOf } from "../knowledge/irregular_verbs.ts";
import { wordsOf } from "../knowledge/words.ts";

const MAX_KNOWN = 50_000;
const known = new Map<string, string>();

/** The stem of a folded word: Porter's of the base form for English letters, else the word. */
export function stemOf(word: string): string {
  let stem = known.get(word);
  if (stem === undefined) {
    const base = formsOf(word)[0]!;
    stem = /^[a-z]{3,40}$/.test(base) ? stemmer(base) : base;
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(word, stem);
  }
  return stem;
}

/** The stems of all words of a text, in order. */
export function stemsOf(text: string): string[] {
  return wordsOf(text).map(stemOf);
}
