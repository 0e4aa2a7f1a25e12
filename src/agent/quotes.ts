/**
 * From candidates to an answer: which passages are given, how sure that is, and when to say that
 * the documents do not answer.
 *
 * @module
 */
import type { SearchHit } from "../knowledge/types.ts";
import { READING } from "./calibration.ts";
import { candidatesOf, ranked } from "./candidates.ts";
import { CLOSE_CALIBRATION } from "./close_calibration.ts";
import { type Close, closeSignsOf } from "./close_reading.ts";
import { confidenceOf, signsOf } from "./confidence.ts";
import { CLOSE_LENGTHS, passagesOf } from "./passages.ts";
import type { Question } from "./question.ts";
import type { Source } from "./types.ts";

/** Below this confidence the documents do not answer the question. */
export const MIN_CONFIDENCE = 0.35;
/** Nor if this is not sure: that they have an answer at all. Set on the small stores of the tuning questions. */
const MIN_THERE = 0.82;
/** What is said to be no answer is given at most this confidence. */
const SURE_OF_NOTHING = 0.2;

/** What a question is held against. */
export interface Gathered {
  /** The question as it was understood. */
  question: Question;
  /** What was found, best first. */
  hits: SearchHit[];
  /** How alike a text is to the question. */
  meaning: (text: string) => number;
  /** How many chunks were searched. */
  chunks: number;
  /** What close reading came to, if it was asked for. */
  close?: Close;
}

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

/** Finds the passages that answer a question in the hits of its search. */
export function findAnswer({ question, hits, meaning, chunks, close }: Gathered): Finding {
  const candidates = close?.candidates ?? ranked(candidatesOf(question, hits, meaning), READING);
  const absent = question.terms.filter((term) => term.absent).map((term) => term.word);
  const missing = absent.length === 0 ? "" : ` Not in any document: ${absent.join(", ")}.`;
  if (candidates.length === 0) {
    return nothing(0, `No sentence has a word of the question.${missing}`);
  }
  const { sources, pieces, share } = passagesOf(candidates, close && CLOSE_LENGTHS);
  const plain = signsOf(question, candidates, share, chunks);
  const signs = close === undefined ? plain : { ...plain, ...closeSignsOf(close) };
  const { there, confidence } = confidenceOf(signs, close && CLOSE_CALIBRATION);
  const show = Object.entries(signs).map(([name, value]) => `${name} ${value.toFixed(2)}`);
  const reasoning = `Confidence ${confidence.toFixed(2)} from ${show.join(", ")}; ` +
    `${hits.length} chunks were compared.${missing}`;
  if (there < MIN_THERE || confidence < MIN_CONFIDENCE) {
    const low = `That is too little, so nothing is quoted.`;
    return nothing(Math.min(confidence, SURE_OF_NOTHING), `${reasoning} ${low}`);
  }
  return { sources, pieces, confidence, reasoning };
}
