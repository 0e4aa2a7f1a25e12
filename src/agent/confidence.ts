/**
 * How sure an answer is: signs of a right one, weighed by two logistic regressions (is it there, is it right) that
 * bench/evaluation/calibrate.ts fits on questions whose answers are known.
 *
 * @module
 */
import { CALIBRATION } from "./calibration.ts";
import type { Candidate } from "./candidates.ts";
import type { Question } from "./question.ts";

/** Signs of a right answer, each about 0 to 1. */
export interface Signs {
  /** How much of the question is said at once: by weight, by the number of its words, by what the documents know. */
  said: number;
  /** The same, where there are few chunks to be wrong among: all of it for one, nothing for 100,000. */
  few: number;
  /** How likely the answer is in what is shown, rather than in another candidate. */
  share: number;
  /** How alike the best sentence is to the question. */
  alike: number;
  /** And how alike its chunk. */
  chunkAlike: number;
  /** How well the best chunk fits, by words and meaning. */
  fit: number;
  /** Whether the best sentence has the form that was asked for. */
  form: number;
  /** The share of the question's words that the best sentence and its surroundings have. */
  named: number;
  /** The share of the question in the heading above it. */
  heading: number;
  /** Whether its chunk is the best by words and by meaning. */
  both: number;
}

/** A logistic regression on signs. */
interface Regression<S> {
  base: number;
  weights: { readonly [K in keyof S]?: number };
}

/** Two of them: whether there is an answer, and whether the one that is given is right if so. */
export interface Calibration<S> {
  there: Regression<S>;
  right: Regression<S>;
}

/** The signs of ranked candidates in a store of so many chunks, of which the answer shows a share. */
export function signsOf(
  question: Question,
  candidates: readonly Candidate[],
  share: number,
  chunks: number,
): Signs {
  const best = candidates[0]!;
  const { features } = best;
  const lost = question.terms.reduce((sum, term) => sum + (term.absent ? term.weight : 0), 0);
  const known = question.weight === 0 ? 0 : 1 - lost / question.weight;
  const cover = candidates.reduce((most, { features }) => Math.max(most, features.cover), 0);
  const said = cover * features.named * known;
  const size = Math.min(1, Math.log10(Math.max(1, chunks)) / 5);
  return {
    said,
    few: said * (1 - size),
    share,
    alike: features.alike,
    chunkAlike: features.chunkAlike,
    fit: candidates.reduce((most, { hit }) => Math.max(most, hit.score), 0) / 3,
    form: features.form,
    named: features.named,
    heading: features.heading,
    both: Math.sqrt(features.chunkWords * rankShare(candidates, best)),
  };
}

/** How likely the documents have an answer at all, and how likely the one that is given is right. */
export function confidenceOf<S extends Signs>(
  signs: S,
  calibration: Calibration<S> = CALIBRATION,
): { there: number; confidence: number } {
  const there = chanceOf(calibration.there, signs);
  const right = there * chanceOf(calibration.right, signs);
  return { there, confidence: Math.round(100 * right) / 100 };
}

function chanceOf<S extends Signs>({ base, weights }: Regression<S>, signs: S): number {
  let sum = base;
  for (const name in weights) sum += weights[name]! * (signs[name] as number);
  return 1 / (1 + Math.exp(-sum));
}

/** How alike the chunk of the best sentence is to the question, beside the chunk that is most alike. */
function rankShare(candidates: readonly Candidate[], best: Candidate): number {
  const most = Math.max(...candidates.map(({ features }) => features.chunkAlike));
  return most > 0 ? best.features.chunkAlike / most : 0;
}
