/**
 * The metrics of the pure twin that look at words or at a part: token-sort, token-set and partial, with RapidFuzz's
 * meaning. All three rest on the Indel ratio, 2 * LCS / (sum of the lengths).
 *
 * @module
 */

import {
  carryOf,
  clearMasks,
  CodePoints,
  lcs,
  lcsBlocks,
  lcsMasked,
  maskTable,
  popcount,
  setMasks,
} from "./edit_distance.ts";

// What Python's str.isspace says, because RapidFuzz splits by it.
// deno-lint-ignore no-control-regex
const SPACES = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
const SURROGATE = /[\ud800-\udfff]/;

const left = new CodePoints();
const right = new CodePoints();

/** A string's words, sorted by code point. */
export interface Tokens {
  /** The sorted words with one space between. */
  sorted: string;
  /** The distinct words, sorted. */
  words: string[];
}

/** Splits a string for `tokenSort` and `tokenSet`; a query is split once for all choices. */
export function tokenize(text: string): Tokens {
  text = text.toWellFormed();
  const words = text.split(SPACES);
  if (words.length > 0 && words[0] === "") words.shift();
  if (words.length > 0 && words[words.length - 1] === "") words.pop();
  // Units and code points sort alike unless there are surrogates (they lie below U+E000 but stand for more).
  if (SURROGATE.test(text)) words.sort(byCodePoint);
  else words.sort(byUnit);
  const sorted = words.join(" ");
  const distinct = words.filter((word, i) => i === 0 || word !== words[i - 1]);
  return { sorted, words: distinct };
}

function byUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Compares by code point: surrogates are moved above the rest of the BMP. */
export function byCodePoint(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x === y) continue;
    if (x >= 0xd800) x = x >= 0xe000 ? x - 0x800 : x + 0x2000;
    if (y >= 0xd800) y = y >= 0xe000 ? y - 0x800 : y + 0x2000;
    return x - y;
  }
  return a.length - b.length;
}

/** RapidFuzz's token_sort_ratio, 0 to 1. */
export function tokenSort(a: Tokens, b: Tokens): number {
  if (a.sorted === b.sorted) return 1;
  left.read(a.sorted);
  right.read(b.sorted);
  const common = lcs(left.data, left.length, right.data, right.length);
  return (2 * common) / (left.length + right.length);
}

/** RapidFuzz's token_set_ratio, 0 to 1; 0 if a side has no words. */
export function tokenSet(a: Tokens, b: Tokens): number {
  if (a.words.length === 0 || b.words.length === 0) return 0;
  const compare = byCodePoint;
  const onlyA: string[] = [];
  const onlyB: string[] = [];
  let shared = 0; // code points of the shared words joined by spaces
  let i = 0;
  let j = 0;
  while (i < a.words.length && j < b.words.length) {
    const order = compare(a.words[i]!, b.words[j]!);
    if (order < 0) onlyA.push(a.words[i++]!);
    else if (order > 0) onlyB.push(b.words[j++]!);
    else {
      shared += right.read(a.words[i]!).length + (shared > 0 ? 1 : 0);
      i++;
      j++;
    }
  }
  while (i < a.words.length) onlyA.push(a.words[i++]!);
  while (j < b.words.length) onlyB.push(b.words[j++]!);
  if (shared > 0 && (onlyA.length === 0 || onlyB.length === 0)) return 1;
  left.read(onlyA.join(" "));
  right.read(onlyB.join(" "));
  const common = lcs(left.data, left.length, right.data, right.length);
  const gap = shared > 0 ? 1 : 0;
  const sum = 2 * shared + 2 * gap + left.length + right.length;
  let best = (sum - (left.length + right.length - 2 * common)) / sum;
  if (shared > 0) {
    best = Math.max(
      best,
      (2 * shared) / (2 * shared + 1 + left.length),
      (2 * shared) / (2 * shared + 1 + right.length),
    );
  }
  return best;
}

/** RapidFuzz's partial_ratio, 0 to 1: the best Indel ratio of the shorter with any window of the longer. */
export function partial(a: Int32Array, la: number, b: Int32Array, lb: number): number {
  if (la === 0 || lb === 0) return la === lb ? 1 : 0;
  if (la < lb) return partialWindows(a, la, b, lb);
  if (la > lb) return partialWindows(b, lb, a, la);
  const score = partialWindows(a, la, b, lb);
  return score === 1 ? 1 : Math.max(score, partialWindows(b, lb, a, la));
}

function partialWindows(x: Int32Array, m: number, y: Int32Array, n: number): number {
  return m <= 32 ? partialShort(x, m, y, n) : partialLong(x, m, y, n);
}

function partialShort(x: Int32Array, m: number, y: Int32Array, n: number): number {
  const peq = maskTable();
  const valid = m === 32 ? -1 : (1 << m) - 1;
  let best = 0;
  // Prefixes in one pass: the state after j characters is that of the prefix of length j.
  setMasks(peq, x, 0, m);
  let s = -1;
  for (let j = 0; j < m - 1; j++) {
    const u = s & peq[y[j]!]!;
    s = (s + u) | (s - u);
    if (u !== 0) best = Math.max(best, (2 * popcount(~s & valid)) / (m + j + 1));
  }
  // Whole windows. A step to the right raises the LCS by one at most, so what cannot become the best is jumped over.
  let most = Math.ceil((best * (m + m)) / 2);
  let reached = 0;
  for (let at = 0; at + m <= n;) {
    const common = lcsMasked(peq, m, y, at, at + m);
    if (common > reached) reached = common;
    if (common > most) most = common;
    if (common === m) break;
    at += Math.max(1, most - common);
  }
  clearMasks(peq, x, 0, m);
  best = Math.max(best, (2 * reached) / (m + m));
  if (best === 1) return 1;
  // Suffixes likewise, both read backwards.
  for (let i = 0; i < m; i++) peq[x[i]!]! |= 1 << (m - 1 - i);
  s = -1;
  for (let j = 0; j < m - 1; j++) {
    const u = s & peq[y[n - 1 - j]!]!;
    s = (s + u) | (s - u);
    if (u !== 0) best = Math.max(best, (2 * popcount(~s & valid)) / (m + j + 1));
  }
  clearMasks(peq, x, 0, m);
  return best;
}

/** `partialShort` over several machine words; where too many windows would have to be looked at, all at once. */
function partialLong(x: Int32Array, m: number, y: Int32Array, n: number): number {
  let best = Math.max(
    bestPrefix(x, m, y),
    bestPrefix(x.slice(0, m).reverse(), m, y.slice(n - m, n).reverse()),
  );
  let most = Math.ceil(best * m);
  let reached = 0;
  // One window takes m * m / 32 steps, combing takes m * n: what is spent is at most twice the better of the two.
  let budget = Math.ceil(n / Math.ceil(m / 32));
  for (let at = 0; at + m <= n;) {
    if (budget-- === 0) return Math.max(best, combed(x, m, y, n));
    const common = lcsBlocks(x, 0, m, y, at, at + m, carryOf(m, 0));
    if (common > reached) reached = common;
    if (common > most) most = common;
    if (common === m) return 1;
    at += Math.max(1, most - common);
  }
  best = Math.max(best, (2 * reached) / (m + m));
  return best;
}

/** The best ratio with a prefix of 1 to m - 1 code points. */
function bestPrefix(x: Int32Array, m: number, y: Int32Array): number {
  const grew = carryOf(m - 1, 0);
  lcsBlocks(x, 0, m, y, 0, m - 1, grew);
  let best = 0;
  let common = 0;
  for (let j = 0; j < m - 1; j++) {
    if (grew[j] === 0) continue;
    common++;
    best = Math.max(best, (2 * common) / (m + j + 1));
  }
  return best;
}

/**
 * All windows at once by seaweed combing (Tiskin's semi-local LCS), in time m * n and linear memory: afterwards
 * LCS(x, y[from, to)) is the number of columns j in [from, to) whose strand began left of column `from`.
 */
function combed(x: Int32Array, m: number, y: Int32Array, n: number): number {
  const strands = new Int32Array(n);
  for (let j = 0; j < n; j++) strands[j] = m + j;
  for (let i = 0; i < m; i++) {
    const character = x[i]!;
    let strand = m - 1 - i;
    for (let j = 0; j < n; j++) {
      const down = strands[j]!;
      if (y[j] === character) {
        strands[j] = strand;
        strand = down;
      } else {
        // The smaller of the two goes on to the right: without a branch, which could not be predicted.
        const difference = strand - down;
        const swap = difference & (difference >> 31);
        strands[j] = strand - swap;
        strand = down + swap;
      }
    }
  }
  // begin[j]: column where the strand that ends below column j came in from above; negative if from the left.
  const begin = strands;
  const end = new Int32Array(n).fill(n);
  for (let j = 0; j < n; j++) {
    const column = begin[j]! - m;
    begin[j] = column;
    if (column >= 0) end[column] = j;
  }
  let best = 0;
  let common = 0;
  for (let to = 1; to <= m; to++) {
    if (begin[to - 1]! < 0) common++;
    best = Math.max(best, (2 * common) / (m + to));
  }
  for (let from = 1; from < n; from++) {
    const to = Math.min(from + m, n);
    if (begin[from - 1]! < from - 1) common--; // column from - 1 leaves
    if (from + m <= n && begin[to - 1]! < from - 1) common++; // a column enters
    // The strand that began in column from - 1 now counts as begun on the left.
    const ends = end[from - 1]!;
    if (ends >= from && ends < to) common++;
    best = Math.max(best, (2 * common) / (m + to - from));
  }
  return best;
}
