/**
 * Terms: what the index keeps of a text. Identifiers are kept whole and split, dotted versions are one, numbers lose
 * their separators, and every word is brought to its stem in the language of its document.
 *
 * @module
 */
import { type Language, stemIn } from "./languages.ts";
import { fold, spaceOut } from "./words.ts";

const RAW = (): RegExp => /[\p{L}\p{N}\p{M}\p{Co}_]+(?:[.,'’‐-][\p{L}\p{N}\p{M}_]+)*/gu;
/** Longer runs are cut at their joints only. */
export const MAX_RAW = 80;
const MAX_KNOWN = 100_000;
const GROUPED_NUMBER = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;
const VERSION = /^v?\d+(?:\.\d+)+\p{L}?\w*$/iu;
const CAMEL = /^\p{L}.*\p{Ll}\p{Lu}|^\p{Lu}{2,}\p{Ll}/u;
const HUMPS = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u;

const known = new Map<Language, Map<string, readonly string[]>>();

/** The raw tokens of a text: words, with what is joined to them by dots, hyphens and the like. */
export function rawTokens(text: string): readonly string[] {
  return spaceOut(text).match(RAW()) ?? [];
}

/** All terms of a text in order. */
export function termsOf(text: string, language: Language): string[] {
  const terms: string[] = [];
  for (const raw of rawTokens(text)) {
    for (const term of termsOfToken(raw, language)) terms.push(term);
  }
  return terms;
}

/** The terms of one raw token; where it is kept whole and split, the whole comes first. */
export function termsOfToken(raw: string, language: Language): readonly string[] {
  let cache = known.get(language);
  if (cache === undefined) known.set(language, cache = new Map());
  let terms = cache.get(raw);
  if (terms === undefined) {
    terms = expandToken(raw, language);
    if (raw.length > MAX_RAW) return terms;
    if (cache.size >= MAX_KNOWN) cache.clear();
    cache.set(raw, terms);
  }
  return terms;
}

/** The term of one plain word. */
export function termOfWord(word: string, language: Language): string {
  // No word, and putting a long run of marks into order takes the engine quadratic time.
  if (word.length > MAX_RAW) return fold(word);
  // The stem first: its rules know accents.
  return fold(stemIn(word.toLowerCase().normalize("NFC"), language));
}

/** Those of {@linkcode termsOfToken}, made anew. */
export function expandToken(raw: string, language: Language): string[] {
  if (GROUPED_NUMBER.test(raw)) return [raw.replaceAll(",", "")];
  if (raw.length <= MAX_RAW && VERSION.test(raw)) return [fold(raw.replace(/^v/i, ""))];
  const parts = raw.split(/[.,'’‐_-]+/).filter((part) => part !== "");
  const terms: string[] = [];
  if (parts.length > 1 && raw.length <= MAX_RAW) {
    if (/^[^,'’‐-]+$/.test(raw)) terms.push(fold(raw.replace(/^[_.]+|[_.]+$/g, "")));
    else if (/^[^.,'’_]+$/.test(raw)) terms.push(termOfWord(parts.join(""), language));
  }
  for (const part of parts) {
    terms.push(...plain(part, language));
    if (part.length > MAX_RAW || !CAMEL.test(part)) continue;
    const humps = part.split(HUMPS);
    if (humps.length > 1) { for (const hump of humps) terms.push(...plain(hump, language)); }
  }
  return terms;
}

/** Folding can take a letter apart, as it does a fraction. */
function plain(part: string, language: Language): readonly string[] {
  const term = termOfWord(part, language);
  return /^[\p{L}\p{N}\p{Co}]+$/u.test(term) ? [term] : term.match(/[\p{L}\p{N}\p{Co}]+/gu) ?? [];
}
