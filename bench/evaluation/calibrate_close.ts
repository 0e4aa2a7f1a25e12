/**
 * Fits how windows and sentences are weighed that a re-ranker read (`quality: "high"`), and how sure those answers are,
 * on the tuning questions and the further ones, and writes src/agent/close_calibration.ts.
 *
 *   deno run --allow-read --allow-write --allow-env --allow-ffi bench/evaluation/calibrate_close.ts FOLDER [--data FOLDER] [--dry]
 *
 * What it prints is measured with each fifth of the corpora left out of both fits in turn.
 *
 * @module
 */
import { gather } from "../../src/agent/answering.ts";
import type { Candidate } from "../../src/agent/candidates.ts";
import {
  bestFirst,
  closelyRanked,
  type CloseSigns,
  closeSignsOf,
  type CloseWeights,
  READ_SENTENCES_OF,
  sentenceText,
  type Window,
  type WindowFeatures,
  withBest,
} from "../../src/agent/close_reading.ts";
import { signsOf } from "../../src/agent/confidence.ts";
import { BUILT_IN_DOMAINS, GENERAL } from "../../src/agent/domains.ts";
import type { Features } from "../../src/agent/features.ts";
import { CLOSE_LENGTHS, passagesOf } from "../../src/agent/passages.ts";
import type { Gathered } from "../../src/agent/quotes.ts";
import { type Knowledge, openKnowledge } from "../../src/knowledge/mod.ts";
import { plainText } from "../../src/text/outline/mod.ts";
import {
  confidenceFits,
  listOf,
  rounded,
  sayTested,
  SMALL,
  smallQuestions,
  type Tested,
} from "./calibrating.ts";
import { chanceOf, type Choice, type Fit, fitChoices } from "./fitting.ts";
import { type EvaluationQuestion, holdsAnswer, questionsOf } from "./run.ts";

const FOLDS = 5;
/** A question on a small store counts so much in the fit of windows: it is easy. */
const SMALL_WEIGHT = 0.5;

const WINDOW: readonly (keyof WindowFeatures)[] = ["found", "rank", "words", "read"];
const CLOSEST: readonly (keyof WindowFeatures)[] = ["found", "words", "read", "best"];
const SENTENCE: readonly (keyof Features)[] = [
  ...["cover", "own", "named", "together", "form", "alike", "lead", "opens"] as const,
  ...["code", "codeUnasked", "short", "long", "asks"] as const,
];
const THERE: readonly (keyof CloseSigns)[] = ["said", "few", "alike", "fit", "named", "read"];
const RIGHT: readonly (keyof CloseSigns)[] = [
  ...["said", "few", "share", "fit", "form", "heading", "both", "read", "sentence"] as const,
];
const SIGNS = { there: THERE, right: RIGHT };

/** A question with what was read for it. */
export interface Case {
  question: EvaluationQuestion;
  gathered: Gathered;
  windows: Window[];
  /** What the re-ranker says of sentences: of those of all windows that hold the answer, and of those of the best. */
  said: Map<Candidate, number>;
  right: Set<Candidate>;
}

/** Reads a question closely. */
export async function read(question: EvaluationQuestion, knowledge: Knowledge): Promise<Case> {
  const gathered = await gather({
    knowledge,
    query: question.q,
    profile: BUILT_IN_DOMAINS[GENERAL]!,
    context: [],
    quality: "high",
    model: undefined,
    implementation: undefined,
    signal: undefined,
  });
  const { windows, sentences } = gathered.close!;
  const right = new Set(
    windows.flatMap(({ candidates }) => candidates).filter(({ hit, units, index }) => {
      const { start, end } = units[index]!;
      return question.answerable &&
        question.doc.split("|").some((part) => hit.document.includes(part)) &&
        holdsAnswer(plainText(hit.chunk.slice(start, end), hit.format), question);
    }),
  );
  const said = new Map(sentences);
  const more = windows.filter(({ candidates }) => candidates.some((one) => right.has(one)))
    .flatMap(({ candidates }) => candidates).filter((one) => !said.has(one));
  const ofMore = await knowledge.relevance(question.q, more.map(sentenceText));
  more.forEach((candidate, at) => said.set(candidate, ofMore[at]!));
  return { question, gathered, windows, said, right };
}

/** The weights that fit cases best. */
export function weightsOf(cases: readonly Case[]): CloseWeights {
  const windows: Choice[] = [];
  const sentences: Choice[] = [];
  const weight = ({ question }: Case) => question.corpus === "small" ? SMALL_WEIGHT : 1;
  const holds = ({ right }: Case, all: readonly Window[]) =>
    all.map(({ candidates }) => candidates.some((one) => right.has(one)));
  for (const one of cases) {
    const right = holds(one, one.windows);
    if (!right.includes(true)) continue;
    windows.push({ rows: rowsOf(one.windows, WINDOW), right, weight: weight(one) });
    for (const { candidates } of one.windows.filter((_, at) => right[at])) {
      sentences.push({
        rows: candidates.map((candidate) => [
          ...SENTENCE.map((name) => candidate.features[name]),
          one.said.get(candidate)!,
        ]),
        right: candidates.map((candidate) => one.right.has(candidate)),
        weight: weight(one),
      });
    }
  }
  const named = <K extends string>(names: readonly K[], weights: readonly number[]) =>
    Object.fromEntries(names.map((name, at) => [name, weights[at]!])) as Record<K, number>;
  const ofSentences = fitChoices(sentences);
  const window = named(WINDOW, fitChoices(windows));
  const closest = cases.flatMap((one): Choice[] => {
    const few = bestFirst(one.windows, { window }).slice(0, READ_SENTENCES_OF)
      .map((few) => withBest(few, one.said));
    const right = holds(one, few);
    if (!right.includes(true)) return [];
    return [{ rows: rowsOf(few, CLOSEST), right, weight: weight(one) }];
  });
  return {
    window,
    closest: named(CLOSEST, fitChoices(closest)),
    sentence: named(SENTENCE, ofSentences),
    read: ofSentences.at(-1)!,
  };
}

function rowsOf(
  windows: readonly Window[],
  names: readonly (keyof WindowFeatures)[],
): number[][] {
  return windows.map(({ features }) => names.map((name) => features[name]));
}

interface Answered {
  signs: CloseSigns;
  right: boolean;
  marked: boolean;
  answerable: boolean;
}

/** What is answered with some weights; undefined if nothing is. */
export function answered(
  { question, gathered, windows, said, right }: Case,
  weights: CloseWeights,
): Answered | undefined {
  const close = closelyRanked(windows, said, weights);
  const best = close.candidates;
  if (best.length === 0) return undefined;
  const { pieces, share } = passagesOf(best, CLOSE_LENGTHS);
  return {
    signs: {
      ...signsOf(gathered.question, best, share, gathered.chunks),
      ...closeSignsOf(close),
    },
    right: question.answerable && holdsAnswer(pieces.join(" ").slice(0, 800), question),
    marked: [...right].some(({ hit, index }) => hit === best[0]!.hit && index === best[0]!.index),
    answerable: question.answerable,
  };
}

/** What comes of cases when the corpora of a question are left out of the fits that answer it. */
export function test(
  cases: readonly Case[],
): { samples: Answered[]; tested: (Tested & Answered)[] } {
  const corpora = [...new Set(cases.map(({ question }) => question.corpus))];
  const folds = cases.map(({ question }) => corpora.indexOf(question.corpus) % FOLDS);
  const samples: (Answered | undefined)[] = new Array(cases.length).fill(undefined);
  const others = <T>(list: readonly T[], fold: number) =>
    list.filter((_, at) => folds[at] !== fold);
  for (let fold = 0; fold < FOLDS; fold++) {
    const weights = weightsOf(others(cases, fold));
    cases.forEach((one, at) => {
      if (folds[at] === fold) samples[at] = answered(one, weights);
    });
  }
  const known = (list: readonly (Answered | undefined)[]) =>
    list.filter((sample) => sample !== undefined);
  const fits = Array.from(
    { length: FOLDS },
    (_, at) => confidenceFits(known(others(samples, at)), SIGNS),
  );
  const tested = samples.flatMap((sample, at) => {
    if (sample === undefined) return [];
    const { there, right } = fits[folds[at]!]!;
    const chance = chanceOf(there, THERE.map((name) => sample.signs[name]));
    return [{
      ...sample,
      there: chance,
      confidence: chance * chanceOf(right, RIGHT.map((name) => sample.signs[name])),
      isSmall: cases[at]!.question.corpus === "small",
    }];
  });
  return { samples: known(samples), tested };
}

/** Reads all questions. */
export async function casesOf(
  open: (corpus: string) => Promise<Knowledge>,
): Promise<Case[]> {
  const cases: Case[] = [];
  const stores = new Map<string, Knowledge>();
  const all = [...questionsOf("tuning"), ...questionsOf("tuning_more"), ...smallQuestions()];
  for (const question of all) {
    const { corpus } = question;
    const knowledge = stores.get(corpus) ?? await open(corpus);
    stores.set(corpus, knowledge);
    cases.push(await read(question, knowledge));
  }
  for (const knowledge of stores.values()) knowledge.close();
  return cases;
}

/** Fits all of it, and writes it down. */
export function write(cases: readonly Case[], samples: readonly Answered[]): void {
  const { window, closest, sentence, read } = weightsOf(cases);
  const { there, right } = confidenceFits(samples, SIGNS);
  const regression = ({ base, weights }: Fit, names: readonly string[]) =>
    `{
base: ${rounded(base)},
weights: {
${listOf(names.map((name, at) => [name, weights[at]!]))}
},
}`;
  Deno.writeTextFileSync(
    new URL("../../src/agent/close_calibration.ts", import.meta.url),
    `/**
 * What is fitted on questions whose answers are known, for answers that were read closely. Written by
 * bench/evaluation/calibrate_close.ts.
 *
 * @module
 */

/** What a feature adds to the score of a window, of one whose sentences were read, and of a sentence in its window. */
export const CLOSE_READING = {
window: {
${listOf(Object.entries(window))}
},
closest: {
${listOf(Object.entries(closest))}
},
sentence: {
${listOf(Object.entries(sentence))}
},
read: ${rounded(read)},
};

/** Two logistic regressions: whether there is an answer, and whether the one that is given is right if so. */
export const CLOSE_CALIBRATION = {
there: ${regression(there, THERE)},
right: ${regression(right, RIGHT)},
};
`,
  );
}

if (import.meta.main) {
  const [folder] = Deno.args;
  if (folder === undefined) throw new TypeError("Name the folder that corpora.sh made.");
  const at = Deno.args.indexOf("--data");
  const data = at < 0 ? await Deno.makeTempDir() : Deno.args[at + 1]!;
  const cases = await casesOf(async (corpus) => {
    const knowledge = openKnowledge({ path: `${data}/${corpus}.sqlite` });
    await knowledge.addFolder(corpus === "small" ? SMALL : `${folder}/${corpus}`);
    return knowledge;
  });
  const { samples, tested } = test(cases);
  sayTested(tested);
  if (!Deno.args.includes("--dry")) write(cases, samples);
}
