/**
 * Keywords of the pure twin: TextRank (Mihalcea & Tarau 2004) over words. Every step is in integers or in + * / of a
 * fixed order, so that the native twin computes the same bits. Time is linear in the text; the graph has at most
 * 1,024 vertices and the vocabulary 2^20 words, whatever the text.
 *
 * @module
 */

import { stopWords } from "../../shared/stop_words.ts";
import type { Keyword } from "./types.ts";

const SEPARATOR = 0;
const LETTER = 1;
const MARK_OR_NUMBER = 2;
const CJK = 3;
const UNKNOWN = 255;

const MAX_WORD = 64;
const MAX_TERMS = 1 << 20;
const MAX_VERTICES = 1024;
const LANGUAGE_SAMPLE = 2000;
const REACH = 2;
const MAX_ROUNDS = 30;
const SETTLED = 0.0001;

// Made at first use and not written as literals: reading them alone takes a program milliseconds at its start.
let anyLetter: RegExp | undefined;
let anyWordCharacter: RegExp | undefined;

let classes: Uint8Array | undefined;

function isCjk(c: number): boolean {
  return c >= 0x3005 &&
    (c <= 0x3007 || (c >= 0x30a0 && c <= 0x30ff) || (c >= 0x31f0 && c <= 0x31ff) ||
      (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x4e00 && c <= 0x9fff) ||
      (c >= 0xf900 && c <= 0xfaff) ||
      (c >= 0xff66 && c <= 0xff9f) || (c >= 0x20000 && c <= 0x3ffff));
}

function classify(codePoint: number): number {
  const character = String.fromCodePoint(codePoint);
  // Hiragana is mostly endings and particles: it parts the words of Japanese text.
  if (codePoint >= 0x3040 && codePoint <= 0x309f) return SEPARATOR;
  anyWordCharacter ??= new RegExp("^[\\p{L}\\p{M}\\p{N}]$", "u");
  if (!anyWordCharacter.test(character)) return SEPARATOR;
  if (isCjk(codePoint)) return CJK;
  anyLetter ??= new RegExp("^\\p{L}$", "u");
  return anyLetter.test(character) ? LETTER : MARK_OR_NUMBER;
}

function classTable(): Uint8Array {
  if (classes === undefined) {
    classes = new Uint8Array(0x10000).fill(UNKNOWN);
    classes.fill(SEPARATOR, 0, 0x80);
    for (let c = 0x30; c <= 0x39; c++) classes[c] = MARK_OR_NUMBER;
    for (let c = 0x41; c <= 0x5a; c++) classes[c] = classes[c + 0x20] = LETTER;
  }
  return classes;
}

/** Walks over the words and the CJK runs of a text. */
class Scanner {
  /** Whether the token is a CJK run; otherwise it is a word. */
  cjk = false;
  /** Where the token starts, in UTF-16 units. */
  start = 0;
  /** Where it ends. */
  end = 0;
  /** Its code points. */
  length = 0;
  /** Whether it has a letter. */
  hasLetter = false;
  readonly #text: string;
  readonly #classes = classTable();
  #width = 1;

  constructor(text: string) {
    this.#text = text;
  }

  #classAt(at: number): number {
    const unit = this.#text.charCodeAt(at);
    this.#width = 1;
    if ((unit & 0xf800) === 0xd800) {
      const codePoint = this.#text.codePointAt(at)!;
      if (codePoint < 0x10000) return SEPARATOR;
      this.#width = 2;
      return classify(codePoint);
    }
    const known = this.#classes[unit]!;
    return known === UNKNOWN ? (this.#classes[unit] = classify(unit)) : known;
  }

  /** Moves to the next token; false at the end. */
  next(): boolean {
    const text = this.#text;
    const units = text.length;
    let at = this.end;
    let kind = SEPARATOR;
    while (at < units && (kind = this.#classAt(at)) === SEPARATOR) at += this.#width;
    if (at >= units) return false;
    this.start = at;
    this.cjk = kind === CJK;
    this.length = 0;
    this.hasLetter = false;
    for (;;) {
      if (kind === LETTER) this.hasLetter = true;
      this.length++;
      at += this.#width;
      if (at >= units) break;
      kind = this.#classAt(at);
      if (kind !== SEPARATOR) {
        if ((kind === CJK) !== this.cjk) break;
        continue;
      }
      // An apostrophe between two word characters belongs to the word.
      const unit = text.charCodeAt(at);
      if (this.cjk || (unit !== 0x27 && unit !== 0x2019) || at + 1 >= units) break;
      kind = this.#classAt(at + 1);
      if (kind === SEPARATOR || kind === CJK) break;
      this.length++;
      at++;
    }
    this.end = at;
    return true;
  }

  /** Whether the token is a word that counts. */
  get isWord(): boolean {
    return !this.cjk && this.hasLetter && this.length <= MAX_WORD;
  }

  /** The word in lower case, with plain apostrophes. */
  word(): string {
    const word = this.#text.slice(this.start, this.end).toLowerCase();
    return word.includes("\u2019") ? word.replaceAll("\u2019", "'") : word;
  }
}

/** Which stop lists fit the text, by its first words. */
function languagesOf(text: string): number {
  const masks = stopWords();
  const hits = [0, 0, 0, 0, 0, 0, 0, 0];
  const scanner = new Scanner(text);
  for (let seen = 0; seen < LANGUAGE_SAMPLE && scanner.next();) {
    if (!scanner.isWord) continue;
    seen++;
    const mask = masks.get(scanner.word());
    if (mask === undefined) continue;
    for (let i = 0; i < hits.length; i++) hits[i]! += (mask >> i) & 1;
  }
  const best = Math.max(...hits);
  return hits.reduce((used, n, i) => n > 0 && n * 2 >= best ? used | (1 << i) : used, 0);
}

function codePointCount(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) !== 0xdc00) count++;
  return count;
}

/** What is left of a word without the stop words at its apostrophes; "" if nothing that counts. */
function strip(word: string, languages: number, minLength: number): string {
  const masks = stopWords();
  const isStop = (piece: string) => ((masks.get(piece) ?? 0) & languages) !== 0;
  if (word.includes("'")) {
    const pieces = word.split("'");
    while (pieces.length > 1 && isStop(pieces[0]!)) pieces.shift();
    while (pieces.length > 1 && isStop(pieces[pieces.length - 1]!)) pieces.pop();
    word = pieces.join("'");
  }
  return isStop(word) || codePointCount(word) < minLength ? "" : word;
}

/** The kept terms of a text: each term once, and the sequence of their numbers. */
class Vocabulary {
  readonly #terms: string[] = [];
  readonly #counts: number[] = [];
  readonly #numbers = new Map<string, number>();
  sequence: Int32Array = new Int32Array(1024);
  length = 0;

  /** The number of a term, a new one if there is room; else -1. */
  numberOf(term: string): number {
    let number = this.#numbers.get(term);
    if (number === undefined) {
      if (this.#terms.length === MAX_TERMS) return -1;
      number = this.#terms.length;
      this.#numbers.set(term, number);
      this.#terms.push(term);
      this.#counts.push(0);
    }
    return number;
  }

  /** The next place of the sequence; -1 takes none. */
  add(number: number): void {
    if (number < 0) return;
    this.#counts[number]!++;
    if (this.length === this.sequence.length) {
      const grown = new Int32Array(this.length * 2);
      grown.set(this.sequence);
      this.sequence = grown;
    }
    this.sequence[this.length++] = number;
  }

  /** The most frequent terms, numbered from 0 by first occurrence; -1 for the others. */
  vertices(): { of: Int32Array; terms: string[] } {
    const total = this.#terms.length;
    const of = new Int32Array(total).fill(-1);
    let least = 0;
    let room = MAX_VERTICES;
    if (total > MAX_VERTICES) {
      least = Int32Array.from(this.#counts).sort()[total - MAX_VERTICES]!;
      for (const count of this.#counts) if (count > least) room--;
    }
    const terms: string[] = [];
    for (let i = 0; i < total; i++) {
      const count = this.#counts[i]!;
      if (count < least || (count === least && room-- <= 0)) continue;
      of[i] = terms.length;
      terms.push(this.#terms[i]!);
    }
    return { of, terms };
  }
}

function vocabularyOf(text: string, minLength: number): Vocabulary {
  const vocabulary = new Vocabulary();
  const languages = languagesOf(text);
  const scanner = new Scanner(text);
  // What became of each spelling, because words come again and again.
  const known = new Map<string, number>();
  while (scanner.next()) {
    if (scanner.isWord) {
      const spelling = text.slice(scanner.start, scanner.end);
      let number = known.get(spelling);
      if (number === undefined) {
        const term = strip(scanner.word(), languages, minLength);
        number = term === "" ? -1 : vocabulary.numberOf(term);
        if (known.size < MAX_TERMS) known.set(spelling, number);
      }
      vocabulary.add(number);
    } else if (scanner.cjk) {
      if (scanner.length === 1) {
        if (minLength <= 1) {
          vocabulary.add(vocabulary.numberOf(text.slice(scanner.start, scanner.end)));
        }
        continue;
      }
      let at = scanner.start;
      while (at < scanner.end) {
        const middle = at + (text.codePointAt(at)! > 0xffff ? 2 : 1);
        if (middle >= scanner.end) break;
        const end = middle + (text.codePointAt(middle)! > 0xffff ? 2 : 1);
        vocabulary.add(vocabulary.numberOf(text.slice(at, end)));
        at = middle;
      }
    }
  }
  return vocabulary;
}

/** Symmetric co-occurrence counts, rows ascending and packed. */
interface Graph {
  size: number;
  starts: Int32Array;
  neighbours: Int32Array;
  weights: Float64Array;
}

function graphOf(vocabulary: Vocabulary, vertexOf: Int32Array, size: number): Graph {
  const dense = new Uint32Array(size * size);
  const { sequence, length } = vocabulary;
  for (let q = 1; q < length; q++) {
    const v = vertexOf[sequence[q]!]!;
    if (v < 0) continue;
    for (let p = Math.max(0, q - REACH); p < q; p++) {
      const u = vertexOf[sequence[p]!]!;
      if (u < 0 || u === v) continue;
      dense[u * size + v]!++;
      dense[v * size + u]!++;
    }
  }
  let edges = 0;
  for (let i = 0; i < dense.length; i++) if (dense[i] !== 0) edges++;
  const starts = new Int32Array(size + 1);
  const neighbours = new Int32Array(edges);
  const weights = new Float64Array(edges);
  let edge = 0;
  for (let v = 0; v < size; v++) {
    for (let u = 0; u < size; u++) {
      const weight = dense[v * size + u]!;
      if (weight === 0) continue;
      neighbours[edge] = u;
      weights[edge++] = weight;
    }
    starts[v + 1] = edge;
  }
  return { size, starts, neighbours, weights };
}

function textRank({ size, starts, neighbours, weights }: Graph): Float64Array {
  const out = new Float64Array(size);
  for (let v = 0; v < size; v++) {
    for (let e = starts[v]!; e < starts[v + 1]!; e++) out[v]! += weights[e]!;
  }
  let score = new Float64Array(size).fill(1);
  let next = new Float64Array(size);
  const share = new Float64Array(size);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    for (let v = 0; v < size; v++) share[v] = out[v]! > 0 ? score[v]! / out[v]! : 0;
    let settled = true;
    for (let v = 0; v < size; v++) {
      let sum = 0;
      for (let e = starts[v]!; e < starts[v + 1]!; e++) sum += weights[e]! * share[neighbours[e]!]!;
      const value = 0.15 + 0.85 * sum;
      if (!(Math.abs(value - score[v]!) < SETTLED)) settled = false;
      next[v] = value;
    }
    [score, next] = [next, score];
    if (settled) break;
  }
  return score;
}

/** The keywords of a text, best first. */
export function keywords(text: string, limit: number, minLength: number): Keyword[] {
  if (limit === 0) return [];
  const vocabulary = vocabularyOf(text, minLength);
  const { of, terms } = vocabulary.vertices();
  if (terms.length === 0) return [];
  const scores = textRank(graphOf(vocabulary, of, terms.length));
  const order = Array.from(scores.keys()).sort((u, v) => scores[v]! - scores[u]! || u - v);
  const best = scores[order[0]!]!;
  return order.slice(0, limit).map((v) => ({
    // A copy, because a slice would keep the whole text alive.
    keyword: Array.from(terms[v]!).join(""),
    score: scores[v]! / best,
  }));
}
