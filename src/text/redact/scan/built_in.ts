/**
 * The built-in rules in one pass: a loop over words and trigger characters that asks the scanners only where they can
 * succeed. Twin: `rust/areas/redact/src/built_in.rs`.
 *
 * @module
 */

import { Rule } from "../rules.ts";
import { Finder } from "../finder.ts";
import { apiKeyAt, HEADLESS, headlessAt, mayBeKey, readKeys } from "./api_key.ts";
import { CLASS, classAt, DIGIT, HEX, JOIN, MORE, TRIGGER, UNDER, WORD } from "./chars.ts";
import { ipv4At, ipv6At, macAt } from "./ip.ts";
import { cardAt, ibanAt, ssnAt } from "./numbers.ts";
import { pemAt } from "./pem.ts";
import { phoneAt } from "./phone.ts";
import { HEXADECIMAL, jwtAt, MIXED, tokenAt, tokenKind } from "./token.ts";

const OPEN = 40;
const PLUS = 43;
const HYPHEN = 45;
const DOT = 46;
const COLON = 58;
const LOWER_E = 101;
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
  #text = "";
  #last = true;
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
    if (this.#keys) readKeys();
    this.#tokens = (this.#has(Rule.HIGH_ENTROPY) ? MIXED : 0) |
      (this.#has(Rule.HEX_TOKEN) ? HEXADECIMAL : 0);
  }

  override begin(text: string, last: boolean): void {
    this.#text = text;
    this.#last = last;
    this.start = -1;
  }

  override seek(from: number): void {
    const text = this.#text;
    const n = text.length;
    const stop = this.until < n ? this.until : n;
    let i = from;
    while (i < stop) {
      const first = text.charCodeAt(i);
      const bits = CLASS[first]!;
      if ((bits & (WORD | TRIGGER)) === 0) {
        i++;
        continue;
      }
      if ((bits & WORD) === 0) {
        this.#trigger(i);
        if (this.#settle(i)) return;
        i++;
        continue;
      }
      let j = i + 1;
      let any = bits;
      let next = 0;
      let after = 0;
      while (j < n) {
        next = text.charCodeAt(j);
        after = CLASS[next]!;
        if ((after & WORD) === 0) break;
        any |= after;
        j++;
      }
      // After a match, or after what was given as context, the middle of a word may come first.
      const before = i > from ? 0 : classAt(text, i - 1);
      // Most words are of letters and before a space, and nothing that is sought begins with them.
      if (
        (before & WORD) === 0 &&
        ((any & DIGIT) !== 0 || (after & (JOIN | TRIGGER)) !== 0 || j === n || first === LOWER_E ||
          j - i >= LONG || HEADLESS[next] === 1 || (next === DOT && j - i === 4) ||
          (this.#keys && mayBeKey(text, i)))
      ) {
        this.#word(i, j, any);
        if (this.#settle(i)) return;
      }
      if (((any | before) & UNDER) !== 0 && this.#part(i, j)) return;
      i = j;
    }
    this.start = n;
    this.end = 0;
  }

  /** Keys that begin behind an underscore of a word; whether the search ends there. */
  #part(i: number, j: number): boolean {
    if (!this.#has(Rule.API_KEY)) return false;
    const text = this.#text;
    for (let p = i; p < j; p++) {
      if ((classAt(text, p - 1) & UNDER) === 0 || !mayBeKey(text, p)) continue;
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

  #trigger(i: number): void {
    const text = this.#text;
    const last = this.#last;
    switch (text.charCodeAt(i)) {
      case HYPHEN:
        if (this.#has(Rule.PRIVATE_KEY)) this.#offer(Rule.PRIVATE_KEY, pemAt(text, i, last));
        break;
      case PLUS:
      case OPEN:
        if (this.#has(Rule.PHONE) && (classAt(text, i - 1) & WORD) === 0) {
          this.#offer(Rule.PHONE, phoneAt(text, i, last));
        }
        break;
      case COLON:
        if (this.#has(Rule.IPV6)) this.#offer(Rule.IPV6, ipv6At(text, i, last));
        break;
    }
  }

  /** The word from `i` to `j`, whose characters have the classes `any`. */
  #word(i: number, j: number, any: number): void {
    const text = this.#text;
    const last = this.#last;
    const n = text.length;
    const first = text.charCodeAt(i);
    const rules = this.#rules;
    const after = j < n ? CLASS[text.charCodeAt(j)]! : 0;
    if ((CLASS[first]! & DIGIT) !== 0) {
      if (this.#has(Rule.CREDIT_CARD)) this.#offer(Rule.CREDIT_CARD, cardAt(text, i, last));
      if (this.#has(Rule.PHONE)) this.#offer(Rule.PHONE, phoneAt(text, i, last));
      if (this.#has(Rule.IPV4)) this.#offer(Rule.IPV4, ipv4At(text, i, last));
      if (this.#has(Rule.US_SSN) && (j - i === 3 || j === n)) {
        this.#offer(Rule.US_SSN, ssnAt(text, i, last));
      }
    } else {
      if (this.#has(Rule.API_KEY) && mayBeKey(text, i)) {
        this.#offer(Rule.API_KEY, apiKeyAt(text, i, last));
      }
      if (this.#has(Rule.IBAN) && ((any & DIGIT) !== 0 || j === n)) {
        this.#offer(Rule.IBAN, ibanAt(text, i, last));
      }
      if (first === LOWER_E && this.#has(Rule.JWT)) this.#offer(Rule.JWT, jwtAt(text, i, last));
    }
    if (
      (rules & 1 << Rule.IPV6) !== 0 && (CLASS[first]! & HEX) !== 0 && j - i < 5 &&
      (j === n || text.charCodeAt(j) === COLON)
    ) {
      this.#offer(Rule.IPV6, ipv6At(text, i, last));
    }
    if (
      (rules & 1 << Rule.MAC_ADDRESS) !== 0 && (CLASS[first]! & HEX) !== 0 &&
      (j === n ||
        (j - i === 2 ? (after & TRIGGER) !== 0 : j - i === 4 && text.charCodeAt(j) === DOT))
    ) {
      this.#offer(Rule.MAC_ADDRESS, macAt(text, i, last));
    }
    if ((rules & 1 << Rule.API_KEY) !== 0) {
      if (j === n) this.#more ||= !last && j - i < HEADLESS_MOST;
      else if (HEADLESS[text.charCodeAt(j)] === 1) {
        this.#offer(Rule.API_KEY, headlessAt(text, i, text.charCodeAt(j), last));
      }
    }
    if (this.#tokens !== 0 && (j - i >= LONG || (after & JOIN) !== 0 || j === n)) {
      const end = tokenAt(text, i, this.#tokens, last);
      this.#offer(tokenKind === HEXADECIMAL ? Rule.HEX_TOKEN : Rule.HIGH_ENTROPY, end);
    }
  }
}
