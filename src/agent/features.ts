/**
 * What speaks for a sentence as the answer to a question: how much of the question it and its surroundings have, how
 * its form fits, where it stands.
 *
 * @module
 */
import type { SearchHit } from "../knowledge/types.ts";
import { termsOf } from "../knowledge/terms.ts";
import { isStopWord } from "../knowledge/words.ts";
import type { Block, Span } from "../text/outline/mod.ts";
import type { Question, Term } from "./question.ts";

/** A sentence, an item, a row or a block of code of a chunk. */
export interface Unit extends Span {
  /** What it is part of. */
  block: Block;
  /** Its terms. */
  stems: string[];
  /** How long it is as plain text, as it is shown. */
  length: number;
}

/** What speaks for a sentence, each about 0 to 1. */
export interface Features {
  /** The share of the question's weight in it or, counted less, in its heading, its neighbours and its document. */
  cover: number;
  /** The share in the sentence itself. */
  own: number;
  /** The share of the question's words, whatever they weigh. */
  named: number;
  /** The share of the question's neighbouring words that stand together in it. */
  together: number;
  /** Whether its form is what the question asks for. */
  form: number;
  /** How alike its meaning is to the question's. */
  alike: number;
  /** How alike the meaning of its chunk is. */
  chunkAlike: number;
  /** How much of the question its chunk has, beside the best. */
  chunkWords: number;
  /** How well its chunk was found, beside the best. */
  found: number;
  /** The first of what was found more than the later ones. */
  rank: number;
  /** Whether it is the first sentence of its section. */
  lead: number;
  /** The share of the question's weight in the heading right above. */
  heading: number;
  /** The share of that heading that the question is about. */
  headingFocus: number;
  /** The share of the title that the question is about. */
  focus: number;
  /** Whether it begins with a word of the question, as what explains an option or a term does. */
  opens: number;
  /** The share of the question's identifiers that it has to the letter, or its chunk has. */
  literal: number;
  /** Whether it is code for a question that asks for some, and code for another one. */
  code: number;
  codeUnasked: number;
  /** Whether it has few words, and whether too many. */
  short: number;
  long: number;
  /** Whether it is itself a question, or a caption. */
  asks: number;
  /** Whether it is little but links. */
  links: number;
  /** How much of its chunk is no sentences, as in a table of contents. */
  listed: number;
  /** How much else of its document was found. */
  others: number;
}

/** A found word counts so much if it is not in the sentence, but in its heading or title. */
const IN_HEADING = 0.75;
/** And so much if it is in a sentence beside it. */
const IN_NEIGHBOUR = 0.5;
/** And so much if it is elsewhere in what was found of the document. */
const IN_DOCUMENT = 0.25;
/** And takes so much away if another document has it for its title: the question is about that. */
const OTHER_SUBJECT = 0.25;
/** A word that means the same as one of the question counts so much. */
const ALIKE = 0.7;
/** An identifier counts so much if it is elsewhere in the chunk. */
const LITERAL_NEAR = 0.6;
/** So many hits tell which document has the most of the question. */
const TELLING_HITS = 10;

interface Chunk {
  hit: SearchHit;
  units: readonly Unit[];
}

/** What is the same for all sentences of a chunk. */
interface Surroundings {
  above: ReadonlySet<string>;
  document: ReadonlySet<string>;
  shared: Pick<
    Features,
    | "chunkAlike"
    | "chunkWords"
    | "found"
    | "rank"
    | "heading"
    | "headingFocus"
    | "focus"
    | "listed"
    | "others"
  >;
  lead: number;
}

/** Reads the features of the sentences of some chunks. */
export class FeatureReader {
  readonly #question: Question;
  readonly #chunks: readonly Chunk[];
  readonly #meaning: (text: string) => number;
  readonly #subjects: ReadonlySet<Term>;
  readonly #around: Surroundings[];

  constructor(
    question: Question,
    chunks: readonly Chunk[],
    meaning: (text: string) => number,
  ) {
    this.#question = question;
    this.#chunks = chunks;
    this.#meaning = meaning;
    const documents = new Map<string, Set<string>>();
    for (const { hit, units } of chunks) {
      const stems = documents.get(hit.document) ?? new Set();
      documents.set(hit.document, stems);
      for (const unit of units) for (const stem of unit.stems) stems.add(stem);
    }
    const titles = chunks.map(({ hit }) => termsOf(hit.title ?? "", hit.language));
    this.#subjects = new Set(
      question.terms.filter(({ forms }) =>
        titles.some((title) => title.some((stem) => forms.has(stem)))
      ),
    );
    const best = Math.max(0, ...chunks.map(({ hit }) => hit.score));
    const words = chunks.map(({ hit }) => hit.score - 2 * Math.max(0, hit.similarity ?? 0));
    const mostWords = Math.max(0, ...words);
    const telling = chunks.slice(0, TELLING_HITS);
    this.#around = chunks.map(({ hit, units }, at) => {
      const last = termsOf(hit.heading?.split(" > ").at(-1) ?? "", hit.language);
      const lastHeading = new Set(last);
      const listed = units.filter(({ block, stems }) =>
        block.kind !== "heading" && stems.length < 6
      );
      return {
        above: new Set(termsOf(`${hit.title ?? ""} ${hit.heading ?? ""}`, hit.language)),
        document: documents.get(hit.document)!,
        // What a section is about stands in its first sentence.
        lead: units.findIndex(({ block, stems }) => block.kind !== "heading" && stems.length > 4),
        shared: {
          chunkAlike: Math.max(0, hit.similarity ?? 0),
          chunkWords: mostWords > 0 ? Math.max(0, words[at]!) / mostWords : 0,
          found: best > 0 ? hit.score / best : 0,
          rank: 1 / (1 + at),
          heading: this.#share(lastHeading),
          headingFocus: focusOf(question, last),
          focus: focusOf(question, titles[at]!),
          listed: units.length === 0 ? 0 : listed.length / units.length,
          others: telling.filter((other) => other.hit.document === hit.document).length /
            TELLING_HITS,
        },
      };
    });
  }

  /** The features of a sentence: the `index`th piece of the chunk that was found as the `rank`th. */
  featuresOf(rank: number, index: number): Features {
    const question = this.#question;
    const { hit, units } = this.#chunks[rank]!;
    const { above, document, shared, lead } = this.#around[rank]!;
    const unit = units[index]!;
    const text = hit.chunk.slice(unit.start, unit.end);
    const beside = new Set([...units[index - 1]?.stems ?? [], ...units[index + 1]?.stems ?? []]);
    const inside = new Set(unit.stems);
    const { own, cover, named } = coverage(
      question,
      inside,
      above,
      beside,
      document,
      this.#subjects,
    );
    return {
      ...shared,
      cover,
      own,
      named,
      together: together(question, unit.stems),
      form: question.fits === undefined ? 0 : question.fits(text),
      alike: Math.max(0, this.#meaning(text)),
      lead: index === lead ? 1 : 0,
      opens: this.#opens(unit.stems),
      literal: this.#literal(text, hit.chunk),
      ...shapeOf(question, unit, text),
    };
  }

  #share(terms: ReadonlySet<string>): number {
    const { terms: asked, weight: all } = this.#question;
    const found = asked.reduce((sum, term) => sum + term.weight * shareIn(term, terms), 0);
    return all > 0 ? found / all : 0;
  }

  /** What the heaviest word of the question weighs that is among the first ones of a sentence. */
  #opens(stems: readonly string[]): number {
    const first = stems.slice(0, 3);
    let most = 0;
    let heaviest = 0;
    for (const { forms, weight, names } of this.#question.terms) {
      if (!names) continue;
      heaviest = Math.max(heaviest, weight);
      if (first.some((stem) => forms.has(stem))) most = Math.max(most, weight);
    }
    return heaviest > 0 ? most / heaviest : 0;
  }

  #literal(text: string, around: string): number {
    const { literals } = this.#question;
    if (literals.length === 0) return 0;
    let sum = 0;
    for (const literal of literals) {
      if (hasWhole(text, literal)) sum++;
      else if (hasWhole(around, literal)) sum += LITERAL_NEAR;
    }
    return sum / literals.length;
  }
}

/** Whether a text has an identifier as a whole. */
function hasWhole(text: string, literal: string): boolean {
  for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + 1)) {
    const isCut = (outside: string | undefined, inside: string) =>
      outside !== undefined && /[\p{L}\p{N}_]/u.test(outside) && /[\p{L}\p{N}_]/u.test(inside);
    const before = isCut(text[at - 1], literal[0]!);
    const after = isCut(text[at + literal.length], literal.at(-1)!);
    if (!before && !after) return true;
  }
  return false;
}

/** The share of a title that the question is about. */
function focusOf(question: Question, title: readonly string[]): number {
  const words = title.filter((stem) => !isStopWord(stem));
  if (words.length === 0) return 0;
  return words.filter((stem) => question.terms.some((term) => term.forms.has(stem))).length /
    words.length;
}

function coverage(
  question: Question,
  inside: ReadonlySet<string>,
  above: ReadonlySet<string>,
  beside: ReadonlySet<string>,
  document: ReadonlySet<string>,
  subjects: ReadonlySet<Term>,
): { own: number; cover: number; named: number } {
  let own = 0;
  let around = 0;
  let named = 0;
  let names = 0;
  for (const term of question.terms) {
    const { weight, names: isName } = term;
    const here = shareIn(term, inside);
    const near = Math.max(
      shareIn(term, above) * IN_HEADING,
      shareIn(term, beside) * IN_NEIGHBOUR,
      shareIn(term, document) * IN_DOCUMENT,
    );
    if (isName) {
      names++;
      named += here > 0 || near > IN_DOCUMENT ? Math.max(here, near / IN_HEADING) : near * 2;
    }
    if (here >= near) own += weight * here;
    else around += weight * near;
    if (here === 0 && near === 0 && subjects.has(term)) around -= weight * OTHER_SUBJECT;
  }
  if (question.weight === 0) return { own: 0, cover: 0, named: 0 };
  return {
    own: own / question.weight,
    cover: Math.max(0, own + around) / question.weight,
    named: names === 0 ? 1 : named / names,
  };
}

/** 1 if a text has the word, less if it has one that means the same, else 0. */
function shareIn({ forms, alike }: Term, terms: ReadonlySet<string>): number {
  for (const form of forms) if (terms.has(form)) return 1;
  for (const other of alike) if (terms.has(other)) return ALIKE;
  return 0;
}

/** The share of the question's neighbouring words that stand together in the sentence, too. */
function together(question: Question, stems: readonly string[]): number {
  const { terms } = question;
  if (terms.length < 2) {
    return terms.length === 1 && stems.some((stem) => terms[0]!.forms.has(stem)) ? 1 : 0;
  }
  const places = new Map<string, number[]>();
  stems.forEach((stem, at) => {
    const list = places.get(stem);
    if (list === undefined) places.set(stem, [at]);
    else if (list.length < 20) list.push(at);
  });
  let close = 0;
  for (let i = 1; i < terms.length; i++) {
    const left = placesOf(terms[i - 1]!, places);
    const right = placesOf(terms[i]!, places);
    if (left.some((a) => right.some((b) => Math.abs(a - b) <= 3))) close++;
  }
  return close / (terms.length - 1);
}

function placesOf({ forms }: Term, places: ReadonlyMap<string, number[]>): number[] {
  return [...forms].flatMap((form) => places.get(form) ?? []);
}

/** What kind of text it is. */
function shapeOf(
  { wantsCode }: Question,
  { block: { kind }, stems: { length } }: Unit,
  text: string,
): Pick<Features, "code" | "codeUnasked" | "short" | "long" | "asks" | "links"> {
  const links = text.match(/\]\(|\]:|https?:|<[a-z/!]/gi)?.length ?? 0;
  const isCaption = /^(?:listing|figure|table|fig\.) [\d.-]+/i.test(text);
  return {
    code: Number(kind === "code" && wantsCode),
    codeUnasked: Number(kind === "code" && !wantsCode),
    short: Number(kind !== "table" && length < 5),
    long: Number(length > 60),
    asks: Number(isCaption || /\?\s*$/.test(text)),
    links: Number(links * 4 > length),
  };
}
