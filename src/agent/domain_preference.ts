/**
 * What a domain does: it prefers chunks that speak the language of its field.
 *
 * @module
 */
import type { SearchHit } from "../knowledge/types.ts";
import { termOfWord, termsOf } from "../knowledge/terms.ts";
import type { DomainProfile } from "./types.ts";

/** So many different words of the field make a chunk count as fully of it. */
const FULL_SHARE = 4;

/** Orders hits by score, raised by how much each speaks the language of a domain. */
export function preferDomain(hits: readonly SearchHit[], profile: DomainProfile): SearchHit[] {
  const weight = profile.weight ?? 0.5;
  if (weight === 0 || profile.vocabulary.length === 0) return [...hits];
  const vocabulary = new Set(profile.vocabulary.map((word) => termOfWord(word, "en")));
  return hits.map((hit) => {
    const stems = new Set(
      termsOf(`${hit.title ?? ""} ${hit.heading ?? ""} ${hit.chunk}`, hit.language),
    );
    let found = 0;
    for (const word of vocabulary) if (stems.has(word)) found++;
    return { ...hit, score: hit.score * (1 + weight * Math.min(1, found / FULL_SHARE)) };
  }).sort((a, b) => b.score - a.score);
}
