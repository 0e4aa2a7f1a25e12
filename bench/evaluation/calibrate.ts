/**
 * Fits how sentences are weighed and how sure answers are on the tuning questions, and writes src/agent/calibration.ts.
 *
 *   deno run --allow-read --allow-write --allow-env --allow-ffi bench/evaluation/calibrate.ts FOLDER [--data FOLDER] [--dry]
 *
 * What it prints is measured with each eighth of the questions left out of both fits in turn.
 *
 * @module
 */
import { gather } from "../../src/agent/answering.ts";
import type { Gathered } from "../../src/agent/quotes.ts";
import {
  type Candidate,
  candidatesOf,
  ranked,
  type Reading,
  type Weights,
} from "../../src/agent/candidates.ts";
import { type Signs, signsOf } from "../../src/agent/confidence.ts";
import { BUILT_IN_DOMAINS, GENERAL } from "../../src/agent/domains.ts";
import type { Features } from "../../src/agent/features.ts";
import { passagesOf } from "../../src/agent/passages.ts";
import { type Knowledge, openKnowledge } from "../../src/knowledge/mod.ts";
import { plainText } from "../../src/text/outline/mod.ts";
import {
  confidenceFits,
  listOf,
  rounded,
  sayTested,
  SMALL,
  smallQuestions,
} from "./calibrating.ts";
import { chanceOf, type Choice, fitChoices } from "./fitting.ts";
import { type EvaluationQuestion, holdsAnswer, questionsOf } from "./run.ts";

const FOLDS = 8;
/** A question on a small store counts so much in the fit of sentences: it is easy. */
const SMALL_WEIGHT = 0.5;

/** A question with what was found for it. */
interface Case {
  question: EvaluationQuestion;
  gathered: Gathered;
  candidates: Candidate[];
  right: boolean[];
}

const [folder] = Deno.args;
if (folder === undefined) throw new TypeError("Name the folder that corpora.sh made.");
const at = Deno.args.indexOf("--data");
const data = at < 0 ? await Deno.makeTempDir() : Deno.args[at + 1]!;

const cases: Case[] = [];
const stores = new Map<string, Knowledge>();
for (const question of [...questionsOf("tuning"), ...smallQuestions()]) {
  const { corpus } = question;
  let knowledge = stores.get(corpus);
  if (knowledge === undefined) {
    stores.set(corpus, knowledge = openKnowledge({ path: `${data}/${corpus}.sqlite` }));
    await knowledge.addFolder(corpus === "small" ? SMALL : `${folder}/${corpus}`);
  }
  cases.push(await read(question, knowledge));
}
for (const knowledge of stores.values()) knowledge.close();

async function read(question: EvaluationQuestion, knowledge: Knowledge): Promise<Case> {
  const gathered = await gather({
    knowledge,
    query: question.q,
    profile: BUILT_IN_DOMAINS[GENERAL]!,
    context: [],
    model: undefined,
    implementation: undefined,
    signal: undefined,
  });
  const candidates = candidatesOf(gathered.question, gathered.hits, gathered.meaning);
  const right = candidates.map(({ hit, units, index }) => {
    const { start, end } = units[index]!;
    return question.answerable &&
      question.doc.split("|").some((part) => hit.document.includes(part)) &&
      holdsAnswer(plainText(hit.chunk.slice(start, end), hit.format), question);
  });
  return { question, gathered, candidates, right };
}

/** What tells chunks apart, and what sentences of one chunk. */
const CHUNK: readonly (keyof Features)[] = ["found", "rank"];
const SENTENCE: readonly (keyof Features)[] = [
  ...["cover", "own", "named", "together", "form", "alike", "lead", "opens", "literal"] as const,
  ...["code", "codeUnasked", "short", "long", "asks", "links"] as const,
];

function readingOf(cases: readonly Case[]): Reading {
  const chunks: Choice[] = [];
  const sentences: Choice[] = [];
  for (const { question, candidates, right } of cases) {
    const weight = question.corpus === "small" ? SMALL_WEIGHT : 1;
    const byChunk = [...Map.groupBy(candidates.keys(), (at) => candidates[at]!.hit).values()];
    const rows = (list: readonly number[], names: readonly (keyof Features)[]) =>
      list.map((at) => names.map((name) => candidates[at]!.features[name]));
    const holds = byChunk.map((list) => list.some((at) => right[at]));
    if (!holds.includes(true)) continue;
    chunks.push({ rows: rows(byChunk.map(([at]) => at!), CHUNK), right: holds, weight });
    for (const [at, list] of byChunk.entries()) {
      if (!holds[at]) continue;
      sentences.push({ rows: rows(list, SENTENCE), right: list.map((at) => right[at]!), weight });
    }
  }
  const fit = (choices: readonly Choice[], names: readonly (keyof Features)[]): Weights => {
    const weights = fitChoices(choices);
    return Object.fromEntries(names.map((name, at) => [name, weights[at]!]));
  };
  return { chunk: fit(chunks, CHUNK), sentence: fit(sentences, SENTENCE) };
}

/** What tells that the documents have an answer, and what that the one that is given is right. */
const THERE: readonly (keyof Signs)[] = ["said", "few", "alike", "fit", "named"];
const RIGHT: readonly (keyof Signs)[] = [
  ...["said", "few", "share", "alike", "chunkAlike", "fit", "form", "heading", "both"] as const,
];
const SIGNS = { there: THERE, right: RIGHT };

/** What came of a question, with whether there was anything to find. */
interface Answered {
  signs: Signs;
  right: boolean;
  answerable: boolean;
}

function answered(
  { question, gathered, candidates }: Case,
  reading: Reading,
): Answered | undefined {
  if (candidates.length === 0) return undefined;
  const best = ranked(candidates, reading);
  const { pieces, share } = passagesOf(best);
  const text = pieces.join(" ").slice(0, 800);
  return {
    signs: signsOf(gathered.question, best, share, gathered.chunks),
    right: question.answerable && holdsAnswer(text, question),
    answerable: question.answerable,
  };
}

const isLeftOut = (at: number, fold: number) => at % FOLDS === fold;
// Signs of answers that were weighed by others: what was fitted on itself looks surer than it is.
const samples: (Answered | undefined)[] = new Array(cases.length).fill(undefined);
for (let fold = 0; fold < FOLDS; fold++) {
  const reading = readingOf(cases.filter((_, at) => !isLeftOut(at, fold)));
  cases.forEach((one, at) => {
    if (isLeftOut(at, fold)) samples[at] = answered(one, reading);
  });
}
const known = samples.filter((sample) => sample !== undefined);
const tested = samples.flatMap((sample, at) => {
  if (sample === undefined) return [];
  const others = samples.filter((other, place): other is Answered =>
    other !== undefined && place % FOLDS !== at % FOLDS
  );
  const { there, right } = confidenceFits(others, SIGNS);
  const chance = chanceOf(there, THERE.map((name) => sample.signs[name]));
  return [{
    ...sample,
    there: chance,
    confidence: chance * chanceOf(right, RIGHT.map((name) => sample.signs[name])),
    isSmall: cases[at]!.question.corpus === "small",
  }];
});
sayTested(tested);

if (!Deno.args.includes("--dry")) {
  const { there, right } = confidenceFits(known, SIGNS);
  const reading = readingOf(cases);
  Deno.writeTextFileSync(
    new URL("../../src/agent/calibration.ts", import.meta.url),
    `/**
 * What is fitted on questions whose answers are known. Written by bench/evaluation/calibrate.ts.
 *
 * @module
 */

/** What a feature adds to the score of a chunk, and of a sentence beside others of its chunk. */
export const READING = {
chunk: {
${listOf(Object.entries(reading.chunk))}
},
sentence: {
${listOf(Object.entries(reading.sentence))}
},
};

/** Two logistic regressions: whether there is an answer, and whether the one that is given is right if so. */
export const CALIBRATION = {
there: {
base: ${rounded(there.base)},
weights: {
${listOf(THERE.map((name, at) => [name, there.weights[at]!]))}
},
},
right: {
base: ${rounded(right.base)},
weights: {
${listOf(RIGHT.map((name, at) => [name, right.weights[at]!]))}
},
},
};
`,
  );
}
