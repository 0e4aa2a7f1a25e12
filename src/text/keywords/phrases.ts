/**
 * Phrases: terms that follow on each other, often or with nothing else around. One of them counts as the sum of its terms,
 * in the share in which the most frequent of these stands in it. Twin: `rust/areas/text/src/phrases.rs`.
 *
 * @module
 */

import type { Vocabulary } from "./vocabulary.ts";

const MAX_PHRASES = 1 << 20;

/** A term or a phrase that may be a keyword. */
interface Candidate {
  /** The vertices of its terms. */
  readonly vertices: readonly number[];
  count: number;
  /** Whether all of a run of terms was this phrase once. */
  isRun: boolean;
  score: number;
}

/** The best terms and phrases: lists of vertices and their scores, best first. */
export function ranked(
  { sequence, breaks, length, counts }: Vocabulary,
  of: Int32Array,
  numbers: readonly number[],
  scores: Float64Array,
  maxWords: number,
  limit: number,
): { vertices: readonly number[]; score: number }[] {
  const candidates: Candidate[] = numbers.map((number, vertex) => ({
    vertices: [vertex],
    count: counts[number]!,
    isRun: true,
    score: scores[vertex]!,
  }));
  const phrases = new Map<string, Candidate>();
  let runStart = 0;
  for (let at = 0; at < length; at++) {
    if (breaks[at] === 1 || of[sequence[at]!]! < 0) runStart = at;
    if (of[sequence[at]!]! < 0) {
      runStart = at + 1;
      continue;
    }
    const next = at + 1;
    const isEnd = next === length || breaks[next] === 1 || of[sequence[next]!]! < 0;
    for (let start = Math.max(runStart, at - maxWords + 1); start < at; start++) {
      const vertices = Array.from(sequence.subarray(start, next), (number) => of[number]!);
      const key = vertices.join();
      let phrase = phrases.get(key);
      if (phrase === undefined) {
        if (phrases.size === MAX_PHRASES) continue;
        phrase = { vertices, count: 0, isRun: false, score: 0 };
        phrases.set(key, phrase);
      }
      phrase.count++;
      if (isEnd && start === runStart) phrase.isRun = true;
    }
  }
  for (const phrase of phrases.values()) {
    if (phrase.count < 2 && !phrase.isRun) continue;
    let sum = 0;
    let most = 0;
    for (const vertex of phrase.vertices) {
      sum += scores[vertex]!;
      most = Math.max(most, counts[numbers[vertex]!]!);
    }
    phrase.score = sum * phrase.count / most;
    candidates.push(phrase);
  }
  // Sorting keeps the order of what is equal: terms, then phrases, by first occurrence.
  candidates.sort((a, b) => b.score - a.score);
  return chosen(candidates, limit);
}

/** The best candidates without those that nearly always stand in one that is taken already. */
function chosen(candidates: readonly Candidate[], limit: number): Candidate[] {
  const taken: Candidate[] = [];
  for (const candidate of candidates) {
    if (taken.length >= limit) break;
    const isPart = taken.some((other) =>
      other.vertices.length > candidate.vertices.length && 4 * other.count >= 3 * candidate.count &&
      contains(other.vertices, candidate.vertices)
    );
    if (!isPart) taken.push(candidate);
  }
  return taken;
}

function contains(list: readonly number[], part: readonly number[]): boolean {
  for (let at = 0; at + part.length <= list.length; at++) {
    if (part.every((item, index) => list[at + index] === item)) return true;
  }
  return false;
}
