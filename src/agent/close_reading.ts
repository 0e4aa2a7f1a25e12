/**
 * Close reading, for `quality: "high"`: windows of what was found, a few sentences each, are read by the re-ranker,
 * and so is each sentence of the best. What it says takes the place of how well the chunk was found and of which
 * sentence has the words. It costs time by the word, so only the windows that look best beforehand are read. Default
 * answers never come here.
 *
 * @module
 */
import { nameOf } from "../knowledge/reranking/rerank.ts";
import type { Signs } from "./confidence.ts";
import { plainText } from "../text/outline/mod.ts";
import { READING } from "./calibration.ts";
import { CLOSE_READING } from "./close_calibration.ts";
import { type Candidate, shares, weigh, type Weights } from "./candidates.ts";

/** So many windows are read. */
const READ_WINDOWS = 12;
/** The sentences of so many windows are read. */
export const READ_SENTENCES_OF = 4;
/** So many hits are cut into windows. */
export const CLOSE_HITS = 16;
/** So many characters of plain text are a window, unless one sentence alone has more. */
const WINDOW = 330;
/** A window is read up to here. */
const MOST_READ = 420;
/** And a sentence. */
const MOST_OF_SENTENCE = 240;

/** What speaks for a window, each about 0 to 1. */
export interface WindowFeatures {
  /** How well its chunk was found, beside the best. */
  found: number;
  /** The first of what was found more than the later ones. */
  rank: number;
  /** What speaks for its best sentence by the words, as default answers weigh it. */
  words: number;
  /** What the re-ranker says of it. */
  read: number;
  /** What it says of its best sentence; 0 if none was read. */
  best: number;
}

/** Neighbouring sentences of a chunk. */
export interface Window {
  /** The candidates among them, in their order. */
  candidates: Candidate[];
  /** What speaks for it. */
  features: WindowFeatures;
  /** What the re-ranker is given. */
  text: string;
}

/** What the features of a window add to its score. */
export type WindowWeights = Readonly<Partial<Record<keyof WindowFeatures, number>>>;

/** The weights by which windows are chosen, and sentences within one. */
export interface CloseWeights {
  window: WindowWeights;
  /** The weights by which those are chosen anew whose sentences were read. */
  closest: WindowWeights;
  sentence: Weights;
  /** What the re-ranker says of a sentence counts so much. */
  read: number;
}

/** How windows look before they are read; by hand, on the tuning questions. */
const BEFOREHAND: WindowWeights = { found: 2, rank: 1, words: 0.6 };

/** The windows of candidates that look best beforehand, best first. */
function windowsOf(candidates: readonly Candidate[]): Window[] {
  const windows: Window[] = [];
  for (const list of Map.groupBy(candidates, ({ hit }) => hit).values()) {
    for (const [first, last] of tiles(list[0]!)) {
      const inside = list.filter(({ index }) => index >= first && index <= last);
      if (inside.length > 0) windows.push(windowOf(inside, first, last));
    }
  }
  return windows.sort((a, b) => scoreOf(b, BEFOREHAND) - scoreOf(a, BEFOREHAND)).slice(
    0,
    READ_WINDOWS,
  );
}

function scoreOf({ features }: Window, weights: WindowWeights): number {
  return weigh(features, weights);
}

/** What the re-ranker is given of a sentence. */
export function sentenceText({ hit, units, index }: Candidate): string {
  const { start, end } = units[index]!;
  return plainText(hit.chunk.slice(start, end), hit.format).slice(0, MOST_OF_SENTENCE);
}

/** From one piece of a chunk to another, as many as fit a window, one after the other. */
function tiles({ units }: Candidate): [number, number][] {
  const tiles: [number, number][] = [];
  for (let first = 0; first < units.length;) {
    let last = first;
    let length = units[first]!.length;
    while (last + 1 < units.length && length + units[last + 1]!.length <= WINDOW) {
      length += units[++last]!.length;
    }
    tiles.push([first, last]);
    first = last + 1;
  }
  return tiles;
}

function windowOf(candidates: Candidate[], first: number, last: number): Window {
  const { hit, units, features: { found, rank } } = candidates[0]!;
  const text = plainText(hit.chunk.slice(units[first]!.start, units[last]!.end), hit.format);
  const words = Math.max(...candidates.map(({ features }) => weigh(features, READING.sentence)));
  return {
    candidates,
    features: { found, rank, words, read: 0, best: 0 },
    text: `${nameOf(hit)}\n${text.slice(0, MOST_READ)}`,
  };
}

/** What close reading came to. */
export interface Close {
  /** The candidates in windows that were read, best first. */
  candidates: Candidate[];
  /** The windows, best first. */
  windows: Window[];
  /** What the re-ranker says of the sentences that it read. */
  sentences: ReadonlyMap<Candidate, number>;
}

/** Has the re-ranker read what looks best among candidates. */
export async function readClosely(
  candidates: readonly Candidate[],
  relevance: (texts: readonly string[]) => Promise<Float64Array>,
): Promise<Close> {
  const windows = windowsOf(candidates);
  const said = await relevance(windows.map(({ text }) => text));
  windows.forEach(({ features }, at) => features.read = said[at]!);
  const closest = bestFirst(windows, CLOSE_READING).slice(0, READ_SENTENCES_OF)
    .flatMap(({ candidates }) => candidates);
  const ofSentences = await relevance(closest.map(sentenceText));
  const sentences = new Map(closest.map((candidate, at) => [candidate, ofSentences[at]!]));
  return closelyRanked(windows, sentences, CLOSE_READING);
}

/** The candidates of windows by what was said of both: which window it is, and which sentence of it. */
export function closelyRanked(
  windows: readonly Window[],
  sentences: ReadonlyMap<Candidate, number>,
  weights: CloseWeights,
): Close {
  const { windows: best, shares: ofWindows } = closest(windows, sentences, weights);
  const ranked = best.flatMap(({ candidates }, at) => {
    const inside = shares(
      candidates.map((one) =>
        weigh(one.features, weights.sentence) + weights.read * (sentences.get(one) ?? 0)
      ),
    );
    return candidates.map((candidate, i) => {
      const share = ofWindows[at]! * inside[i]!;
      return { ...candidate, share, score: Math.log(share) };
    });
  });
  return { candidates: ranked.sort((a, b) => b.score - a.score), windows: best, sentences };
}

/** Windows with how likely each is the one; those whose sentences were read share anew what they had together. */
function closest(
  windows: readonly Window[],
  sentences: ReadonlyMap<Candidate, number>,
  weights: CloseWeights,
): { windows: Window[]; shares: number[] } {
  const best = bestFirst(windows, weights);
  const before = shares(best.map((one) => scoreOf(one, weights.window)));
  const few = best.slice(0, READ_SENTENCES_OF).map((window) => withBest(window, sentences));
  const had = before.slice(0, few.length).reduce((sum, share) => sum + share, 0);
  const anew = shares(few.map((one) => scoreOf(one, weights.closest)));
  const order = [...few.keys()].sort((a, b) => anew[b]! - anew[a]!);
  return {
    windows: [...order.map((at) => few[at]!), ...best.slice(few.length)],
    shares: [...order.map((at) => had * anew[at]!), ...before.slice(few.length)],
  };
}

/** A window with what was said of its sentences. */
export function withBest(window: Window, sentences: ReadonlyMap<Candidate, number>): Window {
  const best = Math.max(0, ...window.candidates.map((one) => sentences.get(one) ?? 0));
  return { ...window, features: { ...window.features, best } };
}

/** Windows by what was said of each as a whole. */
export function bestFirst(
  windows: readonly Window[],
  { window }: Pick<CloseWeights, "window">,
): Window[] {
  return windows.toSorted((a, b) => scoreOf(b, window) - scoreOf(a, window));
}

/** Signs of a right answer that close reading has beside the others. */
export interface CloseSigns extends Signs {
  /** What the re-ranker says of the best window. */
  read: number;
  /** And of the best sentence. */
  sentence: number;
}

/** The signs of what was read. */
export function closeSignsOf(
  { windows, sentences }: Close,
): Pick<CloseSigns, "read" | "sentence"> {
  return {
    read: windows[0]?.features.read ?? 0,
    sentence: Math.max(0, ...sentences.values()),
  };
}
