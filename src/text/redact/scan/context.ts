/**
 * Secrets by what stands before them: URLs with credentials, headers, and values behind names. It looks only around marks:
 * signs that assign (`=`, `:`, `>`), options (`-`), `Bearer` and parts of words such as password. It may look back over what
 * was decided before. Twin:
 * `rust/areas/redact/src/context.rs`.
 *
 * @module
 */

import { Finder } from "../finder.ts";
import { Rule } from "../rules.ts";
import type { View } from "../view.ts";
import {
  isAuthorityEnd,
  isBlank,
  isCloser,
  isLineEnd,
  isQuote,
  named,
  namedBy,
  nameStart,
  Scene,
  weight,
} from "./around.ts";
import { classAt, DIGIT, LOWER, MORE, NONE, unitAt, UPPER, WORD } from "./chars.ts";
import type { Codes } from "./codes.ts";
import { dialogueAt, isDialogue, promptAt } from "./dialogue.ts";
import { nextMark } from "./marks.ts";
import { isName, isNameAt, mayPromise, NAME_MAX, Promise, promiseOf } from "./names.ts";
import { ssnDigits } from "./numbers.ts";
import { optionAt } from "./options.ts";
import { attributeAt, contentAt, phraseAt } from "./phrase.ts";
import { changedAt, isForeign, pairAt, settingLeast } from "./settings.ts";
import { mayBeStored, storedAt } from "./stored.ts";
import { NO_TABLE, TableReader, type TableState } from "./table.ts";
import { wordsIn } from "./words.ts";

const TAB = 9;
const LINE_FEED = 10;
const SPACE = 32;
const CLOSE = 41;
const COMMA = 44;
const SEMICOLON = 59;
const PIPE = 124;
const AMPERSAND = 38;
const HYPHEN = 45;
const COLON = 58;
const LESS = 60;
const EQUALS = 61;
const SLASH = 47;
const GREATER = 62;
const AT = 64;
const LOWER_E = 101;
const OPEN = 91;
/** Behind any place. */
const NEVER = 2 ** 30 - 1;

/** Names and signs lie so far before a value at most. */
const REACH = 120;
const AUTHORITY_MAX = 300;
const SPACES_MAX = 8;
const BEARER_LEAST = 16;
/** So far behind a value its name may be. */
const AHEAD_MAX = 90;
/** The longest type between a name and its value. */
const TYPE_MAX = 32;

/** What a mark gave. */
interface Place {
  readonly start: number;
  readonly end: number;
  readonly rule: number;
}

/** Finds secrets by their context. */
export class ContextFinder extends Finder {
  readonly #base: number;
  readonly #scene: Scene;
  readonly #tables: TableReader;
  #text = "";
  #codes!: Codes;
  #last = true;
  // Marks before this were looked at; what they gave and was not passed.
  #at = -1;
  readonly #pending: Place[] = [];
  /** From where on headings of tables are looked for, and the table that this place is in; none, in other readings than the first. */
  since = NEVER;
  table: TableState = NO_TABLE;

  /**
   * Makes a finder.
   *
   * @param rules Bit set of rules.
   * @param base The rule id of the first of them.
   */
  constructor(rules: number, base: number) {
    super();
    this.#scene = new Scene(rules, settingLeast);
    this.#base = base;
    this.#tables = new TableReader(this.#scene);
  }

  override begin(text: string, last: boolean, view: View | undefined, codes: Codes): void {
    this.#text = text;
    this.#codes = codes;
    this.#last = last;
    this.#scene.begin(text, last, view);
    this.#tables.begin(codes, this.since, this.table);
    this.#at = -1;
    if (this.#pending.length > 0) this.#pending.length = 0;
    this.start = -1;
  }

  override seek(from: number): void {
    const n = this.#text.length;
    const scene = this.#scene;
    const stop = this.until < n ? this.until : n;
    this.start = n;
    this.end = 0;
    const pending = this.#pending;
    let kept = 0;
    for (const place of pending) {
      if (place.start < from) continue;
      pending[kept++] = place;
      this.#take(place);
    }
    if (kept < pending.length) pending.length = kept;
    const tables = this.#tables;
    const row = tables.open;
    if (row >= 0) this.#take({ start: Math.max(row, from), end: 0, rule: 0 });
    for (let at = Math.max(0, this.#at, from - REACH);;) {
      // What a later mark gives may begin before what an earlier one gave.
      const most = Math.min(this.start, stop);
      if (tables.next < most) {
        this.#row(from);
        continue;
      }
      const p = nextMark(this.#codes, at, most);
      if (p >= most) break;
      this.#at = at = p + 1;
      if (!this.#look(p) || scene.start < from || scene.start - p > REACH) continue;
      const place = { start: scene.start, end: scene.end, rule: this.#base + scene.rule };
      pending.push(place);
      this.#take(place);
    }
  }

  /** The next row of a table. */
  #row(from: number): void {
    const tables = this.#tables;
    const scene = this.#scene;
    const row = tables.next;
    tables.read(() => {
      if (scene.start < from) return;
      const place = { start: scene.start, end: scene.end, rule: this.#base + scene.rule };
      this.#pending.push(place);
      this.#take(place);
    });
    if (tables.open >= 0) this.#take({ start: Math.max(row, from), end: 0, rule: 0 });
  }

  /** The table that a place is in, for who goes on behind it. */
  tableAt(place: number): TableState {
    return this.#tables.stateAt(place);
  }

  /** Takes what a mark gave if it is the first match, and of those that begin there the longest. */
  #take({ start, end, rule }: Place): void {
    if (start > this.start) return;
    if (start < this.start || (this.end !== 0 && end > this.end)) {
      this.end = end;
      this.rule = rule;
    } else if (end === 0) this.end = 0;
    this.start = start;
  }

  /** Looks what stands around a mark; what was found is in the scene. */
  #look(p: number): boolean {
    const codes = this.#codes;
    switch (codes[p]) {
      case EQUALS:
        return this.#assignment(p);
      case COLON:
        return codes[p + 1] === SLASH && codes[p + 2] === SLASH
          ? this.#url(p)
          : this.#assignment(p);
      case GREATER:
        return this.#element(p);
      case HYPHEN:
        return optionAt(this.#scene, p);
      case LOWER_E:
        return codes[p + 1] === 99 ? dialogueAt(this.#scene, p) : this.#bearer(p);
      case COMMA:
      case SEMICOLON:
      case PIPE:
      case CLOSE:
      case TAB:
      case LINE_FEED:
        return this.#tables.headAt(p);
      default:
        return isDialogue(codes, p) ? dialogueAt(this.#scene, p) : phraseAt(this.#scene, p);
    }
  }

  /** `Bearer` and a credential, wherever. */
  #bearer(p: number): boolean {
    const scene = this.#scene;
    if (!scene.has(Rule.AUTHORIZATION)) return false;
    if ((classAt(this.#text, p - 2) & WORD) !== 0) return false;
    return scene.credential(scene.skip(p + 6), BEARER_LEAST);
  }

  /** `<password>hunter2</password>` */
  #element(p: number): boolean {
    const codes = this.#codes;
    if (p === 0) return false;
    const prompt = codes[p + 1] === SPACE ? codes[p + 2] === 97 : codes[p - 1] === SPACE;
    if (prompt && promptAt(this.#scene, p)) return true;
    if (!isName(codes[p - 1]!) || !mayPromise(codes, p)) return false;
    const text = this.#text;
    const scene = this.#scene;
    if (!scene.has(Rule.ASSIGNED_SECRET)) return false;
    const s = nameStart(text, p);
    if (unitAt(text, s - 1) !== LESS && unitAt(text, s - 1) !== COLON) return false;
    const promise = promiseOf(text, s, p);
    if (promise < Promise.PASSWORD || promise > Promise.ACCOUNT) return false;
    return contentAt(scene, promise, p + 1);
  }

  /** A name, a sign and a value. */
  #assignment(p: number): boolean {
    const text = this.#text;
    const codes = this.#codes;
    const scene = this.#scene;
    const sign = codes[p]!;
    const before = p > 0 ? codes[p - 1]! : 0;
    // Comparisons and the like; the second of two signs.
    if (before === COLON || before === EQUALS || before === LESS || before === 33) return false;
    if (before === GREATER || before === 43 || before === HYPHEN) return false;
    let behind = p + 1;
    let compared = false;
    const next = codes[behind]!;
    if (sign === EQUALS && next === GREATER) behind++;
    else if (sign === EQUALS && next === EQUALS) {
      compared = true;
      behind += codes[behind + 1] === EQUALS ? 2 : 1;
    } else if (sign === COLON && next === COLON) return storedAt(scene, p);
    else if (sign === COLON && next === EQUALS) behind++;
    if (!compared && mayBeStored(codes, p, next) && storedAt(scene, p)) return true;
    // The name, and what may stand between it and the sign.
    let e = p;
    const least = Math.max(0, p - SPACES_MAX);
    while (e > least && isBlank(codes[e - 1]!)) e--;
    const spaced = e < p && sign === EQUALS;
    if (e > 0 && (codes[e - 1] === 63 || codes[e - 1] === 124)) e--;
    for (let k = 0; k < 3 && e > 0 && isCloser(codes[e - 1]!); k++) e--;
    if (e > 0 && codes[e - 1] === OPEN && codes[e] === 93) e--;
    if (e === 0) return false;
    // A name of another language.
    if (codes[e - 1]! > 127 || (e > 1 && codes[e - 2]! > 127)) {
      if (isForeign(text, e)) {
        return scene.has(Rule.ASSIGNED_SECRET) &&
          scene.value(Promise.PASSWORD, scene.skip(behind), p, spaced, false);
      }
    }
    if (!isName(codes[e - 1]!)) return false;
    if (sign === COLON && e === p && scene.has(Rule.ASSIGNED_SECRET) && changedAt(scene, p)) {
      return true;
    }
    if (!mayPromise(codes, e)) return sign === EQUALS && isQuote(next) && this.#attribute(p, e);
    const s = nameStart(text, e);
    let promise = promiseOf(text, s, e);
    let other = false;
    if (promise === Promise.VALUE) {
      promise = named(text, s);
      other = promise === Promise.NOTHING;
    } else if (sign === EQUALS && isQuote(next) && this.#attribute(p, e)) return true;
    if (promise === Promise.NOTHING && !other) return false;
    if (other) return this.#ahead(scene.skip(behind));
    // **password:** x
    if (text.startsWith("**", behind)) behind += 2;
    const from = scene.skip(behind);
    if (promise === Promise.AUTHORIZATION) return scene.header(from);
    if (promise === Promise.SSN) return this.#number(from);
    if (!scene.has(Rule.ASSIGNED_SECRET)) return false;
    if (promise === Promise.MAYBE && sign === EQUALS && pairAt(scene, from)) return true;
    const listed = isList(unitAt(text, s - 1)) || (sign === EQUALS && isOptionAt(text, s));
    if (sign === COLON && promise < Promise.MAYBE) {
      const typed = this.#typed(from);
      if (typed > 0) return scene.quoted(promise, typed, true, false);
      const line = this.#line(promise, from, p);
      if (line !== 0) return line > 0;
    }
    return scene.value(promise, this.#tagged(from), p, spaced || compared, listed, compared);
  }

  /** What has the name that an attribute says whose own name ends at `e`: `name="password"`. */
  #attribute(p: number, e: number): boolean {
    const text = this.#text;
    const scene = this.#scene;
    if (e !== p || !scene.has(Rule.ASSIGNED_SECRET)) return false;
    if (!text.startsWith("name", e - 4) && !text.startsWith("key", e - 3)) return false;
    const s = p + 2;
    let q = s;
    while (q - s < NAME_MAX && isNameAt(text, q)) q++;
    return q > s && isQuote(unitAt(text, q)) && attributeAt(scene, p, s, q);
  }

  /** The value at `from` whose name follows it: `"value": "hunter2", "name": "password"`. */
  #ahead(from: number): boolean {
    const text = this.#text;
    const scene = this.#scene;
    if (unitAt(text, from) !== 34) return false;
    const rule = Rule.ASSIGNED_SECRET;
    const e = scene.quoteEnd(from);
    if (e === NONE) return false;
    if (e === MORE) return scene.give(rule, from + 1, 0);
    let q = e + 1;
    const stop = q + AHEAD_MAX;
    let quotes = 0;
    let s = q;
    // A comma, a name in quotation marks, a colon, and another.
    for (; q < stop && quotes < 4; q++) {
      const unit = unitAt(text, q);
      if (scene.isOpen(q)) return scene.give(rule, from + 1, 0);
      if (unit === 34) {
        if (++quotes === 3) s = q + 1;
        if (quotes === 2 && !text.startsWith("name", q - 4) && !text.startsWith("key", q - 3)) {
          return false;
        }
      } else if (
        quotes % 2 === 1 ? !isNameAt(text, q) : unit > SPACE && unit !== 44 && unit !== COLON
      ) {
        return false;
      }
    }
    if (quotes < 4) return false;
    const promise = namedBy(text, s, q - 1);
    if (promise === Promise.AUTHORIZATION) return scene.header(from);
    return promise !== Promise.NOTHING && scene.has(rule) &&
      scene.quoted(promise, from, false, false);
  }

  /** Where the quotation mark is of a value whose type is at `from`: `password: &str = "..."`; 0 without one. */
  #typed(from: number): number {
    const text = this.#text;
    let q = from;
    if (unitAt(text, q) === AMPERSAND) q++;
    if ((classAt(text, q) & (LOWER | UPPER)) === 0) return 0;
    const stop = q + TYPE_MAX;
    while (q < stop && isTypeAt(text, q)) q++;
    q = this.#scene.skip(q);
    if (unitAt(text, q) !== EQUALS || unitAt(text, q + 1) === EQUALS) return 0;
    q = this.#scene.skip(q + 1);
    return isQuote(unitAt(text, q)) ? q : 0;
  }

  /** The value on the line behind a name's own, of a block perhaps: 1 for a secret, -1 for none, 0 where there is no such line. */
  #line(promise: number, from: number, p: number): number {
    const text = this.#text;
    const scene = this.#scene;
    let q = from;
    const block = unitAt(text, q) === 124 || unitAt(text, q) === GREATER;
    if (block) {
      q++;
      while (
        q < from + 3 &&
        (unitAt(text, q) === HYPHEN || unitAt(text, q) === 43 || (classAt(text, q) & DIGIT) !== 0)
      ) q++;
    }
    const s = scene.skipLine(q);
    // What is indented belongs to it.
    if (s === q || !isBlank(unitAt(text, s - 1))) return 0;
    if (!scene.value(promise, s, p, false, block)) return -1;
    if (scene.end === 0) return 1;
    // All of the line, or it is something else; what the text itself stands in may end.
    const end = isQuote(unitAt(text, scene.end)) ? scene.end + 1 : scene.end;
    const close = scene.skip(end);
    if (scene.isOpen(close)) {
      scene.end = 0;
      return 1;
    }
    if (close === text.length || isLineEnd(unitAt(text, close))) return 1;
    return close === end && unitAt(text, close) !== 44 ? 1 : -1;
  }

  /** Behind what YAML says of a value: `!!str`, `&anchor`. */
  #tagged(from: number): number {
    const text = this.#text;
    let q = from;
    if (unitAt(text, q) === 33 && unitAt(text, q + 1) === 33) q += 2;
    else if (unitAt(text, q) === AMPERSAND) q++;
    else return from;
    while (q < from + TYPE_MAX && (classAt(text, q) & WORD) !== 0) q++;
    return isBlank(unitAt(text, q)) ? this.#scene.skip(q) : from;
  }

  /** A social security number behind its name. */
  #number(from: number): boolean {
    if (!this.#scene.has(Rule.US_SSN)) return false;
    const text = this.#text;
    const s = isQuote(unitAt(text, from)) ? from + 1 : from;
    for (const separator of [0, SPACE, HYPHEN, 46]) {
      const end = ssnDigits(text, s, separator, this.#last);
      if (end !== NONE) return this.#scene.give(Rule.US_SSN, s, end === MORE ? 0 : end);
    }
    return false;
  }

  /** A URL whose scheme ends with the colon at `p`. */
  #url(p: number): boolean {
    if (!this.#scene.has(Rule.URL_CREDENTIALS) || (classAt(this.#text, p - 1) & WORD) === 0) {
      return false;
    }
    const text = this.#text;
    const n = text.length;
    const escaped = this.#scene.isPercent(p);
    const s = p + 3;
    let at = -1;
    let e = s;
    let units = 0;
    for (; e < n && units <= AUTHORITY_MAX; e++) {
      const unit = text.charCodeAt(e);
      if (unit <= SPACE || (isAuthorityEnd(unit) && (escaped || !this.#scene.isPercent(e)))) break;
      if (unit === AT && (escaped || !this.#scene.isPercent(e))) at = e;
      units += weight(unit);
    }
    if (units > AUTHORITY_MAX) return false;
    if (e === n && !this.#last) return this.#scene.give(Rule.URL_CREDENTIALS, s, 0);
    // Something to go to must follow.
    if (at <= s || (at + 1 === e && unitAt(text, e) !== 91 && unitAt(text, e) !== 123)) {
      return false;
    }
    const colon = text.slice(s, at).indexOf(":");
    if (colon < 0) {
      return Array.from(text.slice(s, at)).length >= 16 && hasDigit(text, s, at) &&
        wordsIn(text, s, at) <= 0 &&
        this.#scene.give(Rule.URL_CREDENTIALS, s, at);
    }
    const password = text.slice(s + colon + 1, at);
    if (password === "" || /^(?:[${<*]|%[A-Za-z({]|\[[A-Z_0-9]+\]?$|x+$|\.\.\.)/.test(password)) {
      return false;
    }
    return this.#scene.give(Rule.URL_CREDENTIALS, s, at);
  }
}

/** What stands before the name of one of several: of a query, a form or a connection string. */
function isList(unit: number): boolean {
  return unit === 63 || unit === AMPERSAND || unit === 59;
}

/** Whether a name is that of an option: `--password=...`. */
function isOptionAt(text: string, s: number): boolean {
  return unitAt(text, s) === HYPHEN && unitAt(text, s + 1) === HYPHEN;
}

/** Whether a character is of the name of a type. */
function isTypeAt(text: string, p: number): boolean {
  const unit = unitAt(text, p);
  return isNameAt(text, p) || unit === OPEN || unit === 93 || unit === 63 || unit === LESS ||
    unit === GREATER;
}

function hasDigit(text: string, s: number, e: number): boolean {
  for (let p = s; p < e; p++) {
    if ((classAt(text, p) & DIGIT) !== 0) return true;
  }
  return false;
}
