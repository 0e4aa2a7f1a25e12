/**
 * From candidates to an answer: which sentences are quoted, how sure that is, and when to say that
 * the documents do not answer.
 *
 * @module
 */
import { similarity } from "../text/mod.ts";
import type { Implementation } from "../shared/implementation.ts";
import type { SearchHit } from "../knowledge/types.ts";
import { plainText } from "../text/outline/mod.ts";
import { type Candidate, candidatesOf } from "./candidates.ts";
import type { Question } from "./question.ts";
import type { Source } from "./types.ts";

/** Below this confidence the documents do not answer the question. */
export const MIN_CONFIDENCE = 0.25;

/** At most so many quotes make an answer. */
const MAX_QUOTES = 3;
/** A further quote must be nearly as good as the first. */
const SHARE_OF_BEST = 0.78;
/** Sentences more alike than this say the same. */
const SAME = 0.8;

/** What was found for a question. */
export interface Finding {
  /** The quotes, best first; empty if there is no answer. */
  sources: Source[];
  /** The quotes as an answer, one piece each. */
  pieces: string[];
  /** 0 to 1. */
  confidence: number;
  /** How that came about. */
  reasoning: string;
}

/** The finding that nothing answers. */
export function nothing(confidence: number, reasoning: string): Finding {
  return { sources: [], pieces: [], confidence, reasoning };
}

/** Finds the quotes that answer a question in the hits of its search. */
export function findAnswer(
  question: Question,
  hits: readonly SearchHit[],
  implementation: Implementation | undefined,
): Finding {
  const candidates = candidatesOf(question, hits);
  const best = candidates[0];
  const absent = question.terms.filter((term) => term.absent).map((term) => term.word);
  const missing = absent.length === 0 ? "" : ` Not in any document: ${absent.join(", ")}.`;
  if (best === undefined) return nothing(0, `No sentence has a word of the question.${missing}`);
  const parts = confidenceOf(question, candidates);
  const reasoning = `Confidence ${parts.confidence.toFixed(2)} from ${parts.words}; ` +
    `${hits.length} chunks were compared.${missing}`;
  if (parts.confidence < MIN_CONFIDENCE) {
    const below = `That is below ${MIN_CONFIDENCE}, so nothing is quoted.`;
    return nothing(parts.confidence, `${reasoning} ${below}`);
  }
  const chosen = choose(candidates, implementation);
  return {
    sources: chosen.map(sourceOf),
    pieces: chosen.map((candidate, at) =>
      `${plainText(candidate.quote, candidate.hit.format)} [${at + 1}]`
    ),
    confidence: parts.confidence,
    reasoning: `${reasoning} Quoted ${chosen.length} of ${candidates.length} sentences.`,
  };
}

/** The best candidates that do not repeat each other. */
function choose(
  candidates: readonly Candidate[],
  implementation: Implementation | undefined,
): Candidate[] {
  const chosen: Candidate[] = [];
  const best = candidates[0]!;
  for (const candidate of candidates.slice(0, 24)) {
    if (candidate.score < best.score * SHARE_OF_BEST || chosen.length === MAX_QUOTES) break;
    const text = plainText(candidate.quote, candidate.hit.format);
    const known = chosen.some((other) => {
      const said = plainText(other.quote, other.hit.format);
      if (candidate.hit.document === other.hit.document && overlaps(candidate, other)) return true;
      if (said.includes(text) || text.includes(said)) return true;
      // So different in length, they cannot be alike.
      if (Math.min(said.length, text.length) < SAME * Math.max(said.length, text.length)) {
        return false;
      }
      return similarity(said, text, { implementation }) >= SAME;
    });
    if (!known) chosen.push(candidate);
  }
  return chosen;
}

function overlaps(a: Candidate, b: Candidate): boolean {
  return a.start < b.end && b.start < a.end;
}

/**
 * Confidence is the share of the question that the best sentence covers, to the power of 1.5,
 * lowered where words of the question are named nowhere around it, the sentence itself says little
 * of it, words are in no document, the best does not stand out, or no other document agrees.
 */
function confidenceOf(
  question: Question,
  candidates: readonly Candidate[],
): { confidence: number; words: string } {
  const best = candidates[0]!;
  const middle = candidates[Math.min(candidates.length - 1, 20) >> 1]!;
  const margin = candidates.length < 2
    ? 1
    : Math.min(1, (best.score - middle.score) / best.score * 2);
  const others = new Set(
    candidates.filter((other) => other.cover >= best.cover * 0.8).map(({ hit }) => hit.document),
  );
  others.delete(best.hit.document);
  const agreement = Math.min(others.size, 2) / 2;
  const lost = question.terms.reduce((sum, term) => sum + (term.absent ? term.weight : 0), 0);
  const unknown = question.weight === 0 ? 1 : lost / question.weight;
  const value = best.cover ** 1.5 * best.named *
    (0.75 + 0.25 * Math.min(1, best.own * 2)) *
    (1 - 0.6 * unknown) * (0.8 + 0.12 * margin + 0.08 * agreement);
  const show = (part: number) => part.toFixed(2);
  return {
    confidence: Math.round(Math.min(0.99, value) * 100) / 100,
    words: `coverage ${show(best.cover)} (in the sentence itself ${show(best.own)}), ` +
      `words named ${show(best.named)}, ` +
      `unknown words ${show(unknown)}, margin ${show(margin)}, agreement ${show(agreement)}`,
  };
}

function sourceOf(candidate: Candidate): Source {
  const { hit, start, end, quote, score } = candidate;
  const source: Source = {
    document: hit.document,
    start,
    end,
    quote,
    score: Math.round(Math.min(1, score) * 1_000) / 1_000,
  };
  if (hit.title !== undefined) source.title = hit.title;
  return source;
}
