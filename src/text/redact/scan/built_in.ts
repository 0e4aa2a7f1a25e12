/**
 * The built-in rules in one pass: a loop over words and trigger characters that asks the scanners only where they can
 * succeed. Twin: `rust/agent-core-utils/src/redact/built_in.rs`.
 *
 * @module
 */

import { Rule } from "../rules.ts";
import { Finder } from "../finder.ts";
import { apiKeyAt, mayBeKey } from "./api_key.ts";
import { CLASS, classAt, DIGIT, HEX, JOIN, LOCAL, MORE, TRIGGER, WORD } from "./chars.ts";
import { emailAt } from "./email.ts";
import { ipv4At, ipv6At } from "./ip.ts";
import { cardAt, ibanAt } from "./numbers.ts";
import { pemAt } from "./pem.ts";
import { phoneAt } from "./phone.ts";
import { HEXADECIMAL, jwtAt, MIXED, tokenAt, tokenKind } from "./token.ts";

const OPEN = 40;
const PLUS = 43;
const HYPHEN = 45;
const COLON = 58;
const LOWER_E = 101;

/** Finds what the built-in rules match. */
export class BuiltInFinder extends Finder {
  readonly #rules: number;
  readonly #base: number;
  readonly #tokens: number;
  #text = "";
  #last = true;
  // Where the next "@" is; the text's length if there is none.
  #at = -1;
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
    this.#tokens = (this.#has(Rule.HIGH_ENTROPY) ? MIXED : 0) |
      (this.#has(Rule.HEX_TOKEN) ? HEXADECIMAL : 0);
  }

  override begin(text: string, last: boolean): void {
    this.#text = text;
    this.#last = last;
    this.#at = -1;
    this.start = -1;
  }

  override seek(from: number): void {
    const text = this.#text;
    const n = text.length;
    let i = from;
    while (i < n) {
      const bits = CLASS[text.charCodeAt(i)]!;
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
      while (j < n) {
        const more = CLASS[text.charCodeAt(j)]!;
        if ((more & WORD) === 0) break;
        any |= more;
        j++;
      }
      // After a match, or after what was given as context, the middle of a word may come first.
      if (i > from || (classAt(text, i - 1) & WORD) === 0) {
        this.#word(i, j, any);
        if (this.#settle(i)) return;
      }
      i = j;
    }
    this.start = n;
    this.end = 0;
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
    if ((rules & 1 << Rule.EMAIL) !== 0) {
      if (this.#at < i) {
        const at = text.indexOf("@", i);
        this.#at = at < 0 ? n : at;
      }
      // Past the word the address goes on with one of its own characters, or with the "@" itself.
      if (this.#at === j || (after & LOCAL) !== 0 || j === n) {
        this.#offer(Rule.EMAIL, emailAt(text, i, this.#at, last));
      }
    }
    if ((CLASS[first]! & DIGIT) !== 0) {
      if (this.#has(Rule.CREDIT_CARD)) this.#offer(Rule.CREDIT_CARD, cardAt(text, i, last));
      if (this.#has(Rule.PHONE)) this.#offer(Rule.PHONE, phoneAt(text, i, last));
      if (this.#has(Rule.IPV4)) this.#offer(Rule.IPV4, ipv4At(text, i, last));
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
    if (this.#tokens !== 0 && (j - i >= 20 || (after & JOIN) !== 0 || j === n)) {
      const end = tokenAt(text, i, this.#tokens, last);
      this.#offer(tokenKind === HEXADECIMAL ? Rule.HEX_TOKEN : Rule.HIGH_ENTROPY, end);
    }
  }
}
