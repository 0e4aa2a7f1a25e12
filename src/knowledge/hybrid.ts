/**
 * Search by words and meaning together: what the index finds and what the vectors find is ranked by both.
 *
 * @module
 */
import { cosineOf } from "./embedding/vectors.ts";
import type { QueryWord } from "./query.ts";
import { Ranker, RANKING } from "./ranking.ts";
import { byScore, type ChunkSearch, RANKED } from "./search.ts";
import type { SearchHit } from "./types.ts";
import type { VectorTable } from "./vector_table.ts";

/** So many of the nearest vectors are ranked beside what the words find. */
const NEAREST = 40;

/** Finds the chunks that fit a query best by words and meaning. */
export async function hybridHits(
  search: ChunkSearch,
  vectors: VectorTable,
  query: string,
  limit: number,
  signal?: AbortSignal,
): Promise<SearchHit[]> {
  const vector = await vectors.query(query, signal);
  // Nothing below waits, so that all of it sees one state of the store.
  const words = search.words(query);
  if (words.length === 0) return [];
  const nearest = vectors.nearest(vector, Math.max(NEAREST, limit));
  const rows = new Set(search.candidates(words, Math.max(RANKED, limit)));
  for (const row of nearest.keys()) rows.add(row);
  const products = vectors.products(vector, [...rows]);
  const most = fullScore(words);
  const found = search.rank(words, [...rows]).map(({ id, score }) => {
    const similarity = cosineOf(products.get(id) ?? 0, vectors.embedder.dimensions);
    const share = most > 0 ? score / most : 0;
    return { id, similarity, score: share + RANKING.meaning * Math.max(0, similarity) };
  }).filter(({ score }) => score > 0).sort(byScore).slice(0, limit);
  return search.read(found).map(({ hit, scored: { similarity } }) => ({ ...hit, similarity }));
}

function fullScore(words: readonly QueryWord[]): number {
  return new Ranker(words).full;
}
