/**
 * What the report says of search and answers: the questions of bench/evaluation, of the half that was never looked at
 * the totals alone. The documents are those that `bench/evaluation/corpora.sh target/bench/corpora` lays out.
 */

import type { Measured } from "../evaluation/figures.ts";
import { peersFind } from "../evaluation/peers.ts";
import { evaluate, questionsOf } from "../evaluation/run.ts";
import type { Context, Fact } from "./area.ts";
import { ROOT } from "./programs.ts";

const CORPORA = `${ROOT}target/bench/corpora`;
const STORES = `${ROOT}target/bench/evaluation`;
const SETS = ["tuning", "held_out"];
/** Where the steps of the calibration curve end. */
const STEPS = [0.2, 0.4, 0.6, 0.8, 1];

/** The figures of the evaluation, where its documents are. */
export async function evaluationFacts(context: Context): Promise<Fact[]> {
  const mayAll = context.may({ name: "read", path: CORPORA }) &&
    context.may({ name: "write", path: STORES });
  if (context.quick || !mayAll || !exists(CORPORA)) {
    context.leaveOut(
      "search and answers (need bench/evaluation/corpora.sh target/bench/corpora, and no quick look)",
    );
    return [];
  }
  Deno.mkdirSync(STORES, { recursive: true });
  const facts: Fact[] = [];
  for (const set of SETS) {
    const questions = questionsOf(set);
    context.note(`${set}: ${questions.length} questions`);
    const { figures, measured } = await evaluate(questions, { folder: CORPORA, data: STORES });
    const unit = `of ${figures.answerable}`;
    const add = (name: string, value: number, unit: string) =>
      facts.push({ name: `${set}: ${name}`, value, unit });
    add("document@5", figures["document@5"], unit);
    add("passage@5", figures["passage@5"], unit);
    add("passage@24", figures["passage@24"], unit);
    const found = await peersFind(
      questions,
      (corpus) => `${STORES}/${corpus}.sqlite`,
      context.peers,
    );
    for (const { name, document, passage } of found) {
      add(`document@5, ${name}`, document, unit);
      add(`passage@5, ${name}`, passage, unit);
    }
    add("right", figures.right, unit);
    add("right in the marked sentence", figures.marked, unit);
    add("wrong", figures.wrong, unit);
    add("abstained wrongly", figures.abstainedWrongly, unit);
    add("answered what is not there", figures.answeredWrongly, `of ${figures.unanswerable}`);
    if (figures.confidenceAUC !== null) add("AUC of the confidence", figures.confidenceAUC, "");
    add("median time of an answer", figures.medianMs, "ms");
    facts.push(...curve(set, measured));
  }
  return facts;
}

/** How many answers of each confidence are right. */
function curve(set: string, measured: readonly Measured[]): Fact[] {
  const answers = measured.filter(({ abstained }) => !abstained);
  return STEPS.flatMap((end, at) => {
    const start = STEPS[at - 1] ?? 0;
    const within = answers.filter(({ confidence }) =>
      confidence >= start && (confidence < end || end === 1)
    );
    if (within.length === 0) return [];
    return [{
      name: `${set}: right at a confidence of ${start} to ${end}`,
      value: within.filter(({ right }) => right).length,
      unit: `of ${within.length}`,
    }];
  });
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
