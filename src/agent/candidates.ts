/**
 * Finds the sentences that may answer a question in the chunks that a search found, and says of each what speaks for
 * it (features.ts). Which of them answers is told by weights that are fitted on questions whose answers are known.
 *
 * @module
 */
import type { SearchHit } from "../knowledge/types.ts";
import { termsOf } from "../knowledge/terms.ts";
import { blocksOf, isTerm, plainText, sentencesOf, type Span } from "../text/outline/mod.ts";
import { FeatureReader, type Features, type Unit } from "./features.ts";
import type { Question } from "./question.ts";

/** A sentence, or a few that belong together, and how well it answers. */
export interface Candidate {
  /** The chunk it is in. */
  hit: SearchHit;
  /** Where it starts in the document. */
  start: number;
  /** Where it ends, exclusive. */
  end: number;
  /** Its words: the document's text from start to end. */
  quote: string;
  /** What speaks for it. */
  features: Features;
  /** How well it answers. */
  score: number;
  /** How likely it is the one that answers, if one does: the shares of all make 1. */
  share: number;
  /** The pieces of its chunk, and which of them it is. */
  units: readonly Unit[];
  index: number;
}

/** What features add to a score. */
export type Weights = Readonly<Partial<Record<keyof Features, number>>>;

/** The weights by which chunks are chosen, and sentences within one. */
export interface Reading {
  chunk: Weights;
  sentence: Weights;
}

/** A sentence without a word of the question must be so much alike to it. */
const LEAST_ALIKE = 0.3;
const MAX_QUOTE = 400;
const MAX_FOLLOWING = 6;
/** A list item up to this length is one piece: its second sentence explains its first. */
const WHOLE_ITEM = 320;

/** The candidates of all hits, in their order and without scores. */
export function candidatesOf(
  question: Question,
  hits: readonly SearchHit[],
  meaning: (text: string) => number,
): Candidate[] {
  const read = hits.map((hit) => ({ hit, units: unitsOf(hit) }));
  const reader = new FeatureReader(question, read, meaning);
  const candidates: Candidate[] = [];
  for (const [rank, { hit, units }] of read.entries()) {
    for (const [index, unit] of units.entries()) {
      if (!maySay(unit)) continue;
      const features = reader.featuresOf(rank, index);
      if (features.cover === 0 && features.alike < LEAST_ALIKE) continue;
      const { start, end } = widen(hit.chunk, units, index);
      candidates.push({
        hit,
        start: hit.start + start,
        end: hit.start + end,
        quote: hit.chunk.slice(start, end),
        features,
        score: 0,
        share: 0,
        units,
        index,
      });
    }
  }
  return candidates;
}

function maySay({ block, stems }: Unit): boolean {
  return block.kind !== "heading" && stems.length > 1;
}

/**
 * Scores candidates, and puts the best first: which chunk it is by how well that was found, which sentence of it by
 * what speaks for each beside the others of its chunk.
 */
export function ranked(candidates: readonly Candidate[], reading: Reading): Candidate[] {
  const byChunk = Map.groupBy(candidates, ({ hit }) => hit);
  const scored: Candidate[] = [];
  const chunks = [...byChunk.values()];
  const ofChunks = shares(chunks.map(([first]) => weigh(first!.features, reading.chunk)));
  for (const [at, list] of chunks.entries()) {
    const ofSentences = shares(list.map(({ features }) => weigh(features, reading.sentence)));
    list.forEach((candidate, i) => {
      const share = ofChunks[at]! * ofSentences[i]!;
      scored.push({ ...candidate, share, score: Math.log(share) });
    });
  }
  return scored.sort((a, b) => b.score - a.score);
}

/** The sum of weighed features. */
export function weigh<K extends string>(
  features: Readonly<Record<K, number>>,
  weights: Readonly<Partial<Record<K, number>>>,
): number {
  let sum = 0;
  for (const name in weights) sum += weights[name]! * features[name];
  return sum;
}

/** Numbers whose sum is 1, by their exponentials. */
export function shares(scores: readonly number[]): number[] {
  const top = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

function unitsOf(hit: SearchHit): Unit[] {
  const { chunk, format, language } = hit;
  const units: Unit[] = [];
  const blocks = blocksOf(chunk, format, hit.start);
  // Where a term begins that waits for its description.
  let term: number | undefined;
  for (const [at, block] of blocks.entries()) {
    if (isTerm(chunk, block, blocks[at + 1])) {
      term = block.start;
      continue;
    }
    const whole = block.kind === "item" && block.end - (term ?? block.start) <= WHOLE_ITEM;
    for (const span of whole ? [block] : sentencesOf(chunk, block)) {
      const { end } = span;
      const start = term ?? span.start;
      term = undefined;
      const text = chunk.slice(start, end);
      units.push({
        start,
        end,
        block,
        stems: termsOf(text, language),
        length: plainText(text, format).length + 1,
      });
    }
  }
  return units;
}

/**
 * A mark that can be understood by itself: with the sentence before if it begins with a word that
 * points back, with the block after if it ends with a colon.
 */
function widen(chunk: string, units: readonly Unit[], index: number): Span {
  const unit = units[index]!;
  const before = units[index - 1];
  const pointsBack = /^(?:it|this|that|these|those|they|he|she|such|otherwise|however|then)\b/i
    .test(chunk.slice(unit.start, unit.start + 12));
  const start = pointsBack && before?.block === unit.block ? before.start : unit.start;
  let last = index;
  if (/:\s*$/.test(chunk.slice(start, units[last]!.end))) {
    const kind = units[last + 1]?.block.kind;
    for (let next = last + 1; next < units.length && next <= index + MAX_FOLLOWING; next++) {
      const { block, end } = units[next]!;
      if (block.kind !== kind || kind === "heading" || end - start > MAX_QUOTE) break;
      last = next;
    }
  }
  return { start, end: units[last]!.end };
}
