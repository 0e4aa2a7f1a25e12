/**
 * Re-ranking: the best hits of a search in the order of what a model says of them and what the search said.
 *
 * @module
 */
import { unlessAborted } from "../../shared/abort.ts";
import { withDeadline } from "../../shared/deadline.ts";
import { AgentError } from "../../shared/errors.ts";
import type { SearchHit } from "../types.ts";
import type { Reranker } from "./types.ts";

/** So many hits are read again. */
export const RERANKED = 24;
/** What the model says counts so much beside the search's own score, of which the best is 1: then both spread alike. */
const WEIGHT = 2;
/** A re-ranker that has not answered for so long never will. */
const TIMEOUT_MS = 60_000;

/** The hits with the best {@linkcode RERANKED} in a new order; the others follow as they were. */
export async function reranked(
  reranker: Reranker,
  query: string,
  hits: readonly SearchHit[],
  signal?: AbortSignal,
): Promise<SearchHit[]> {
  const best = hits.slice(0, RERANKED);
  if (best.length === 0) return [];
  const said = await withDeadline(
    { operation: "rank", timeoutMs: TIMEOUT_MS, signal },
    (signal) => unlessAborted(reranker.rank(query, best.map(passageOf), { signal }), signal),
  );
  const fits = said?.length === best.length &&
    Array.from(said).every((number) => typeof number === "number" && Number.isFinite(number));
  if (!fits) {
    throw new AgentError(
      "UNAVAILABLE",
      `The re-ranker ${reranker.id} was given ${best.length} passages and gave no list of as many numbers.`,
      { server: reranker.id },
    );
  }
  const top = best[0]!.score > 0 ? best[0]!.score : 1;
  const scored = best.map((hit, at) => ({
    ...hit,
    score: hit.score / top + WEIGHT * Math.min(1, Math.max(0, said[at]!)),
  }));
  // What the search put first stays first among equals.
  scored.sort((a, b) => b.score - a.score);
  const least = scored.at(-1)!.score;
  return [
    ...scored,
    ...hits.slice(RERANKED).map((hit) => ({ ...hit, score: Math.min(least, hit.score / top) })),
  ];
}

/** What is read of a hit: its chunk below what it stands under. */
function passageOf({ title, heading, chunk }: SearchHit): string {
  const above = heading ?? "";
  const name = title ?? "";
  return `${above.startsWith(name) ? "" : `${name}\n`}${above}\n${chunk}`;
}
