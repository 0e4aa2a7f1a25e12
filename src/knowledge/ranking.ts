/**
 * Ranking: how well the words of a query fit a chunk. BM25F over title, headings and text, with a bonus for words
 * that stand together as they do in the query.
 *
 * @module
 */
import type { QueryWord } from "./query.ts";

/** The weights of the ranking, set on the tuning half of bench/evaluation. */
export const RANKING = {
  /** What a count in a title is worth beside one in the text. */
  title: 1.6,
  /** And one in a heading. */
  heading: 1.8,
  /** How soon more of the same word stop counting. */
  k1: 1.2,
  /** How much a long chunk is held against it. */
  b: 0.5,
  /** What a word of the same meaning, or a word that was meant, is worth. */
  alike: 0.6,
  /** What a pair of words that stand together adds, as a share of the lighter one. */
  together: 0.35,
  /** What a cosine counts beside the share of the query's words. */
  meaning: 2,
};
/** Terms of a chunk of usual length. */
const USUAL_LENGTH = 150;
const NEAR = 4;

/** The terms of a chunk by field, as the index keeps them: a space between two. */
export interface ChunkTerms {
  /** Of the document's title and name. */
  title: string;
  /** Of the headings above the chunk. */
  heading: string;
  /** Of the text. */
  body: string;
}

/** What a term stands for: a word of the query, and how well. */
type Meanings = readonly { word: number; worth: number }[];

/** As many as there are, nearly all terms of a chunk are told from those of a query by their beginning and length. */
const LOOKS = 1 << 12;
const SPACE = 0x20;

/** Scores chunks for one query. */
export class Ranker {
  readonly #words: readonly QueryWord[];
  readonly #meaning = new Map<string, { word: number; worth: number }[]>();
  /** 1 where a term of the query looks so: reading a term costs ten times what looking at it does. */
  readonly #looks = new Uint8Array(LOOKS);
  /** The score that a chunk with every word once would have. */
  readonly full: number;

  constructor(words: readonly QueryWord[]) {
    this.#words = words;
    const note = (term: string, word: number, worth: number) => {
      const list = this.#meaning.get(term) ?? [];
      this.#meaning.set(term, list);
      if (!list.some((known) => known.word === word)) list.push({ word, worth });
    };
    words.forEach((word, at) => {
      for (const term of word.terms) note(term, at, 1);
      for (const term of word.alike) note(term, at, RANKING.alike);
    });
    for (const term of this.#meaning.keys()) this.#looks[lookOf(term, 0, term.length)] = 1;
    this.full = words.reduce((sum, { weight }) => sum + weight, 0);
  }

  /** How well a chunk fits; 0 if it has no word of the query. */
  score(chunk: ChunkTerms): number {
    const counts = new Float64Array(this.#words.length);
    const places: number[][] = this.#words.map(() => []);
    const { count: terms, found } = this.#find(chunk.body);
    const length = 1 - RANKING.b + RANKING.b * terms / USUAL_LENGTH;
    for (const { at, meanings } of found) {
      for (const { word, worth } of meanings) {
        counts[word]! += worth / length;
        if (places[word]!.length < 32) places[word]!.push(at);
      }
    }
    this.#count(chunk.title, RANKING.title, counts);
    this.#count(chunk.heading, RANKING.heading, counts);
    let score = 0;
    for (const [at, { weight }] of this.#words.entries()) {
      const count = counts[at]!;
      score += weight * count * (RANKING.k1 + 1) / (count + RANKING.k1);
      const next = this.#words[at + 1];
      if (next === undefined || !near(places[at]!, places[at + 1]!)) continue;
      score += RANKING.together * Math.min(weight, next.weight);
    }
    return score;
  }

  #count(terms: string, share: number, counts: Float64Array): void {
    for (const meanings of new Set(this.#find(terms).found.map(({ meanings }) => meanings))) {
      for (const { word, worth } of meanings) counts[word]! += worth * share;
    }
  }

  /** How many terms there are, and those of the query, in order. */
  #find(terms: string): { count: number; found: { at: number; meanings: Meanings }[] } {
    const found: { at: number; meanings: Meanings }[] = [];
    if (terms === "") return { count: 0, found };
    let at = 0;
    let start = 0;
    for (let end = 0; end <= terms.length; end++) {
      if (end < terms.length && terms.charCodeAt(end) !== SPACE) continue;
      if (this.#looks[lookOf(terms, start, end)] === 1) {
        const meanings = this.#meaning.get(terms.slice(start, end));
        if (meanings !== undefined) found.push({ at, meanings });
      }
      at++;
      start = end + 1;
    }
    return { count: at, found };
  }
}

/** A number for the first unit, the last and the length of a term. */
function lookOf(terms: string, start: number, end: number): number {
  const first = terms.charCodeAt(start) * 31 + terms.charCodeAt(end - 1);
  return (first * 31 + end - start) & (LOOKS - 1);
}

function near(left: readonly number[], right: readonly number[]): boolean {
  return left.some((a) => right.some((b) => a !== b && Math.abs(a - b) <= NEAR));
}
