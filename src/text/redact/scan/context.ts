/**
 * Secrets by what stands before them: URLs with credentials, headers, and values behind names. It looks only around signs
 * that assign (`=`, `:`, `>`), options (`--`) and `Bearer`, and may look back over what was decided before. Twin:
 * `rust/areas/redact/src/context.rs`.
 *
 * @module
 */

import { Finder } from "../finder.ts";
import { Rule } from "../rules.ts";
import type { View } from "../view.ts";
import { CLASS, classAt, DIGIT, LOWER, MORE, NONE, unitAt, UPPER, WORD } from "./chars.ts";
import { isNameAt, mayPromise, NAME_MAX, Promise, promiseOf } from "./names.ts";
import { ssnDigits } from "./numbers.ts";
import { isCredential, isSecretValue, type Manner } from "./value.ts";
import { wordsIn } from "./words.ts";

const TAB = 9;
const SPACE = 32;
const QUOTE = 34;
const AMPERSAND = 38;
const APOSTROPHE = 39;
const HYPHEN = 45;
const SLASH = 47;
const COLON = 58;
const LESS = 60;
const EQUALS = 61;
const GREATER = 62;
const AT = 64;
const BACKTICK = 96;

/** Names and signs lie so far before a value at most. */
const REACH = 120;
const VALUE_MAX = 512;
const AUTHORITY_MAX = 300;
const SPACES_MAX = 8;
const BEARER_LEAST = 16;

/** What a search at one place came to: a rule, and a value that may be open (end 0). */
interface Place {
  rule: number;
  start: number;
  end: number;
}

/** Finds secrets by their context. */
export class ContextFinder extends Finder {
  readonly #rules: number;
  readonly #base: number;
  #text = "";
  #last = true;
  #view: View | undefined;
  #users: boolean | undefined;
  // By mark: where the next is.
  readonly #marks: [number, number, number, number, number] = [-1, -1, -1, -1, -1];
  // Marks before this were looked at; what they gave lies before what is asked for now, or is too far from them.
  #at = -1;
  readonly #place: Place = { rule: 0, start: 0, end: 0 };
  readonly #manner: Manner = { quoted: false, spaced: false, listed: false };

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
  }

  override begin(text: string, last: boolean, view?: View): void {
    this.#text = text;
    this.#last = last;
    this.#view = view;
    this.#users = undefined;
    this.#marks.fill(-1);
    this.#at = -1;
    this.start = -1;
  }

  override seek(from: number): void {
    const text = this.#text;
    const n = text.length;
    const place = this.#place;
    const marks = this.#marks;
    let [equals, colon, greater, option, bearer] = marks;
    for (let at = Math.max(0, this.#at, from - REACH);;) {
      // Each is sought again only when it was passed.
      if (equals < at) marks[0] = equals = this.#next("=", at);
      if (colon < at) marks[1] = colon = this.#next(":", at);
      if (greater < at) marks[2] = greater = this.#next(">", at);
      if (option < at) marks[3] = option = this.#next("--", at);
      if (bearer < at) marks[4] = bearer = this.#next("earer ", at);
      const p = Math.min(equals, colon, greater, option, bearer);
      if (p >= this.until || p === n) break;
      this.#at = at = p + 1;
      let found: boolean;
      if (p === bearer) found = this.#bearer(p);
      else if (p === option) found = this.#option(p);
      else if (p === greater) found = this.#element(p);
      else if (p === colon && text.startsWith("//", p + 1)) found = this.#url(p);
      else found = this.#assignment(p);
      if (!found || place.start < from || place.start - p > REACH) continue;
      this.start = place.start;
      this.end = place.end;
      this.rule = this.#base + place.rule;
      return;
    }
    this.start = n;
    this.end = 0;
  }

  /** The first mark from `at` on; the text's length if there is none. */
  #next(mark: string, at: number): number {
    const found = this.#text.indexOf(mark, at);
    return found < 0 ? this.#text.length : found;
  }

  /** Whether there are options for a user and a password. */
  #hasUsers(): boolean {
    return this.#users ??= this.#text.includes("-u ") || this.#text.includes("-user ");
  }

  #has(rule: number): boolean {
    return (this.#rules & 1 << rule) !== 0;
  }

  #give(rule: number, start: number, end: number): boolean {
    this.#place.rule = rule;
    this.#place.start = start;
    this.#place.end = end;
    return true;
  }

  /** How much an escape takes that stands at a place; 1 for a character as it is. */
  #level(at: number): number {
    return this.#view === undefined ? 1 : this.#view.lengthAt(at);
  }

  #isPercent(at: number): boolean {
    return this.#view !== undefined && this.#view.isPercent(at);
  }

  /** Behind blanks, on one line; not further than a bound. */
  #skip(at: number): number {
    const stop = at + SPACES_MAX;
    while (at < stop && isBlank(unitAt(this.#text, at))) at++;
    return at;
  }

  /** `Bearer` and a credential, wherever. */
  #bearer(p: number): boolean {
    if (!this.#has(Rule.AUTHORIZATION) || (unitAt(this.#text, p - 1) | 32) !== 98) return false;
    if ((classAt(this.#text, p - 2) & WORD) !== 0) return false;
    return this.#credential(this.#skip(p + 6), BEARER_LEAST);
  }

  /** The credential at `s`: what a header has for one. */
  #credential(s: number, least: number): boolean {
    const text = this.#text;
    const n = text.length;
    let p = s;
    while (p < n && p - s <= VALUE_MAX && isCredentialAt(text, p)) p++;
    if (p === n && !this.#last) return this.#give(Rule.AUTHORIZATION, s, 0);
    while (p > s && isStop(text.charCodeAt(p - 1))) p--;
    if (!isCredential(text, s, p, least)) return false;
    return this.#give(Rule.AUTHORIZATION, s, p);
  }

  /** `--password hunter2` */
  #option(p: number): boolean {
    const text = this.#text;
    if (!this.#has(Rule.ASSIGNED_SECRET) || (classAt(text, p - 1) & WORD) !== 0) return false;
    let e = p + 2;
    while (e - p < NAME_MAX && isNameAt(text, e)) e++;
    if (unitAt(text, e) !== SPACE || unitAt(text, e + 1) === HYPHEN) return false;
    const promise = promiseOf(text, p + 2, e);
    if (promise !== Promise.PASSWORD && promise !== Promise.TOKEN) return false;
    return this.#value(promise, this.#skip(e), p, false, false);
  }

  /** `<password>hunter2</password>` */
  #element(p: number): boolean {
    const text = this.#text;
    if (!this.#has(Rule.ASSIGNED_SECRET) || !isNameAt(text, p - 1)) return false;
    let s = p;
    while (s > p - NAME_MAX && isNameAt(text, s - 1)) s--;
    if (unitAt(text, s - 1) !== LESS && unitAt(text, s - 1) !== COLON) return false;
    const promise = promiseOf(text, s, p);
    if (promise < Promise.PASSWORD || promise > Promise.ACCOUNT) return false;
    const from = p + 1;
    const n = text.length;
    let e = from;
    for (let units = 0; e < n && units <= VALUE_MAX; e++) {
      const unit = text.charCodeAt(e);
      if (unit === LESS || unit <= SPACE) break;
      units += weight(unit);
    }
    if (e === n && !this.#last) return this.#give(Rule.ASSIGNED_SECRET, from, 0);
    if (unitAt(text, e) !== LESS) return false;
    return this.#judge(promise, from, e, { quoted: true, spaced: false, listed: false });
  }

  /** A name, a sign and a value. */
  #assignment(p: number): boolean {
    const text = this.#text;
    const sign = text.charCodeAt(p);
    const before = unitAt(text, p - 1);
    // Comparisons and the like; the second of two signs.
    if (before === COLON || before === EQUALS || before === LESS || before === 33) return false;
    if (before === GREATER || before === 43 || before === HYPHEN) return false;
    let behind = p + 1;
    let compared = false;
    if (sign === EQUALS && unitAt(text, behind) === GREATER) behind++;
    else if (sign === EQUALS && unitAt(text, behind) === EQUALS) {
      compared = true;
      behind += unitAt(text, behind + 1) === EQUALS ? 2 : 1;
    } else if (sign === COLON && unitAt(text, behind) === COLON) return false;
    else if (sign === COLON && unitAt(text, behind) === EQUALS) behind++;
    // The name, and what may stand between it and the sign.
    let e = p;
    while (e > p - SPACES_MAX && isBlank(unitAt(text, e - 1))) e--;
    const spaced = e < p && sign === EQUALS;
    if (unitAt(text, e - 1) === 63 || unitAt(text, e - 1) === 124) e--;
    for (let k = 0; k < 3 && isCloser(unitAt(text, e - 1)); k++) e--;
    if (!isNameAt(text, e - 1)) return false;
    const user = sign === COLON && behind === p + 1 && e === p && this.#hasUsers();
    if (!user && !mayPromise(text, e)) return false;
    let s = e;
    while (s > e - NAME_MAX && isNameAt(text, s - 1)) s--;
    let promise = promiseOf(text, s, e);
    if (promise === Promise.NOTHING) {
      return user && this.#user(s, p);
    }
    if (promise === Promise.VALUE) {
      promise = this.#named(s);
      if (promise === Promise.NOTHING) return false;
    }
    const from = this.#skip(behind);
    if (promise === Promise.AUTHORIZATION) return this.#header(from);
    if (promise === Promise.SSN) return this.#number(from);
    if (!this.#has(Rule.ASSIGNED_SECRET)) return false;
    const listed = isList(unitAt(text, s - 1));
    return this.#value(promise, from, p, spaced || compared, listed, compared);
  }

  /** What the value is of whose name stands before `value`: `name: DB_PASSWORD, value: ...`. */
  #named(s: number): number {
    const text = this.#text;
    let e = s;
    const stop = Math.max(0, s - 24);
    while (e > stop && !isNameAt(text, e - 1)) e--;
    while (e > stop && unitAt(text, e - 1) === HYPHEN) e--;
    let from = e;
    while (from > e - NAME_MAX && isNameAt(text, from - 1)) from--;
    if (from === e) return Promise.NOTHING;
    const promise = promiseOf(text, from, e);
    return promise > Promise.ACCOUNT ? Promise.NOTHING : promise;
  }

  /** What an `Authorization` header says from `from` on: a scheme and a credential, or that alone. */
  #header(from: number): boolean {
    if (!this.#has(Rule.AUTHORIZATION)) return false;
    const text = this.#text;
    let s = from;
    if (isQuote(unitAt(text, s))) s++;
    let e = s;
    while (e - s < 24 && ((classAt(text, e) & WORD) !== 0 || unitAt(text, e) === HYPHEN)) e++;
    if (e > s && unitAt(text, e) === SPACE) return this.#credential(this.#skip(e), 6);
    if (e === text.length && !this.#last) return this.#give(Rule.AUTHORIZATION, s, 0);
    return this.#credential(s, 8);
  }

  /** A social security number behind its name. */
  #number(from: number): boolean {
    if (!this.#has(Rule.US_SSN)) return false;
    const text = this.#text;
    const s = isQuote(unitAt(text, from)) ? from + 1 : from;
    for (const separator of [0, SPACE, HYPHEN, 46]) {
      const end = ssnDigits(text, s, separator, this.#last);
      if (end !== NONE) return this.#give(Rule.US_SSN, s, end === MORE ? 0 : end);
    }
    return false;
  }

  /** The value that begins at `from`, behind a sign. */
  #value(
    promise: number,
    from: number,
    sign: number,
    spaced: boolean,
    listed: boolean,
    compared = false,
  ): boolean {
    const text = this.#text;
    const n = text.length;
    const place = this.#place;
    let s = from;
    // b"...", f'...', @"..."
    if (
      ((classAt(text, s) & (LOWER | UPPER)) !== 0 || unitAt(text, s) === AT) &&
      isQuote(unitAt(text, s + 1))
    ) s++;
    if (s >= n) return false;
    const quote = text.charCodeAt(s);
    if (isQuote(quote)) {
      const e = this.#quoteEnd(s);
      if (e === MORE) return this.#give(Rule.ASSIGNED_SECRET, s + 1, 0);
      if (e === NONE) return false;
      return this.#judge(promise, s + 1, e, { quoted: true, spaced, listed: false });
    }
    if (compared) return false;
    let e = s;
    let units = 0;
    const escaped = this.#isPercent(sign);
    for (; e < n && units <= VALUE_MAX; e++) {
      const unit = text.charCodeAt(e);
      if (unit <= SPACE || (isDelimiter(unit) && (escaped || !this.#isPercent(e)))) break;
      units += weight(unit);
    }
    if (e === n && !this.#last) return this.#give(Rule.ASSIGNED_SECRET, s, 0);
    if (units > VALUE_MAX) return false;
    const after = unitAt(text, e);
    while (e > s && isStop(text.charCodeAt(e - 1))) e--;
    const one = listed || after === 59 || after === AMPERSAND;
    if (e <= s || !this.#judge(promise, s, e, { quoted: false, spaced, listed: one })) return false;
    // The bracket of a list is none of its first value.
    while (place.start < e && text.charCodeAt(place.start) === 91) place.start++;
    return place.start < e;
  }

  #judge(promise: number, s: number, e: number, manner: Manner): boolean {
    Object.assign(this.#manner, manner);
    if (!isSecretValue(promise, this.#text, s, e, this.#manner)) return false;
    return this.#give(Rule.ASSIGNED_SECRET, s, e);
  }

  /** Where the string ends that the quotation mark at `s` begins: one that is not written with a longer escape. */
  #quoteEnd(s: number): number {
    const text = this.#text;
    const n = text.length;
    const quote = text.charCodeAt(s);
    const level = this.#level(s);
    let units = 0;
    for (let e = s + 1; e < n && units <= VALUE_MAX; e++) {
      const unit = text.charCodeAt(e);
      if ((unit === quote || unit === 10 || unit === 13) && this.#level(e) <= level) {
        return unit === quote && e > s + 1 ? e : NONE;
      }
      units += weight(unit);
    }
    return units > VALUE_MAX || this.#last ? NONE : MORE;
  }

  /** The password of `curl -u user:password`, whose name is from `s` to the colon at `p`. */
  #user(s: number, p: number): boolean {
    if (!this.#has(Rule.URL_CREDENTIALS)) return false;
    const text = this.#text;
    const start = s - (isQuote(unitAt(text, s - 1)) ? 1 : 0);
    const option = text.slice(Math.max(0, start - 7), start);
    if (!option.endsWith(" -u ") && option !== "--user ") return false;
    // Numbers of a user and a group.
    if (/^[0-9]*$/.test(text.slice(s, p))) return false;
    const n = text.length;
    let e = p + 1;
    let units = 1;
    for (; e < n && units <= VALUE_MAX; e++) {
      const unit = text.charCodeAt(e);
      if (unit <= SPACE || isQuote(unit)) break;
      units += weight(unit);
    }
    if (e === n && !this.#last) return this.#give(Rule.URL_CREDENTIALS, p + 1, 0);
    const first = unitAt(text, p + 1);
    if (units < 4 || first === 36 || first === LESS || first === 123) return false;
    return this.#give(Rule.URL_CREDENTIALS, p + 1, e);
  }

  /** A URL whose scheme ends with the colon at `p`. */
  #url(p: number): boolean {
    if (!this.#has(Rule.URL_CREDENTIALS) || (classAt(this.#text, p - 1) & WORD) === 0) return false;
    const text = this.#text;
    const n = text.length;
    const escaped = this.#isPercent(p);
    const s = p + 3;
    let at = -1;
    let e = s;
    let units = 0;
    for (; e < n && units <= AUTHORITY_MAX; e++) {
      const unit = text.charCodeAt(e);
      if (unit <= SPACE || (isAuthorityEnd(unit) && (escaped || !this.#isPercent(e)))) break;
      if (unit === AT && (escaped || !this.#isPercent(e))) at = e;
      units += weight(unit);
    }
    if (units > AUTHORITY_MAX) return false;
    if (e === n && !this.#last) return this.#give(Rule.URL_CREDENTIALS, s, 0);
    // Something to go to must follow.
    if (at <= s || (at + 1 === e && unitAt(text, e) !== 91 && unitAt(text, e) !== 123)) {
      return false;
    }
    const colon = text.slice(s, at).indexOf(":");
    if (colon < 0) {
      return Array.from(text.slice(s, at)).length >= 16 && hasDigit(text, s, at) &&
        wordsIn(text, s, at) <= 0 &&
        this.#give(Rule.URL_CREDENTIALS, s, at);
    }
    const password = text.slice(s + colon + 1, at);
    if (password === "" || /^(?:[${<*]|%[A-Za-z({]|\[[A-Z_0-9]+\]?$|x+$|\.\.\.)/.test(password)) {
      return false;
    }
    return this.#give(Rule.URL_CREDENTIALS, s, at);
  }
}

/** How many characters a unit is: of two for one, the second is none. */
function weight(unit: number): number {
  return (unit & 0xfc00) === 0xdc00 ? 0 : 1;
}

function isBlank(unit: number): boolean {
  return unit === SPACE || unit === TAB;
}

function isQuote(unit: number): boolean {
  return unit === QUOTE || unit === APOSTROPHE || unit === BACKTICK;
}

/** What may stand between a name and the sign: `"name"`, `['name']`. */
function isCloser(unit: number): boolean {
  return isQuote(unit) || unit === 93 || unit === 41;
}

/** What ends a value that is not quoted. */
function isDelimiter(unit: number): boolean {
  return isQuote(unit) || unit === AMPERSAND || unit === 59 || unit === 44 || unit === LESS ||
    unit === GREATER || unit === 41 || unit === 93 || unit === 125 || unit === 124;
}

/** What ends the part of a URL that says where it leads; a backslash, too. */
function isAuthorityEnd(unit: number): boolean {
  return isQuote(unit) || unit === SLASH || unit === 63 || unit === 35 || unit === LESS ||
    unit === GREATER || unit === 92 || unit === 44 || unit === 40 || unit === 41 || unit === 91 ||
    unit === 93 || unit === 123 || unit === 125;
}

/** What ends a sentence, and is no part of a value at its end. */
function isStop(unit: number): boolean {
  return unit === 46 || unit === COLON || unit === 44;
}

/** What stands before the name of one of several: of a query, a form or a connection string. */
function isList(unit: number): boolean {
  return unit === 63 || unit === AMPERSAND || unit === 59;
}

/** Whether a character is of a credential in a header. */
function isCredentialAt(text: string, p: number): boolean {
  const unit = text.charCodeAt(p);
  return (CLASS[unit]! & WORD) !== 0 || unit === HYPHEN || unit === 46 || unit === 126 ||
    unit === 43 || unit === SLASH || unit === EQUALS || unit === COLON;
}

function hasDigit(text: string, s: number, e: number): boolean {
  for (let p = s; p < e; p++) {
    if ((classAt(text, p) & DIGIT) !== 0) return true;
  }
  return false;
}
