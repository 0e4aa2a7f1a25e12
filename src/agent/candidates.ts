/**
 * Finds the sentences that answer a question in the chunks that a search found.
 *
 * A sentence is scored by the weight of the question's words in it and around it, by words of the
 * question that stand together, by the form the question asks for, and by the rank of its chunk.
 * Passage scoring by weighted overlap follows the classic extractive systems of the TREC question
 * answering tracks; the weights were set on the evaluation in `tests/agent`.
 *
 * @module
 */
import type { SearchHit } from "../knowledge/types.ts";
import { type Block, blocksOf, sentencesOf, type Span } from "../text/outline/mod.ts";
import type { Question } from "./question.ts";
import { isStopWord } from "../knowledge/words.ts";
import { stemsOf } from "./stems.ts";

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
  /** The share of the question's weight found in the sentence itself, 0 to 1. */
  own: number;
  /** The share found in it or, counted less, in its heading and neighbours. */
  cover: number;
  /** The share of the question's words found there at all, whatever they weigh. */
  named: number;
  /** How well it answers, 0 to 1. */
  score: number;
}

/** A found word counts so much if it is not in the sentence, but in its heading or title. */
const IN_HEADING = 0.75;
/** And so much if it is in a sentence beside it. */
const IN_NEIGHBOUR = 0.5;
/** And so much if it is elsewhere in what was found of the document. */
const IN_DOCUMENT = 0.25;
/** And takes so much away if another document has it for its title: the question is about that. */
const OTHER_SUBJECT = 0.25;
/** What a document counts more for having the question's subject for its whole title. */
const FOCUS = 0.06;
const MAX_QUOTE = 600;
const MAX_STEPS = 400;
const MAX_FOLLOWING = 6;
/** A list item up to this length is one piece: its second sentence explains its first. */
const WHOLE_ITEM = 320;

interface Unit extends Span {
  block: Block;
  stems: string[];
}

/** The candidates of all hits, best first. */
export function candidatesOf(question: Question, hits: readonly SearchHit[]): Candidate[] {
  const top = hits.reduce((most, hit) => Math.max(most, hit.score), 0);
  const candidates: Candidate[] = [];
  const read = hits.map((hit) => ({ hit, units: unitsOf(hit) }));
  const documents = new Map<string, Set<string>>();
  for (const { hit, units } of read) {
    const stems = documents.get(hit.document) ?? new Set();
    documents.set(hit.document, stems);
    for (const unit of units) for (const stem of unit.stems) stems.add(stem);
  }
  const subjects = new Set(
    question.terms.map(({ stem }) => stem).filter((stem) =>
      hits.some((hit) => stemsOf(hit.title ?? "").includes(stem))
    ),
  );
  for (const { hit, units } of read) {
    const document = documents.get(hit.document)!;
    const above = new Set(stemsOf(`${hit.title ?? ""} ${hit.heading ?? ""}`));
    const focus = FOCUS * focusOf(question, stemsOf(hit.title ?? ""));
    for (let i = 0; i < units.length; i++) {
      const unit = units[i]!;
      const text = hit.chunk.slice(unit.start, unit.end);
      if (unit.block.kind === "heading" || unit.stems.length < 2) continue;
      const beside = new Set([...units[i - 1]?.stems ?? [], ...units[i + 1]?.stems ?? []]);
      const { own, cover, named } = coverage(
        question,
        new Set(unit.stems),
        above,
        beside,
        document,
        subjects,
      );
      if (cover === 0) continue;
      const form = question.fits?.(text) ?? 0.5;
      const score = (0.6 * cover + 0.1 * together(question, unit.stems) + 0.16 * form +
        0.14 * (top > 0 ? hit.score / top : 0) + focus) * shape(question, unit, text);
      const span = widen(question, hit.chunk, units, i);
      candidates.push({
        hit,
        start: hit.start + span.start,
        end: hit.start + span.end,
        quote: hit.chunk.slice(span.start, span.end),
        own,
        cover,
        named,
        score,
      });
    }
  }
  return candidates.sort((a, b) => b.score - a.score);
}

/** The share of a title that the question is about. */
function focusOf(question: Question, title: readonly string[]): number {
  const words = title.filter((stem) => !isStopWord(stem));
  if (words.length === 0) return 0;
  return words.filter((stem) => question.terms.some((term) => term.stem === stem)).length /
    words.length;
}

function unitsOf(hit: SearchHit): Unit[] {
  const units: Unit[] = [];
  for (const block of blocksOf(hit.chunk, hit.format, hit.start)) {
    const whole = block.kind === "item" && block.end - block.start <= WHOLE_ITEM;
    for (const span of whole ? [block] : sentencesOf(hit.chunk, block)) {
      units.push({
        start: span.start,
        end: span.end,
        block,
        stems: stemsOf(hit.chunk.slice(span.start, span.end)),
      });
    }
  }
  return units;
}

function coverage(
  question: Question,
  inside: ReadonlySet<string>,
  above: ReadonlySet<string>,
  beside: ReadonlySet<string>,
  document: ReadonlySet<string>,
  subjects: ReadonlySet<string>,
): { own: number; cover: number; named: number } {
  let own = 0;
  let around = 0;
  let named = 0;
  let names = 0;
  for (const { stem, weight, names: isName } of question.terms) {
    if (isName) {
      names++;
      if (inside.has(stem) || above.has(stem) || beside.has(stem)) named++;
      else if (document.has(stem)) named += 0.5;
    }
    if (inside.has(stem)) own += weight;
    else if (above.has(stem)) around += weight * IN_HEADING;
    else if (beside.has(stem)) around += weight * IN_NEIGHBOUR;
    else if (document.has(stem)) around += weight * IN_DOCUMENT;
    else if (subjects.has(stem)) around -= weight * OTHER_SUBJECT;
  }
  if (question.weight === 0) return { own: 0, cover: 0, named: 0 };
  return {
    own: own / question.weight,
    cover: Math.max(0, own + around) / question.weight,
    named: names === 0 ? 1 : named / names,
  };
}

/** The share of the question's neighbouring words that stand together in the sentence, too. */
function together(question: Question, stems: readonly string[]): number {
  const { terms } = question;
  if (terms.length < 2) return terms.length === 1 && stems.includes(terms[0]!.stem) ? 1 : 0;
  const places = new Map<string, number[]>();
  stems.forEach((stem, at) => {
    const list = places.get(stem);
    if (list === undefined) places.set(stem, [at]);
    else if (list.length < 20) list.push(at);
  });
  let close = 0;
  for (let i = 1; i < terms.length; i++) {
    const left = places.get(terms[i - 1]!.stem) ?? [];
    const right = places.get(terms[i]!.stem) ?? [];
    if (left.some((a) => right.some((b) => Math.abs(a - b) <= 3))) close++;
  }
  return close / (terms.length - 1);
}

/** What the kind and length of a sentence take away from it. */
function shape(question: Question, unit: Unit, text: string): number {
  let factor = 1;
  if (unit.block.kind === "code") factor *= question.wantsCode ? 0.9 : 0.55;
  const words = unit.stems.length;
  if (unit.block.kind === "table") factor *= 0.85; // but rows are short by nature
  else if (words < 5) factor *= 0.8;
  else if (words > 60) factor *= 0.85;
  if (/\?\s*$/.test(text)) factor *= 0.6; // a question is seldom an answer
  if (/^(?:listing|figure|table|fig\.) [\d.-]+/i.test(text)) factor *= 0.7;
  const links = (text.match(/\]\(|\]:|https?:|<[a-z/!]/gi) ?? []).length;
  if (links * 4 > words) factor *= 0.6;
  return factor;
}

/**
 * A quote that can be understood by itself: with the sentence before if it begins with a word that
 * points back, with the block after if it ends with a colon, with the next steps if it is one.
 */
function widen(question: Question, chunk: string, units: readonly Unit[], index: number): Span {
  const unit = units[index]!;
  const before = units[index - 1];
  const pointsBack = /^(?:it|this|that|these|those|they|he|she|such|otherwise|however|then)\b/i
    .test(chunk.slice(unit.start, unit.start + 12));
  const start = pointsBack && before?.block === unit.block ? before.start : unit.start;
  let last = index;
  if (question.steps) {
    // What to do is told in the sentences and items that follow, as far as they belong together.
    for (let next = index + 1; next < units.length; next++) {
      const { block, end } = units[next]!;
      const items = block.kind === "item" && unit.block.kind === "item";
      if ((block !== unit.block && !items) || end - start > MAX_STEPS) break;
      last = next;
    }
  }
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
