/**
 * Measures search and answers on questions about real documents, which bench/evaluation/corpora.sh lays out.
 *
 *   deno run --allow-read --allow-write --allow-env --allow-ffi bench/evaluation/run.ts FOLDER [--set tuning|tuning_more|held_out] [--quality fast|high] [--one-store] [--verbose] [--features FILE]
 *
 * A question is right if the first 800 characters of its answer hold one of the phrases that `must` names, or if it
 * abstains where there is no answer. The questions of `held_out` were never looked at one by one while the weights
 * were set; the confidence is fitted on those of `tuning` alone (calibrate.ts); `tuning_more` has
 * further ones to choose by, and what answers of high quality go by is fitted on both (calibrate_close.ts).
 *
 * @module
 */
import { createAgent } from "../../src/agent/mod.ts";
import { type Knowledge, openKnowledge } from "../../src/knowledge/mod.ts";
import { type Figures, figuresOf, type Measured } from "./figures.ts";

/** A question of the evaluation. */
export interface EvaluationQuestion {
  /** The question. */
  q: string;
  /** Parts of the paths of the documents that answer it, with "|" between them. */
  doc: string;
  /** Phrases of which a right answer holds one. */
  must: string[];
  /** Whether the documents answer it. */
  answerable: boolean;
  /** Which corpus it is put to. */
  corpus: string;
}

/** How an evaluation is run. */
export interface EvaluationOptions {
  /** Where the corpora are. */
  folder: string;
  /** Whether all corpora are in one store. */
  oneStore?: boolean;
  /** Where the stores are kept, so that a second run has them. */
  data?: string;
  /** Which quality of search and answers is measured. Default: "fast". */
  quality?: "fast" | "high";
  /** Told of each question. */
  onQuestion?: (question: EvaluationQuestion, measured: Measured, answer: string) => void;
}

/** The questions of a set. */
export function questionsOf(set: string): EvaluationQuestion[] {
  const text = Deno.readTextFileSync(new URL(`./${set}.jsonl`, import.meta.url));
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

/** Puts every question and measures what comes. */
export async function evaluate(
  questions: readonly EvaluationQuestion[],
  options: EvaluationOptions,
): Promise<{ figures: Figures; measured: Measured[]; indexMs: number }> {
  const { folder, oneStore = false, data, quality = "fast" } = options;
  const stores = new Map<string, Knowledge>();
  const measured: Measured[] = [];
  let indexMs = 0;
  try {
    for (const name of oneStore ? ["all"] : new Set(questions.map(({ corpus }) => corpus))) {
      const knowledge = openKnowledge(data === undefined ? {} : { path: `${data}/${name}.sqlite` });
      stores.set(name, knowledge);
      const folders = oneStore
        ? [...new Set(questions.map(({ corpus }) => `${folder}/${corpus}`))]
        : [`${folder}/${name}`];
      for (const path of folders) indexMs += (await knowledge.addFolder(path)).durationMs;
    }
    for (const question of questions) {
      const knowledge = stores.get(oneStore ? "all" : question.corpus)!;
      const [one, answer] = await put(question, knowledge, quality);
      measured.push(one);
      options.onQuestion?.(question, one, answer);
    }
  } finally {
    for (const knowledge of stores.values()) knowledge.close();
  }
  return { figures: figuresOf(measured), measured, indexMs };
}

async function put(
  question: EvaluationQuestion,
  knowledge: Knowledge,
  quality: "fast" | "high",
): Promise<[Measured, string]> {
  const isRight = (document: string) => question.doc.split("|").some((d) => document.includes(d));
  const hits = await knowledge.search(question.q, { limit: 24, quality });
  const holds = hits.map(({ document, chunk }) => isRight(document) && has(chunk, question.must));
  await using agent = createAgent({ knowledge, cache: false });
  const started = performance.now();
  const answer = await agent.ask(question.q, { quality });
  const ms = performance.now() - started;
  if (answer.error !== undefined) throw new Error(`${question.q}: ${answer.error.message}`);
  const abstained = answer.sources.length === 0;
  const [first] = answer.sources;
  const mark = first?.mark === undefined
    ? ""
    : knowledge.text(first.document)?.slice(first.mark.start, first.mark.end) ?? "";
  return [{
    answerable: question.answerable,
    documentRank: hits.findIndex(({ document }) => isRight(document)),
    passageRank: holds.indexOf(true),
    abstained,
    right: question.answerable
      ? !abstained && has(answer.answer.slice(0, 800), question.must)
      : abstained,
    marked: question.answerable && first !== undefined && isRight(first.document) &&
      has(mark, question.must),
    confidence: answer.confidence,
    ms,
  }, `${answer.answer}\n${answer.reasoning}`];
}

/** Whether a text holds one of the phrases that answer a question. */
export function holdsAnswer(text: string, question: EvaluationQuestion): boolean {
  return has(text, question.must);
}

function has(text: string, phrases: readonly string[]): boolean {
  const read = flat(text);
  return phrases.some((phrase) => {
    const looked = flat(phrase);
    // "-l" is not in "re-load".
    return looked.length > 5 ? read.includes(looked) : hasWhole(read, looked);
  });
}

function hasWhole(text: string, phrase: string): boolean {
  const isWord = (sign: string | undefined) => sign !== undefined && /[\p{L}\p{N}_-]/u.test(sign);
  for (let at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + 1)) {
    if (!isWord(text[at - 1]) && !(isWord(phrase.at(-1)) && isWord(text[at + phrase.length]))) {
      return true;
    }
  }
  return false;
}

function flat(text: string): string {
  return text.replace(/[`*_\\]/g, "").replace(/\s+/g, " ").toLowerCase();
}

if (import.meta.main) {
  const [folder] = Deno.args;
  if (folder === undefined) throw new TypeError("Name the folder that corpora.sh made.");
  const named = (name: string) => {
    const at = Deno.args.indexOf(name);
    return at < 0 ? undefined : Deno.args[at + 1];
  };
  const { figures, indexMs } = await evaluate(questionsOf(named("--set") ?? "tuning"), {
    folder,
    oneStore: Deno.args.includes("--one-store"),
    data: named("--data"),
    quality: named("--quality") === "high" ? "high" : "fast",
    onQuestion: (question, { right, abstained, confidence, passageRank }, answer) => {
      if (!Deno.args.includes("--verbose")) return;
      const what = right ? "ok   " : abstained ? "none " : "WRONG";
      say(`${what} ${confidence} p${passageRank + 1} [${question.corpus}] ${question.q}`);
      say(`      ${answer.replace(/\s+/g, " ").slice(0, 700)}`);
    },
  });
  say(JSON.stringify({ ...figures, indexMs: Math.round(indexMs) }));
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
