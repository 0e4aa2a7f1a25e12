/**
 * Where a text is JSON: a number that is replaced there becomes a string, so that what could be parsed still can. A reader
 * that goes forwards only and needs nothing behind the place asked for, so that a stream decides as a whole text does. JSON
 * may begin anywhere (in a line of a log), and may stand in a string of JSON, with its quotation marks escaped once more.
 *
 * @module
 */

/** Numbers and words that are longer are none. */
const SCALAR_MAX = 4096;
/** So many blanks before a number are passed over before the reader has to say. */
const BLANKS = 64;
/** So many backslashes are looked at together. */
const RUN_MAX = 4096;
/** JSON goes so deep. */
const DEPTH_MAX = 100_000;

/** What is open: an object, an array, a string that is a name, one that is a value. */
const OBJECT = 1;
const ARRAY = 2;
const NAME = 3;
const VALUE = 4;

/** What comes next. */
const TEXT = 0;
const AT_VALUE = 1;
const AT_NAME = 2;
const AT_COLON = 3;
const BEHIND = 4;

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN = 91;
const BACKSLASH = 92;
const CLOSE = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

const SCALAR = /^(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)$/;
// Outside of strings, and within them.
const STARTS = /[[{]/g;
const INSIDE = /["[\\{\n]/g;

/** Reads a text as JSON, as far as it is. */
export class JsonReader {
  /** Up to here the text is read. */
  at = 0;
  /** The number or word that `isInScalar` found. */
  start = 0;
  /** Where it ends. */
  end = 0;
  // What is open, and the level of the text that the last of it is in; -1 where the first quotation mark will say it.
  readonly #open: number[] = [];
  #level = 0;
  #guess = 0;
  #next = TEXT;
  // Whether anything but blanks was seen: a text may be a string of JSON.
  #begun = false;
  // Up to here the text has nothing that begins JSON, and nothing that counts within it: where there is little of that,
  // each match would have all of what follows searched again.
  #plainTo = 0;
  #calmTo = 0;

  /** How often a string of JSON would have to be escaped to stand at the place up to which was read. */
  get level(): number {
    return this.#level < 0 ? this.#guess : this.#level;
  }

  /**
   * Whether a place is within what may be a number, or `true`, `false` or `null`, of JSON: it is from `start` to `end` then,
   * as far as the text goes.
   *
   * @param text The text; what was read of it before is the same.
   * @param place A place that is not before `at`.
   */
  isInScalar(text: string, place: number): boolean {
    this.read(text, place);
    if (this.#next !== AT_VALUE) return false;
    this.start = this.at;
    this.end = scalarEnd(text, this.at);
    return this.end > place;
  }

  /** Whether what `isInScalar` found is one, and what follows may follow it. */
  isScalar(text: string): boolean {
    return SCALAR.test(text.slice(this.start, this.end)) && isBehindScalar(text, this.end);
  }

  /** Whether what was read ends at the beginning of a number or a word, of which more was asked for. */
  isAtScalar(text: string): boolean {
    return this.#next === AT_VALUE && scalarEnd(text, this.at) > this.at;
  }

  /** Reads up to a place, or to the beginning of a number, word or escape that the place is within. */
  read(text: string, place: number): void {
    while (this.at < place) {
      if (this.#next === TEXT) {
        if (!this.#text(text, place)) return;
      } else if (!this.#structure(text, place)) return;
    }
  }

  /** What was read stands so much nearer to the beginning. */
  shift(by: number): void {
    this.at -= by;
    this.#plainTo -= by;
    this.#calmTo -= by;
  }

  /** Text, perhaps within a string; whether it went on. */
  #text(text: string, place: number): boolean {
    if (!this.#begun) {
      while (this.at < place && isBlank(text.charCodeAt(this.at))) this.at++;
      if (this.at === place) return true;
      this.#begun = true;
      if (text.charCodeAt(this.at) === QUOTE) {
        this.#string(VALUE);
        return true;
      }
    }
    const inside = this.#open.length > 0;
    const known = inside ? this.#calmTo : this.#plainTo;
    if (known >= place) {
      this.at = place;
      return true;
    }
    const marks = inside ? INSIDE : STARTS;
    marks.lastIndex = Math.max(this.at, known);
    const p = marks.test(text) ? marks.lastIndex - 1 : text.length;
    if (inside) this.#calmTo = p;
    else this.#plainTo = p;
    if (p >= place) {
      this.at = place;
      return true;
    }
    this.at = p;
    const unit = text.charCodeAt(p);
    if (unit === OPEN || unit === OPEN_OBJECT) {
      if (!inside) {
        this.#level = -1;
        this.#guess = levelBefore(text, p);
      }
      this.#push(unit);
      return true;
    }
    if (unit === 10) {
      this.#fail(true);
      this.at = p + 1;
      return true;
    }
    const q = runEnd(text, p);
    if (q - p === RUN_MAX) {
      this.at = q;
      return true;
    }
    // The run may go on, or what follows may be a quotation mark.
    if (q >= place && q > p) return false;
    this.at = q + 1;
    if (text.charCodeAt(q) === QUOTE) this.#close(levelOf(q - p));
    return true;
  }

  /** A quotation mark that begins a string. */
  #string(kind: number): void {
    this.#open.push(kind);
    this.#level++;
    this.#next = TEXT;
    this.at++;
  }

  /** Where JSON has a sign; whether it went on. */
  #structure(text: string, place: number): boolean {
    const p = this.at;
    const unit = text.charCodeAt(p);
    if (isBlank(unit)) {
      this.at++;
      return true;
    }
    if (unit === BACKSLASH || unit === QUOTE) return this.#mark(text, place);
    const last = this.#open[this.#open.length - 1]!;
    if (unit === (last === OBJECT ? CLOSE_OBJECT : CLOSE)) {
      this.at++;
      this.#pop();
      return true;
    }
    switch (this.#next) {
      case AT_COLON:
        if (unit !== COLON) break;
        this.at++;
        this.#next = AT_VALUE;
        return true;
      case BEHIND:
        if (unit !== COMMA) break;
        this.at++;
        this.#next = last === OBJECT ? AT_NAME : AT_VALUE;
        return true;
      case AT_VALUE: {
        if (unit === OPEN || unit === OPEN_OBJECT) {
          this.#push(unit);
          return true;
        }
        const end = scalarEnd(text, p);
        if (end >= place && end < p + SCALAR_MAX && end > p) return false;
        if (!SCALAR.test(text.slice(p, end))) break;
        this.at = end;
        this.#next = BEHIND;
        return true;
      }
    }
    this.#fail(false);
    return true;
  }

  /** A quotation mark or an escape where JSON has a sign. */
  #mark(text: string, place: number): boolean {
    const p = this.at;
    const q = runEnd(text, p);
    if (q >= place && q > p) return false;
    const run = q - p;
    const unit = text.charCodeAt(q);
    const level = levelOf(run);
    if (unit === QUOTE) {
      if (this.#level < 0) this.#level = level;
      const opens = this.#next === AT_NAME || this.#next === AT_VALUE;
      if (opens && level === this.#level && run === 2 ** level - 1) {
        this.at = q;
        this.#string(this.#next === AT_NAME ? NAME : VALUE);
        return true;
      }
      this.#fail(false);
      this.at = q + 1;
      if (this.#open.length > 0) this.#close(level);
      return true;
    }
    // An escaped blank.
    if ((unit === 110 || unit === 114 || unit === 116) && this.#isBlankOf(run)) {
      this.at = q + 1;
      return true;
    }
    this.#fail(false);
    return true;
  }

  #isBlankOf(run: number): boolean {
    return this.#level < 0 ? run === 1 : this.#level > 0 && run === 2 ** (this.#level - 1);
  }

  #push(unit: number): void {
    this.at++;
    if (this.#open.length >= DEPTH_MAX) {
      this.#fail(true);
      return;
    }
    this.#open.push(unit === OPEN ? ARRAY : OBJECT);
    this.#next = unit === OPEN ? AT_VALUE : AT_NAME;
  }

  /** An object or array has ended. */
  #pop(): void {
    this.#open.pop();
    const last = this.#open[this.#open.length - 1];
    this.#next = last === OBJECT || last === ARRAY ? BEHIND : TEXT;
    if (last === undefined) this.#level = 0;
  }

  /** A quotation mark of a level within a string: it may end that, or one around it. */
  #close(level: number): void {
    if (this.#level <= level) return;
    while (this.#level > level) {
      const last = this.#open.pop();
      if (last === undefined) break;
      if (last !== NAME && last !== VALUE) continue;
      this.#level--;
      this.#next = last === NAME ? AT_COLON : BEHIND;
    }
    if (this.#open.length === 0) this.#fail(true);
  }

  /** It is no JSON: what is left is the string around it, or nothing at all. */
  #fail(all: boolean): void {
    const open = this.#open;
    while (open.length > 0) {
      const last = open[open.length - 1]!;
      if (!all && (last === NAME || last === VALUE)) break;
      open.pop();
    }
    this.#next = TEXT;
    if (open.length === 0) this.#level = 0;
  }
}

/** How many escapes there are around a quotation mark behind so many backslashes: the ones at the end of that number. */
function levelOf(run: number): number {
  let level = 0;
  for (let rest = run; (rest & 1) === 1; rest >>= 1) level++;
  return level;
}

/** The level of what begins behind a quotation mark, if it does. */
function levelBefore(text: string, p: number): number {
  if (p === 0 || text.charCodeAt(p - 1) !== QUOTE) return 0;
  let run = 0;
  while (run < 16 && text.charCodeAt(p - 2 - run) === BACKSLASH) run++;
  return levelOf(run) + 1;
}

function isBlank(unit: number): boolean {
  return unit === 32 || unit === 10 || unit === 13 || unit === 9;
}

function runEnd(text: string, p: number): number {
  let q = p;
  const stop = Math.min(text.length, p + RUN_MAX);
  while (q < stop && text.charCodeAt(q) === BACKSLASH) q++;
  return q;
}

/** Where the characters end that a number or a word may have. */
function scalarEnd(text: string, p: number): number {
  let q = p;
  const stop = Math.min(text.length, p + SCALAR_MAX);
  while (q < stop && isOfScalar(text.charCodeAt(q))) q++;
  return q;
}

function isOfScalar(unit: number): boolean {
  return (unit >= 48 && unit <= 57) || ((unit | 32) >= 97 && (unit | 32) <= 122) ||
    unit === 43 || unit === 45 || unit === 46;
}

/** Whether what stands at a place may follow a number of JSON. */
function isBehindScalar(text: string, p: number): boolean {
  if (p === text.length) return true;
  const unit = text.charCodeAt(p);
  return unit <= 32 || unit === COMMA || unit === CLOSE || unit === CLOSE_OBJECT ||
    unit === BACKSLASH;
}

/** Whether a place may be within a number or a word of JSON, as far as what stands before it tells. */
export function mayBeScalar(text: string, place: number): boolean {
  let p = place - 1;
  for (const stop = p - SCALAR_MAX; p > stop && p >= 0 && isOfScalar(text.charCodeAt(p)); p--);
  for (const stop = p - BLANKS; p > stop && p >= 0 && isBlank(text.charCodeAt(p)); p--);
  if (p < 0) return true;
  const unit = text.charCodeAt(p);
  // Escaped blanks end with a letter.
  return unit === COLON || unit === COMMA || unit === OPEN || unit === BACKSLASH ||
    isBlank(unit) || unit === 110 || unit === 114 || unit === 116;
}
