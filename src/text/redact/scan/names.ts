/**
 * What a name says of the value that is assigned to it. Twin: `rust/areas/redact/src/names.rs`.
 *
 * @module
 */

import { ALNUM, CLASS, classAt, DIGIT, LOWER, UPPER, WORD } from "./chars.ts";
import type { Codes } from "./codes.ts";

/** What a name promises. */
export const Promise = {
  /** Nothing. */
  NOTHING: 0,
  /** A password: whatever a person may think of. */
  PASSWORD: 1,
  /** A token or key: made by a machine. */
  TOKEN: 2,
  /** Perhaps a secret, perhaps anything: only what looks random. */
  MAYBE: 3,
  /** The number of an account or tenant. */
  ACCOUNT: 4,
  /** The header of that name. */
  AUTHORIZATION: 5,
  /** A social security number. */
  SSN: 6,
  /** What a name that stands before says: `name: PASSWORD, value: ...`. */
  VALUE: 7,
} as const;

/** Ends of names, in small letters without what parts words, by what they promise. */
const ENDINGS: readonly (readonly [number, string])[] = [
  [Promise.AUTHORIZATION, "authorization"],
  [Promise.PASSWORD, "password passwd passwort passphrase passcode passwrd kennwort motdepasse"],
  [Promise.PASSWORD, "wachtwoord senha contrasena requirepass masterauth bindpw"],
  [Promise.PASSWORD, "sshpass dbpass userpass ftppass smtppass mailpass"],
  [Promise.PASSWORD, "storepass keypass haslo salasana losenord senord passord adgangskode heslo"],
  [Promise.TOKEN, "secret token apikey secretkey accesskey privatekey encryptionkey signingkey"],
  [Promise.TOKEN, "masterkey accountkey sharedaccesskey sharedkey storagekey licensekey"],
  [Promise.TOKEN, "subscriptionkey authkey sessionkey consumerkey appkey servicekey functionkey"],
  [Promise.TOKEN, "serverkey credential credentials creds jwt apitoken secretkeybase"],
  [Promise.ACCOUNT, "tenantid azureclientid awsaccountid"],
  [Promise.SSN, "ssn socialsecurity socialsecuritynumber"],
  [Promise.MAYBE, "key auth sig signature hmac sid session sessionid cookie sessid response"],
];
/** The same, where they are words of their own only. */
const WORDS: readonly (readonly [number, string])[] = [
  [Promise.PASSWORD, "pass pwd pw psk passe ifre parola"],
  [Promise.TOKEN, "otp"],
  [Promise.VALUE, "value"],
];

interface Ending {
  readonly promise: number;
  readonly text: string;
  readonly whole: boolean;
}

/** By the lower five bits of the last two letters of an ending: the endings. */
let byPair: Ending[][] | undefined;
/** The same: bits of the letters before these; all of an ending of two. */
const triples = new Uint32Array(1 << 10);

function makeEndings(): Ending[][] {
  const table: Ending[][] = Array.from({ length: 1 << 10 }, () => []);
  for (const [list, whole] of [[ENDINGS, false], [WORDS, true]] as const) {
    for (const [promise, texts] of list) {
      for (const text of texts.split(" ")) {
        const n = text.length;
        const pair = (text.charCodeAt(n - 1) & 31) << 5 | text.charCodeAt(n - 2) & 31;
        table[pair]!.push({ promise, text, whole });
        triples[pair]! |= n > 2 ? 1 << (text.charCodeAt(n - 3) & 31) : -1;
      }
    }
  }
  // The longest says most: `apikey` before `key`.
  for (const endings of table) endings.sort((a, b) => b.text.length - a.text.length);
  return table;
}

const UNDERSCORE = 95;
const HYPHEN = 45;
const DOT = 46;

/** Whether a character is of names. */
export function isNameAt(text: string, p: number): boolean {
  const unit = p >= 0 ? text.charCodeAt(p) : 0;
  return (CLASS[unit]! & WORD) !== 0 || unit === HYPHEN || unit === DOT;
}

/** The same, of what stands somewhere. */
export function isName(unit: number): boolean {
  return (CLASS[unit]! & WORD) !== 0 || unit === HYPHEN || unit === DOT;
}

/** The longest name that is read. */
export const NAME_MAX = 64;

/** Whether the name that ends at `e` may promise something, by its last three letters: most end with others. */
export function mayPromise(codes: Codes, e: number): boolean {
  byPair ??= makeEndings();
  let p = e - 1;
  for (let k = 0; k < 2 && p >= 0 && (CLASS[codes[p]!]! & DIGIT) !== 0; k++) p--;
  if (p < 1) return false;
  const last = codes[p]!;
  let before = codes[--p]!;
  if (isParting(before)) before = p > 0 ? codes[--p]! : 0;
  const bits = triples[(last & 31) << 5 | before & 31]!;
  if (bits === 0) return false;
  let third = p > 0 ? codes[--p]! : 0;
  if (isParting(third)) third = p > 0 ? codes[p - 1]! : 0;
  return (bits >>> (third & 31) & 1) !== 0;
}

/** What the name that ends at `e` promises; `from` is how far back it may be read. */
export function promiseOf(text: string, from: number, e: number): number {
  let end = e;
  while (end > from && (classAt(text, end - 1) & DIGIT) !== 0) end--;
  // A number behind a name counts only.
  if (end === from || e - end > 2) end = e;
  const unit = text.charCodeAt(end - 1);
  if (end === from || unit > 127) return Promise.NOTHING;
  byPair ??= makeEndings();
  // Most names end with other letters.
  let before = end - 2;
  if (before >= from && isParting(text.charCodeAt(before))) before--;
  if (before < from) return Promise.NOTHING;
  const endings = byPair[(unit & 31) << 5 | text.charCodeAt(before) & 31]!;
  for (let k = 0; k < endings.length; k++) {
    const ending = endings[k]!;
    const s = endingAt(text, from, end, ending.text);
    if (s < 0 || (ending.whole && !isWordAt(text, from, s))) continue;
    return ending.promise;
  }
  return Promise.NOTHING;
}

function isParting(unit: number): boolean {
  return unit === UNDERSCORE || unit === HYPHEN || unit === DOT;
}

/** Where an ending begins, in any case and with or without what parts words; -1 if it is another. */
function endingAt(text: string, from: number, end: number, ending: string): number {
  let p = end;
  for (let c = ending.length - 1; c >= 0; c--) {
    p--;
    let unit = p >= from ? text.charCodeAt(p) : 0;
    if (c < ending.length - 1 && isParting(unit)) {
      p--;
      unit = p >= from ? text.charCodeAt(p) : 0;
    }
    if ((CLASS[unit]! & (LOWER | UPPER)) === 0 || (unit | 32) !== ending.charCodeAt(c)) return -1;
  }
  return p;
}

/** Whether a word of a name begins at a place. */
function isWordAt(text: string, from: number, s: number): boolean {
  if (s === from) return true;
  const before = CLASS[text.charCodeAt(s - 1)]!;
  return (before & ALNUM) === 0 ||
    ((before & LOWER) !== 0 && (classAt(text, s) & UPPER) !== 0);
}
