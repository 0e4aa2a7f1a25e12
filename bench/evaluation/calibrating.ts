/**
 * What both calibrations share: the questions on small stores, what is printed, how weights are written.
 *
 * @module
 */
import { ANSWERABLE, UNANSWERABLE } from "../../tests/agent/questions.ts";
import { areaUnder } from "./figures.ts";
import { type Fit, fitSigns } from "./fitting.ts";
import type { EvaluationQuestion } from "./run.ts";

/** The documents of the small store: in one, words are rare for other reasons than in a large one. */
export const SMALL: string = decodeURIComponent(
  new URL("../../tests/agent/documents", import.meta.url).pathname,
);

/** The questions on them. */
export function smallQuestions(): EvaluationQuestion[] {
  return [
    ...ANSWERABLE.map(({ question, holds, document }) => ({
      q: question,
      doc: document,
      must: [holds],
      answerable: true,
    })),
    ...UNANSWERABLE.map((question) => ({ q: question, doc: "", must: [], answerable: false })),
  ].map((question) => ({ ...question, corpus: "small" }));
}

/** An answer by weights and a confidence that were fitted without its question. */
export interface Tested {
  answerable: boolean;
  right: boolean;
  /** How likely the documents have an answer. */
  there: number;
  confidence: number;
  /** Whether the store is the small one. */
  isSmall: boolean;
}

/** Fits whether there is an answer, and, where there is, whether the one that is given is right: by signs of these names. */
export function confidenceFits<S extends object>(
  samples: readonly { signs: S; right: boolean; answerable: boolean }[],
  names: { there: readonly (keyof S)[]; right: readonly (keyof S)[] },
): { there: Fit; right: Fit } {
  const pick = (signs: S, names: readonly (keyof S)[]) => names.map((name) => Number(signs[name]));
  return {
    there: fitSigns(
      samples.map(({ signs, answerable }) => ({
        signs: pick(signs, names.there),
        right: answerable,
      })),
    ),
    right: fitSigns(
      samples.filter(({ answerable }) => answerable)
        .map(({ signs, right }) => ({ signs: pick(signs, names.right), right })),
    ),
  };
}

/** Prints how true the confidence is, and what comes of refusing what is below one. */
export function sayTested(tested: readonly Tested[]): void {
  const sets = [
    ["all", tested],
    ["large stores", tested.filter(({ isSmall }) => !isSmall)],
    ["small stores", tested.filter(({ isSmall }) => isSmall)],
  ] as const;
  for (const [name, some] of sets) {
    const right = some.filter((one) => one.right).length;
    say(`${name}: ${some.length} questions, ${right} right, AUC ${areaUnder(some)}`);
    for (let from = 0; from < 1; from += 0.2) {
      const here = some.filter(({ confidence }) => confidence >= from && confidence < from + 0.2);
      const right = here.filter((one) => one.right).length;
      const to = (from + 0.2).toFixed(1);
      say(`confidence ${from.toFixed(1)} to ${to}: ${right} of ${here.length} right`);
    }
    for (const least of [0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5]) {
      const given = some.filter(({ there, confidence }) => there >= 0.5 && confidence >= least);
      const count = (of: (one: Tested) => boolean) => given.filter(of).length;
      const wrong = count(({ answerable, right }) => answerable && !right);
      const not = count(({ answerable }) => !answerable);
      say(
        `answers from ${least} on: ${
          count(({ right }) => right)
        } right, ${wrong} wrong, ${not} of what is not there`,
      );
    }
  }
}

/** A weight as it is written. */
export function rounded(weight: number): number {
  return Math.round(weight * 1000) / 1000;
}

/** Weights as the properties of an object. */
export function listOf(entries: readonly (readonly [string, number])[]): string {
  return entries.map(([name, weight]) => `${name}: ${rounded(weight)},`).join("\n");
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
