/**
 * Passages: from the sentence that answers to a stretch of its chunk that can be read by itself, and from the
 * passages to the sources of an answer.
 *
 * @module
 */
import type { SearchHit } from "../knowledge/types.ts";
import { similarity } from "../text/mod.ts";
import { borderBefore, plainText, type Span } from "../text/outline/mod.ts";
import type { Candidate } from "./candidates.ts";
import type { Unit } from "./features.ts";
import type { Source } from "./types.ts";

/** An answer has at most this many UTF-16 units. */
export const MAX_ANSWER = 800;
/** What stands between the passages of an answer. */
const PARTED = "\n\n";
const FENCE = "```";
/** How long the passages of an answer are, and how long those that are only listed; set on the tuning questions. */
const LENGTHS: readonly number[] = [470, 290];
/** The same for what was read closely. */
export const CLOSE_LENGTHS: readonly number[] = [520, 250];
const LISTED_LENGTH = 190;
/** So much of a heading is said before its passage. */
const MAX_HEADING = 80;
/** An answer that holds what was asked for so likely needs no further passage. */
const ENOUGH = 0.8;
/** A passage shorter than this says too little to be a further one. */
const LEAST_FURTHER = 60;
/** More passages are listed, but not part of the answer. */
const MAX_SOURCES = 5;
/** A passage after the first is left out if its score is so much less. */
const MOST_BEHIND = 3;
/** Sentences more alike than this say the same. */
const SAME = 0.8;

/** An answer out of the documents. */
export interface Passages {
  /** Its places, best first. */
  sources: Source[];
  /** The words of the first ones, each with the number of its source; together they are the answer. */
  pieces: string[];
  /** How likely the answer is in those words, if it is in one of the candidates: 0 to 1. */
  share: number;
}

/** A stretch of a chunk, and the best sentence in it. */
interface Stretch extends Span {
  best: Candidate;
  /** How likely it holds the answer. */
  share: number;
}

/** The passages that most likely hold the answer, out of ranked candidates, and more places that say something of it. */
export function passagesOf(
  candidates: readonly Candidate[],
  lengths: readonly number[] = LENGTHS,
): Passages {
  const top = candidates[0]!.score;
  const chosen: Stretch[] = [];
  const said: string[] = [];
  for (const most of lengths) {
    const next = likeliest(candidates, most, chosen);
    if (next === undefined || (chosen[0]?.share ?? 0) >= ENOUGH) continue;
    const stretch = { ...next, ...grown(next, most, chosen) };
    const words = wordsOf(stretch);
    if (said.some((other) => saysSame(other, words))) continue;
    said.push(words);
    chosen.push(stretch);
  }
  const answering = chosen.length;
  for (const candidate of candidates) {
    if (chosen.length === MAX_SOURCES || candidate.score < top - MOST_BEHIND) break;
    if (chosen.some(({ best }) => best.hit === candidate.hit)) continue;
    const stretch = { ...alone(candidate), ...grown(alone(candidate), LISTED_LENGTH, []) };
    const words = wordsOf(stretch);
    if (said.some((other) => saysSame(other, words))) continue;
    said.push(words);
    chosen.push(stretch);
  }
  const sources = chosen.map((stretch) => sourceOf(stretch, top));
  const pieces: string[] = [];
  let room = MAX_ANSWER;
  for (const [at, stretch] of chosen.slice(0, answering).entries()) {
    const cite = ` [${at + 1}]`;
    const gap = pieces.length === 0 ? "" : PARTED;
    const left = room - cite.length - gap.length;
    if (at > 0 && left < LEAST_FURTHER) continue;
    const passage = said[at]!;
    const text = cut(`${leadOf(stretch.best.hit, passage)}${passage}`, left);
    // Behind a fence it would be part of the code.
    pieces.push(gap + (text.endsWith(FENCE) ? `${text}\n${cite.trim()}` : `${text}${cite}`));
    room = left - text.length;
  }
  const share = chosen.slice(0, answering).reduce((sum, stretch) => sum + stretch.share, 0);
  return { sources, pieces, share };
}

/** The stretch of so many characters at most that most likely holds the answer, clear of what is chosen already. */
function likeliest(
  candidates: readonly Candidate[],
  most: number,
  chosen: readonly Stretch[],
): Stretch | undefined {
  const byChunk = new Map<unknown, Candidate[]>();
  for (const candidate of candidates) {
    const unit = candidate.units[candidate.index]!;
    if (chosen.some((other) => overlaps(other, candidate.hit, unit))) continue;
    const list = byChunk.get(candidate.hit);
    if (list === undefined) byChunk.set(candidate.hit, [candidate]);
    else list.push(candidate);
  }
  let found: Stretch | undefined;
  for (const list of byChunk.values()) {
    list.sort((a, b) => a.index - b.index);
    for (let first = 0; first < list.length; first++) {
      const { units, index } = list[first]!;
      const { start } = units[index]!;
      let share = 0;
      let best = list[first]!;
      let length = 0;
      let counted = index;
      for (const candidate of list.slice(first)) {
        while (counted <= candidate.index) length += units[counted++]!.length;
        if (candidate !== list[first] && length > most) break;
        share += candidate.share;
        if (candidate.share > best.share) best = candidate;
        if (share > (found?.share ?? 0)) {
          found = { start, end: unitOf(candidate).end, best, share };
        }
      }
    }
  }
  return found;
}

function unitOf({ units, index }: Candidate): Unit {
  return units[index]!;
}

function alone(candidate: Candidate): Stretch {
  const { start, end } = unitOf(candidate);
  return { start, end, best: candidate, share: candidate.share };
}

function overlaps({ best, start, end }: Stretch, hit: SearchHit, span: Span): boolean {
  return best.hit === hit && span.start < end && span.end > start;
}

function wordsOf({ best: { hit }, start, end }: Stretch): string {
  return plainText(hit.chunk.slice(start, end), hit.format, "lines");
}

function saysSame(one: string, other: string): boolean {
  if (one.includes(other) || other.includes(one)) return true;
  // So different in length, they cannot be alike.
  if (Math.min(one.length, other.length) < SAME * Math.max(one.length, other.length)) return false;
  return similarity(one, other) >= SAME;
}

/** A stretch with what stands around it, as far as it fits: what follows first, since it explains. */
function grown(stretch: Stretch, most: number, chosen: readonly Stretch[]): Span {
  const { best: { hit, units, index }, start, end } = stretch;
  let first = units.findIndex((unit) => unit.end > start);
  let last = units.findLastIndex((unit) => unit.start < end);
  let room = most;
  for (let at = first; at <= last; at++) room -= units[at]!.length;
  // What has no end of a sentence is cut.
  if (room < 0 && first === last) {
    return { start, end: borderBefore(hit.chunk, start, Math.min(end, start + most)) };
  }
  const fits = (unit: Unit | undefined): unit is Unit =>
    unit !== undefined && unit.block.kind !== "heading" && unit.length <= room &&
    !chosen.some((other) => overlaps(other, hit, unit));
  for (let grew = true; grew;) {
    grew = false;
    const next = units[last + 1];
    if (fits(next)) {
      room -= next.length;
      last++;
      grew = true;
    }
    const before = units[first - 1];
    // What leads in belongs to it: the sentences of its own block, or a line that ends with a colon.
    if (fits(before) && (!grew || before.block === units[index]!.block)) {
      room -= before.length;
      first--;
      grew = true;
    }
  }
  return { start: Math.min(start, units[first]!.start), end: Math.max(end, units[last]!.end) };
}

/** The heading that a passage stands under, unless it says so itself: a passage is often not to be understood without. */
function leadOf(hit: SearchHit, passage: string): string {
  const heading = hit.heading?.split(" > ").at(-1)?.trim() ?? "";
  if (heading === "" || heading.length > MAX_HEADING || passage.includes(heading)) return "";
  return `${heading}:${BEGINS_LINE.test(passage) ? "\n" : " "}`;
}

/** What is code or a list only at the beginning of a line. */
const BEGINS_LINE = /^(?:`{3}|~{3}|- |[^\n]{1,240}\n- |[^\n]* \| [^\n]*\n)/;

/** A text of so many characters at most; code that is cut in it ends there. */
function cut(text: string, most: number): string {
  const part = upTo(text, most);
  if ((part.match(/^`{3}/gm)?.length ?? 0) % 2 === 0) return part;
  return `${upTo(part, most - FENCE.length - 1)}\n${FENCE}`;
}

function upTo(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, borderBefore(text, 0, most)).trimEnd();
}

function sourceOf({ best, start, end }: Stretch, top: number): Source {
  const { hit } = best;
  const from = hit.start + start;
  const to = hit.start + end;
  return {
    document: hit.document,
    start: from,
    end: to,
    quote: hit.chunk.slice(start, end),
    mark: { start: Math.max(best.start, from), end: Math.min(best.end, to) },
    score: Math.round(Math.exp(Math.min(0, best.score - top)) * 1_000) / 1_000,
    ...placeOf(hit),
  };
}

/** Title, headings and anchor of a chunk. */
export function placeOf(hit: SearchHit): Pick<Source, "title" | "heading" | "anchor"> {
  const place: Pick<Source, "title" | "heading" | "anchor"> = {};
  if (hit.title !== undefined) place.title = hit.title;
  if (hit.heading !== undefined) place.heading = hit.heading.split(" > ");
  if (hit.anchor !== undefined) place.anchor = hit.anchor;
  return place;
}
