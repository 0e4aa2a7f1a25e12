/**
 * Keys by the formats that providers publish: `keys.json`. Twin: `rust/areas/redact/src/api_key.rs`, built from the same
 * list.
 *
 * @module
 */

import keys from "../keys.json" with { type: "json" };
import { CLASS, classAt, DIGIT, MORE, NONE, WORD } from "./chars.ts";
import type { Codes } from "./codes.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ALNUM = `${LETTERS}${LETTERS.toLowerCase()}0123456789`;

/** The characters of a run, by its name in `keys.json`. */
const ALPHABETS: Readonly<Record<string, string>> = {
  alnum: ALNUM,
  word: `${ALNUM}_`,
  token: `${ALNUM}_-`,
  hyphen: `${ALNUM}-`,
  dotted: `${ALNUM}_-.~=`,
  base64: `${ALNUM}+/=`,
  path: `${ALNUM}/`,
  upper: `${LETTERS}0123456789`,
  hex: "0123456789abcdefABCDEF",
  digit: "0123456789",
};
const NAMES = Object.keys(ALPHABETS);

/** A part of a form: text as it stands, or a run. */
interface Part {
  /** The text; "" for a run. */
  readonly text: string;
  /** The bit of the run's characters. */
  readonly bit: number;
  readonly least: number;
  readonly most: number;
  readonly withDigit: boolean;
}

/** A form of keys. */
interface Form {
  readonly parts: readonly Part[];
}

/** What is made of the list at its first use. */
interface Forms {
  /** By ASCII character: the bits of the alphabets that it is of. */
  readonly alphabets: Uint16Array;
  /** By the first character of its text. */
  readonly byFirst: readonly Form[][];
  /** By three characters that forms begin with, by their lower five bits: those forms; one with two begins with any third. */
  readonly byTriple: readonly (Form[] | undefined)[];
  /** Forms that begin with a run, by the character behind it. */
  readonly headless: readonly Form[][];
}

let made: Forms | undefined;

/**
 * By two characters that forms begin with, by their lower five bits: the bits of the third; of a form with two, all. It is
 * asked at each word, and small. Web tokens, whose rule asks the same, begin as a form does.
 */
const triples = new Uint32Array(1 << 10);

const PART = /\{(\w+):(\d+)(?:-(\d+))?(!)?\}|[^{]+/g;

function partsOf(form: string): Part[] {
  return Array.from(form.matchAll(PART), ([text, alphabet, least, most, digit]) => {
    if (alphabet === undefined) return { text, bit: 0, least: 0, most: 0, withDigit: false };
    return {
      text: "",
      bit: 1 << NAMES.indexOf(alphabet),
      least: Number(least),
      most: Number(most ?? least),
      withDigit: digit !== undefined,
    };
  });
}

function makeForms(): Forms {
  const alphabets = new Uint16Array(128);
  NAMES.forEach((name, k) => {
    for (const character of ALPHABETS[name]!) alphabets[character.charCodeAt(0)]! |= 1 << k;
  });
  const byFirst: Form[][] = Array.from({ length: 128 }, () => []);
  const headless: Form[][] = Array.from({ length: 128 }, () => []);
  const byTriple = new Array<Form[] | undefined>(1 << 15).fill(undefined);
  for (const form of keys.keys.flatMap(({ forms }) => forms)) {
    const parts = partsOf(form);
    const { text } = parts[0]!;
    if (text.length > 1) {
      byFirst[text.charCodeAt(0)]!.push({ parts });
      const place = text.length > 2 ? triple(text, 0) : triple(`${text}@`, 0);
      for (let k = place; k < place + (text.length > 2 ? 1 : 32); k++) {
        (byTriple[k] ??= []).push({ parts });
        triples[k >> 5]! |= 1 << (k & 31);
      }
    } else {
      const mark = parts.find((part, k) => k > 0 && /^\W/.test(part.text)) ??
        parts.find((part, k) => k > 0 && part.text !== "")!;
      headless[/\W/.exec(mark.text)![0].charCodeAt(0)]!.push({ parts });
    }
  }
  headless.forEach((forms, mark) => {
    if (forms.length > 0) HEADLESS[mark] = Math.min(...forms.map(({ parts }) => headOf(parts)));
  });
  return { alphabets, byFirst, byTriple, headless };
}

/** The length of the shortest first word of a form. */
function headOf(parts: readonly Part[]): number {
  let length = 0;
  for (const { text, least } of parts) {
    const word = /^\w*/.exec(text)![0].length;
    length += text === "" ? least : word;
    if (word < text.length) break;
  }
  return length;
}

function triple(text: string, i: number): number {
  return (text.charCodeAt(i) & 31) << 10 | (text.charCodeAt(i + 1) & 31) << 5 |
    text.charCodeAt(i + 2) & 31;
}

/** The first characters, three at most, that keys begin with, in order. */
export function keyHeads(): string[] {
  readKeys();
  const heads = made!.byFirst.flat().map(({ parts }) => parts[0]!.text.slice(0, 3));
  return [...new Set(heads)].sort();
}

/** The signs behind the first words of keys without a prefix, and what may follow each. */
export function keyMarks(): [mark: number, follows: string][] {
  readKeys();
  return made!.headless.flatMap((forms, mark) =>
    forms.map(({ parts }): [number, string] => {
      const sign = String.fromCharCode(mark);
      const k = parts.findIndex(({ text }) => text.includes(sign));
      const { text } = parts[k]!;
      const next = text.charAt(text.indexOf(sign) + 1);
      const run = parts[k + 1];
      return [
        mark,
        next !== "" || run === undefined ? next : ALPHABETS[NAMES[31 - Math.clz32(run.bit)]!]!,
      ];
    })
  );
}

/** Reads the list, before the first text. */
export function readKeys(): void {
  made ??= makeForms();
}

/** Whether a key may begin at `i`, where a word begins with a letter. */
export function mayBeKey(codes: Codes, i: number): boolean {
  // A character may be missing still.
  if (codes[i + 2] === 0) return true;
  const pair = (codes[i]! & 31) << 5 | codes[i + 1]! & 31;
  return (triples[pair]! >>> (codes[i + 2]! & 31) & 1) !== 0;
}

/** The key that begins at `i`, where a word begins with a letter: the longest. */
export function apiKeyAt(text: string, i: number, last: boolean): number {
  const forms = i + 3 > text.length
    ? made!.byFirst[text.charCodeAt(i)]!
    : made!.byTriple[triple(text, i)];
  return forms === undefined ? NONE : longest(forms, text, i, last);
}

/**
 * By unit: the length of the shortest first word that a key without a prefix has before it, 0 for none; filled when the list
 * is read.
 */
export const HEADLESS: Uint8Array = new Uint8Array(65_536);

/** The key without a prefix that begins at `i`, whose first word the character `after` follows. */
export function headlessAt(text: string, i: number, after: number, last: boolean): number {
  return longest(made!.headless[after]!, text, i, last);
}

function longest(forms: readonly Form[], text: string, i: number, last: boolean): number {
  let best: number = NONE;
  for (let k = 0; k < forms.length; k++) {
    const end = keyAt(text, i, forms[k]!.parts, last);
    if (end === MORE) return MORE;
    if (end > best) best = end;
  }
  return best;
}

function keyAt(text: string, i: number, parts: readonly Part[], last: boolean): number {
  const { alphabets } = made!;
  const n = text.length;
  let p = i;
  for (let k = 0; k < parts.length; k++) {
    const part = parts[k]!;
    if (part.text !== "") {
      for (let c = 0; c < part.text.length; c++, p++) {
        if (p === n) return last ? NONE : MORE;
        if (text.charCodeAt(p) !== part.text.charCodeAt(c)) return NONE;
      }
      continue;
    }
    const s = p;
    // A last run that goes on is none.
    const most = k + 1 === parts.length ? part.most + 1 : part.most;
    const limit = Math.min(n, s + most);
    while (p < limit) {
      const unit = text.charCodeAt(p);
      if (unit > 127 || (alphabets[unit]! & part.bit) === 0) break;
      p++;
    }
    if (p - s > part.most) return NONE;
    if (p === n && p - s < most && !last) return MORE;
    if (p - s < part.least || (part.withDigit && !hasDigit(text, s, p))) return NONE;
  }
  if (p === n && !last) return MORE;
  return (classAt(text, p) & WORD) === 0 ? p : NONE;
}

function hasDigit(text: string, s: number, e: number): boolean {
  for (let p = s; p < e; p++) {
    if ((CLASS[text.charCodeAt(p)]! & DIGIT) !== 0) return true;
  }
  return false;
}
