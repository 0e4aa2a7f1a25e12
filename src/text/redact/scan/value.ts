/**
 * Whether what is assigned to a name is a secret, or a word, a variable, a type, a placeholder. Twin:
 * `rust/areas/redact/src/value.rs`.
 *
 * @module
 */

import { ALNUM, CLASS, classAt, DIGIT, HEX, LOWER, UPPER } from "./chars.ts";
import { Promise } from "./names.ts";
import { isRandom } from "./token.ts";
import { wordsIn } from "./words.ts";

/** How a value is written. */
export interface Manner {
  /** Within quotation marks, or an element. */
  quoted: boolean;
  /** With white space before the sign, as in code. */
  spaced: boolean;
  /** As one of several in a connection string or a query. */
  listed: boolean;
  /** How long it must be at least to be a password of small letters alone, as a setting; 0 for never. */
  least: number;
}

/** What stands where a value has still to be put. */
const PLACEHOLDERS =
  /your|example|placeholder|change_?me|redacted|xxxx|dummy|insert|replace|hidden|\.\.\.|\*\*\*|\$\{|\{\{|<|_here$/i;
/** What is a value to a program. */
const CODE =
  /^(?:[A-Za-z_][\w.]*(?:\(|\[|\{|->|::)|(?:self|this|process|os|env|config|settings|args|options|params|request|req|ctx)\.)|=>|:\/\/|\(\)/;
const PATH =
  /^(?:[./~]|[A-Za-z]:[\\/])|\.(?:pem|key|txt|json|ya?ml|crt|cert|cer|p12|pfx|jks|env|conf|cfg|ini|php|py|js|ts|go|rs|rb|java|html?)$/i;
const TYPE =
  /^(?:u?int|float|utf|sha|base|varchar|char|bytes?|str|string|aes|rsa|ed|vec|bool|number|crypto|secp|curve|hmac|md|ipv|uuid)[-_]?\d+/i;
/** What begins like a type and is as long is a hash. */
const TYPE_MOST = 32;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const LOGIN_LEAST = 12;
const ACCOUNT = /^(?:[0-9]{12}|[0-9]{4}-[0-9]{4}-[0-9]{4})$/;
/** Words that stand where passwords do. */
const COMMON =
  /^(?:true|false|null|none|nil|undefined|string|required|optional|password|passwd|passphrase|pass|pwd|secret|token|key|value|text|hash|hidden|empty|prompt|default|test|foo|bar|file|plain|auto|yes|no|on|off)$/i;
/** A password's own name, and a number. */
const SAME =
  /^(?:my|the|new|old)?_?(?:password|passwd|pass|pwd|token|secret|key|auth|cred)[a-z]*_?\d?$/i;
/** What stands there in a message or a form, where a password of letters might. */
const SAID =
  /^(?:invalid|missing|wrong|incorrect|forgot|reset|change|enter|confirm|repeat|show|login|signin|sign_in|bearer|basic|digest|admin|user|username|email|name|number|object|array|boolean|integer|field|input|label|error|unset|omitted|masked|filtered|removed|private|public|random|custom|please|strong|weak|simple|encrypted|plaintext|md5|crypt|bcrypt|ldap|kerberos|disabled|enabled|expired|unknown|never|always|passwort|kennwort|senha|wachtwoord|passwords|secrets|tokens|credential|credentials|authorization|verify|update|updated|create|current|old|new|forgotten|varchar|getpass|hashed|argument|parameter|variable|setting|settings|request|response|process|environ|environment|sensitive|nobody)$/;
/** A phrase: words of small letters and numbers. */
const PHRASE = /^[a-z0-9]+(?: [a-z0-9]+){1,7}$/;
/** Words of sentences, which a phrase has none of. */
const SENTENCE =
  /(?:^| )(?:a|an|the|is|are|be|was|must|your|you|to|for|of|in|on|or|and|not|no|with|enter|this|that|it|as|at|by|from|has|have|if|new|old|password|passwords|passphrase|characters|least|type|please|when|will|can|should)(?: |$)/;
/** Signs that people put into passwords. */
const SIGN = /[!@#$%^&*+~?]/;
/** Sixteen ciphers of hexadecimal have three bits each; half of a random token's is asked for. */
const RANDOM_BITS = 196_608;
const RANDOM_LEAST = 16;

/** Whether the value from `s` to `e` is a secret that a name promised. */
export function isSecretValue(
  promise: number,
  text: string,
  s: number,
  e: number,
  { quoted, spaced, listed, least }: Manner,
): boolean {
  const value = text.slice(s, e);
  if (promise === Promise.ACCOUNT) return UUID.test(value) || ACCOUNT.test(value);
  let letters = 0;
  let digits = 0;
  let joins = 0;
  let same = true;
  const first = text.charCodeAt(s);
  for (let p = s; p < e; p++) {
    const unit = text.charCodeAt(p);
    const bits = CLASS[unit]!;
    if (unit !== first || unit > 127) same = false;
    if ((bits & DIGIT) !== 0) digits++;
    else if ((bits & (LOWER | UPPER)) !== 0) letters++;
    else if (unit === 95 || unit === 45 || unit === 46 || unit === 47) joins++;
    else if (unit === 32) return quoted && promise === Promise.PASSWORD && isPhrase(value);
  }
  const length = e - s;
  const signs = length - letters - digits - joins;
  if (same || isTemplate(value) || PLACEHOLDERS.test(value) || PATH.test(value)) return false;
  if (CODE.test(value) || COMMON.test(value)) return false;
  if (length < TYPE_MOST && TYPE.test(value)) return false;
  if (promise === Promise.MAYBE) {
    return isLogin(value) ||
      length >= RANDOM_LEAST && digits > 0 && letters > 0 && signs < 3 && !UUID.test(value) &&
        isRandomValue(text, s, e);
  }
  const password = promise === Promise.PASSWORD;
  if (length < (password ? 4 : 6)) return false;
  if (!quoted && spaced && SAME.test(value)) return false;
  if (letters === 0) return digits >= (password ? 4 : 6) && !spaced;
  if (digits === 0 && signs === 0) {
    // Letters alone: a word, or a name of code.
    if (joins === 0 && password && listed && !/^[A-Z]+$/.test(value)) return true;
    if (password && least > 0 && length >= least) return !SAID.test(value);
    if (password && quoted && length >= 6 && /^[a-z]+$/.test(value)) return !SAID.test(value);
    return joins === 0 && length >= (password ? 8 : RANDOM_LEAST) && wordsIn(text, s, e) < 0;
  }
  if (password) {
    if (digits > 0) return true;
    // A label may end with a sign, and lists have some between.
    const label = (signs === 1 && (classAt(text, e - 1) & ALNUM) === 0) || !SIGN.test(value);
    return (quoted || !spaced) && !(label && wordsIn(text, s, e) > 0);
  }
  if (digits === 0) return false;
  // Names of things have their words parted.
  if (joins > 0 || spaced) return wordsIn(text, s, e) <= 0;
  return true;
}

/** Whether a value is a phrase that serves as a password: not a sentence, and four words or a number in it. */
function isPhrase(value: string): boolean {
  return PHRASE.test(value) && !SENTENCE.test(value) &&
    (/[0-9]/.test(value) || value.split(" ").length > 3);
}

/** Whether a value is one that a program has still to fill in, or a placeholder of a redacted text. */
function isTemplate(value: string): boolean {
  return /^(?:[${<(*]|%[A-Za-z({]|\[[A-Z_0-9]+\]?$)/.test(value);
}

/** Whether a value is base64 of a user and a password: letters, digits and signs, with a colon in them. */
function isLogin(value: string): boolean {
  if (value.length < LOGIN_LEAST || value.length % 4 !== 0 || !BASE64.test(value)) return false;
  const login = atob(value);
  return /^[!-~]+$/.test(login) && login.indexOf(":") > 0 && !login.endsWith(":");
}

/** Whether the characters of a value are random ones. */
export function isRandomValue(text: string, s: number, e: number): boolean {
  for (let p = s; p < e; p++) {
    const unit = text.charCodeAt(p);
    if (unit < 43 || unit > 122) return false;
  }
  if (e - s > 512) return true;
  if (!isRandom(text, s, e, RANDOM_BITS)) return false;
  let hexadecimal = true;
  for (let p = s; p < e && hexadecimal; p++) hexadecimal = (classAt(text, p) & HEX) !== 0;
  return hexadecimal || wordsIn(text, s, e) <= 0;
}

/** Whether the credential of a header is one: something that is no word and no placeholder. */
export function isCredential(text: string, s: number, e: number, least: number): boolean {
  const value = text.slice(s, e);
  if (e - s < least || isTemplate(value) || PLACEHOLDERS.test(value) || CODE.test(value)) {
    return false;
  }
  let digits = 0;
  let letters = 0;
  let same = true;
  for (let p = s; p < e; p++) {
    const bits = classAt(text, p);
    if ((bits & DIGIT) !== 0) digits++;
    else if ((bits & ALNUM) !== 0) letters++;
    if (text.charCodeAt(p) !== text.charCodeAt(s)) same = false;
  }
  if (same || letters + digits < 4) return false;
  return digits > 0 || text.charCodeAt(e - 1) === 61 || wordsIn(text, s, e) < 0;
}
