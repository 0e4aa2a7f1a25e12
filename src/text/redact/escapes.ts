/**
 * Escapes: of JSON, JavaScript, C and shells (backslashes, also several for strings in strings), of URLs (`%40`,
 * `%2540`), of HTML (`&#64;`, `&amp;`), and the colours of terminals, plain or escaped themselves. Twin:
 * `rust/areas/redact/src/escapes.rs`.
 *
 * @module
 */

/** What a terminal's sequences begin with; also what stands for one. */
export const ESCAPE = "\u001b";

/** As many backslashes belong to one escape. */
const RUN_MAX = 16;
/** Strings in strings, so deep. */
const DEPTH_MAX = 4;
const SEQUENCE_MAX = 64;
const ENTITY_MAX = 12;
const REPLACEMENT = "\ufffd";

const BACKSLASH = 92;
const PERCENT = 37;
const APOSTROPHE = 39;
const OPEN = 91;

/** Controls by their letter. */
const CONTROLS: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
};

/** The character references that stand for what rules look at. A space is as good as any other. */
export const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  apos: "'",
  ast: "*",
  bsol: "\\",
  colon: ":",
  comma: ",",
  commat: "@",
  dash: "-",
  dollar: "$",
  ensp: " ",
  equals: "=",
  excl: "!",
  gt: ">",
  hyphen: "-",
  lbrace: "{",
  lcub: "{",
  lbrack: "[",
  lowbar: "_",
  lpar: "(",
  lsqb: "[",
  lt: "<",
  nbsp: " ",
  NewLine: "\n",
  num: "#",
  percnt: "%",
  period: ".",
  plus: "+",
  quest: "?",
  quot: '"',
  rbrace: "}",
  rbrack: "]",
  rcub: "}",
  rpar: ")",
  rsqb: "]",
  semi: ";",
  sol: "/",
  Tab: "\t",
  thinsp: " ",
  UnderBar: "_",
  vert: "|",
};

/** The value of a hexadecimal digit; -1 for anything else. */
function hex(unit: number): number {
  if (unit >= 48 && unit <= 57) return unit - 48;
  const letter = unit | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

function isLetter(unit: number): boolean {
  return (unit | 32) >= 97 && (unit | 32) <= 122;
}

function isPunctuation(unit: number): boolean {
  return unit >= 32 && unit < 127 && !isLetter(unit) && !(unit >= 48 && unit <= 57);
}

function characterOf(code: number): string {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return REPLACEMENT;
  return String.fromCodePoint(code);
}

/** Reads escapes of one text. */
export class Decoder {
  /** What the last escape stands for: for a sequence of a terminal, `ESCAPE`. */
  value = "";
  readonly #text: string;
  readonly #ended: boolean;
  // The place behind what was read last, and the byte or code that it was.
  #next = 0;
  #code = 0;

  /** Takes a text; `ended` says whether it ends where it does. */
  constructor(text: string, ended: boolean) {
    this.#text = text;
    this.#ended = ended;
  }

  /**
   * The escape that begins at a backslash, a percent sign, an ampersand or an escape character.
   *
   * @returns Its length; 0 if there is none, -1 if the text ended before that could be said.
   */
  escapeAt(p: number): number {
    const length = this.#oneAt(p);
    if (length === 0) return 0;
    if (length < 0) return this.#ended ? 0 : -1;
    if (this.value !== ESCAPE) return length;
    const sequence = this.#sequenceAt(p + length);
    if (sequence < 0) return this.#ended ? length : -1;
    // An escape character alone parts words and is no sequence.
    if (sequence === 0) {
      if (length === 1) return 0;
      this.value = "\u0000";
    }
    return length + sequence;
  }

  #oneAt(p: number): number {
    switch (this.#text.charCodeAt(p)) {
      case BACKSLASH:
        return this.#backslashAt(p);
      case PERCENT:
        return this.#percentAt(p);
      case 38:
        return this.#entityAt(p);
      default:
        this.value = ESCAPE;
        return 1;
    }
  }

  /** What follows an escape character: `[`, parameters and a letter, or `(` and a letter. */
  #sequenceAt(p: number): number {
    const text = this.#text;
    const n = text.length;
    let q = p;
    if (q === n) return -1;
    let first = text.charCodeAt(q);
    if (first === PERCENT) {
      const length = this.#byteAt(q);
      if (length <= 0) return length;
      first = this.#code;
      q = this.#next;
    } else {
      q++;
    }
    if (first === 40) return q === n ? -1 : isLetter(text.charCodeAt(q)) ? q + 1 - p : 0;
    if (first !== OPEN) return 0;
    for (const stop = q + SEQUENCE_MAX; q < stop; q++) {
      if (q === n) return -1;
      const unit = text.charCodeAt(q);
      if (unit >= 64 && unit < 127) return q + 1 - p;
      if (unit < 32 || unit > 63) return 0;
    }
    return 0;
  }

  #backslashAt(p: number): number {
    const text = this.#text;
    const n = text.length;
    let q = p;
    while (q < n && q - p < RUN_MAX && text.charCodeAt(q) === BACKSLASH) q++;
    const run = q - p;
    if (run === RUN_MAX) return this.#give("\\", run);
    if (q === n) return this.#ended ? run > 1 ? this.#give("\\", run) : 0 : -1;
    const unit = text.charCodeAt(q);
    const letter = text.charAt(q);
    const control = Object.hasOwn(CONTROLS, letter) ? CONTROLS[letter] : undefined;
    if (control !== undefined) return this.#give(control, run + 1);
    if (unit === 10 || unit === 13) return this.#give("\n", run + 1);
    if (letter === "u" || letter === "x") {
      const length = this.#codeAt(q, run);
      if (length !== 0) return length < 0 ? length : run + length;
    } else if (letter === "0") {
      const length = this.#octalAt(q);
      return length < 0 ? length : run + length;
    } else if (letter === "e") {
      if (q + 1 === n) return -1;
      if (text.charCodeAt(q + 1) === OPEN) return this.#give(ESCAPE, run + 1);
    } else if ((run & 1) === 1 && isPunctuation(unit)) {
      return this.#punctuationAt(p, q);
    }
    return run > 1 ? this.#give("\\", run) : 0;
  }

  #give(value: string, length: number): number {
    this.value = value;
    return length;
  }

  #punctuationAt(p: number, q: number): number {
    const text = this.#text;
    const n = text.length;
    const length = q + 1 - p;
    // A shell's way to have an apostrophe in a quoted word: '\''
    if (text.charCodeAt(q) === APOSTROPHE) {
      if (q + 1 === n || (text.charCodeAt(q + 1) === APOSTROPHE && q + 2 === n)) {
        if (!this.#ended) return -1;
      } else if (text.charCodeAt(q + 1) === APOSTROPHE && isLetter(text.charCodeAt(q + 2))) {
        return this.#give("'", length + 1);
      }
    }
    return this.#give(text.charAt(q), length);
  }

  /** Behind `\`, from `u` or `x` on: `u0040`, `u{40}`, `x40`. */
  #codeAt(q: number, run: number): number {
    const text = this.#text;
    const n = text.length;
    if (text.charCodeAt(q) === 117 && q + 1 < n && text.charCodeAt(q + 1) === 123) {
      let code = 0;
      let r = q + 2;
      for (; r < n && r < q + 8 && hex(text.charCodeAt(r)) >= 0; r++) {
        code = code * 16 + hex(text.charCodeAt(r));
      }
      if (r === n) return -1;
      if (text.charCodeAt(r) !== 125 || r === q + 2) return 0;
      return this.#give(characterOf(code), r + 1 - q);
    }
    const length = this.#digitsAt(q + 1, text.charCodeAt(q) === 117 ? 4 : 2);
    if (length <= 0) return length;
    const first = this.#code;
    const end = q + 1 + length;
    if (first < 0xd800 || first > 0xdbff) return this.#give(characterOf(first), length + 1);
    // The other half of a character follows, written alike.
    for (let k = 0; k <= run; k++) {
      if (end + k === n) return this.#ended ? this.#give(REPLACEMENT, length + 1) : -1;
      if (text.charCodeAt(end + k) !== (k < run ? BACKSLASH : 117)) {
        return this.#give(REPLACEMENT, length + 1);
      }
    }
    const other = this.#digitsAt(end + run + 1, 4);
    if (other < 0 && !this.#ended) return -1;
    if (other <= 0 || this.#code < 0xdc00 || this.#code > 0xdfff) {
      return this.#give(REPLACEMENT, length + 1);
    }
    const code = 0x10000 + ((first - 0xd800) << 10) + this.#code - 0xdc00;
    return this.#give(characterOf(code), end + run + 1 + other - q);
  }

  /** So many hexadecimal digits; what they say is in `#code`. */
  #digitsAt(p: number, count: number): number {
    const text = this.#text;
    let code = 0;
    for (let k = 0; k < count; k++) {
      if (p + k >= text.length) return -1;
      const digit = hex(text.charCodeAt(p + k));
      if (digit < 0) return 0;
      code = code * 16 + digit;
    }
    this.#code = code;
    return count;
  }

  /** `0`, and up to two octal digits. */
  #octalAt(q: number): number {
    const text = this.#text;
    let code = 0;
    let r = q + 1;
    for (; r < q + 3; r++) {
      if (r === text.length) {
        if (!this.#ended) return -1;
        break;
      }
      const digit = text.charCodeAt(r) - 48;
      if (digit < 0 || digit > 7) break;
      code = code * 8 + digit;
    }
    return this.#give(String.fromCharCode(code), r - q);
  }

  /** A percent sign and two digits, escaped again and again perhaps: the byte is in `#code`, what follows in `#next`. */
  #byteAt(p: number): number {
    let at = p + 1;
    let length = this.#digitsAt(at, 2);
    if (length <= 0) return length;
    for (let depth = 1; this.#code === PERCENT && depth < DEPTH_MAX; depth++) {
      at += 2;
      length = this.#digitsAt(at, 2);
      if (length < 0 && !this.#ended) return -1;
      if (length <= 0) {
        this.#code = PERCENT;
        this.#next = at;
        return at - p;
      }
    }
    this.#next = at + 2;
    return at + 2 - p;
  }

  #percentAt(p: number): number {
    const text = this.#text;
    const length = this.#byteAt(p);
    if (length === 0 && text.charCodeAt(p + 1) === 117) {
      const digits = this.#digitsAt(p + 2, 4);
      return digits <= 0 ? digits : this.#give(characterOf(this.#code), 6);
    }
    if (length <= 0) return length;
    const first = this.#code;
    if (first < 0x80) return this.#give(String.fromCharCode(first), length);
    const more = first >= 0xf0 && first < 0xf5 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : 0;
    if (more === 0 || first > 0xf4) return this.#give(REPLACEMENT, length);
    let code = first & (0x3f >> more);
    let at = p + length;
    for (let k = 0; k < more; k++) {
      if (at === text.length && !this.#ended) return -1;
      if (text.charCodeAt(at) !== PERCENT) return this.#give(REPLACEMENT, length);
      const next = this.#byteAt(at);
      if (next < 0 && !this.#ended) return -1;
      if (next <= 0 || (this.#code & 0xc0) !== 0x80) return this.#give(REPLACEMENT, length);
      code = code << 6 | this.#code & 0x3f;
      at += next;
    }
    const least = more === 1 ? 0x80 : more === 2 ? 0x800 : 0x10000;
    if (code < least) return this.#give(REPLACEMENT, length);
    const value = characterOf(code);
    return this.#give(value, value === REPLACEMENT && code !== 0xfffd ? length : at - p);
  }

  /** `&#64;`, `&#x40;` or `&commat;`, whose ampersand may be escaped itself. */
  #entityAt(p: number): number {
    const text = this.#text;
    const n = text.length;
    let at = p;
    let amp = 0;
    for (let depth = 0;; depth++) {
      const start = at + 1;
      let q = start;
      while (q < n && q - start < ENTITY_MAX && isReference(text.charCodeAt(q))) q++;
      if (q === n && !this.#ended) return -1;
      const value = q < n && text.charCodeAt(q) === 59 ? referenceOf(text.slice(start, q)) : "";
      if (value === "") return amp === 0 ? 0 : this.#give("&", amp);
      if (value !== "&" || depth === DEPTH_MAX) return this.#give(value, q + 1 - p);
      // What is behind it may be the rest of another.
      amp = q + 1 - p;
      at = q;
    }
  }
}

function isReference(unit: number): boolean {
  return isLetter(unit) || (unit >= 48 && unit <= 57) || unit === 35;
}

function referenceOf(name: string): string {
  if (Object.hasOwn(ENTITIES, name)) return ENTITIES[name]!;
  const number = /^#(?:x([0-9a-f]{1,6})|([0-9]{1,7}))$/i.exec(name);
  if (number === null) return "";
  return characterOf(number[1] !== undefined ? parseInt(number[1], 16) : Number(number[2]));
}
