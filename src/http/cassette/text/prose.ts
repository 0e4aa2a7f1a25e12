/**
 * Secrets in sentences: "the password is ...", "use ... as the token". What may be a word like any other is taken for a
 * secret only behind a word for passwords and at the end of its sentence; otherwise it has to look like one.
 *
 * @module
 */

import { isSecretName } from "../names.ts";
import type { Span } from "../rules.ts";

const PASSWORD =
  "pass(?:word|phrase|code|wd)|pwd|pin(?:[ -]?(?:code|number))?|passwort|kennwort|contrase\xf1a|mot de passe|wachtwoord";
const KIND =
  "api|access|auth(?:entication|orization)?|refresh|bearer|session|security|login|private|secret|signing|encryption|" +
  "recovery|verification|one[- ]time";
const NOUN = String.raw`(?<![\w-])(${PASSWORD}|(?:(?:${KIND})[ -]){1,2}(?:token|key|code|secret)|` +
  String.raw`token|secret)(?![\w-])`;
const VALUE = String.raw`([^\s"'\x60<>()[\]{},;=\uf8e0-\uf8f1]{3,128})`;
/** What is said between: whose it is, and that it is, was, will be or was made this. */
const IS = String
  .raw`(?:[ \t]+[^\s.,;:!?"'\x60=<>]{1,24}){0,5}?[ \t]+(?:is|was|be|becomes|equals|reads|to|ist|war|lautet|est|es)` +
  String
    .raw`(?:[ \t]+(?:now|still|just|set|reset|changed|to|as|follows|jetzt))*[ \t]*:?[ \t]+["'\x60]?`;
const SAID = new RegExp(NOUN + IS + VALUE, "gi");
/** Right behind it, or alone on the next line. */
const BESIDE = new RegExp(NOUN + String.raw`(?:[ \t]+|[ \t]*\r?\n[ \t]*)["'\x60]?` + VALUE, "gi");
const BEFORE = new RegExp(
  VALUE +
    String.raw`["'\x60]?[ \t]+(?:as|for)[ \t]+(?:(?:the|your|my|our|its|his|her|a|an)[ \t]+)?` +
    String.raw`(?:[A-Za-z]{1,16}[ \t]+)?` + NOUN,
  "gi",
);
/** The same of a name that is no word: `db_pass is ...`. */
const NAMED = new RegExp(
  String.raw`(?<![\w-])([A-Za-z_][\w.-]{1,63})[ \t]{1,8}(?:is|equals)[ \t]{1,8}["'\x60]?` + VALUE,
  "g",
);
const IS_PASSWORD = new RegExp(`^(?:${PASSWORD})$`, "i");

/** Names of algorithms, formats, models and versions, which have digits too. */
const NAME =
  /^(?:sha|md\d|aes|rsa|ed\d|base\d|utf|oauth|http|ipv|argon|bcrypt|scrypt|pbkdf|hs\d|rs\d|es\d|x509|o\d+k|cl\d|gpt|v?\d+(?:\.\d+)*$)/i;
/** What a password is said to be, when no password is told. */
const ORDINARY =
  /(?:ed|ing|able|ible|ful|less|ive|ent|ant|ary|al|ory|ous|ic|ly|ness|tion|ment|ity|er|est|en|own)$|^(?:wrong|correct|incorrect|strong|weak|short|long|empty|right|valid|invalid|same|safe|unsafe|secret|public|private|plain|there|here|gone|lost|null|undefined|false|true|none|nothing|ready|enough|unique|random|yours|theirs|obsolete|blank|complex|simple|secure|insecure|string|password|passwort|sent|kept|stored|again|required|enabled|present|absent|text|plaintext|always|never|please)$/i;

/** The secrets of a text's sentences. */
export function proseSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const found of text.matchAll(SAID)) {
    const [whole, noun, value] = found as unknown as [string, string, string];
    const end = found.index + whole.length;
    const word = trimmed(value);
    const isPassword = IS_PASSWORD.test(noun);
    if (looksSecret(word, isPassword, 5) || isPassword && isLast(text, end, word)) {
      spans.push([end - value.length, end - value.length + word.length]);
    }
  }
  for (const found of text.matchAll(NAMED)) {
    const [whole, name, value] = found as unknown as [string, string, string];
    const word = trimmed(value);
    const start = found.index + whole.length - value.length;
    if (!isSecretName(name) || !looksSecret(word, /pass|pwd|pin$/i.test(name), 5)) continue;
    spans.push([start, start + word.length]);
  }
  for (const found of text.matchAll(BESIDE)) {
    const [whole, noun, value] = found as unknown as [string, string, string];
    const word = trimmed(value);
    const isPassword = IS_PASSWORD.test(noun);
    const start = found.index + whole.length - value.length;
    if (looksSecret(word, isPassword, isPassword ? 5 : 8)) spans.push([start, start + word.length]);
  }
  for (const found of text.matchAll(BEFORE)) {
    const [, value, noun] = found as unknown as [string, string, string];
    if (!looksSecret(value, IS_PASSWORD.test(noun), 5)) continue;
    spans.push([found.index, found.index + value.length]);
  }
  return spans;
}

/** Without what ends a sentence. */
function trimmed(value: string): string {
  return value.replace(/[.!?:]+$/, "");
}

/** Whether a word is no word of a language: letters with digits or signs; digits alone behind a word for passwords. */
function looksSecret(word: string, isPassword: boolean, least: number): boolean {
  if (/^\d+$/.test(word)) return isPassword && word.length >= 4;
  if (word.length < least || /[/\\|]|^[-+.$#@&%*_]|\.\w{1,4}$/.test(word) || NAME.test(word)) {
    return false;
  }
  return /[A-Za-z]/.test(word) && (/\d/.test(word) || /\w[!#$%&*+@^~?]\w/.test(word));
}

/** Whether a word is the last of its sentence, and none that is said of passwords. */
function isLast(text: string, end: number, word: string): boolean {
  if (!/^[a-z]{6,64}$/.test(word) || ORDINARY.test(word)) return false;
  return /[.!?]/.test(text[end - 1]!) ||
    /^[ \t]*["'`]?(?:[.!,;]|\r?\n|$)/.test(text.slice(end, end + 8));
}
