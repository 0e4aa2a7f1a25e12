/**
 * What a question asks for: its words with their weights, and the kind of sentence that answers it.
 *
 * @module
 */
import type { QueryTerm } from "../knowledge/types.ts";
import { termOfWord, termsOf } from "../knowledge/terms.ts";

/** A word of a question. */
export interface Term {
  /** The word as it was looked up. */
  word: string;
  /** What it is as a term of a text. */
  forms: ReadonlySet<string>;
  /** Terms that mean the same. */
  alike: ReadonlySet<string>;
  /** What it counts for; rarer words more. */
  weight: number;
  /** Whether no document has it. */
  absent: boolean;
  /** Whether it names something, rather than asks or measures. */
  names: boolean;
}

/** A question, ready to be held against sentences. */
export interface Question {
  /** Its words that matter. */
  terms: Term[];
  /** The weight of all of them. */
  weight: number;
  /** How well the form of a sentence fits the question, 0 to 1; undefined if any form does. */
  fits: ((sentence: string) => number) | undefined;
  /** Its identifiers, as they are written: names with signs, digits or capitals inside, and what is quoted. */
  literals: string[];
  /** Whether a block of code can be what is asked for. */
  wantsCode: boolean;
}

/** Words that ask rather than name: they say little about where the answer is. */
const ASKING = new Set(
  ("allow answer call cause choose common describe difference different do example explain find " +
    "get give happen help keep kind know list long look make many mean meaning much name need often purpose reason recommend " +
    "say see show sort start thing type use used user using want way work").split(" ").map((word) =>
      termOfWord(word, "en")
    ),
);

/** Words that say how the asker means it: an answer seldom repeats them. */
const QUALIFYING = new Set(
  ("actually again already apparently approximately basically certainly currently else eventually exact exactly fully " +
    "generally just literally maybe normally only perhaps please possibly precisely presently probably properly quite " +
    "rather really roughly safely simply somehow somewhat still strictly truly typically usually very")
    .split(" ")
    .map((word) => termOfWord(word, "en")),
);
const QUALIFYING_SHARE = 0.1;

const UNSPACED_PAIR = /^[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}]{2}$/u;
/** In "how long" the second word names a measure, which the answer gives without the word. */
const HOW_MUCH =
  /\bhow (many|much|long|often|far|old|big|large|fast|hot|high|deep|heavy|late|early|tall|wide)\b/g;
/** A word that is in no document weighs at most so many times the heaviest that is. */
const MAX_ABSENT = 1.5;
const NUMBER =
  /\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|hundred|thousand|million|half|quarter|once|twice|daily|weekly|monthly|yearly|never|always)\b/i;
const REASON =
  /\b(?:because|since|so that|due to|in order to|reason|therefore|otherwise|as a result|which is why|prevents?|avoids?|to (?:avoid|prevent|keep))\b/i;
const STEP =
  /^(?:\W|\d)*(?:to |if you |you (?:can|must|should|need) |(?:first|then|next|finally),? )?(?:use|run|set|press|add|call|open|install|create|turn|hold|click|select|choose|enter|type|pass|write|remove|replace|put|fill|make|build|start|stop|send|configure|enable|disable|edit|change|mix|pour|let|keep|wait)\b|`[^`]+`/im;
const VERB_OF_DEFINITION =
  /\b(?:is|are|was|were|means?|refers? to|stands? for|denotes?|describes?|consists? of|provides?)\b|(?:^|\n)[^\n]{1,60}(?: -|:) /i;
const SUBORDINATE =
  /\b(?:because|if|when|whenever|although|though|since|while|whether|unless|where|that|which|let)\b|^\W*as\b/i;
const PLACE = /\b(?:in|at|under|on|inside|below|behind|from|into|near|between)\b|[/\\]\w/i;

/** What identifiers look like: options, calls, paths, names with capitals or underscores inside, all quoted as code. */
const NAME =
  /`[^`\n]+`|\B-{1,2}[A-Za-z][\w-]*|\b\w+\(|\b[A-Za-z]+_\w+|\b[a-z]+[A-Z]\w*|\b[A-Z]{2,}\b|[\w.]*\/[\w./-]+|\b\w+\.\w{1,5}\b|\$\w+/;
const OPTION = /\B-{1,2}[A-Za-z0-9][\w-]*|`[^`\n]+`/;
/** No question is longer; what is, is a pasted page. */
const MAX_READ = 10_000;

/** Reads a question. `terms` are its words as the store weighs them. */
export function readQuestion(query: string, terms: readonly QueryTerm[]): Question {
  const lower = query.toLowerCase();
  const measures = new Set(
    [...lower.matchAll(HOW_MUCH)].map((match) => termOfWord(match[1]!, "en")),
  );
  const most = Math.max(0, ...terms.map(({ weight, chunks }) => chunks > 0 ? weight : 0));
  const seen = new Set<string>();
  const read: Term[] = [];
  for (const { term, forms, alike, weight, chunks } of terms) {
    const stem = forms[0] ?? term;
    if (seen.has(stem)) continue;
    seen.add(stem);
    const absent = chunks === 0 && alike.length === 0;
    const share = measures.has(stem)
      ? 0.05
      : absent && QUALIFYING.has(stem)
      ? QUALIFYING_SHARE
      : ASKING.has(stem)
      ? 0.25
      : shareOfPair(term, absent);
    // In a small store a word that is nowhere would outweigh all that are there.
    const bound = absent && most > 0 ? Math.min(weight, most * MAX_ABSENT) : weight;
    read.push({
      word: term,
      forms: new Set(forms),
      alike: new Set(alike),
      weight: Math.max(bound, 0.05) * share,
      absent,
      names: share === 1,
    });
  }
  return {
    terms: read,
    weight: read.reduce((sum, term) => sum + term.weight, 0),
    fits: formOf(lower, read),
    literals: literalsOf(query),
    wantsCode:
      /\b(?:how (?:do|can|to|should)|command|example|syntax|snippet|code|install|run|configure)\b/
        .test(lower),
  };
}

/**
 * Pairs of characters are not words: in Japanese the syllabary carries the grammar, some signs
 * only ask, and a pair that is nowhere may just be the ends of two words that never met.
 */
function shareOfPair(term: string, absent: boolean): number {
  if (!UNSPACED_PAIR.test(term)) return 1;
  if (/^\p{sc=Hira}+$/u.test(term)) return 0.1;
  const share = /[何誰幾谁哪吗]/.test(term) ? 0.25 : /\p{sc=Hira}/u.test(term) ? 0.4 : 1;
  return absent ? share * 0.3 : share;
}

/** Options, variables, names in code, versions, acronyms. */
function literalsOf(query: string): string[] {
  const literals = new Set<string>();
  for (const [, quoted] of query.matchAll(/["`'“]([^"`'“”\s]{2,60})["`'”]/g)) literals.add(quoted!);
  for (const [raw] of query.slice(0, MAX_READ).matchAll(/\S+/g)) {
    const bare = raw.replace(/^[("'`“]+/, "").replace(/(?<=[\p{L}\p{N})])[?.,;:!"'`”)]+$/u, "");
    const isName =
      /[\p{L}\p{N}][._:/@=+-][\p{L}\p{N}]|^[-$./~@%#&*<>=!|]{1,3}\S|[_\\]|\p{Ll}\p{Lu}|\(\)$/u
        .test(bare);
    const isAcronym = /^\p{Lu}[\p{Lu}\d]+$/u.test(bare);
    if ((isName || isAcronym) && bare.length <= 60 && literals.size < 8) {
      literals.add(bare.replace(/\(\)$/, ""));
    }
  }
  return [...literals];
}

function formOf(query: string, terms: readonly Term[]): Question["fits"] {
  const test = (pattern: RegExp) => (sentence: string) => pattern.test(sentence) ? 1 : 0;
  if (
    /\bhow (?:many|much|long|often|far|old|big|large|fast|hot|high|deep|heavy|late|early|tall|wide)\b|^when\b|\b(?:what|which) (?:port|year|version|temperature|humidity|pressure|speed|voltage|weight|height|length|depth|distance|time|date|size|number|percentage|rate|price|cost|limit|age|day)\b/
      .test(query)
  ) return test(NUMBER);
  const asked =
    /\b(?:what|which)(?: [\w-]+){0,3}? (option|flag|switch|command|function|method|class|directive|variable|file|module|parameter|setting|keyword|key|statement|attribute|header|package|program|tool|signal|call|field|property|type|operator|folder|directory|section)s?\b/
      .exec(query)?.[1];
  if (asked !== undefined) return test(/option|flag|switch/.test(asked) ? OPTION : NAME);
  if (/^why\b|\breason\b/.test(query)) return test(REASON);
  if (/^where\b/.test(query)) return test(PLACE);
  if (/^how (?:do|does|can|to|should|would|is|are)\b/.test(query)) return test(STEP);
  if (/^(?:what|who) (?:is|are|was|were|does)\b|^define\b|\bmean/.test(query)) {
    return (sentence) => {
      const verb = VERB_OF_DEFINITION.exec(sentence);
      if (verb === null) return 0;
      const subject = sentence.slice(0, verb.index);
      const before = termsOf(subject, "en");
      const named = before.length <= 7 && !SUBORDINATE.test(subject) &&
        terms.some((term) => before.slice(-3).some((stem) => term.forms.has(stem)));
      if (!named) return 0.3;
      const kind = /^\s+(?:an?|the|any|one|some|called)\b/i.test(
        sentence.slice(verb.index + verb[0].length, verb.index + verb[0].length + 12),
      );
      return kind || !/^(?:is|are|was|were)$/i.test(verb[0]) ? 1 : 0.7;
    };
  }
  return undefined;
}
