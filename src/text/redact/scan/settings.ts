/**
 * Passwords of small letters alone (`letmein`), which could be any word: where they stand as settings and commands write
 * values, and what a name means that is no ASCII. Part of `context.ts`. Twin: `rust/areas/redact/src/settings.rs`.
 *
 * @module
 */

import { Rule } from "../rules.ts";
import { isAt, isBlank, isCloser, isLineEnd, isQuote, nameStart, type Scene } from "./around.ts";
import { classAt, LOWER, MORE, NONE, unitAt, UPPER } from "./chars.ts";
import { isNameAt, Promise } from "./names.ts";

const COMMA = 44;
const HYPHEN = 45;
const COLON = 58;
const EQUALS = 61;
const OPEN = 40;
const CLOSE = 41;
const SLASH = 47;
const DOLLAR = 36;
const LESS = 60;
const AT = 64;
const PIPE = 124;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** The shortest password of letters that stands as a setting; of one whose name is in capitals, as of environments. */
const LEAST = 6;
const CAPITALS_LEAST = 4;
/**
 * So far back the surroundings of a name are looked at, or to what is no ASCII; with the longest name it is less than what
 * streams keep.
 */
const BACK_MAX = 64;
/** So much white space is passed over before a sign. */
const BLANKS_MAX = 8;
/** What a user is called, and the sign behind it. */
const USERS = [
  "user:",
  "username:",
  "user name:",
  "login:",
  "email:",
  "user=",
  "username=",
  "login=",
];
/** What changes passwords to those that it reads. */
const CHANGES = "chpasswd";
/** Words before an option that is spoken of. */
const SPEAKS =
  " a an the use uses using used with via by and or of to see pass set add from for in if when no on is as that this each new ";
/** Words behind such an option. */
const SPOKEN =
  /^(?:option|options|argument|arguments|parameter|parameters|switch|switches|should|prompt|prompts|instead|without|command|specified|specifies|because|before|after|which|where|while|would|could|cannot|already|together|prompting|contains)$/;

/**
 * How long a password of small letters must be that stands from `s` to `e` behind a sign: 0 where it is none, `MORE` where
 * the text ends too early.
 */
export function settingLeast(scene: Scene, sign: number, s: number, e: number): number {
  const { text } = scene;
  const n = text.length;
  for (let p = s; p < e; p++) {
    if ((classAt(text, p) & LOWER) === 0) return 0;
  }
  if (e - s < CAPITALS_LEAST) return 0;
  const mark = text.charCodeAt(sign);
  const after = unitAt(text, e);
  const ends = e === n || after <= 32 || isQuote(after);
  if (mark === HYPHEN) return ends && isCommand(text, sign, s, e) ? LEAST : 0;
  if (mark !== EQUALS && mark !== COLON) return 0;
  let end = sign;
  while (end > sign - BLANKS_MAX && isBlank(unitAt(text, end - 1))) end--;
  const spaced = end < sign;
  if (isCloser(unitAt(text, end - 1))) end--;
  const from = nameStart(text, end);
  const capitals = isCapitals(text, from, end);
  const least = capitals ? CAPITALS_LEAST : LEAST;
  const before = unitAt(text, from - 1);
  if (mark === EQUALS && s === sign + 1 && !spaced) {
    const free = before <= 32 || isQuote(before) || before === EQUALS || before === COMMA;
    if (ends) return free ? least : 0;
    if (after !== COMMA && after !== CLOSE_BRACE) return 0;
    return isInBraces(text, from) || (free && !isBlank(unitAt(text, e + 1)) && isPlain(text, from))
      ? LEAST
      : 0;
  }
  // /password:letmein
  if (s === sign + 1 && before === SLASH) {
    return ends && isBlank(unitAt(text, from - 2)) ? least : 0;
  }
  // All that is left of its line.
  const close = scene.skip(e);
  if (scene.isOpen(close)) return MORE;
  const next = unitAt(text, close);
  if (close < n && !isLineEnd(next) && !(next === 35 && close > e)) return 0;
  if (mark === EQUALS) {
    return (from === 0 || isLineEnd(before)) && isPlain(text, from) ? least : 0;
  }
  if (s === sign + 1) return 0;
  const free = isBlank(before) && (capitals || isBehindUser(text, from));
  return free || isLineStart(text, from) ? least : 0;
}

/** Whether the name of a user stands before a name on its line: `User: bob Password: x`. */
function isBehindUser(text: string, from: number): boolean {
  let p = from;
  while (p > 0 && p > from - BACK_MAX) {
    const unit = text.charCodeAt(p - 1);
    if (isLineEnd(unit) || unit > 126) break;
    p--;
  }
  for (; p < from; p++) {
    if (USERS.some((user) => isAt(text, p, user))) return true;
  }
  return false;
}

/** Whether an option at `p` is one of a command, and its value none of what is said of options. */
function isCommand(text: string, p: number, s: number, e: number): boolean {
  let q = p;
  while (q > 0 && p - q < BLANKS_MAX && isBlank(unitAt(text, q - 1))) q--;
  let w = q;
  while (w > 0 && q - w < BLANKS_MAX && (classAt(text, w - 1) & (LOWER | UPPER)) !== 0) w--;
  // At the beginning of a line it is described.
  if (w === q && (q === 0 || isLineEnd(unitAt(text, q - 1)))) return false;
  return !SPEAKS.includes(` ${text.slice(w, q).toLowerCase()} `) && !SPOKEN.test(text.slice(s, e));
}

function isCapitals(text: string, s: number, e: number): boolean {
  let capitals = false;
  for (let p = s; p < e; p++) {
    const bits = classAt(text, p);
    if ((bits & LOWER) !== 0) return false;
    if ((bits & UPPER) !== 0) capitals = true;
  }
  return capitals;
}

/** Whether nothing before a name looks like code: no bracket and no semicolon. */
function isPlain(text: string, from: number): boolean {
  for (let p = from - 1; p >= 0 && p > from - BACK_MAX; p--) {
    const unit = text.charCodeAt(p);
    // JSON, of which the name is in a string.
    if (unit > 126 || (unit === OPEN_BRACE && isQuote(unitAt(text, p + 1)))) return true;
    if (
      unit === OPEN || unit === CLOSE || unit === 59 || unit === OPEN_BRACE ||
      unit === CLOSE_BRACE
    ) return false;
  }
  return true;
}

/** Whether a name stands in braces on its line, and in no parentheses in these. */
function isInBraces(text: string, from: number): boolean {
  for (let p = from - 1; p >= 0 && p > from - BACK_MAX; p--) {
    const unit = text.charCodeAt(p);
    if (unit === OPEN_BRACE) return true;
    if (unit > 126 || unit === OPEN || unit === CLOSE_BRACE || isLineEnd(unit)) return false;
  }
  return false;
}

/** Whether nothing but white space, the sign of an item and a quotation mark stands before a name on its line. */
function isLineStart(text: string, from: number): boolean {
  let p = from;
  while (p > 0 && p > from - BACK_MAX) {
    const unit = text.charCodeAt(p - 1);
    if (isLineEnd(unit)) return true;
    if (!isBlank(unit) && unit !== HYPHEN && !isQuote(unit)) return false;
    p--;
  }
  return p === 0;
}

/** How names of passwords end that ASCII does not write, without their first letter where that may be a capital. */
const FOREIGN = [
  "ontrase\u00f1a",
  "ONTRASE\u00d1A",
  "has\u0142o",
  "Has\u0142o",
  "arol\u0103",
  "elsz\u00f3",
  "\u0430\u0440\u043e\u043b\u044c",
  "\u0410\u0420\u041e\u041b\u042c",
  "\u5bc6\u7801",
  "\u5bc6\u78bc",
  "\u30d1\u30b9\u30ef\u30fc\u30c9",
  "\ube44\ubc00\ubc88\ud638",
];

/** Whether the name of a password that ASCII does not write ends at a place. */
export function isForeign(text: string, e: number): boolean {
  return FOREIGN.some((foreign) => text.endsWith(foreign, e));
}

/** The second of two fields, divided by a colon at `p`, of what `chpasswd` is given: `echo bob:hunter2 | chpasswd`. */
export function changedAt(scene: Scene, p: number): boolean {
  const { text } = scene;
  const first = text.charCodeAt(p + 1);
  if (!(first > 32 && first < 127) || !isNameAt(text, p - 1)) return false;
  if (first === DOLLAR || first === LESS || first === OPEN_BRACE) return false;
  const name = nameStart(text, p);
  const quote = isQuote(unitAt(text, name - 1)) ? unitAt(text, name - 1) : 0;
  if (!text.startsWith("echo ", name - 5 - (quote === 0 ? 0 : 1))) return false;
  let e = p + 1;
  for (; e - p < BACK_MAX && e < text.length; e++) {
    const unit = text.charCodeAt(e);
    if (unit <= 32 || isQuote(unit) || unit === PIPE) break;
    if (unit > 126) return false;
  }
  if (scene.isOpen(e)) return scene.give(Rule.ASSIGNED_SECRET, p + 1, 0);
  let q = quote !== 0 && unitAt(text, e) === quote ? e + 1 : e;
  q = scene.skip(q);
  if (unitAt(text, q) === PIPE) q = scene.skip(q + 1);
  else if (!scene.isOpen(q)) return false;
  if (text.startsWith("sudo ", q)) q += 5;
  if (q + CHANGES.length > text.length && !scene.last) {
    return scene.give(Rule.ASSIGNED_SECRET, p + 1, 0);
  }
  return e > p + 1 && text.startsWith(CHANGES, q) &&
    scene.give(Rule.ASSIGNED_SECRET, p + 1, e);
}

function isAscii(text: string, s: number, e: number): boolean {
  for (let p = s; p < e; p++) {
    if (text.charCodeAt(p) > 126) return false;
  }
  return true;
}

/** The second of two strings in parentheses at `from`, behind a function's name perhaps: `auth=("bob", "x")`. */
export function pairAt(scene: Scene, from: number): boolean {
  const { text } = scene;
  let q = from;
  while (q - from < BACK_MAX && isNameAt(text, q)) q++;
  if (scene.isOpen(q)) return scene.give(Rule.ASSIGNED_SECRET, q, 0);
  if (unitAt(text, q) !== OPEN) return false;
  q = scene.skip(q + 1);
  if (!isQuote(unitAt(text, q))) return false;
  const end = scene.quoteEnd(q);
  if (end === MORE) return scene.give(Rule.ASSIGNED_SECRET, q, 0);
  if (end === NONE || unitAt(text, end + 1) !== COMMA || !isAscii(text, q, end)) return false;
  q = scene.skip(end + 2);
  return isQuote(unitAt(text, q)) && scene.quoted(Promise.PASSWORD, q, false, true);
}

/** `SecureString "x"`, `SecureString -String "x"`, from the word on. */
export function secureAt(scene: Scene, p: number): boolean {
  const { text } = scene;
  let q = scene.skip(p + "SecureString".length);
  if (text.startsWith("-String ", q)) q = scene.skip(q + 8);
  return isQuote(unitAt(text, q)) && scene.quoted(Promise.PASSWORD, q, false, true);
}

/** `sqlplus scott/tiger@orcl`, from the command on. */
export function connectAt(scene: Scene, p: number): boolean {
  const { text } = scene;
  if (!scene.has(Rule.URL_CREDENTIALS)) return false;
  let q = scene.skip(p + "sqlplus".length);
  // -s, -l and the like.
  for (let k = 0; k < 3 && unitAt(text, q) === HYPHEN; k++) {
    q++;
    while ((classAt(text, q) & (LOWER | UPPER)) !== 0) q++;
    q = scene.skip(q);
  }
  if (isQuote(unitAt(text, q))) q++;
  const user = q;
  while (q - user < BACK_MAX && isNameAt(text, q)) q++;
  if (scene.isOpen(q)) return scene.give(Rule.URL_CREDENTIALS, user, 0);
  if (q === user || unitAt(text, q) !== SLASH) return false;
  const s = q + 1;
  let e = s;
  while (
    e - s < BACK_MAX && unitAt(text, e) > 32 && unitAt(text, e) < 127 && unitAt(text, e) !== AT &&
    !isQuote(unitAt(text, e))
  ) e++;
  if (scene.isOpen(e)) return scene.give(Rule.URL_CREDENTIALS, s, 0);
  const first = unitAt(text, s);
  return e > s && first !== DOLLAR && first !== LESS && first !== OPEN_BRACE && first !== SLASH &&
    scene.give(Rule.URL_CREDENTIALS, s, e);
}
