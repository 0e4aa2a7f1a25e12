/**
 * Secrets behind a word that says so, without a sign: `IDENTIFIED BY '...'`, `the password is ...`, `login x password y`,
 * `("password", "...")`, `name="password">...`. Part of `context.ts`. Twin: `rust/areas/redact/src/phrase.rs`.
 *
 * @module
 */

import { Rule } from "../rules.ts";
import {
  isAt,
  isBlank,
  isLineEnd,
  isQuote,
  nameStart,
  type Scene,
  VALUE_MAX,
  weight,
} from "./around.ts";
import { classAt, DIGIT, LOWER, MORE, NONE, unitAt, UPPER, WORD } from "./chars.ts";
import { isNameAt, NAME_MAX, Promise, promiseOf } from "./names.ts";
import { connectAt, secureAt } from "./settings.ts";
import { batchAt, requiredAt } from "./dialogue.ts";
import { isListed } from "./table.ts";

const COMMA = 44;
const HYPHEN = 45;
const AMPERSAND = 38;
const COLON = 58;
const SEMICOLON = 59;
const LESS = 60;
const EQUALS = 61;
const GREATER = 62;
const PARENTHESIS = 40;

/** So much of a tag, or of a sentence, may be between a name and its value. */
const BETWEEN_MAX = 80;
const WORDS_MAX = 8;

/** Words behind a password's name that say that it comes now. */
const IS = " is was ist lautet war est es e be now ";
/** The same behind a word that says that it was made. */
const TO = " to ";
/** What the words begin with that say so, and how far before the name they stand. */
const MADE = ["set", "chang", "reset", "updat"];
const MADE_MAX = 24;
/** Commands with that name that are given a password behind a user. */
const BATCHES = ["htpasswd", "mosquitto_passwd"];
/** Words that begin what says whose it is. */
const OF = " for of on to from in with ";

/** The secret behind the mark of a phrase at `p`, which is none of `Bearer`. */
export function phraseAt(scene: Scene, p: number): boolean {
  const { text } = scene;
  switch (text.charCodeAt(p) | 32) {
    case 102: // f
      return scene.has(Rule.ASSIGNED_SECRET) && identifiedAt(scene, p);
    case 107: // k
      return scene.has(Rule.ASSIGNED_SECRET) && tokenAt(scene, p);
    case 122: // z
      return scene.has(Rule.AUTHORIZATION) && headerAt(scene, p);
    case 113: // q
      return unitAt(text, p + 1) === 117 ? requiredAt(scene, p + 9) : connectAt(scene, p - 1);
    case 0xf1:
      return scene.has(Rule.ASSIGNED_SECRET) && saidOf(scene, p);
    case 115: // s
      if (!scene.has(Rule.ASSIGNED_SECRET)) return false;
      return text.charCodeAt(p) === 83 ? secureAt(scene, p) : saidOf(scene, p);
    default: // w
      return scene.has(Rule.ASSIGNED_SECRET) && passwordAt(scene, p);
  }
}

/** `senha e ...`, `mot de passe est ...`, `contrase\u00f1a es ...`: from within the name on. */
function saidOf(scene: Scene, p: number): boolean {
  const { text } = scene;
  let from = p;
  while (!isBlank(unitAt(text, from))) from++;
  return sentence(scene, p, p, scene.skip(from));
}

/** `IDENTIFIED BY 'hunter2'` */
function identifiedAt(scene: Scene, p: number): boolean {
  const { text } = scene;
  const capitals = text.charCodeAt(p) === 70;
  if (!isAt(text, p - 6, "identi") || !isBlank(unitAt(text, p + 7))) return false;
  let s = scene.skip(p + 7);
  if (isAt(text, s, "password ") || isAt(text, s, "values ")) s = scene.skip(s + 8);
  if (isQuote(unitAt(text, s))) return scene.quoted(Promise.PASSWORD, s, false, capitals);
  return capitals && scene.value(Promise.PASSWORD, s, p, false, false);
}

/** `the token is 9f8e...`, `the API key is ...` */
function tokenAt(scene: Scene, p: number): boolean {
  const { text } = scene;
  const e = p + 3;
  const promise = promiseOf(text, nameStart(text, e), e);
  if (promise !== Promise.TOKEN && promise !== Promise.MAYBE) return false;
  const from = scene.skip(p + 7);
  if (isQuote(unitAt(text, from))) return scene.quoted(Promise.MAYBE, from, false, false);
  return scene.value(Promise.MAYBE, from, p, false, false);
}

/** `.set("Authorization", "Basic ...")` */
function headerAt(scene: Scene, p: number): boolean {
  const { text } = scene;
  const e = p + 6;
  if (!isQuote(unitAt(text, e)) || unitAt(text, e + 1) !== COMMA) return false;
  const from = scene.skip(e + 2);
  if (!isQuote(unitAt(text, from))) return false;
  return promiseOf(text, nameStart(text, e), e) === Promise.AUTHORIZATION && scene.header(from);
}

/** What stands behind a password's name. */
function passwordAt(scene: Scene, p: number): boolean {
  const { text } = scene;
  let e = p + 1;
  for (const stop = p + NAME_MAX; e < stop && isNameAt(text, e);) e++;
  const s = nameStart(text, p);
  if (promiseOf(text, s, e) !== Promise.PASSWORD) return false;
  const next = unitAt(text, e);
  if (next === PARENTHESIS) {
    return isQuote(unitAt(text, e + 1)) && scene.quoted(Promise.PASSWORD, e + 1, false, false);
  }
  if (isQuote(next)) return behindQuote(scene, p, s, e);
  if (!isBlank(next)) return false;
  const before = unitAt(text, s - 1);
  if (before === LESS || (before === COLON && isTagName(text, s - 1))) {
    return elementFrom(scene, e);
  }
  if (BATCHES.includes(text.slice(s, e))) return batchAt(scene, e);
  const from = scene.skip(e);
  if (isQuote(unitAt(text, from))) {
    return scene.quoted(
      Promise.PASSWORD,
      from,
      false,
      text.charCodeAt(s) === 80 && isCapitals(text, s, e),
    );
  }
  return sentence(scene, p, s, from);
}

/** Whether a colon is behind the prefix of a tag. */
function isTagName(text: string, colon: number): boolean {
  return unitAt(text, nameStart(text, colon) - 1) === LESS;
}

function isCapitals(text: string, s: number, e: number): boolean {
  for (let q = s; q < e; q++) {
    if ((classAt(text, q) & UPPER) === 0) return false;
  }
  return true;
}

/** `("password", "hunter2")`; `name="password">hunter2<`, and the part of a form with that name. */
function behindQuote(scene: Scene, p: number, s: number, e: number): boolean {
  const { text } = scene;
  if (unitAt(text, e + 1) === COMMA || unitAt(text, e + 1) === 41) {
    if (unitAt(text, e + 1) === 41) return false;
    // A column of SQL.
    const listed = isListed(scene, e);
    if (listed !== NONE) return listed === MORE && scene.give(Rule.ASSIGNED_SECRET, e + 1, 0);
    // The end of a path.
    if (unitAt(text, s - 1) === 47) return false;
    const from = scene.skip(e + 2);
    return isQuote(unitAt(text, from)) && unitAt(text, from + 1) !== HYPHEN &&
      scene.quoted(Promise.PASSWORD, from, false, false);
  }
  return attributeAt(scene, p, s, e);
}

/**
 * The value of what has the name from `s` to `e` for an attribute `name` or `key`: of a tag, what is behind it; of a part of
 * a form, what is behind an empty line.
 */
export function attributeAt(scene: Scene, p: number, s: number, e: number): boolean {
  const { text } = scene;
  if (!isQuote(unitAt(text, s - 1)) || unitAt(text, s - 2) !== EQUALS) return false;
  if (!text.startsWith("name", s - 6) && !text.startsWith("key", s - 5)) return false;
  const promise = promiseOf(text, s, e);
  if (promise !== Promise.PASSWORD && promise !== Promise.TOKEN) return false;
  let q = e + 1;
  if (isLineEnd(unitAt(text, q))) {
    for (let lines = 0; lines < 2; lines++) {
      const next = scene.skipLine(q);
      if (next === q) return false;
      q = next;
    }
    return scene.value(promise, q, p, false, true);
  }
  return unitAt(text, q) === GREATER || isBlank(unitAt(text, q))
    ? elementFrom(scene, q, promise)
    : false;
}

/** What a tag's element holds, from within the tag. */
function elementFrom(scene: Scene, from: number, promise: number = Promise.PASSWORD): boolean {
  const { text } = scene;
  for (let q = from; q < from + BETWEEN_MAX; q++) {
    const unit = unitAt(text, q);
    if (unit === GREATER) return unitAt(text, q - 1) !== 47 && contentAt(scene, promise, q + 1);
    if (unit === LESS || unit < 32 || unit > 126) return false;
  }
  return false;
}

/** What an element holds, from `from` on: one word, on a line of its own perhaps. */
export function contentAt(scene: Scene, promise: number, from: number): boolean {
  const { text } = scene;
  const n = text.length;
  let s = scene.skipLine(scene.skip(from));
  const section = text.startsWith("<![CDATA[", s);
  if (section) s += 9;
  let e = s;
  for (let units = 0; e < n && units <= VALUE_MAX; e++) {
    const unit = text.charCodeAt(e);
    if (unit <= 32 || unit === (section ? 93 : LESS)) break;
    units += weight(unit);
  }
  if (scene.isOpen(e)) return scene.give(Rule.ASSIGNED_SECRET, s, 0);
  const close = section ? e : scene.skipLine(scene.skip(e));
  if (scene.isOpen(close)) return scene.give(Rule.ASSIGNED_SECRET, s, 0);
  if (unitAt(text, close) !== (section ? 93 : LESS)) return false;
  return scene.judge(promise, s, e, true, false, promise === Promise.PASSWORD);
}

/** `password is hunter2`, `login x password y`, `password 7 0822455D0A16`; from `from` on, behind the name. */
function sentence(scene: Scene, p: number, s: number, from: number): boolean {
  const { text } = scene;
  let at = from;
  let told = false;
  let made = false;
  for (let k = 0; k < 5; k++) {
    let e = at;
    while ((classAt(text, e) & (LOWER | UPPER)) !== 0 && e - at < 12) e++;
    // It may go on, and what it is then is not yet known.
    if (scene.isOpen(e)) return scene.give(Rule.ASSIGNED_SECRET, at, 0);
    // e or is, in Portuguese and Italian; ar in Swedish.
    if (e === at && isAccented(text, at)) {
      return saidAt(scene, p, scene.skip(at + 1));
    }
    const word = ` ${text.slice(at, e).toLowerCase()} `;
    const next = unitAt(text, e);
    if (e === at || (!isBlank(next) && next !== COLON)) break;
    if (IS.includes(word) || (TO.includes(word) && (made || isMade(text, s)))) told = true;
    else if (word === " string " && isTyped(text, scene.skip(e))) {
      return scene.quoted(Promise.PASSWORD, scene.skip(scene.skip(e) + 1), false, false);
    } else if (k === 0 && OF.includes(word)) return farther(scene, p, e);
    else if (word === " set " || word === " changed " || word === " reset ") made = true;
    else break;
    at = scene.skip(next === COLON ? e + 1 : e);
    if (next === COLON) break;
  }
  if (at >= text.length) return false;
  if (told) return saidAt(scene, p, at);
  if (at !== from) return false;
  if (unitAt(text, at) === HYPHEN && isBlank(unitAt(text, at + 1))) at = scene.skip(at + 1);
  // Which cipher a router has used.
  if (unitAt(text, at + 1) === 32 && (classAt(text, at) & DIGIT) !== 0) at += 2;
  if (isQuote(unitAt(text, at))) return false;
  const login = isLogin(text, s) || isSet(text, s);
  const found = scene.value(Promise.PASSWORD, at, p, false, login);
  return found && (scene.end === 0 || login || isMixed(text, scene.start, scene.end));
}

/** Whether a word of one letter that means is, in Portuguese or Italian, stands at a place. */
function isAccented(text: string, at: number): boolean {
  const unit = unitAt(text, at);
  return (unit === 0xe8 || unit === 0xe9) && isBlank(unitAt(text, at + 1));
}

/** The value that a sentence says to come at `at`. */
function saidAt(scene: Scene, p: number, at: number): boolean {
  const { text } = scene;
  if (isQuote(unitAt(text, at))) return scene.quoted(Promise.PASSWORD, at, false, true);
  if (!scene.value(Promise.PASSWORD, at, p, false, false)) return false;
  // In a sentence a semicolon makes no list of settings of it: `Your password was changed; log in.`
  return scene.end === 0 || !isPartedWord(text, scene);
}

/** Whether the value that was found is a word before a sign that parts settings. */
function isPartedWord(text: string, { start, end }: Scene): boolean {
  const after = unitAt(text, end);
  return (after === SEMICOLON || after === AMPERSAND) && /^[A-Za-z]+$/.test(text.slice(start, end));
}

/** `password for the admin of db is hunter2`, from behind the first of those words. */
function farther(scene: Scene, p: number, from: number): boolean {
  const { text } = scene;
  let at = from;
  for (let k = 0; k < WORDS_MAX; k++) {
    const s = scene.skip(at);
    let e = s;
    while (((classAt(text, e) & WORD) !== 0 || unitAt(text, e) === HYPHEN) && e - s < 24) e++;
    if (e === s || e - from > BETWEEN_MAX || !isBlank(unitAt(text, e))) return false;
    if (e - s === 2 && text.startsWith("is", s)) return saidAt(scene, p, scene.skip(e));
    at = e;
  }
  return false;
}

/** Whether a password was made or changed, as what stands before its name says. */
function isMade(text: string, s: number): boolean {
  for (let q = s - 1; q >= 0 && q > s - MADE_MAX && unitAt(text, q) < 127; q--) {
    if (MADE.some((word) => isAt(text, q, word))) return true;
  }
  return false;
}

/** What stands before a name and the word before it: commands that set a variable end before its name. */
const LOGINS = ["login", "account"];
/** What sets a variable of the environment to what stands behind its name. */
const SETS = ["env ", "setenv ", "setx ", "set -x ", "set -gx ", "set -xg ", "set -ux "];

/** Whether what stands before a name sets the variable of that name. */
function isSet(text: string, s: number): boolean {
  return SETS.some((words) =>
    isAt(text, s - words.length, words) && (classAt(text, s - words.length - 1) & WORD) === 0
  );
}

/** Whether `login x`, or an account, stands before a name. */
function isLogin(text: string, s: number): boolean {
  let p = s;
  while (p > s - 12 && p > 0 && text.charCodeAt(p - 1) <= 32) p--;
  if (p === s) return false;
  let w = p;
  while (w > 0 && w > p - NAME_MAX && unitAt(text, w - 1) > 32 && unitAt(text, w - 1) < 127) w--;
  while (w > 0 && w > p - NAME_MAX && isBlank(unitAt(text, w - 1))) w--;
  return LOGINS.some((word) => isAt(text, w - word.length, word));
}

/** `= "`, behind the type of a constant. */
function isTyped(text: string, at: number): boolean {
  return unitAt(text, at) === EQUALS && (isQuote(unitAt(text, at + 1)) ||
    (unitAt(text, at + 1) === 32 && isQuote(unitAt(text, at + 2))));
}

/** Whether letters and digits are mixed: no word, and no number. */
function isMixed(text: string, s: number, e: number): boolean {
  let letters = 0;
  let digits = 0;
  for (let q = s; q < e; q++) {
    const bits = classAt(text, q);
    if ((bits & DIGIT) !== 0) digits++;
    else if ((bits & (LOWER | UPPER)) !== 0) letters++;
  }
  return letters > 0 && digits > 0 && letters + digits > 3;
}
