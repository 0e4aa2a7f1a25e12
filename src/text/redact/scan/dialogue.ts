/**
 * Secrets in what programs say to each other, known by the word before them: lines of FTP, POP3, IRC, NNTP, SMTP, IMAP and
 * Redis. Part of `context.ts`. Twin: `rust/areas/redact/src/dialogue.rs`.
 *
 * @module
 */

import { Rule } from "../rules.ts";
import { isAt, isBlank, isLineEnd, isQuote, type Scene } from "./around.ts";
import { ALNUM, classAt, DIGIT, LOWER, MORE, unitAt, UPPER, WORD } from "./chars.ts";
import { type Codes, startsWith } from "./codes.ts";
import { argumentAt, callAt, pipedAt, stringAt } from "./given.ts";
import { line, open, whole, word, WORD_MAX, wordsAt } from "./lines.ts";

const COLON = 58;
const GREATER = 62;
const DOLLAR = 36;

/** So far back a line is looked at, or to what is no ASCII. */
const BACK_MAX = 80;

/** What says near `PASS` that it is the one of a protocol: before it, and on the line behind. */
const LOGS = ["USER ", "NICK ", "331", "+OK", "AUTHINFO "];
const ANSWERS = ["USER ", "NICK ", "230", "+OK"];
/** Ways of SASL: those that have a secret in their first answer, and the others. */
const SASL = ["PLAIN", "XOAUTH2", "OAUTHBEARER"];
const OTHERS = ["LOGIN", "CRAM-MD5", "DIGEST-MD5", "NTLM", "GSSAPI", "EXTERNAL", "ANONYMOUS"];
/** What goes on behind the password of a command of Redis. */
const BEHIND = ["SETNAME", "KEYS", "REPLACE"];

/** Whether the mark of such a secret is at a place: the last letter of a verb, a command, a sign before a string. */
export function isDialogue(codes: Codes, p: number): boolean {
  switch (codes[p]) {
    case 83: // S
      return startsWith(codes, p - 3, "PASS ") || startsWith(codes, p - 4, "NickServ");
    case 72: // H
      return startsWith(codes, p - 3, "AUTH");
    case 78: // N
      return startsWith(codes, p - 4, "LOGIN ");
    case 82: // R
      return startsWith(codes, p - 3, "OPER ");
    case 81: // Q
      return startsWith(codes, p - 10, "UGFzc3dvcmQ6");
    case 101: // e
      return startsWith(codes, p, "echo ");
    case 102: // f
      return startsWith(codes, p - 5, "printf ");
    case 60: // <
      return startsWith(codes, p, "<<<") && codes[p + 3] !== 60 && codes[p - 1] !== 60;
    case 40: // (
      return callAt(codes, p) > 0;
    default:
      return false;
  }
}

/** Whether letters alone stand there. */
function areLetters(text: string, s: number, e: number): boolean {
  for (let q = s; q < e; q++) {
    if ((classAt(text, q) & (LOWER | UPPER)) === 0) return false;
  }
  return true;
}

/** Whether what stands there may be base64 of something. */
function isEncoded(text: string, s: number, e: number): boolean {
  if (e - s < 8 || (e - s) % 4 !== 0) return false;
  for (let q = s; q < e; q++) {
    const unit = text.charCodeAt(q);
    if ((classAt(text, q) & ALNUM) === 0 && unit !== 43 && unit !== 47 && unit !== 61) return false;
  }
  return true;
}

function isWord(text: string, k: number, words: readonly string[]): boolean {
  return words.includes(text.slice(line.starts[k], line.ends[k]));
}

/** What stands before a place, on this line and those before. */
function before(text: string, at: number): string {
  let s = at;
  while (s > 0 && at - s < BACK_MAX && text.charCodeAt(s - 1) < 127) s--;
  return text.slice(s, at);
}

/** Whether a line begins at a place, behind who speaks perhaps: `C: `, `> `, `[main] > `. */
function isSaid(text: string, at: number): boolean {
  const sign = unitAt(text, at - 2);
  if (unitAt(text, at - 1) === 32 && (sign === GREATER || sign === COLON)) return true;
  return at === 0 || isLineEnd(unitAt(text, at - 1));
}

/** The secret whose mark is at `p`. */
export function dialogueAt(scene: Scene, p: number): boolean {
  if (!scene.has(Rule.ASSIGNED_SECRET)) return false;
  const { text } = scene;
  switch (text.charCodeAt(p)) {
    case 83: // S
      return text.charCodeAt(p + 1) === 32 ? passAt(scene, p) : servedAt(scene, p + 4);
    case 72: // H
      return (classAt(text, p - 4) & WORD) === 0 && authAt(scene, p);
    case 78: // N
      return loginAt(scene, p);
    case 82: { // R
      if (!isSaid(text, p - 3)) return false;
      const count = wordsAt(scene, p + 1);
      if (count === MORE) return open(scene, p + 2);
      return count === 2 && line.ended && !areLetters(text, line.starts[1]!, line.ends[1]!) &&
        word(scene, 1);
    }
    case 81: // Q
      return answerAt(scene, p + 2);
    case 101: // e
      return pipedAt(scene, p + 5, false);
    case 102: // f
      return pipedAt(scene, p + 2, true);
    case 60: // <
      return stringAt(scene, p);
    default:
      return argumentAt(scene, p);
  }
}

/** `PASS hunter2`, of FTP, POP3, IRC and NNTP. */
function passAt(scene: Scene, p: number): boolean {
  const { text } = scene;
  if ((classAt(text, p - 4) & WORD) !== 0) return false;
  const count = wordsAt(scene, p + 1);
  if (count === MORE) return open(scene, p + 2);
  if (count !== 1 || !line.ended) return false;
  const near = before(text, p - 3);
  if (LOGS.some((log) => near.includes(log))) return word(scene, 0);
  if (scene.isCut(line.ends[0]!)) return open(scene, p + 2);
  const next = scene.skipLine(line.ends[0]!);
  if (next === line.ends[0]) return false;
  if (next + 5 > text.length && !scene.last) return open(scene, p + 2);
  return ANSWERS.some((answer) => text.startsWith(answer, next)) && word(scene, 0);
}

/** `NickServ :IDENTIFY hunter2`, from behind the name. */
function servedAt(scene: Scene, from: number): boolean {
  const { text } = scene;
  let q = scene.skip(from);
  if (unitAt(text, q) === COLON) q++;
  if (q + 9 > text.length && !scene.last) return open(scene, from);
  if (!isAt(text, q, "identify ")) return false;
  const count = wordsAt(scene, q + 9);
  if (count === MORE) return open(scene, q + 9);
  return line.ended && (count === 1 || count === 2) && word(scene, count - 1);
}

/** `AUTH hunter2`, `AUTH bob hunter2` of Redis; `AUTH PLAIN ...`, `AUTHENTICATE PLAIN ...` of mail. */
function authAt(scene: Scene, p: number): boolean {
  const { text } = scene;
  const quoted = isQuote(unitAt(text, p + 1)) && unitAt(text, p - 4) === unitAt(text, p + 1);
  let from = quoted ? p + 2 : p + 1;
  if (unitAt(text, from) === 50) from++;
  const long = unitAt(text, from) === 69;
  if (long) {
    if (!text.startsWith("ENTICATE ", from)) return false;
    from += 8;
  }
  if (isLineEnd(unitAt(text, from))) return bulkAt(scene, p, from);
  if (!isBlank(unitAt(text, from))) return false;
  const count = wordsAt(scene, from);
  if (count === MORE) return open(scene, from + 1);
  if (count === 0 || (count === 1 && !line.ended)) return false;
  if (isWord(text, 0, SASL)) {
    if (count === 2) {
      return line.ended && isEncoded(text, line.starts[1]!, line.ends[1]!) && word(scene, 1);
    }
    return count === 1 && challengeAt(scene, line.ends[0]!);
  }
  if (long || isWord(text, 0, OTHERS)) return false;
  // What goes on behind it.
  const last = count > 1 && isWord(text, 1, BEHIND)
    ? 0
    : count > 2 && isWord(text, 2, BEHIND)
    ? 1
    : line.ended && count < 3
    ? count - 1
    : -1;
  if (last < 0) return false;
  const said = quoted || isSaid(text, p - 3);
  if (!said && !/HELLO |MIGRATE /.test(before(text, p - 3))) return false;
  if (areLetters(text, line.starts[last]!, line.ends[last]!)) {
    const prompt = quoted || unitAt(text, p - 5) === GREATER;
    if (!prompt && !(last === 1 && isWord(text, 0, ["default"]))) return false;
    if ((classAt(text, line.starts[last]!) & LOWER) === 0) return false;
  } else if (!hasDigit(text, line.starts[last]!, line.ends[last]!) && last === 0) return false;
  return word(scene, last);
}

function hasDigit(text: string, s: number, e: number): boolean {
  for (let q = s; q < e; q++) {
    if ((classAt(text, q) & DIGIT) !== 0) return true;
  }
  return false;
}

/** `AUTH` and what follows, as Redis is sent it: each behind its length. */
function bulkAt(scene: Scene, p: number, from: number): boolean {
  const { text } = scene;
  const size = p < 6 ? "" : text.slice(Math.max(0, p - 7), p - 3);
  if (!size.endsWith("$4\n") && !size.endsWith("$4\r\n")) return false;
  let q = from;
  let s = 0;
  let e = 0;
  for (let k = 0; k < 2; k++) {
    if (scene.isCut(q)) return open(scene, from);
    const next = scene.skipLine(q);
    if (scene.isOpen(next)) return open(scene, from);
    if (next === q || unitAt(text, next) !== DOLLAR) break;
    let behind = next + 1;
    while (behind - next < 6 && (classAt(text, behind) & DIGIT) !== 0) behind++;
    if (scene.isCut(behind)) return open(scene, from);
    const at = scene.skipLine(behind);
    let end = at;
    while (end - at < WORD_MAX && unitAt(text, end) > 32 && unitAt(text, end) < 127) end++;
    if (scene.isOpen(end)) return open(scene, from);
    if (at === behind || end === at) return false;
    s = at;
    e = end;
    q = end;
  }
  return e > 0 && whole(scene, s, e);
}

/** `334 ` and, on the line behind it, what was asked for: base64. */
function challengeAt(scene: Scene, from: number): boolean {
  const { text } = scene;
  if (scene.isCut(from)) return open(scene, from);
  const next = scene.skipLine(from);
  if (next === from) return false;
  let q = behindSpeaker(text, next);
  if (q + 3 > text.length && !scene.last) return open(scene, from);
  if (!text.startsWith("334", q)) return false;
  q = scene.skip(q + 3);
  return answerAt(scene, q);
}

/** Behind who speaks, at the beginning of a line. */
function behindSpeaker(text: string, at: number): number {
  let q = at;
  while (q - at < 6 && unitAt(text, q) > 32 && unitAt(text, q) < 127) q++;
  const sign = unitAt(text, q - 1);
  const speaks = q > at && unitAt(text, q) === 32 && (sign === COLON || sign === GREATER);
  return speaks ? q + 1 : at;
}

/** The base64 on the line behind the one that ends at a place. */
function answerAt(scene: Scene, from: number): boolean {
  const { text } = scene;
  if (scene.isCut(from)) return open(scene, from);
  const next = scene.skipLine(from);
  if (next === from) return false;
  const s = behindSpeaker(text, next);
  let e = s;
  while (e - s < WORD_MAX && unitAt(text, e) > 32 && unitAt(text, e) < 127) e++;
  if (scene.isOpen(e)) return open(scene, from);
  return isEncoded(text, s, e) && whole(scene, s, e);
}

/** `requirepass hunter2` of a configuration of Redis, from behind the name. */
export function requiredAt(scene: Scene, from: number): boolean {
  if (!scene.has(Rule.ASSIGNED_SECRET)) return false;
  const count = wordsAt(scene, from);
  if (count === MORE) return open(scene, from + 1);
  return count === 1 && line.ended && word(scene, 0);
}

/** `htpasswd -b file bob hunter2`, from behind the name. */
export function batchAt(scene: Scene, from: number): boolean {
  const { text } = scene;
  const count = wordsAt(scene, from);
  if (count === MORE) return open(scene, from + 1);
  if (count < 3 || !line.ended) return false;
  for (let k = 0; k < count - 1; k++) {
    const option = text.slice(line.starts[k], line.ends[k]);
    if (/^-[A-Za-z]*b[A-Za-z]*$/.test(option)) return word(scene, count - 1);
  }
  return false;
}

/** `a1 LOGIN bob hunter2`, of IMAP. */
function loginAt(scene: Scene, p: number): boolean {
  const { text } = scene;
  const e = p - 5;
  let s = e;
  while (s > 0 && e - s < 10 && (classAt(text, s - 1) & ALNUM) !== 0) s--;
  if (unitAt(text, e) !== 32 || !hasDigit(text, s, e) || !isSaid(text, s)) return false;
  const count = wordsAt(scene, p + 1);
  if (count === MORE) return open(scene, p + 2);
  return count === 2 && line.ended && word(scene, 1);
}

/** `> auth hunter2`, `user bob on >hunter2`, from the sign on. */
export function promptAt(scene: Scene, p: number): boolean {
  const { text } = scene;
  if (!scene.has(Rule.ASSIGNED_SECRET)) return false;
  if (text.startsWith(" auth ", p + 1)) {
    const count = wordsAt(scene, p + 7);
    if (count === MORE) return open(scene, p + 7);
    return line.ended && (count === 1 || count === 2) && word(scene, count - 1);
  }
  if (unitAt(text, p - 1) !== 32) return false;
  if (!isRules(before(text, p))) return false;
  let e = p + 1;
  while (
    e - p < WORD_MAX && unitAt(text, e) > 32 && unitAt(text, e) < 127 && !isQuote(unitAt(text, e))
  ) e++;
  if (scene.isOpen(e)) return open(scene, p + 1);
  return whole(scene, p + 1, e);
}

/** Whether rules of a user of Redis end a text: `ACL SETUSER bob on `. */
function isRules(near: string): boolean {
  const at = near.toLowerCase().lastIndexOf("user ");
  if (at < 0 || ((classAt(near, at - 1) & WORD) !== 0 && !isAt(near, at - 3, "set"))) return false;
  const rules = near.slice(at + 5);
  // deno-lint-ignore no-control-regex
  return rules.includes(" on ") && !rules.startsWith(" ") && !/[\u0000-\u001f]| {2}/.test(rules);
}
