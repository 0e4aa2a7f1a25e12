/**
 * The terms of a text as keywords are made of them: without stop words, plurals with their singulars, each with a number.
 *
 * @module
 */

import { LANGUAGES, stopWords } from "../../shared/stop_words.ts";
import { Scanner } from "./scanner.ts";

const MAX_TERMS = 1 << 20;
const MAX_VERTICES = 1024;
const LANGUAGE_SAMPLE = 2000;
/** Languages whose plurals end in s: English, French, Spanish, Portuguese. */
const PLURAL_LANGUAGES = 0b10_1101;
/** Words that are no plural of what they look like. */
const NO_PLURALS = new Set([
  "news",
  "means",
  "series",
  "species",
  "physics",
  "mathematics",
  "hers",
]);

/** What is left out of keywords. */
export interface Exclusions {
  /** The languages, a bit each, whose stop words are left out. */
  languages: number;
  /** Whether the text is in capitals, so that they say nothing. */
  isShouted: boolean;
  /** Further stop words, in lower case. */
  stopWords: ReadonlySet<string>;
}

/** Which stop lists fit the text, by the different stop words among its first words. */
export function exclusionsOf(text: string, further: readonly string[]): Exclusions {
  const masks = stopWords();
  const scanner = new Scanner(text);
  const found = new Map<string, boolean>();
  let words = 0;
  let shouted = 0;
  while (words < LANGUAGE_SAMPLE && scanner.next()) {
    if (!scanner.isWord) continue;
    words++;
    const { isShouted } = scanner;
    if (isShouted) shouted++;
    const word = scanner.word();
    // In small letters somewhere, it is no name made of initials.
    if (masks.has(word)) found.set(word, (found.get(word) ?? true) && isShouted);
  }
  const isShouted = shouted * 2 > words;
  const kept = Array.from(found).filter(([, only]) => isShouted || !only);
  const hits = kept.map(([word]) => masks.get(word)!);
  return { languages: languagesOf(hits), isShouted, stopWords: new Set(further) };
}

/** The language with the most different stop words, and those with about as many of their own beside it. */
function languagesOf(masks: readonly number[]): number {
  const count = (holds: (mask: number) => boolean): number => masks.filter(holds).length;
  let best = 0;
  let most = 0;
  for (let language = 0; language < LANGUAGES; language++) {
    const hits = count((mask) => (mask >> language & 1) === 1);
    if (hits > most) [best, most] = [language, hits];
  }
  if (most === 0) return 0;
  let used = 1 << best;
  for (let language = 0; language < LANGUAGES; language++) {
    const own = count((mask) => (mask >> language & 1) === 1 && (mask >> best & 1) === 0);
    const theirs = count((mask) => (mask >> language & 1) === 0 && (mask >> best & 1) === 1);
    if (own > 2 && own * 2 >= theirs) used |= 1 << language;
  }
  return used;
}

function codePointCount(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) !== 0xdc00) count++;
  return count;
}

/** What is left of a word without the stop words at its apostrophes; "" if nothing that counts. */
function strip(word: string, isName: boolean, exclusions: Exclusions, minLength: number): string {
  const masks = stopWords();
  const isStop = (piece: string): boolean =>
    exclusions.stopWords.has(piece) ||
    (!isName && ((masks.get(piece) ?? 0) & exclusions.languages) !== 0);
  if (word.includes("'")) {
    const pieces = word.split("'");
    while (pieces.length > 1 && isStop(pieces[0]!)) pieces.shift();
    while (pieces.length > 1 && isStop(pieces[pieces.length - 1]!)) pieces.pop();
    word = pieces.join("'");
  }
  if (isStop(word) || codePointCount(word) < minLength) return "";
  // "est-ce" and its like.
  if (word.includes("-") && word.split(/['-]/).every(isStop)) return "";
  // "e.g" and its like.
  const isAbbreviation = !isName && word.includes(".") &&
    word.split(".").every((piece) => codePointCount(piece) === 1);
  return isAbbreviation ? "" : word;
}

/** The kept terms of a text: each term once, and the sequence of their numbers. */
export class Vocabulary {
  readonly terms: string[] = [];
  readonly counts: number[] = [];
  readonly numbers = new Map<string, number>();
  sequence: Int32Array = new Int32Array(1024);
  /** Whether something stands between a term and the one before it. */
  breaks: Uint8Array = new Uint8Array(1024);
  length = 0;

  /** The number of a term, a new one if there is room; else -1. */
  numberOf(term: string): number {
    let number = this.numbers.get(term);
    if (number === undefined) {
      if (this.terms.length === MAX_TERMS) return -1;
      number = this.terms.length;
      this.numbers.set(term, number);
      this.terms.push(term);
      this.counts.push(0);
    }
    return number;
  }

  /** The next place of the sequence; -1 takes none. */
  add(number: number, isBreak: boolean): void {
    if (number < 0) return;
    this.counts[number]!++;
    if (this.length === this.sequence.length) {
      const sequence = new Int32Array(this.length * 2);
      sequence.set(this.sequence);
      this.sequence = sequence;
      const breaks = new Uint8Array(this.length * 2);
      breaks.set(this.breaks);
      this.breaks = breaks;
    }
    this.breaks[this.length] = isBreak ? 1 : 0;
    this.sequence[this.length++] = number;
  }

  /** Counts plurals and singulars that both occur as one term, under the more frequent of them. */
  joinPlurals(): void {
    const { terms, counts, numbers } = this;
    const parents = Int32Array.from(terms, (_, number) => number);
    const rootOf = (number: number): number => {
      while (parents[number] !== number) number = parents[number]!;
      return number;
    };
    let joined = false;
    for (let number = 0; number < terms.length; number++) {
      for (const plural of pluralsOf(terms[number]!)) {
        const other = numbers.get(plural);
        if (other === undefined || NO_PLURALS.has(plural)) continue;
        const one = rootOf(number);
        const two = rootOf(other);
        parents[Math.max(one, two)] = Math.min(one, two);
        joined = true;
      }
    }
    if (!joined) return;
    const names = Int32Array.from(terms, (_, number) => number);
    for (let number = 0; number < terms.length; number++) {
      const root = rootOf(number);
      if (counts[number]! > counts[names[root]!]!) names[root] = number;
    }
    const spelt = Array.from(names, (name) => terms[name]!);
    for (let number = 0; number < terms.length; number++) {
      const root = rootOf(number);
      terms[root] = spelt[root]!;
      if (root === number) continue;
      counts[root]! += counts[number]!;
      counts[number] = 0;
    }
    for (let at = 0; at < this.length; at++) this.sequence[at] = rootOf(this.sequence[at]!);
  }

  /** The most frequent terms, numbered from 0 by first occurrence; -1 for the others. */
  vertices(): { of: Int32Array; numbers: number[] } {
    const total = this.terms.length;
    const of = new Int32Array(total).fill(-1);
    let least = 1;
    let room = MAX_VERTICES;
    if (total > MAX_VERTICES) {
      least = Math.max(1, Int32Array.from(this.counts).sort()[total - MAX_VERTICES]!);
      for (const count of this.counts) if (count > least) room--;
    }
    const numbers: number[] = [];
    for (let i = 0; i < total; i++) {
      const count = this.counts[i]!;
      if (count < least || (count === least && room-- <= 0)) continue;
      of[i] = numbers.length;
      numbers.push(i);
    }
    return { of, numbers };
  }
}

/** How the plurals of a word may be spelt. */
function pluralsOf(term: string): string[] {
  if (codePointCount(term) < 3 || term.endsWith("s") && !term.endsWith("ss")) return [];
  const plurals = term.endsWith("ss") ? [`${term}es`] : [`${term}s`, `${term}es`];
  if (term.endsWith("y")) plurals.push(`${term.slice(0, -1)}ies`);
  return plurals;
}

/** The terms of a text. */
export function vocabularyOf(
  text: string,
  minLength: number,
  further: readonly string[],
): Vocabulary {
  const vocabulary = new Vocabulary();
  const exclusions = exclusionsOf(text, further);
  const scanner = new Scanner(text);
  // What became of each spelling, because words come again and again.
  const known = new Map<string, number>();
  // Whether something was left out behind the last term.
  let isBreak = true;
  const add = (number: number): void => {
    vocabulary.add(number, isBreak);
    isBreak = number < 0;
  };
  while (scanner.next()) {
    if (scanner.apart) isBreak = true;
    if (scanner.isWord) {
      const spelling = text.slice(scanner.start, scanner.end);
      let number = known.get(spelling);
      if (number === undefined) {
        const isName = !exclusions.isShouted && scanner.isShouted;
        const term = strip(scanner.word(), isName, exclusions, minLength);
        number = term === "" ? -1 : vocabulary.numberOf(term);
        if (known.size < MAX_TERMS) known.set(spelling, number);
      }
      add(number);
    } else {
      if (scanner.cjk) addRun(text, scanner, minLength, vocabulary, exclusions);
      isBreak = true;
    }
  }
  const { languages } = exclusions;
  if (languages === 0 || (languages & PLURAL_LANGUAGES) !== 0) vocabulary.joinPlurals();
  return vocabulary;
}

/** The pairs of a run of characters without blanks. */
function addRun(
  text: string,
  { start, end, length }: Scanner,
  minLength: number,
  vocabulary: Vocabulary,
  exclusions: Exclusions,
): void {
  const take = (term: string): void => {
    if (!exclusions.stopWords.has(term)) vocabulary.add(vocabulary.numberOf(term), true);
  };
  if (length === 1) {
    if (minLength <= 1) take(text.slice(start, end));
    return;
  }
  let at = start;
  while (at < end) {
    const middle = at + (text.codePointAt(at)! > 0xffff ? 2 : 1);
    if (middle >= end) break;
    take(text.slice(at, middle + (text.codePointAt(middle)! > 0xffff ? 2 : 1)));
    at = middle;
  }
}
