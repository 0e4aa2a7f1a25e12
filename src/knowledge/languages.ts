/**
 * Languages: which one a text is in, and the stems of its words by Snowball's rules.
 *
 * @module
 */
import { AgentError } from "../shared/errors.ts";
import { loadPackage, specifierOf } from "../shared/packages.ts";
import { stopWords } from "../shared/stop_words.ts";
import { porterStem } from "./porter.ts";
import { baseForm } from "./word_forms.ts";

/** A language whose words have stems here. */
export type Language = "en" | "de" | "fr" | "es" | "it" | "pt" | "nl" | "ru" | "el";

/** In the order of the bits of the stop words; Greek has no list there. */
const BITS: readonly Language[] = ["en", "de", "fr", "es", "it", "pt", "nl", "ru"];

/** Greek words that say nothing of what a question asks for, without accents. */
const GREEK_STOP_WORDS = new Set(
  ("ο η το οι τα του της των τον την τους τις στο στη στην στον στα στους στις και ή να θα δεν μη μην με σε για από " +
    "απο ως προς κατά κατα ένα ενα ένας ενας μια μία μιας είναι ειναι ήταν ηταν έχει εχει έχουν εχουν πώς πως τι " +
    "ποιο ποια ποιος ποιοι ποιες πότε ποτε πού που πόσο ποσο πόσα ποσα πόσες ποσες γιατί γιατι όταν οταν αν όπως " +
    "οπως αυτό αυτο αυτή αυτη αυτός αυτος μου σου μας σας κάθε καθε πρέπει πρεπει μπορώ μπορω μπορεί μπορει")
    .split(" "),
);

type Stemmer = (word: string) => string;

/** The modules of the package that has the stems of all languages but English. */
const MODULES: Readonly<Record<Exclude<Language, "en">, string>> = {
  de: "german",
  fr: "french",
  es: "spanish",
  it: "italian",
  pt: "portuguese",
  nl: "dutch",
  ru: "russian",
  el: "greek",
};

const stemmers = new Map<Language, Stemmer>([
  ["en", (word) => /^[a-z]{3,40}$/.test(word) ? porterStem(baseForm(word)) : word],
]);
const loading = new Map<Language, Promise<boolean>>();

/** No word is longer than this in any language; what is, is no word and costs time. */
const MAX_WORD = 60;
/** So much of a text tells its language. */
const SAMPLE = 6_000;
/** A language is taken if this share of the words are its stop words. */
const LEAST_SHARE = 0.1;

/**
 * Loads the stems of a language. Without its package, which is asked for once a process, its words stay as they are.
 *
 * @returns Whether they are there.
 */
export function loadStems(language: Language): Promise<boolean> {
  if (stemmers.has(language) || language === "en") return Promise.resolve(true);
  let loaded = loading.get(language);
  if (loaded === undefined) loading.set(language, loaded = loadModule(language));
  return loaded;
}

async function loadModule(language: Exclude<Language, "en">): Promise<boolean> {
  const address = `${specifierOf("@orama/stemmers")}/${MODULES[language]}`;
  try {
    const { stemmer } = await loadPackage<{ stemmer: Stemmer }>(
      "@orama/stemmers",
      "A document in another language than English",
      address,
    );
    stemmers.set(language, stemmer);
    return true;
  } catch (error) {
    if (AgentError.is(error, "UNAVAILABLE")) return false;
    throw error;
  }
}

/** Whether the stems of a language are loaded. */
export function hasStems(language: Language): boolean {
  return stemmers.has(language);
}

/** The stem of a word in lower case; the word where the stems of the language are not loaded. */
export function stemIn(word: string, language: Language): string {
  return word.length > MAX_WORD ? word : stemmers.get(language)?.(word) ?? word;
}

/** Whether a word in lower case says nothing in a language of what a question asks for. */
export function isStopWordIn(word: string, language: Language): boolean {
  if (language === "el") return GREEK_STOP_WORDS.has(word);
  return ((stopWords().get(word) ?? 0) & (1 << BITS.indexOf(language))) !== 0;
}

/** The language that a text is indexed in: its own if there are stems of it, else English. */
export async function indexedLanguage(text: string): Promise<Language> {
  const language = languageOf(text);
  return await loadStems(language) ? language : "en";
}

/** The language of a text by its script and its stop words; English where nothing else is likely. */
export function languageOf(text: string): Language {
  const words = text.slice(0, SAMPLE).toLowerCase().match(/\p{L}+/gu) ?? [];
  if (words.length === 0) return "en";
  const masks = stopWords();
  const counts = BITS.map(() => 0);
  let greekLetters = 0;
  let cyrillic = 0;
  for (const word of words) {
    const code = word.charCodeAt(0);
    if (code < 0x370) {
      const mask = masks.get(word) ?? 0;
      if (mask === 0) continue;
      for (let bit = 0; bit < counts.length; bit++) if (mask & (1 << bit)) counts[bit]!++;
    } else if (code < 0x400) greekLetters++;
    else if (code < 0x530) cyrillic++;
  }
  if (greekLetters * 2 > words.length) return "el";
  if (cyrillic * 2 > words.length) return "ru";
  let best = 0;
  for (let bit = 1; bit < counts.length; bit++) if (counts[bit]! > counts[best]!) best = bit;
  return counts[best]! >= words.length * LEAST_SHARE ? BITS[best]! : "en";
}
