/**
 * The clauses of a contract: where its sections are, by numbers and headings, and what each speaks of, by words. Linear in the
 * text.
 *
 * @module
 */

import { KINDS } from "./vocabulary.ts";

/** Stands in each result. */
export const NO_ADVICE =
  "Found by headings and words, not by reading the law; this is no legal advice, and a lawyer should look at what matters.";

/** The longest contract that is read, in UTF-16 units. */
export const MOST_TEXT = 1_000_000;

/** A stretch of a contract that stands under one number or heading, in UTF-16 units. */
export interface Section {
  readonly number: string | null;
  readonly heading: string | null;
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

/** What a section speaks of. */
export interface Clause extends Section {
  readonly kind: string;
  /** `heading`: it says so itself; `words`: its words do, as many as `signs`. */
  readonly by: "heading" | "words";
  readonly signs: number;
}

/** "3.", "3.1", "(a)", "Article IV", "Section 2", "§ 5", before what else is on the line. */
const NUMBER =
  /^[ \t]*(?:#{1,6}[ \t]+|\*\*)?(?:(?:article|section|clause|§)[ \t]*)?(\d{1,3}(?:\.\d{1,3}){0,4}(?=[.):\s]|$)|[IVXLC]{1,7}(?=[.):]))[.):]?[ \t]*/i;
const MARKED = /^[ \t]*(?:#{1,6}[ \t]+|\*\*(?=\S))/;
/** A title has few words and no end of a sentence. */
const LONGEST_TITLE = 80;

/** The sections of a contract; what stands before the first is one without number and heading. */
export function sectionsOf(text: string): Section[] {
  const sections: {
    number: string | null;
    heading: string | null;
    start: number;
    end: number;
    line: number;
  }[] = [
    { number: null, heading: null, start: 0, end: text.length, line: 1 },
  ];
  let line = 0;
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf("\n", start);
    if (end < 0) end = text.length;
    line++;
    const row = text.slice(start, Math.min(end, start + 400)).trimEnd();
    const numbered = numberOf(row);
    const isMarked = MARKED.test(row);
    if (numbered === null && !isMarked && !isShouted(row)) continue;
    const rest = row.slice(numbered?.[0].length ?? 0).replace(/^[\s#*]+|[\s#*:]+$/g, "");
    // Parts of a clause ("3.1 The party shall ...") stay with it.
    const heading = titleOf(rest, numbered === null);
    if (heading === null && (numbered === null || numbered[1]!.includes("."))) continue;
    sections.at(-1)!.end = start;
    sections.push({ number: numbered?.[1] ?? null, heading, start, end: text.length, line });
  }
  return sections.filter(({ start, end }) => text.slice(start, end).trim() !== "");
}

/** The number before a line, unless it is a figure or a word with which a line of running text begins. */
function numberOf(row: string): RegExpExecArray | null {
  const found = NUMBER.exec(row);
  if (found === null) return null;
  const [mark, number] = found;
  if (/^[a-z]/.test(number!)) return null;
  const isPlain = /^[ \t]*\d+[ \t]*$/.test(mark);
  return isPlain && !/^\p{Lu}/u.test(row.slice(mark.length)) ? null : found;
}

/** A line in capitals. */
function isShouted(row: string): boolean {
  const bare = row.trim();
  return bare.length >= 4 && bare.length <= LONGEST_TITLE && /\p{Lu}{3}/u.test(bare) &&
    bare === bare.toUpperCase();
}

/** The title in front of a section: the whole rest of its line, or what ends with a full stop before more. */
function titleOf(rest: string, isWhole: boolean): string | null {
  if (rest === "") return null;
  if (rest.length <= LONGEST_TITLE && !/[.;,]$|[.;] /.test(rest)) {
    return isWhole || rest.split(/\s+/).length <= 8 ? rest : null;
  }
  const lead = /^([^.;:]{2,60})[.:](?:\*\*)?[ \t]+\S/.exec(rest)?.[1];
  return lead !== undefined && lead.split(/\s+/).length <= 6 ? lead : null;
}

/** What the sections of a contract speak of; one may speak of several things. */
export function clausesOf(text: string): Clause[] {
  const clauses: Clause[] = [];
  const sections = sectionsOf(text);
  const isNumbered = sections.some(({ number }) => number !== null);
  for (const [at, section] of sections.entries()) {
    // What stands before the first number is the contract's name and who makes it: the name says nothing of its clauses.
    const isFront = at === 0 && isNumbered && section.number === null;
    const words = text.slice(section.start, section.end).replace(/\s/g, " ");
    let named = false;
    const byWords: Clause[] = [];
    for (const { kind, heading, signs } of KINDS) {
      const count = words.match(signs)?.length ?? 0;
      if (!isFront && section.heading !== null && heading.test(section.heading)) {
        named = true;
        clauses.push({ ...section, kind, by: "heading", signs: count });
      } else if (count > 0) byWords.push({ ...section, kind, by: "words", signs: count });
    }
    // Beside what a heading says, a word in passing is no clause.
    clauses.push(...byWords.filter(({ signs }) => !named || signs >= 2));
  }
  return clauses;
}
