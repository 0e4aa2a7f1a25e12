/**
 * Where the built-in rules may find something: places at which four characters in a row do not rule it out, each asked in
 * a table, so that what begins nothing costs no decision. Twin: `rust/areas/redact/src/sweep.rs`.
 *
 * @module
 */

import { keyHeads, keyMarks } from "./api_key.ts";
import type { Codes } from "./codes.ts";
import { ALNUM, CLASS, DIGIT, HEX, JOIN, LOWER, UPPER, WORD } from "./chars.ts";

const HYPHEN = 45;
const COLON = 58;
const UNDERSCORE = 95;
/** Keys are told apart by so many bits. */
const KEY_BITS = 18;

/** By code, of the character before a place, of the one there, of the next and of the one behind that: bits of what may be. */
export interface Places {
  readonly before: Int32Array;
  readonly here: Int32Array;
  readonly next: Int32Array;
  readonly behind: Int32Array;
  /** All ones for what words consist of. */
  readonly word: Int32Array;
}

let made: Places | undefined;

/** The tables, made at first use. */
export function placesOf(): Places {
  return made ??= makePlaces();
}

/** Words from this length on may be tokens by themselves, or with one sign behind them. */
const LONG = 19;

/**
 * The first place from `from` on at which something may begin or end, or a word gets long; `to` without one before it. A
 * function of its own, since engines make a loop fast that is entered often.
 */
export function nextPlace(codes: Codes, places: Places, from: number, to: number): number {
  const { before, here, next, behind, word } = places;
  let prior = from > 0 ? codes[from - 1]! : 0;
  let code = codes[from]!;
  let one = codes[from + 1]!;
  let length = 0;
  for (let p = from; p < to; p++) {
    const two = codes[p + 2]!;
    length = length + 1 & word[code]!;
    if ((before[prior]! & here[code]! & next[one]! & behind[two]!) !== 0 || length === LONG) {
      return p;
    }
    prior = code;
    code = one;
    one = two;
  }
  return to;
}

type Test = (code: number) => boolean;
const anything: Test = () => true;
const are = (classes: number): Test => (code) => (CLASS[code]! & classes) !== 0;
const is = (...codes: number[]): Test => (code) => codes.includes(code);
const isGroupSign: Test = is(32, HYPHEN, 46, 47, 40);
const outside: Test = (code) => !are(WORD)(code);

function makePlaces(): Places {
  const table = (): Int32Array => new Int32Array(256);
  const places = {
    before: table(),
    here: table(),
    next: table(),
    behind: table(),
    word: table(),
  };
  let bit = 0;
  const add = (before: Test, here: Test, next: Test, behind: Test): void => {
    for (let code = 0; code < 256; code++) {
      if (before(code)) places.before[code]! |= 1 << bit;
      if (here(code)) places.here[code]! |= 1 << bit;
      if (next(code)) places.next[code]! |= 1 << bit;
      if (behind(code)) places.behind[code]! |= 1 << bit;
    }
  };
  const keys = keyHeads();
  keys.forEach((head, k) => {
    bit = Math.floor(k * KEY_BITS / keys.length);
    const at = (place: number): Test => place < head.length ? is(head.charCodeAt(place)) : anything;
    add((code) => outside(code) || code === UNDERSCORE, at(0), at(1), at(2));
  });
  bit = KEY_BITS;
  const rest: [Test, Test, Test, Test][] = [
    // Numbers in groups, or long ones; accounts.
    [outside, are(DIGIT), isGroupSign, (code) => are(DIGIT)(code) || code === 40],
    [outside, are(DIGIT), are(DIGIT), (code) => are(DIGIT)(code) || isGroupSign(code)],
    [outside, are(LOWER | UPPER), are(LOWER | UPPER), are(DIGIT)],
    // Addresses: with colons, of hardware.
    [anything, are(HEX), is(COLON), (code) => are(HEX)(code) || code === COLON],
    [anything, are(HEX), are(JOIN), are(HEX)],
    [anything, are(HEX), is(46), are(HEX)],
    // Tokens of several words.
    [anything, are(WORD), are(JOIN), are(ALNUM | JOIN | WORD)],
    // Private keys, addresses that begin with colons, telephone numbers.
    [anything, is(HYPHEN), is(HYPHEN), is(HYPHEN)],
    [outside, is(COLON), is(COLON), anything],
    [outside, is(40, 43, HYPHEN), are(DIGIT), anything],
  ];
  for (const [before, here, next, behind] of rest) {
    add(before, here, next, behind);
    bit++;
  }
  // Keys without a prefix, by the mark behind their first word.
  for (const [mark, follows] of keyMarks()) {
    add(anything, are(WORD), is(mark), (code) => follows.includes(String.fromCharCode(code)));
    bit = Math.min(bit + 1, 31);
  }
  for (let code = 0; code < 256; code++) if (are(WORD)(code)) places.word[code] = -1;
  return places;
}
