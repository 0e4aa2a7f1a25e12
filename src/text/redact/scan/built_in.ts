/**
 * The built-in rules in one pass, which asks the scanners only where they can succeed. Twin: `rust/areas/redact/src/built_in.rs`.
 *
 * @module
 */

import { Rule } from "../rules.ts";
import { Finder } from "../finder.ts";
import type { View } from "../view.ts";
import { apiKeyAt, HEADLESS, headlessAt, mayBeKey } from "./api_key.ts";
import { CLASS, classAt, DIGIT, HEX, JOIN, LOCAL, MORE, TRIGGER, UNDER, WORD } from "./chars.ts";
import type { Codes } from "./codes.ts";
import { ipv4At, ipv6At, macAt } from "./ip.ts";
import { cardAt, ibanAt, ssnAt } from "./numbers.ts";
import { pemAt } from "./pem.ts";
import { phoneAt } from "./phone.ts";
import { nextPlace, type Places, placesOf } from "./sweep.ts";
import { HEXADECIMAL, jwtAt, MIXED, tokenAt, tokenKind } from "./token.ts";

const SPACE = 32;
const OPEN = 40;
const HYPHEN = 45;
const DOT = 46;
const SLASH = 47;
const ZERO = 48;
const ONE = 49;
const COLON = 58;
const UNDERSCORE = 95;
const LOWER_E = 101;
/** What may go on behind a word. */
const FOLLOWS = JOIN | TRIGGER | LOCAL;
/** A payment card has at least so many digits. */
const CARD_LEAST = 12;
/** The rules look so far ahead before they are asked, at most. */
const LOOK = 16;
/** Words from this length on may be tokens by themselves. */
const LONG = 20;
/** The first word of a key without a prefix is shorter. */
const HEADLESS_MOST = 32;

/** Finds what the built-in rules match. */
export class BuiltInFinder extends Finder {
  readonly #rules: number;
  readonly #base: number;
  readonly #tokens: number;
  readonly #keys: boolean;
  readonly #places: Places;
  #text = "";
  #codes!: Codes;
  #last = true;
  #edge = 0;
  // What the scanners at one place came to.
  #end = 0;
  #rule = 0;
  #more = false;

  /**
   * Makes a finder.
   *
   * @param rules Bit set of rules.
   * @param base The rule id of the first of them.
   */
  constructor(rules: number, base: number) {
    super();
    this.#rules = rules;
    this.#base = base;
    this.#keys = this.#has(Rule.API_KEY);
    this.#places = placesOf();
    this.#tokens = (this.#has(Rule.HIGH_ENTROPY) ? MIXED : 0) |
      (this.#has(Rule.HEX_TOKEN) ? HEXADECIMAL : 0);
  }

  override begin(text: string, last: boolean, _view: View | undefined, codes: Codes): void {
    this.#text = text;
    this.#codes = codes;
    this.#last = last;
    this.#edge = last ? text.length : edgeOf(codes, text.length);
    this.start = -1;
  }

  override seek(from: number): void {
    const codes = this.#codes;
    const n = this.#text.length;
    const stop = this.until < n ? this.until : n;
    const swept = Math.min(stop, this.#edge);
    let i = from;
    if (from < swept) {
      i = this.#sweep(from, swept);
      if (i < 0) return;
    }
    while (i < stop) {
      const bits = CLASS[codes[i]!]!;
      if ((bits & WORD) === 0) {
        if ((bits & TRIGGER) !== 0 && this.#trigger(i) && this.#settle(i)) return;
        i++;
        continue;
      }
      let j = i + 1;
      let any = bits;
      // Behind the end there is no word.
      for (let here; ((here = CLASS[codes[j]!]!) & WORD) !== 0; j++) any |= here;
      // After a match, or after what was given as context, the middle of a word may come first.
      const before = i > from || i === 0 ? 0 : CLASS[codes[i - 1]!]!;
      if ((before & WORD) === 0) {
        this.#word(i, j, any);
        if (this.#settle(i)) return;
      }
      if (((any | before) & UNDER) !== 0 && this.#part(i, j)) return;
      i = j;
    }
    this.start = n;
    this.end = 0;
  }

  /** Asks where something may begin from a place up to another, or in the word that this is in; gives where that ends, -1 where something was found. */
  #sweep(from: number, to: number): number {
    const codes = this.#codes;
    const places = this.#places;
    let p = from;
    for (;;) {
      const at = nextPlace(codes, places, p, to);
      if (at === to) break;
      if ((CLASS[codes[at]!]! & WORD) !== 0) {
        p = this.#asked(at, from);
        if (p < 0 || p >= to) return p;
      } else {
        if (this.#trigger(at) && this.#settle(at)) return -1;
        p = at + 1;
      }
    }
    // A word that begins before the end and goes on behind it.
    const goesOn = to > p && (CLASS[codes[to - 1]!]! & WORD) !== 0 &&
      (CLASS[codes[to]!]! & WORD) !== 0;
    return goesOn ? this.#asked(to - 1, from) : to;
  }

  /** Asks of the word that `p` is in; gives where it ends, -1 where something was found. */
  #asked(p: number, from: number): number {
    const codes = this.#codes;
    let i = p;
    while (i > from && (CLASS[codes[i - 1]!]! & WORD) !== 0) i--;
    const bits = CLASS[codes[i]!]!;
    let any = bits;
    let j = i + 1;
    let next = codes[j]!;
    let after = CLASS[next]!;
    while ((after & WORD) !== 0) {
      any |= after;
      next = codes[++j]!;
      after = CLASS[next]!;
    }
    // After a match, or after what was given as context, the middle of a word may come first.
    const before = i > from || i === 0 ? 0 : CLASS[codes[i - 1]!]!;
    if ((before & WORD) === 0) {
      if ((bits & DIGIT) !== 0) this.#number(i);
      else {
        if (mayBeKey(codes, i)) this.#key(i);
        if ((any & DIGIT) !== 0) this.#account(i, j);
      }
      if ((after & FOLLOWS) !== 0 || j - i >= LONG || HEADLESS[next] !== 0) {
        this.#followed(i, j, bits, after);
      }
      if ((this.#more || this.#end !== 0) && this.#settle(i)) return -1;
    }
    return ((any | before) & UNDER) !== 0 && this.#part(i, j) ? -1 : j;
  }

  /** What may begin at a digit, as far as its run and what is behind that tell. */
  #number(i: number): void {
    const text = this.#text;
    const last = this.#last;
    const codes = this.#codes;
    let e = i + 1;
    while ((CLASS[codes[e]!]! & DIGIT) !== 0) e++;
    const open = !last && e + 1 >= text.length;
    const first = codes[i]!;
    const length = e - i;
    const sign = codes[e]!;
    // Groups are parted by one sign, or a bracket.
    const behind = codes[e + 1]!;
    const digit = (CLASS[behind]! & DIGIT) !== 0;
    const group = digit || behind === OPEN;
    const line = sign === SPACE || sign === HYPHEN;
    const parted = line || sign === DOT;
    if ((length >= CARD_LEAST || open || (line && digit)) && this.#has(Rule.CREDIT_CARD)) {
      this.#offer(Rule.CREDIT_CARD, cardAt(text, i, last));
    }
    const dialled = first === ZERO
      ? length > 1 && ((group && (parted || sign === SLASH)) || sign === OPEN)
      : first === ONE
      ? length === 1 && parted && group
      : length === 3 && parted && digit;
    if ((dialled || open) && this.#has(Rule.PHONE)) {
      this.#offer(Rule.PHONE, phoneAt(text, i, last));
    }
    if ((open || (length < 4 && sign === DOT && digit)) && this.#has(Rule.IPV4)) {
      this.#offer(Rule.IPV4, ipv4At(text, i, last));
    }
    if ((open || (length === 3 && sign === HYPHEN && digit)) && this.#has(Rule.US_SSN)) {
      this.#offer(Rule.US_SSN, ssnAt(text, i, last));
    }
  }

  /** What begins as a key does; so do web tokens. */
  #key(i: number): void {
    const text = this.#text;
    if (this.#keys) this.#offer(Rule.API_KEY, apiKeyAt(text, i, this.#last));
    if (text.charCodeAt(i) === LOWER_E && this.#has(Rule.JWT)) {
      this.#offer(Rule.JWT, jwtAt(text, i, this.#last));
    }
  }

  /** An account: behind two letters, two digits. */
  #account(i: number, j: number): void {
    if (j - i > 3 && (CLASS[this.#codes[i + 2]!]! & DIGIT) !== 0 && this.#has(Rule.IBAN)) {
      this.#offer(Rule.IBAN, ibanAt(this.#text, i, this.#last));
    }
  }

  /** What the length of a word, and what is behind it, let begin with it. */
  #followed(i: number, j: number, bits: number, after: number): void {
    const text = this.#text;
    const last = this.#last;
    const codes = this.#codes;
    const length = j - i;
    const next = codes[j]!;
    if ((bits & HEX) !== 0 && length < 5) {
      const behind = codes[j + 1]!;
      const hex = (CLASS[behind]! & HEX) !== 0;
      if (next === COLON && (hex || behind === COLON) && this.#has(Rule.IPV6)) {
        this.#offer(Rule.IPV6, ipv6At(text, i, last));
      }
      const pair = length === 2 && (next === COLON || next === HYPHEN);
      if (hex && (pair || (length === 4 && next === DOT)) && this.#has(Rule.MAC_ADDRESS)) {
        this.#offer(Rule.MAC_ADDRESS, macAt(text, i, last));
      }
    }
    const least = HEADLESS[next]!;
    if (least !== 0 && length >= least && this.#keys) {
      this.#offer(Rule.API_KEY, headlessAt(text, i, next, last));
    }
    if (length >= LONG || (after & JOIN) !== 0) this.#token(i);
  }

  #token(i: number): void {
    if (this.#tokens === 0) return;
    const end = tokenAt(this.#text, i, this.#tokens, this.#last);
    this.#offer(tokenKind() === HEXADECIMAL ? Rule.HEX_TOKEN : Rule.HIGH_ENTROPY, end);
  }

  /** Keys that begin behind an underscore of a word; whether the search ends there. */
  #part(i: number, j: number): boolean {
    if (!this.#keys) return false;
    const text = this.#text;
    const codes = this.#codes;
    for (let p = Math.max(i, 1); p < j; p++) {
      if (codes[p - 1] !== UNDERSCORE || !mayBeKey(codes, p)) continue;
      this.#offer(Rule.API_KEY, apiKeyAt(text, p, this.#last));
      if (this.#settle(p)) return true;
    }
    return false;
  }

  #has(rule: number): boolean {
    return (this.#rules & 1 << rule) !== 0;
  }

  /** Takes what the scanners said of a place; whether the search ends there. */
  #settle(i: number): boolean {
    if (this.#more) {
      this.#more = false;
      this.#end = 0;
      this.start = i;
      this.end = 0;
      return true;
    }
    if (this.#end === 0) return false;
    this.start = i;
    this.end = this.#end;
    this.rule = this.#base + this.#rule;
    this.#end = 0;
    return true;
  }

  #offer(rule: number, end: number): void {
    if (end === MORE) this.#more = true;
    else if (end > this.#end || (end === this.#end && end > 0 && rule < this.#rule)) {
      this.#end = end;
      this.#rule = rule;
    }
  }

  /** What begins with a sign; whether anything was asked. */
  #trigger(i: number): boolean {
    const text = this.#text;
    const last = this.#last;
    const codes = this.#codes;
    const sign = codes[i]!;
    const edge = i >= this.#edge;
    const next = codes[i + 1]!;
    if (sign === HYPHEN) {
      if (!edge && (next !== HYPHEN || codes[i + 4] !== HYPHEN)) return false;
      if (this.#has(Rule.PRIVATE_KEY)) this.#offer(Rule.PRIVATE_KEY, pemAt(text, i, last));
    } else if (sign === COLON) {
      if (!edge && next !== COLON) return false;
      if (this.#has(Rule.IPV6)) this.#offer(Rule.IPV6, ipv6At(text, i, last));
    } else {
      if (!edge && (CLASS[next]! & DIGIT) === 0) return false;
      if (this.#has(Rule.PHONE) && (classAt(text, i - 1) & WORD) === 0) {
        this.#offer(Rule.PHONE, phoneAt(text, i, last));
      }
    }
    return true;
  }

  /** The word from `i` to `j`, whose characters have the classes `any`, where the end of the text decides. */
  #word(i: number, j: number, any: number): void {
    const text = this.#text;
    const last = this.#last;
    const n = text.length;
    const bits = CLASS[text.charCodeAt(i)]!;
    if ((bits & DIGIT) !== 0) {
      if (this.#has(Rule.CREDIT_CARD)) this.#offer(Rule.CREDIT_CARD, cardAt(text, i, last));
      if (this.#has(Rule.PHONE)) this.#offer(Rule.PHONE, phoneAt(text, i, last));
      if (this.#has(Rule.IPV4)) this.#offer(Rule.IPV4, ipv4At(text, i, last));
      if (this.#has(Rule.US_SSN)) this.#offer(Rule.US_SSN, ssnAt(text, i, last));
    } else {
      if (mayBeKey(this.#codes, i)) this.#key(i);
      if (this.#has(Rule.IBAN) && ((any & DIGIT) !== 0 || j === n)) {
        this.#offer(Rule.IBAN, ibanAt(text, i, last));
      }
    }
    if ((bits & HEX) !== 0 && j - i < 5) {
      if (this.#has(Rule.IPV6)) this.#offer(Rule.IPV6, ipv6At(text, i, last));
      if (this.#has(Rule.MAC_ADDRESS)) this.#offer(Rule.MAC_ADDRESS, macAt(text, i, last));
    }
    if (this.#keys) {
      if (j === n) this.#more ||= j - i < HEADLESS_MOST;
      else if (HEADLESS[text.charCodeAt(j)] !== 0) {
        this.#offer(Rule.API_KEY, headlessAt(text, i, text.charCodeAt(j), last));
      }
    }
    this.#token(i);
  }
}

/** From where on the end of a text decides that may go on: there, rules are asked everywhere. */
function edgeOf(codes: Codes, n: number): number {
  let p = n;
  while (p > 0 && (CLASS[codes[p - 1]!]! & (WORD | JOIN)) !== 0) p--;
  return Math.max(0, Math.min(p, n - LOOK));
}
