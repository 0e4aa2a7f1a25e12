/**
 * The syntax of patterns: the part of ECMAScript's regular expressions that linear time allows, parsed to a tree. What is
 * not part of it is refused with its place. Both twins take what `compile.ts` makes of the tree.
 *
 * @module
 */

/** A set of code points: pairs of first and last, sorted, apart. */
export type Ranges = readonly number[];

/** What an assertion looks at. */
export type Assertion = "start" | "end" | "line-start" | "line-end" | "word" | "no-word";

/** A parsed pattern. */
export type Node =
  | { kind: "empty" }
  | { kind: "set"; ranges: Ranges }
  | { kind: "assert"; what: Assertion }
  | { kind: "all"; nodes: Node[] }
  | { kind: "any"; nodes: Node[] }
  | { kind: "repeat"; node: Node; least: number; most: number };

/** Flags that change what a pattern means. */
export interface PatternFlags {
  /** ASCII letters match in either case. */
  ignoreCase: boolean;
  /** `^` and `$` match at lines. */
  multiline: boolean;
  /** `.` matches line ends too. */
  dotAll: boolean;
}

/** The most repetitions that a pattern can count. */
export const REPEAT_MAX = 1000;
const DEPTH_MAX = 200;
const LAST = 0x10ffff;

const DIGITS: Ranges = [48, 57];
const WORDS: Ranges = [48, 57, 65, 90, 95, 95, 97, 122];
const SPACES: Ranges = [
  9,
  13,
  32,
  32,
  0xa0,
  0xa0,
  0x1680,
  0x1680,
  0x2000,
  0x200a,
  0x2028,
  0x2029,
  0x202f,
  0x202f,
  0x205f,
  0x205f,
  0x3000,
  0x3000,
  0xfeff,
  0xfeff,
];
const LINE_ENDS: Ranges = [10, 10, 13, 13, 0x2028, 0x2029];

/** Sorts and joins ranges. */
export function normalize(ranges: readonly number[]): number[] {
  const pairs: [number, number][] = [];
  for (let i = 0; i < ranges.length; i += 2) pairs.push([ranges[i]!, ranges[i + 1]!]);
  pairs.sort((a, b) => a[0] - b[0]);
  const joined: number[] = [];
  for (const [low, high] of pairs) {
    const end = joined.length - 1;
    if (end > 0 && low <= joined[end]! + 1) joined[end] = Math.max(joined[end]!, high);
    else joined.push(low, high);
  }
  return joined;
}

/** All other code points. */
export function negate(ranges: Ranges): number[] {
  const others: number[] = [];
  let from = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    if (ranges[i]! > from) others.push(from, ranges[i]! - 1);
    from = ranges[i + 1]! + 1;
  }
  if (from <= LAST) others.push(from, LAST);
  return others;
}

function foldCase(ranges: Ranges): number[] {
  const more = [...ranges];
  for (let i = 0; i < ranges.length; i += 2) {
    const upper = [Math.max(ranges[i]!, 65), Math.min(ranges[i + 1]!, 90)] as const;
    if (upper[0] <= upper[1]) more.push(upper[0] + 32, upper[1] + 32);
    const lower = [Math.max(ranges[i]!, 97), Math.min(ranges[i + 1]!, 122)] as const;
    if (lower[0] <= lower[1]) more.push(lower[0] - 32, lower[1] - 32);
  }
  return normalize(more);
}

/** Parses a pattern; `name` is what it is called in errors. */
export function parsePattern(source: string, flags: PatternFlags, name: string): Node {
  return new Parser(source, flags, name).parse();
}

class Parser {
  readonly #units: number[];
  readonly #flags: PatternFlags;
  readonly #source: string;
  readonly #name: string;
  #at = 0;
  #depth = 0;

  constructor(source: string, flags: PatternFlags, name: string) {
    this.#source = source;
    this.#units = Array.from(source.toWellFormed(), (character) => character.codePointAt(0)!);
    this.#flags = flags;
    this.#name = name;
  }

  parse(): Node {
    const node = this.#alternatives();
    if (this.#at < this.#units.length) this.#fail("there is no group for this parenthesis");
    return node;
  }

  #fail(why: string): never {
    const source = this.#source.length > 80 ? `${this.#source.slice(0, 80)}...` : this.#source;
    throw new TypeError(
      `${this.#name} ${JSON.stringify(source)} cannot be used: ${why} (at character ${this.#at})`,
    );
  }

  #looking(text: string): boolean {
    for (let i = 0; i < text.length; i++) {
      if (this.#units[this.#at + i] !== text.charCodeAt(i)) return false;
    }
    return true;
  }

  #take(text: string): boolean {
    const found = this.#looking(text);
    if (found) this.#at += text.length;
    return found;
  }

  #alternatives(): Node {
    if (++this.#depth > DEPTH_MAX) this.#fail(`groups nest deeper than ${DEPTH_MAX}`);
    const nodes = [this.#sequence()];
    while (this.#take("|")) nodes.push(this.#sequence());
    this.#depth--;
    return nodes.length === 1 ? nodes[0]! : { kind: "any", nodes };
  }

  #sequence(): Node {
    const nodes: Node[] = [];
    while (this.#at < this.#units.length && !this.#looking("|") && !this.#looking(")")) {
      nodes.push(this.#repeated(this.#atom()));
    }
    return nodes.length === 1 ? nodes[0]! : { kind: "all", nodes };
  }

  #repeated(node: Node): Node {
    const before = this.#at;
    let least = 0;
    let most = Infinity;
    if (this.#take("+")) least = 1;
    else if (this.#take("?")) most = 1;
    else if (!this.#take("*")) {
      const counts = /^\{(\d+)(,(\d*))?\}/.exec(this.#rest());
      if (counts === null) return node;
      least = Number(counts[1]);
      most = counts[2] === undefined ? least : counts[3] === "" ? Infinity : Number(counts[3]);
      if (least > REPEAT_MAX || (most > REPEAT_MAX && most !== Infinity)) {
        this.#fail(`repetitions are counted up to ${REPEAT_MAX}`);
      }
      if (least > most) this.#fail("the numbers of the repetition are out of order");
      this.#at += counts[0].length;
    }
    if (node.kind === "assert") {
      this.#at = before;
      this.#fail("an assertion cannot be repeated");
    }
    if (this.#looking("?")) {
      this.#fail(
        'the longest match is taken, so a lazy repetition means nothing; use a set such as [^"]*',
      );
    }
    if (this.#looking("+") || this.#looking("*") || this.#counted()) {
      this.#fail("a repetition cannot be repeated; use a group");
    }
    return { kind: "repeat", node, least, most };
  }

  #rest(): string {
    let text = "";
    for (let i = this.#at; i < Math.min(this.#units.length, this.#at + 24); i++) {
      text += String.fromCodePoint(this.#units[i]!);
    }
    return text;
  }

  #counted(): boolean {
    return this.#looking("{") && /^\{\d+(,\d*)?\}/.test(this.#rest());
  }

  #set(ranges: Ranges): Node {
    return { kind: "set", ranges: this.#flags.ignoreCase ? foldCase(ranges) : ranges };
  }

  #atom(): Node {
    if (this.#take("(")) return this.#group();
    if (this.#take("[")) return this.#class();
    if (this.#take(".")) {
      return { kind: "set", ranges: this.#flags.dotAll ? [0, LAST] : negate(LINE_ENDS) };
    }
    const { multiline } = this.#flags;
    if (this.#take("^")) return { kind: "assert", what: multiline ? "line-start" : "start" };
    if (this.#take("$")) return { kind: "assert", what: multiline ? "line-end" : "end" };
    if (this.#take("\\b")) return { kind: "assert", what: "word" };
    if (this.#take("\\B")) return { kind: "assert", what: "no-word" };
    if (this.#looking("\\")) {
      const escaped = this.#escape();
      return this.#set(typeof escaped === "number" ? [escaped, escaped] : escaped);
    }
    if (this.#looking("*") || this.#looking("+") || this.#looking("?") || this.#counted()) {
      this.#fail("there is nothing to repeat");
    }
    const unit = this.#units[this.#at++]!;
    return this.#set([unit, unit]);
  }

  #group(): Node {
    if (this.#looking("?")) {
      const named = /^\?<[A-Za-z_$][\w$]*>/.exec(this.#rest());
      if (named !== null) this.#at += named[0].length;
      else if (!this.#take("?:")) {
        this.#fail("of the groups with a question mark only (?: ) and (?<name> ) are known");
      }
    }
    const node = this.#alternatives();
    if (!this.#take(")")) this.#fail("a group is not closed");
    // A bare assertion cannot be repeated, one in a group can.
    return node.kind === "assert" ? { kind: "all", nodes: [node] } : node;
  }

  #class(): Node {
    const negated = this.#take("^");
    const ranges: number[] = [];
    while (!this.#take("]")) {
      if (this.#at >= this.#units.length) this.#fail("a set is not closed");
      const low = this.#member();
      if (this.#looking("-") && this.#units[this.#at + 1] !== 93) {
        this.#at++;
        if (this.#at >= this.#units.length) this.#fail("a set is not closed");
        const high = this.#member();
        if (typeof low !== "number" || typeof high !== "number") {
          this.#fail("a range of a set goes from character to character");
        }
        if (low > high) this.#fail("a range of a set is out of order");
        ranges.push(low, high);
      } else if (typeof low === "number") {
        ranges.push(low, low);
      } else {
        ranges.push(...low);
      }
    }
    const joined = normalize(ranges);
    const folded = this.#flags.ignoreCase ? foldCase(joined) : joined;
    return { kind: "set", ranges: negated ? negate(folded) : folded };
  }

  #member(): number | Ranges {
    if (!this.#looking("\\")) return this.#units[this.#at++]!;
    if (this.#take("\\b")) return 8;
    return this.#take("\\-") ? 45 : this.#escape();
  }

  /** What stands behind a backslash: a code point, or a set of them. */
  #escape(): number | Ranges {
    const hex = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\})/.exec(
      this.#rest(),
    );
    if (hex !== null) {
      const code = parseInt(hex[1] ?? hex[2] ?? hex[3]!, 16);
      if (code > LAST || (code >= 0xd800 && code <= 0xdfff)) {
        this.#fail("this escape is no Unicode scalar value");
      }
      this.#at += hex[0].length;
      return code;
    }
    const unit = this.#units[this.#at + 1];
    if (unit === undefined) this.#fail("there is nothing behind the backslash");
    const letter = String.fromCodePoint(unit);
    const known: Record<string, number | Ranges> = {
      d: DIGITS,
      D: negate(DIGITS),
      w: WORDS,
      W: negate(WORDS),
      s: SPACES,
      S: negate(SPACES),
      t: 9,
      n: 10,
      v: 11,
      f: 12,
      r: 13,
    };
    const next = this.#units[this.#at + 2];
    let found = Object.hasOwn(known, letter) ? known[letter] : undefined;
    if (letter === "0" && !(next !== undefined && next >= 48 && next <= 57)) found = 0;
    if (found === undefined && unit < 128 && !/[0-9A-Za-z_]/.test(letter)) found = unit;
    if (found === undefined) {
      this.#fail(`the escape \\${letter} is not known (no back-references, no properties)`);
    }
    this.#at += 2;
    return found;
  }
}
