/**
 * Secrets as files and protocols hold them, known by their form: hashes of `/etc/shadow` and htpasswd, lines of `.pgpass`,
 * the user of a JDBC URL of Oracle, what a log is told to mask. Part of `context.ts`. Twin: `rust/areas/redact/src/stored.rs`.
 *
 * @module
 */

import { Rule } from "../rules.ts";
import { areDigits, isBlank, isLineEnd, isQuote, type Scene, VALUE_MAX } from "./around.ts";
import { ALNUM, CLASS, classAt, DIGIT, unitAt, WORD } from "./chars.ts";
import type { Codes } from "./codes.ts";
import { Promise } from "./names.ts";

const DOLLAR = 36;
const COLON = 58;

/** The shortest hash behind its salt. */
const HASH_LEAST = 22;
/** Names of ways to make a hash, as LDAP and htpasswd write them. */
const SCHEMES = [
  "{sha}",
  "{ssha}",
  "{sha256}",
  "{ssha256}",
  "{sha512}",
  "{ssha512}",
  "{md5}",
  "{smd5}",
  "{crypt}",
];
const SCHEME_MAX = 9;
/** The longest field of a line of `.pgpass`. */
const FIELD_MAX = 40;

/** Whether the sign at `p`, behind which `next` stands, may have one on its sides: most have none. */
export function mayBeStored(codes: Codes, p: number, next: number): boolean {
  if (next === DOLLAR || next === 123) return true;
  if (next === 32 || isQuote(next)) {
    const behind = codes[p + 2]!;
    return behind === DOLLAR || behind === 123 || isQuote(behind);
  }
  if (codes[p] !== COLON || p === 0) return false;
  const before = codes[p - 1]!;
  // A port has four digits or more.
  return before === 42 || before === 110 || before === 112 ||
    (before >= 48 && before <= 57 && p > 2 && (CLASS[codes[p - 3]!]! & DIGIT) !== 0);
}

/** What the sign at `p` has on its sides that is a secret by its form. */
export function storedAt(scene: Scene, p: number): boolean {
  const { text } = scene;
  const next = unitAt(text, p + 1);
  let s = p + 1;
  if (next === 32) s++;
  if (isQuote(unitAt(text, s))) s++;
  const first = unitAt(text, s);
  if (first === DOLLAR) return scene.has(Rule.ASSIGNED_SECRET) && hashAt(scene, s);
  if (first === 123) return scene.has(Rule.ASSIGNED_SECRET) && schemeAt(scene, s);
  if (text.charCodeAt(p) !== COLON || s !== p + 1) return false;
  const before = unitAt(text, p - 1);
  if (before === 42 || (classAt(text, p - 1) & DIGIT) !== 0) return passLine(scene, p);
  // jdbc:oracle:thin:scott/tiger@...
  if (before === 110 && text.startsWith("thin", p - 4)) return oracleAt(scene, p);
  if (before === 112 && text.charCodeAt(p - 2) === 47) return windowsAt(scene, p);
  if (before === 107 && next === COLON && text.startsWith("::add-mask", p - 10)) {
    return scene.has(Rule.ASSIGNED_SECRET) && toLineEnd(scene, p + 2);
  }
  return false;
}

/** `$6$salt$...`, `$2y$10$...`: names and numbers between dollar signs, and a long rest. */
function hashAt(scene: Scene, s: number): boolean {
  const { text } = scene;
  const n = text.length;
  if (scene.isOpen(s + 1)) return scene.give(Rule.ASSIGNED_SECRET, s, 0);
  const first = unitAt(text, s + 1);
  const known = (first >= 49 && first <= 55) || first === 121 || first === 97 || first === 112 ||
    first === 115;
  if (!known) return false;
  let dollars = 1;
  let part = s + 1;
  let e = part;
  for (; e < n && e - s <= VALUE_MAX; e++) {
    const unit = text.charCodeAt(e);
    if (unit === DOLLAR) {
      // The first part is short.
      if (e === part || (dollars === 1 && e - part > 16)) return false;
      dollars++;
      part = e + 1;
    } else if (!isHashUnit(text, e, dollars)) break;
    else if (dollars === 1 && e - part > 16) return false;
  }
  if (scene.isOpen(e)) return scene.give(Rule.ASSIGNED_SECRET, s, 0);
  return dollars >= 2 && e - part >= HASH_LEAST && scene.give(Rule.ASSIGNED_SECRET, s, e);
}

function isHashUnit(text: string, p: number, dollars: number): boolean {
  if ((classAt(text, p) & WORD) !== 0) return true;
  const unit = text.charCodeAt(p);
  return unit === 45 || unit === 46 ||
    (dollars > 1 && (unit === 47 || unit === 43 || unit === 61 || unit === 44));
}

/** `{SHA}...` */
function schemeAt(scene: Scene, s: number): boolean {
  const { text } = scene;
  let e = s + 1;
  while (e - s < SCHEME_MAX && (classAt(text, e) & ALNUM) !== 0) e++;
  if (scene.isOpen(e)) return scene.give(Rule.ASSIGNED_SECRET, s, 0);
  if (!SCHEMES.includes(text.slice(s, e + 1).toLowerCase())) return false;
  const from = ++e;
  const n = text.length;
  while (e < n && e - s <= VALUE_MAX && isHashUnit(text, e, 2)) e++;
  if (scene.isOpen(e)) return scene.give(Rule.ASSIGNED_SECRET, s, 0);
  return e - from >= HASH_LEAST && scene.give(Rule.ASSIGNED_SECRET, s, e);
}

/** `host:5432:database:user:password`, all of a line; `p` is behind the port. */
function passLine(scene: Scene, p: number): boolean {
  const { text } = scene;
  let s = p - 1;
  if (unitAt(text, s) !== 42) { while (s > p - 5 && (classAt(text, s - 1) & DIGIT) !== 0) s--; }
  if (unitAt(text, s - 1) !== COLON || (p - s < 4 && unitAt(text, s) !== 42)) return false;
  const host = s - 1;
  let line = host;
  while (line > host - FIELD_MAX && isField(text, line - 1)) line--;
  if (line === host || (line > 0 && !isLineEnd(text.charCodeAt(line - 1)))) return false;
  let at = p + 1;
  for (let field = 0; field < 2; field++) {
    const from = at;
    while (at - from < FIELD_MAX && isField(text, at)) at++;
    if (at === from || unitAt(text, at) !== COLON) return false;
    at++;
  }
  return scene.has(Rule.URL_CREDENTIALS) && lineAt(scene, Rule.URL_CREDENTIALS, at);
}

/** Whether a character is of a name in such a line. */
function isField(text: string, p: number): boolean {
  const unit = unitAt(text, p);
  return (classAt(text, p) & WORD) !== 0 || unit === 45 || unit === 46 || unit === 42;
}

/** All up to the end of a line, where it has no blank and a digit or a sign. */
function lineAt(scene: Scene, rule: number, s: number): boolean {
  const { text } = scene;
  const n = text.length;
  let e = s;
  let words = true;
  for (; e < n && e - s <= FIELD_MAX; e++) {
    const unit = text.charCodeAt(e);
    if (unit <= 32) break;
    if (unit > 126) return false;
    if ((classAt(text, e) & ALNUM) === 0 || (classAt(text, e) & DIGIT) !== 0) words = false;
  }
  if (scene.isOpen(e)) return scene.give(rule, s, 0);
  if (e - s < 4 || words || (e < n && !isLineEnd(text.charCodeAt(e)))) return false;
  return scene.give(rule, s, e);
}

/** All up to the end of a line. */
function toLineEnd(scene: Scene, s: number): boolean {
  const { text } = scene;
  const n = text.length;
  let e = s;
  while (
    e < n && e - s <= FIELD_MAX && text.charCodeAt(e) > 32 && text.charCodeAt(e) < 127 &&
    !isQuote(text.charCodeAt(e))
  ) e++;
  if (scene.isOpen(e)) return scene.give(Rule.ASSIGNED_SECRET, s, 0);
  const first = unitAt(text, s);
  return e - s >= 4 && first !== DOLLAR && scene.give(Rule.ASSIGNED_SECRET, s, e);
}

/** `thin:scott/tiger@` */
function oracleAt(scene: Scene, p: number): boolean {
  const { text } = scene;
  if (!scene.has(Rule.URL_CREDENTIALS)) return false;
  let q = p + 1;
  while (q - p < FIELD_MAX && isField(text, q)) q++;
  if (q === p + 1 || unitAt(text, q) !== 47) return false;
  const s = q + 1;
  let e = s;
  while (
    e - s < FIELD_MAX && unitAt(text, e) > 32 && unitAt(text, e) < 127 && unitAt(text, e) !== 64
  ) e++;
  if (scene.isOpen(e)) return scene.give(Rule.URL_CREDENTIALS, s, 0);
  return e > s && unitAt(text, e) === 64 && scene.give(Rule.URL_CREDENTIALS, s, e);
}

/** `/u:bob /p:hunter2` */
function windowsAt(scene: Scene, p: number): boolean {
  const { text } = scene;
  if (!isBlank(unitAt(text, p - 3)) || !scene.has(Rule.ASSIGNED_SECRET)) return false;
  const found = scene.value(Promise.PASSWORD, p + 1, p, false, false);
  return found && (scene.end === 0 || !areDigits(text, scene.start, scene.end));
}
