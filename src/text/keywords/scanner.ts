/**
 * The words and the runs of Chinese and Japanese characters of a text. Names stay whole: an inner hyphen, `_`, a stop
 * before a small letter or digit (`node.js`), a stop, `&` or `/` between capitals (`ASP.NET`, `AT&T`), `++` behind a word,
 * `#` behind one letter, a stop before capitals (`.NET`). What links point to, tags and entities of HTML have no words. Twin:
 * `rust/areas/text/src/words.rs`.
 *
 * @module
 */

const SEPARATOR = 0;
const LETTER = 1;
const MARK_OR_NUMBER = 2;
const CJK = 3;
const UNKNOWN = 255;

const MAX_WORD = 64;
/** The longest target of a Markdown link that is left out. */
const MAX_TARGET = 2000;
/** The longest parts of a mail address that is left out, in code points. */
const MAX_MAILBOX = 64;
const MAX_HOST = 255;
const SCHEMES = ["http://", "https://", "ftp://", "mailto:", "www."];

// Made at first use and not written as literals: reading them alone takes a program milliseconds at its start.
let anyLetter: RegExp | undefined;
let anyWordCharacter: RegExp | undefined;

let classes: Uint8Array | undefined;

function isCjk(c: number): boolean {
  return c >= 0x3005 &&
    (c <= 0x3007 || (c >= 0x30a0 && c <= 0x30ff) || (c >= 0x31f0 && c <= 0x31ff) ||
      (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x4e00 && c <= 0x9fff) ||
      (c >= 0xf900 && c <= 0xfaff) ||
      (c >= 0xff66 && c <= 0xff9f) || (c >= 0x20000 && c <= 0x3ffff));
}

function classify(codePoint: number): number {
  const character = String.fromCodePoint(codePoint);
  // Hiragana is mostly endings and particles: it parts the words of Japanese text.
  if (codePoint >= 0x3040 && codePoint <= 0x309f) return SEPARATOR;
  anyWordCharacter ??= new RegExp("^[\\p{L}\\p{M}\\p{N}]$", "u");
  if (!anyWordCharacter.test(character)) return SEPARATOR;
  if (isCjk(codePoint)) return CJK;
  anyLetter ??= new RegExp("^\\p{L}$", "u");
  return anyLetter.test(character) ? LETTER : MARK_OR_NUMBER;
}

function classTable(): Uint8Array {
  if (classes === undefined) {
    classes = new Uint8Array(0x10000).fill(UNKNOWN);
    classes.fill(SEPARATOR, 0, 0x80);
    for (let c = 0x30; c <= 0x39; c++) classes[c] = MARK_OR_NUMBER;
    for (let c = 0x41; c <= 0x5a; c++) classes[c] = classes[c + 0x20] = LETTER;
  }
  return classes;
}

function isUpper(unit: number): boolean {
  return unit >= 0x41 && unit <= 0x5a;
}

function isLowerOrDigit(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39);
}

/** Whether a unit may be in a mail address, before its `@`. */
function isOfMailbox(unit: number): boolean {
  return isUpper(unit) || isLowerOrDigit(unit) || unit === 0x2e || unit === 0x2d ||
    unit === 0x5f || unit === 0x2b || unit === 0x25;
}

/** Whether here is the scale of a picture, as in `logo@2x.png`. */
function isScale(text: string, at: number): boolean {
  let unit = text.charCodeAt(at);
  while (unit >= 0x30 && unit <= 0x39) unit = text.charCodeAt(++at);
  return unit === 0x78 && text.charCodeAt(at + 1) === 0x2e;
}

/** Walks over the words and the CJK runs of a text. */
export class Scanner {
  /** Whether the token is a CJK run; otherwise it is a word. */
  cjk = false;
  /** Where the token starts, in UTF-16 units. */
  start = 0;
  /** Where it ends. */
  end = 0;
  /** Its code points. */
  length = 0;
  /** Whether it has a letter. */
  hasLetter = false;
  /** Whether more than blanks and one line end stand between it and the token before. */
  apart = true;
  readonly #text: string;
  readonly #classes = classTable();
  #width = 1;

  constructor(text: string) {
    this.#text = text;
  }

  #classAt(at: number): number {
    const unit = this.#text.charCodeAt(at);
    this.#width = 1;
    if ((unit & 0xf800) === 0xd800) {
      const codePoint = this.#text.codePointAt(at)!;
      if (codePoint < 0x10000) return SEPARATOR;
      this.#width = 2;
      return classify(codePoint);
    }
    const known = this.#classes[unit]!;
    return known === UNKNOWN ? (this.#classes[unit] = classify(unit)) : known;
  }

  /** Moves to the next token; false at the end. */
  next(): boolean {
    for (let apart = false;; apart = true) {
      if (!this.#take()) return false;
      const behind = this.cjk ? this.end : this.#behindMail(this.end);
      if (behind === this.end) {
        this.apart ||= apart;
        return true;
      }
      this.end = behind;
    }
  }

  /** The next token, be it the beginning of a mail address. */
  #take(): boolean {
    const text = this.#text;
    const units = text.length;
    let at = this.end;
    let kind = SEPARATOR;
    let lines = 0;
    this.apart = at === 0;
    for (;;) {
      while (at < units && (kind = this.#classAt(at)) === SEPARATOR) {
        const unit = text.charCodeAt(at);
        if (unit === 0x0a) this.apart ||= ++lines > 1;
        else if (unit !== 0x20 && unit !== 0x09 && unit !== 0x0d) {
          this.apart = true;
          if (unit === 0x2e && this.#namesFrom(at)) break;
          if (unit === 0x5d && text.charCodeAt(at + 1) === 0x28) at = this.#behindTarget(at);
          else if (unit === 0x3c) at = this.#behindTag(at);
          else if (unit === 0x26) at = this.#behindEntity(at);
        }
        at += this.#width;
      }
      if (at >= units) return false;
      const behind = kind === LETTER ? this.#behindAddress(at) : at;
      if (behind === at) break;
      at = behind;
      this.apart = true;
    }
    this.start = at;
    this.cjk = kind === CJK;
    this.length = 0;
    this.hasLetter = false;
    if (kind === SEPARATOR) {
      // The stop of a name such as .NET.
      at++;
      this.length++;
      kind = LETTER;
      this.#width = 1;
    }
    for (;;) {
      if (kind === LETTER) this.hasLetter = true;
      this.length++;
      at += this.#width;
      if (at >= units) break;
      kind = this.#classAt(at);
      if (kind !== SEPARATOR) {
        if ((kind === CJK) !== this.cjk) break;
        continue;
      }
      if (this.cjk || at + 1 >= units || !this.#joins(at)) break;
      kind = this.#classAt(at + 1);
      if (kind === SEPARATOR || kind === CJK) break;
      this.length++;
      at++;
    }
    this.end = this.cjk ? at : this.#withSigns(at);
    return true;
  }

  /** Whether a unit between two word characters belongs to the word. */
  #joins(at: number): boolean {
    const text = this.#text;
    switch (text.charCodeAt(at)) {
      case 0x27: // '
      case 0x2019:
      case 0x2d: // -
      case 0x2010:
      case 0x2011:
      case 0x5f: // _
      case 0xad: // soft hyphen
      case 0x200c: // what only keeps letters apart or together
      case 0x200d:
        return true;
      case 0x2e: { // .
        const behind = text.charCodeAt(at + 1);
        return isLowerOrDigit(behind) || (isUpper(behind) && isUpper(text.charCodeAt(at - 1)));
      }
      case 0x26: // &
      case 0x2f: // /
        return isUpper(text.charCodeAt(at - 1)) && isUpper(text.charCodeAt(at + 1));
      default:
        return false;
    }
  }

  /** Whether two capitals follow on a stop behind no word. */
  #namesFrom(at: number): boolean {
    const text = this.#text;
    if (!isUpper(text.charCodeAt(at + 1)) || !isUpper(text.charCodeAt(at + 2))) return false;
    const before = at === 0 ? 0x20 : text.charCodeAt(at - 1);
    return before > 0 && before < 0x80 && before !== 0x2e && !isUpper(before) &&
      !isLowerOrDigit(before);
  }

  /** The end of a word with the signs that belong to its name: C++, C#. */
  #withSigns(at: number): number {
    const text = this.#text;
    let end = at;
    if (text.startsWith("++", at)) end = at + 2;
    else if (text.charCodeAt(at) === 0x23 && this.length === 1) end = at + 1;
    if (end > at && end < text.length && this.#classAt(end) !== SEPARATOR) return at;
    this.length += end - at;
    return end;
  }

  /** Behind an address that begins here; here if none does. */
  #behindAddress(at: number): number {
    const text = this.#text;
    const first = text.charCodeAt(at) | 0x20;
    if (first !== 0x68 && first !== 0x66 && first !== 0x6d && first !== 0x77) return at;
    const front = text.slice(at, at + 8).toLowerCase();
    if (!SCHEMES.some((scheme) => front.startsWith(scheme))) return at;
    for (; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      // Up to a blank, a bracket, a quotation mark, or another alphabet.
      if (unit <= 0x20 || unit >= 0x7f || unit === 0x22 || unit === 0x3c || unit === 0x3e) break;
      if (unit === 0x29 || unit === 0x5d) break;
    }
    return at;
  }

  /** Behind a mail address that the word that ends here begins; here if there is none. */
  #behindMail(end: number): number {
    const text = this.#text;
    let at = end;
    while (at < end + MAX_MAILBOX && isOfMailbox(text.charCodeAt(at))) at++;
    if (text.charCodeAt(at) !== 0x40) return end;
    const host = ++at;
    let tail = 0;
    for (let left = MAX_HOST; at < text.length; left--) {
      const kind = this.#classAt(at);
      const width = this.#width;
      const unit = text.charCodeAt(at);
      if (kind === SEPARATOR && unit === 0x2e) {
        if (at === host) break;
        const behind = at + 1 < text.length ? this.#classAt(at + 1) : SEPARATOR;
        if (behind === SEPARATOR || behind === CJK) break;
        tail = behind === LETTER ? at + 1 : 0;
      } else if (kind === CJK || (kind === SEPARATOR && unit !== 0x2d)) {
        break;
      }
      if (left === 0) return end;
      at += width;
    }
    return tail === 0 || isScale(text, host) ? end : at;
  }

  /** The last unit of the target of a Markdown link whose text ends here; here if there is none on the line. */
  #behindTarget(at: number): number {
    const text = this.#text;
    const most = Math.min(text.length, at + MAX_TARGET);
    for (let end = at + 2; end < most; end++) {
      const unit = text.charCodeAt(end);
      if (unit === 0x0a) break;
      if (unit === 0x29) return end;
    }
    return at;
  }

  /** The last unit of an HTML tag that begins here; here if none does. */
  #behindTag(at: number): number {
    const text = this.#text;
    const most = Math.min(text.length, at + MAX_TARGET);
    let end = text.charCodeAt(at + 1) === 0x2f ? at + 2 : at + 1;
    const name = end;
    while (end < most && (isUpper(text.charCodeAt(end)) || isLowerOrDigit(text.charCodeAt(end)))) {
      end++;
    }
    if (end === name) return at;
    // Words between signs of less and more are no tag: it ends at once, or has an attribute with a value.
    let isTag = text.charCodeAt(end) === 0x3e || text.charCodeAt(end) === 0x2f;
    for (; end < most; end++) {
      const unit = text.charCodeAt(end);
      if (unit === 0x3e) return isTag ? end : at;
      if (unit === 0x3c) return at;
      if (unit === 0x3d) isTag = true;
    }
    return at;
  }

  /** The last unit of an HTML entity that begins here; here if none does. */
  #behindEntity(at: number): number {
    const text = this.#text;
    const most = Math.min(text.length, at + 12);
    for (let end = at + 1; end < most; end++) {
      const unit = text.charCodeAt(end);
      if (unit === 0x3b) return end > at + 2 ? end : at;
      const isFirstSign = unit === 0x23 && end === at + 1;
      if (!isFirstSign && !isUpper(unit) && !isLowerOrDigit(unit)) return at;
    }
    return at;
  }

  /** Whether the token is a word that counts. */
  get isWord(): boolean {
    return !this.cjk && this.hasLetter && this.length <= MAX_WORD;
  }

  /** Whether the word is written in two capitals or more and no small letter: of ASCII. */
  get isShouted(): boolean {
    let capitals = 0;
    for (let at = this.start; at < this.end; at++) {
      const unit = this.#text.charCodeAt(at);
      if ((unit >= 0x61 && unit <= 0x7a) || unit > 0x7f) return false;
      if (isUpper(unit)) capitals++;
    }
    return capitals > 1;
  }

  /** The word as `spelling` has it. */
  word(): string {
    return spelling(this.#text.slice(this.start, this.end));
  }
}

/** A word in lower case and composed, with plain apostrophes and hyphens and without soft ones. */
export function spelling(text: string): string {
  const word = text.toLowerCase();
  if (!/[^\0-\x7f]/.test(word)) return word;
  return word.normalize("NFC").replaceAll("\u2019", "'").replace(/[\u2010\u2011]/g, "-")
    .replaceAll("\xad", "");
}
