/**
 * Keywords of the pure twin. Time is linear in the text; the graph has at most 1,024 vertices and the vocabulary 2^20
 * words, whatever the text.
 *
 * @module
 */

import { graphOf, textRank } from "./graph.ts";
import { ranked } from "./phrases.ts";
import type { Keyword, KeywordRequest } from "./types.ts";
import { vocabularyOf } from "./vocabulary.ts";

/** The keywords of a text, best first. */
export function keywords(text: string, request: KeywordRequest): Keyword[] {
  const { limit, minLength, maxWords, stopWords } = request;
  if (limit === 0) return [];
  const vocabulary = vocabularyOf(text, minLength, stopWords);
  const { of, numbers } = vocabulary.vertices();
  if (numbers.length === 0) return [];
  const scores = textRank(graphOf(vocabulary, of, numbers.length));
  // Copies, because slices would keep the whole text alive.
  const spelt = (vertex: number): string =>
    Array.from(vocabulary.terms[numbers[vertex]!]!).join("");
  if (maxWords > 1) {
    const list = ranked(vocabulary, of, numbers, scores, maxWords, limit);
    const best = list[0]!.score;
    return list.map(({ vertices, score }) => ({
      keyword: vertices.map(spelt).join(" "),
      score: score / best,
    }));
  }
  const order = Array.from(scores.keys()).sort((u, v) => scores[v]! - scores[u]! || u - v);
  const best = scores[order[0]!]!;
  return order.slice(0, limit).map((v) => ({ keyword: spelt(v), score: scores[v]! / best }));
}
