/**
 * What stands around secrets: names, signs, quotation marks; and the values behind them. Part of `context.ts`. Twin:
 * `rust/areas/redact/src/around.rs`.
 *
 * @module
 */

import { Rule } from "../rules.ts";
import type { View } from "../view.ts";
import { CLASS, classAt, DIGIT, LOWER, MORE, NONE, unitAt, UPPER, WORD } from "./chars.ts";
import { isNameAt, NAME_MAX, Promise, promiseOf } from "./names.ts";
import { isCredential, isSecretValue, type Manner } from "./value.ts";

const AMPERSAND = 38;
const HYPHEN = 45;
const SEMICOLON = 59;
const LESS = 60;
const EQUALS = 61;
const AT = 64;
const OPEN = 91;

/** The longest value. */
export const VALUE_MAX = 512;
/** So much white space is passed over. */
export const SPACES_MAX = 8;
/** So much white space begins a line at most. */
const INDENT_MAX = 40;

/** Says how long a password of small letters between two places behind a sign must be: 0 for never, or `MORE`. */
type SettingLeast = (scene: Scene, sign: number, s: number, e: number) => number;

/** A text, and what a search at one place of it came to: a rule, and a value that may be open (end 0). */
export class Scene {
  text = "";
  /** Whether the text ends here. */
  last = true;
  rule = 0;
  start = 0;
  end = 0;
  readonly #rules: number;
  readonly #settingLeast: SettingLeast;
  #view: View | undefined;
  readonly #manner: Manner = { quoted: false, spaced: false, listed: false, least: 0 };

  /** Takes the bits of the rules that hold, and `settingLeast` of `settings.ts`, which looks at scenes itself. */
  constructor(rules: number, settingLeast: SettingLeast) {
    this.#rules = rules;
    this.#settingLeast = settingLeast;
  }

  /** Takes a text, which a view may have read. */
  begin(text: string, last: boolean, view: View | undefined): void {
    this.text = text;
    this.last = last;
    this.#view = view;
  }

  /** Whether a rule holds. */
  has(rule: number): boolean {
    return (this.#rules & 1 << rule) !== 0;
  }

  /** Says what was found. */
  give(rule: number, start: number, end: number): boolean {
    this.rule = rule;
    this.start = start;
    this.end = end;
    return true;
  }

  /** Whether a place is the end, and more may follow. */
  isOpen(at: number): boolean {
    return at === this.text.length && !this.last;
  }

  /** The same, or whether a line may end at a place. */
  isCut(at: number): boolean {
    return this.isOpen(at) || (unitAt(this.text, at) === 13 && this.isOpen(at + 1));
  }

  /** How much an escape takes that stands at a place; 1 for a character as it is. */
  #level(at: number): number {
    return this.#view === undefined ? 1 : this.#view.lengthAt(at);
  }

  /** Whether a character is written with a percent sign. */
  isPercent(at: number): boolean {
    return this.#view !== undefined && this.#view.isPercent(at);
  }

  /** Behind blanks, on one line; not further than a bound. */
  skip(at: number): number {
    const stop = at + SPACES_MAX;
    while (at < stop && isBlank(unitAt(this.text, at))) at++;
    return at;
  }

  /** Behind the end of a line and what indents the next; `at` itself where no line ends. */
  skipLine(at: number): number {
    const { text } = this;
    let p = at;
    if (unitAt(text, p) === 13) p++;
    if (unitAt(text, p) !== 10) return at;
    p++;
    const stop = p + INDENT_MAX;
    while (p < stop && isBlank(unitAt(text, p))) p++;
    return p;
  }

  /** The credential at `s`: what a header has for one. */
  credential(s: number, least: number): boolean {
    const { text } = this;
    const n = text.length;
    let p = s;
    while (p < n && p - s <= VALUE_MAX && isCredentialAt(text, p)) p++;
    if (this.isOpen(p)) return this.give(Rule.AUTHORIZATION, s, 0);
    while (p > s && isStop(text.charCodeAt(p - 1))) p--;
    if (!isCredential(text, s, p, least)) return false;
    return this.give(Rule.AUTHORIZATION, s, p);
  }

  /** What an `Authorization` header says from `from` on: a scheme and a credential, or that alone. */
  header(from: number): boolean {
    if (!this.has(Rule.AUTHORIZATION)) return false;
    const { text } = this;
    let s = from;
    if (isQuote(unitAt(text, s))) s++;
    let e = s;
    while (e - s < 24 && ((classAt(text, e) & WORD) !== 0 || unitAt(text, e) === HYPHEN)) e++;
    if (e > s && unitAt(text, e) === 32) return this.credential(this.skip(e), 6);
    if (this.isOpen(e)) return this.give(Rule.AUTHORIZATION, s, 0);
    return this.credential(s, 8);
  }

  /** The value that begins at `from`, behind a sign. */
  value(
    promise: number,
    from: number,
    sign: number,
    spaced: boolean,
    listed: boolean,
    compared = false,
  ): boolean {
    const { text } = this;
    const n = text.length;
    let s = from;
    // b"...", f'...', @"..."
    if (
      ((classAt(text, s) & (LOWER | UPPER)) !== 0 || unitAt(text, s) === AT) &&
      isQuote(unitAt(text, s + 1))
    ) s++;
    if (s >= n) return false;
    if (isQuote(text.charCodeAt(s))) return this.quoted(promise, s, spaced, false);
    if (compared) return false;
    const made = madeFrom(text, s);
    if (made > 0) return this.quoted(promise, made, true, false);
    let e = s;
    let units = 0;
    const escaped = this.isPercent(sign);
    for (; e < n && units <= VALUE_MAX; e++) {
      const unit = text.charCodeAt(e);
      if (unit <= 32 || (isDelimiter(unit) && (escaped || !this.isPercent(e)))) break;
      units += weight(unit);
    }
    if (this.isOpen(e)) return this.give(Rule.ASSIGNED_SECRET, s, 0);
    if (units > VALUE_MAX) return false;
    const after = unitAt(text, e);
    while (e > s && isStop(text.charCodeAt(e - 1))) e--;
    const one = listed || after === SEMICOLON || after === AMPERSAND;
    if (e <= s) return false;
    const least = promise === Promise.PASSWORD && !one ? this.#settingLeast(this, sign, s, e) : 0;
    if (least === MORE) return this.give(Rule.ASSIGNED_SECRET, s, 0);
    if (!this.judge(promise, s, e, false, spaced, one, least)) return false;
    // The bracket of a list is none of its first value.
    while (this.start < e && text.charCodeAt(this.start) === OPEN) this.start++;
    return this.start < e;
  }

  /** The value within the quotation marks of which the first is at `s`. */
  quoted(promise: number, s: number, spaced: boolean, listed: boolean): boolean {
    const e = this.quoteEnd(s);
    if (e === MORE) return this.give(Rule.ASSIGNED_SECRET, s + 1, 0);
    return e !== NONE && this.judge(promise, s + 1, e, true, spaced, listed);
  }

  /** Takes a value if it is a secret. */
  judge(
    promise: number,
    s: number,
    e: number,
    quoted: boolean,
    spaced: boolean,
    listed: boolean,
    least = 0,
  ): boolean {
    const manner = this.#manner;
    manner.quoted = quoted;
    manner.spaced = spaced;
    manner.listed = listed;
    manner.least = least;
    if (s >= e || !isSecretValue(promise, this.text, s, e, manner)) return false;
    return this.give(Rule.ASSIGNED_SECRET, s, e);
  }

  /** Where the string ends that the quotation mark at `s` begins: one that is not written with a longer escape. */
  quoteEnd(s: number): number {
    const { text } = this;
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
    return units > VALUE_MAX || this.last ? NONE : MORE;
  }
}

/** Functions that make a value of the string that they are given. */
const MAKERS = ["::from", "Some", "String", "str", "bytes", "Secret", "SecretStr"];
const MAKER_MAX = 24;

/** Where the quotation mark is of a string that a function makes the value at `s` of; 0 without one. */
function madeFrom(text: string, s: number): number {
  let e = s;
  while (e - s < MAKER_MAX && (isNameAt(text, e) || unitAt(text, e) === 58)) e++;
  if (e === s || unitAt(text, e) !== 40 || !isQuote(unitAt(text, e + 1))) return 0;
  return MAKERS.some((maker) => text.slice(s, e).endsWith(maker)) ? e + 1 : 0;
}

/** What the value is of whose name stands before `value`: `name: DB_PASSWORD, value: ...`. */
export function named(text: string, s: number): number {
  let e = s;
  const stop = Math.max(0, s - 24);
  while (e > stop && unitAt(text, e - 1) < 128 && !isNameAt(text, e - 1)) e--;
  while (e > stop && unitAt(text, e - 1) === HYPHEN) e--;
  const from = nameStart(text, e);
  return from === e ? Promise.NOTHING : namedBy(text, from, e);
}

/** What the value is of that has the name from `from` to `e` in another field. */
export function namedBy(text: string, from: number, e: number): number {
  const promise = promiseOf(text, from, e);
  return promise > Promise.AUTHORIZATION ? Promise.NOTHING : promise;
}

/** Where the name begins that ends at `e`. */
export function nameStart(text: string, e: number): number {
  let s = e;
  while (s > e - NAME_MAX && isNameAt(text, s - 1)) s--;
  return s;
}

/** How many characters a unit is: of two for one, the second is none. */
export function weight(unit: number): number {
  return (unit & 0xfc00) === 0xdc00 ? 0 : 1;
}

/** Space and tabulator. */
export function isBlank(unit: number): boolean {
  return unit === 32 || unit === 9;
}

/** Line feed and carriage return. */
export function isLineEnd(unit: number): boolean {
  return unit === 10 || unit === 13;
}

/** Quotation marks of ASCII. */
export function isQuote(unit: number): boolean {
  return unit === 34 || unit === 39 || unit === 96;
}

/** What may stand between a name and the sign: `"name"`, `['name']`, `**name**`. */
export function isCloser(unit: number): boolean {
  return isQuote(unit) || unit === 93 || unit === 41 || unit === 42;
}

/** What ends a value that is not quoted. */
function isDelimiter(unit: number): boolean {
  return isQuote(unit) || unit === AMPERSAND || unit === SEMICOLON || unit === 44 ||
    unit === LESS || unit === 62 || unit === 41 || unit === 93 || unit === 125 || unit === 124;
}

/** What ends the part of a URL that says where it leads; a backslash, too. */
export function isAuthorityEnd(unit: number): boolean {
  return isQuote(unit) || unit === 47 || unit === 63 || unit === 35 || unit === LESS ||
    unit === 62 || unit === 92 || unit === 44 || unit === 40 || unit === 41 || unit === OPEN ||
    unit === 93 || unit === 123 || unit === 125;
}

/** What ends a sentence, and is no part of a value at its end. */
export function isStop(unit: number): boolean {
  return unit === 46 || unit === 58 || unit === 44;
}

/** Whether a character is of a credential in a header. */
function isCredentialAt(text: string, p: number): boolean {
  const unit = text.charCodeAt(p);
  return (CLASS[unit]! & WORD) !== 0 || unit === HYPHEN || unit === 46 || unit === 126 ||
    unit === 43 || unit === 47 || unit === EQUALS || unit === 58;
}

/** Whether digits alone stand from `s` to `e`. */
export function areDigits(text: string, s: number, e: number): boolean {
  for (let p = s; p < e; p++) {
    if ((classAt(text, p) & DIGIT) === 0) return false;
  }
  return true;
}

/** Whether what begins at a place is `what`, with or without capitals; that is in small letters. */
export function isAt(text: string, at: number, what: string): boolean {
  if (at < 0 || at + what.length > text.length) return false;
  for (let k = 0; k < what.length; k++) {
    const unit = text.charCodeAt(at + k);
    const small = (CLASS[unit]! & UPPER) !== 0 ? unit | 32 : unit;
    if (small !== what.charCodeAt(k)) return false;
  }
  return true;
}
