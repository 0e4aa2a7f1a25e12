/**
 * A query's words: what each is looked for as, how rare it is, and what was meant by one that is nowhere.
 *
 * @module
 */
import type { Database } from "./database.ts";
import { formsOf } from "./irregular_verbs.ts";
import { isStopWordIn, type Language, languageOf } from "./languages.ts";
import { nearest } from "./spelling.ts";
import { rawTokens, termOfWord, termsOfToken } from "./terms.ts";
import { baseForm, synonymsOf } from "./word_forms.ts";
import { ASKED_ABOUT, fold, MAX_QUERY_TERMS } from "./words.ts";

/** A word of a query. */
export interface QueryWord {
  /** The word, folded. */
  word: string;
  /** The terms that are this word, in the languages of the store. */
  terms: string[];
  /** Terms that mean the same, or that it was misspelt from. */
  alike: string[];
  /** In how many chunks one of its terms is. */
  chunks: number;
  /** Its inverse document frequency. */
  weight: number;
}

/** A query longer than this is a pasted page. */
const MAX_QUERY = 100_000;
/** So many terms are remembered with how many chunks have them. */
const MAX_COUNTS = 5_000;

/** Whether a word of a question says nothing about what it asks for. */
export function isAsking(word: string, language: Language): boolean {
  return isStopWordIn(word, language) && !(language === "en" && ASKED_ABOUT.has(word));
}

/** Reads a query against a store of so many chunks, in these languages. */
export function readQuery(
  database: Database,
  query: string,
  chunks: number,
  languages: readonly Language[],
  counts: ChunkCounts,
): QueryWord[] {
  const words = wordsOfQuery(query.slice(0, MAX_QUERY), languages);
  for (const word of words) {
    word.chunks = counts.of(word.terms);
    if (word.chunks === 0 && word.alike.length === 0) {
      const meant = nearest(database, word.terms[0]!, (term) => counts.of([term]));
      if (meant !== undefined) word.alike.push(meant);
    }
    word.weight = chunks === 0
      ? 0
      : Math.log(1 + (Math.max(chunks - word.chunks, 0) + 0.5) / (word.chunks + 0.5));
  }
  joinCompounds(database, words, counts);
  return words;
}

/** In how many chunks terms are, at one revision of a store: the index reads each place of a term to count them. */
export class ChunkCounts {
  readonly #database: Database;
  readonly #known = new Map<string, number>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** How many chunks have one of some terms. */
  of(terms: readonly string[]): number {
    if (terms.length === 0) return 0;
    const match = anyOf(terms);
    const known = this.#known.get(match);
    if (known !== undefined) return known;
    const found = Number(
      this.#database.statement("SELECT count(*) AS n FROM chunk_index WHERE chunk_index MATCH ?")
        .get(match)?.["n"],
    );
    if (this.#known.size >= MAX_COUNTS) this.#known.clear();
    this.#known.set(match, found);
    return found;
  }
}

/** An FTS5 query for chunks with one of some terms; quoted, so that no input can be an operator. */
export function anyOf(terms: readonly string[]): string {
  return terms.map((term) => `"${term.replaceAll('"', '""')}"`).join(" OR ");
}

function wordsOfQuery(query: string, languages: readonly Language[]): QueryWord[] {
  const spoken = languageOf(query);
  const all = new Map<string, QueryWord>();
  const content = new Map<string, QueryWord>();
  for (const raw of rawTokens(query)) {
    const versions = languages.map((language) => termsOfToken(raw, language));
    const [first = []] = versions;
    for (const at of first.keys()) {
      const terms = new Set(versions.map((terms) => terms[at] ?? first[at]!));
      const plain = first.length === 1 ? fold(raw) : first[at]!;
      const lower = first.length === 1 ? raw.toLowerCase() : plain;
      const alike = new Set<string>();
      if (languages.includes("en")) {
        for (const form of formsOf(baseForm(plain))) terms.add(termOfWord(form, "en"));
        for (const other of [...synonymsOf(plain), ...synonymsOf(singular(plain))]) {
          for (const form of formsOf(other)) {
            const term = termOfWord(form, "en");
            if (!terms.has(term)) alike.add(term);
          }
        }
      }
      const key = first[at]!;
      const word = { word: plain, terms: [...terms], alike: [...alike], chunks: 0, weight: 0 };
      if (all.size < MAX_QUERY_TERMS && !all.has(key)) all.set(key, word);
      if (!isAsking(lower, spoken) && !content.has(key)) content.set(key, word);
      if (content.size === MAX_QUERY_TERMS) return [...content.values()];
    }
  }
  return [...(content.size > 0 ? content : all).values()];
}

function singular(word: string): string {
  return /[^s]s$/.test(word) && word.length > 3 ? word.slice(0, -1) : word;
}

/** "file system" is also looked for as "filesystem", and the other way round. */
function joinCompounds(
  database: Database,
  words: readonly QueryWord[],
  counts: ChunkCounts,
): void {
  const plain = /^\p{L}{3,}$/u;
  for (const [at, { word }] of words.entries()) {
    const next = words[at + 1];
    if (next === undefined || !plain.test(word) || !plain.test(next.word)) continue;
    const joined = termOfWord(word + next.word, "en");
    if (!isKnown(database, joined)) continue;
    words[at]!.alike.push(joined);
    next.alike.push(joined);
  }
  for (const one of words) {
    if (one.chunks > 0 || !/^\p{L}{7,24}$/u.test(one.word)) continue;
    for (let at = 3; at <= one.word.length - 3; at++) {
      const parts = [one.word.slice(0, at), one.word.slice(at)].map((part) =>
        termOfWord(part, "en")
      );
      if (!parts.every((part) => counts.of([part]) > 0)) continue;
      one.alike.push(...parts);
      break;
    }
  }
}

function isKnown(database: Database, term: string): boolean {
  return database.statement("SELECT 1 AS n FROM vocabulary WHERE term = ?").get(term) !== undefined;
}
