/**
 * Picks a domain by the words of a question or a task, where none was asked for. No model is asked: the same words always have
 * the same domain.
 *
 * A cue of a domain counts 2, a word of its vocabulary 1, one that several domains have a half. The domain with the most is
 * picked if it has 2 and is ahead of the next; else it is `general`.
 *
 * @module
 */

import { formsOf } from "../../knowledge/irregular_verbs.ts";
import { wordsOf } from "../../knowledge/words.ts";
import { stemIn } from "../../knowledge/languages.ts";
import type { DomainProfile } from "../types.ts";

/** The domain that is meant, and by what that was seen. */
export interface PickedDomain {
  readonly domain: string;
  /** In words, for whoever wonders. */
  readonly reason: string;
}

const CUE = 2;
const LEAST = 2;
const LEAD = 0.5;
/** So much of a text is looked at. */
const MOST_TEXT = 20_000;
/** So many words are named. */
const MOST_NAMED = 4;

/** A word, as it is compared. */
interface Word {
  readonly base: string;
  readonly stem: string;
}

/** Words that belong together, as somebody wrote them. */
interface Phrase {
  readonly written: string;
  readonly words: readonly Word[];
}

/** Phrases by the stem of their first word. */
type Phrases = ReadonlyMap<string, readonly Phrase[]>;

/** A profile, made ready for many questions. */
interface Ready {
  readonly phrases: Phrases;
  readonly patterns: readonly RegExp[];
  readonly vocabulary: Phrases;
}

const known = new WeakMap<DomainProfile, Ready>();

/** Picks one. */
export function pickDomain(
  text: string,
  domains: Readonly<Record<string, DomainProfile>>,
  general: string,
): PickedDomain {
  const looked = text.slice(0, MOST_TEXT);
  const words = readWords(looked);
  const named = Object.keys(domains).filter((name) => name !== general);
  const isShared = (stem: string): boolean =>
    named.filter((name) => readyOf(domains[name]!).vocabulary.has(stem)).length > 1;
  const scores = named
    .map((name) => ({ name, ...scoreOf(looked, words, readyOf(domains[name]!), isShared) }))
    .sort((a, b) => b.score - a.score);
  const [first, second] = scores;
  if (first === undefined || first.score === 0) {
    return { domain: general, reason: "no word is of a particular field" };
  }
  const said = first.seen.slice(0, MOST_NAMED).map((word) => JSON.stringify(word)).join(", ");
  if (first.score < LEAST) {
    return { domain: general, reason: `${said} alone is not enough for ${first.name}` };
  }
  if (second !== undefined && first.score - second.score < LEAD) {
    return { domain: general, reason: `as much speaks for ${first.name} as for ${second.name}` };
  }
  return { domain: first.name, reason: `${said} ${first.seen.length > 1 ? "are" : "is"} of it` };
}

function scoreOf(
  text: string,
  words: readonly Word[],
  { phrases, patterns, vocabulary }: Ready,
  isShared: (stem: string) => boolean,
): { score: number; seen: string[] } {
  const seen: string[] = [];
  let score = 0;
  for (const pattern of patterns) {
    const found = pattern.exec(text)?.[0].trim();
    if (found === undefined) continue;
    score += CUE;
    seen.push(found.slice(0, 40));
  }
  // What a phrase has said its words do not say once more, and the longest is seen before its words.
  const used = new Set<number>();
  const found = [...matchesOf(phrases, words, CUE), ...matchesOf(vocabulary, words, 1)]
    .sort((a, b) => b.worth - a.worth || b.phrase.words.length - a.phrase.words.length);
  const counted = new Set<Phrase>();
  for (const { phrase, at, worth } of found) {
    const places = phrase.words.map((_, i) => at + i);
    if (places.some((place) => used.has(place))) continue;
    for (const place of places) used.add(place);
    if (counted.has(phrase)) continue;
    counted.add(phrase);
    score += worth === CUE ? CUE : isShared(phrase.words[0]!.stem) ? 0.5 : 1;
    seen.push(phrase.written);
  }
  return { score, seen };
}

/** A phrase where it stands, and what it is worth. */
interface Match {
  readonly phrase: Phrase;
  readonly at: number;
  readonly worth: number;
}

function* matchesOf(phrases: Phrases, words: readonly Word[], worth: number): Generator<Match> {
  for (const [at, { stem }] of words.entries()) {
    for (const phrase of phrases.get(stem) ?? []) {
      if (phrase.words.every((word, i) => at + i < words.length && isSame(word, words[at + i]!))) {
        yield { phrase, at, worth };
      }
    }
  }
}

/** Stems alone are too coarse: severity is no severance. One letter may change where a word is bent, as in hedge, hedging. */
function isSame(a: Word, b: Word): boolean {
  if (a.stem !== b.stem) return false;
  const least = Math.min(a.base.length, b.base.length) - 1;
  return a.base.slice(0, least) === b.base.slice(0, least);
}

/** The words of all texts, so many of them; what is made anew is dear. */
const MOST_WORDS = 20_000;
const words = new Map<string, Word>();

function readWords(text: string): Word[] {
  return wordsOf(text).map((word) => {
    let read = words.get(word);
    if (read === undefined) {
      if (words.size >= MOST_WORDS) words.clear();
      words.set(word, read = { base: formsOf(word)[0]!, stem: stemIn(word, "en") });
    }
    return read;
  });
}

function readyOf(profile: DomainProfile): Ready {
  let ready = known.get(profile);
  if (ready === undefined) {
    const cues = profile.cues ?? [];
    const read = (written: readonly string[]): Phrases =>
      Map.groupBy(
        written.map((written) => ({ written, words: readWords(written) }))
          .filter(({ words }) => words.length > 0),
        ({ words }) => words[0]!.stem,
      );
    ready = {
      patterns: cues.filter((cue) => cue instanceof RegExp).map((cue) =>
        new RegExp(cue.source, cue.flags.replace(/[gy]/g, ""))
      ),
      phrases: read(cues.filter((cue) => typeof cue === "string")),
      vocabulary: read(profile.vocabulary),
    };
    known.set(profile, ready);
  }
  return ready;
}
