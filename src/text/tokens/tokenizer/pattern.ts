/**
 * The patterns of tokenizer files, parsed to a tree: the part of Oniguruma's syntax that a table can match in one pass.
 * What is not part of it is refused by name.
 *
 * @module
 */

import { complement, intersection, LAST, matching, type Ranges, union } from "./sets.ts";

/** A parsed pattern. */
export type Node =
  | { kind: "set"; ranges: Ranges }
  | { kind: "ahead"; ranges: Ranges; negated: boolean }
  | { kind: "all"; nodes: Node[] }
  | { kind: "any"; nodes: Node[] }
  | { kind: "repeat"; node: Node; least: number; most: number; lazy: boolean };

/** What a pattern has that cannot be matched. */
export class PatternError extends Error {}

const DEPTH_MAX = 50;
const REPEAT_MAX = 1000;
const SIMPLE: Readonly<Record<string, number>> = {
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  a: 7,
  e: 27,
};

/** Parses a pattern. */
export function parsePattern(source: string): Node {
  return new Parser(source).parse();
}

/** The pattern that matches a text and nothing else. */
export function literalPattern(text: string): Node {
  return { kind: "all", nodes: Array.from(text, (one) => set(one.codePointAt(0)!)) };
}

function set(code: number): Node {
  return { kind: "set", ranges: [code, code] };
}

class Parser {
  readonly #source: string;
  #at = 0;
  #ignoreCase = false;

  constructor(source: string) {
    this.#source = source;
  }

  parse(): Node {
    const node = this.#alternatives(0);
    if (this.#at < this.#source.length) throw this.#error("a `)` without its `(`");
    return node;
  }

  #error(what: string): PatternError {
    return new PatternError(
      `${what} at ${this.#at} of the pattern ${JSON.stringify(this.#source)}`,
    );
  }

  #eat(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #next(): number {
    const code = this.#source.codePointAt(this.#at);
    if (code === undefined) throw this.#error("an end too early");
    this.#at += code > 0xffff ? 2 : 1;
    return code;
  }

  #alternatives(depth: number): Node {
    if (depth > DEPTH_MAX) throw this.#error(`nesting over ${DEPTH_MAX}`);
    const nodes = [this.#sequence(depth)];
    while (this.#eat("|")) nodes.push(this.#sequence(depth));
    return nodes.length === 1 ? nodes[0]! : { kind: "any", nodes };
  }

  #sequence(depth: number): Node {
    const nodes: Node[] = [];
    while (this.#at < this.#source.length && !/[|)]/.test(this.#source[this.#at]!)) {
      nodes.push(this.#repeated(this.#atom(depth)));
    }
    return nodes.length === 1 ? nodes[0]! : { kind: "all", nodes };
  }

  #repeated(node: Node): Node {
    for (;;) {
      const bounds = this.#bounds();
      if (bounds === undefined) return node;
      const [least, most, braces] = bounds;
      if (node.kind === "ahead") throw this.#error("a repeated look-ahead");
      const lazy = this.#eat("?");
      // Behind braces a plus repeats once more.
      if (!lazy && !braces && this.#eat("+")) throw this.#error("a possessive quantifier");
      node = { kind: "repeat", node, least, most, lazy };
    }
  }

  #bounds(): [least: number, most: number, braces: boolean] | undefined {
    if (this.#eat("?")) return [0, 1, false];
    if (this.#eat("*")) return [0, Infinity, false];
    if (this.#eat("+")) return [1, Infinity, false];
    const braces = /^\{(\d*)(,?)(\d*)\}/.exec(this.#source.slice(this.#at, this.#at + 20));
    if (braces === null || (braces[1] === "" && braces[3] === "")) return undefined;
    this.#at += braces[0].length;
    const least = Number(braces[1]);
    const most = braces[2] === "" ? least : braces[3] === "" ? Infinity : Number(braces[3]);
    if (least > most || least > REPEAT_MAX || (most !== Infinity && most > REPEAT_MAX)) {
      throw this.#error("a count of repetitions that cannot be");
    }
    return [least, most, true];
  }

  #atom(depth: number): Node {
    if (this.#eat("(")) return this.#group(depth);
    if (this.#eat("[")) return { kind: "set", ranges: this.#cased(this.#class(depth)) };
    if (this.#eat(".")) return { kind: "set", ranges: complement([10, 10]) };
    if (this.#eat("\\")) return { kind: "set", ranges: this.#cased(this.#escape()) };
    if (/[\^$*+?]/.test(this.#source[this.#at]!)) {
      throw this.#error("an anchor or a lone quantifier");
    }
    const code = this.#next();
    return { kind: "set", ranges: this.#cased([code, code]) };
  }

  #group(depth: number): Node {
    const ignoreCase = this.#ignoreCase;
    if (this.#eat("?=") || this.#eat("?!")) {
      const negated = this.#source[this.#at - 1] === "!";
      const ranges = oneOf(this.#alternatives(depth + 1));
      if (ranges === undefined) throw this.#error("a look-ahead at more than one character");
      if (!this.#eat(")")) throw this.#error("a `(` without its `)`");
      return { kind: "ahead", ranges, negated };
    }
    if (this.#eat("?i)")) {
      // To the end of the group around it.
      this.#ignoreCase = true;
      return this.#sequenceToEnd(depth, ignoreCase);
    }
    if (this.#eat("?i:")) this.#ignoreCase = true;
    else if (this.#eat("?-i:")) this.#ignoreCase = false;
    else if (!this.#eat("?:") && this.#source[this.#at] === "?") {
      throw this.#error("a group of this kind");
    }
    const node = this.#alternatives(depth + 1);
    if (!this.#eat(")")) throw this.#error("a `(` without its `)`");
    this.#ignoreCase = ignoreCase;
    return node;
  }

  #sequenceToEnd(depth: number, ignoreCase: boolean): Node {
    const node = this.#alternatives(depth + 1);
    this.#ignoreCase = ignoreCase;
    return node;
  }

  /** A set with the other cases of its letters, where case makes no difference. */
  #cased(ranges: Ranges): Ranges {
    if (!this.#ignoreCase) return ranges;
    let result = ranges;
    for (let i = 0; i < ranges.length; i += 2) {
      // Properties have both cases anyway, or mean one.
      if (ranges[i + 1]! - ranges[i]! > 64) continue;
      for (let code = ranges[i]!; code <= ranges[i + 1]!; code++) {
        result = union(result, matching(`\\u{${code.toString(16)}}`, "iu"));
      }
    }
    return result;
  }

  #class(depth: number): Ranges {
    if (depth > DEPTH_MAX) throw this.#error(`nesting over ${DEPTH_MAX}`);
    const negated = this.#eat("^");
    let ranges: Ranges = [];
    let within: Ranges | undefined;
    for (let first = true; first || !this.#eat("]"); first = false) {
      if (this.#eat("&&")) {
        within = within === undefined ? ranges : intersection(within, ranges);
        ranges = [];
      } else if (this.#source.startsWith("[:", this.#at)) throw this.#error("a class in brackets");
      else ranges = union(ranges, this.#member(depth));
    }
    if (within !== undefined) ranges = intersection(within, ranges);
    return negated ? complement(ranges) : ranges;
  }

  #member(depth: number): Ranges {
    if (this.#eat("[")) return this.#class(depth + 1);
    const from = this.#eat("\\") ? this.#escape() : one(this.#next());
    if (from.length !== 2 || from[0] !== from[1]) return from;
    if (this.#source[this.#at] !== "-" || this.#source[this.#at + 1] === "]") return from;
    this.#at++;
    const to = this.#eat("\\") ? this.#escape() : one(this.#next());
    if (to.length !== 2 || to[0] !== to[1] || to[0]! < from[0]!) throw this.#error("a wrong range");
    return [from[0]!, to[0]!];
  }

  #escape(): Ranges {
    const letter = String.fromCodePoint(this.#next());
    switch (letter) {
      case "s":
        return matching("\\p{White_Space}");
      case "S":
        return complement(matching("\\p{White_Space}"));
      case "d":
        return matching("\\p{Nd}");
      case "D":
        return complement(matching("\\p{Nd}"));
      case "w":
        return matching("[\\p{Alphabetic}\\p{M}\\p{N}\\p{Pc}]");
      case "W":
        return complement(matching("[\\p{Alphabetic}\\p{M}\\p{N}\\p{Pc}]"));
      case "p":
      case "P":
        return this.#property(letter === "P");
      case "x":
      case "u":
        return one(this.#number(letter));
    }
    const code = SIMPLE[letter] ?? letter.codePointAt(0)!;
    if (SIMPLE[letter] === undefined && /[A-Za-z0-9]/.test(letter)) {
      throw this.#error(`the escape \\${letter}`);
    }
    return one(code);
  }

  #property(inverted: boolean): Ranges {
    const name = /^\{(\^?)([A-Za-z_ ]+)\}|^([A-Z])/.exec(
      this.#source.slice(this.#at, this.#at + 60),
    );
    if (name === null) throw this.#error("a property without a name");
    const word = name[2] ?? name[3]!;
    this.#at += name[0].length;
    for (const source of [`\\p{${word}}`, `\\p{Script=${word}}`]) {
      try {
        const ranges = matching(source);
        return inverted !== (name[1] === "^") ? complement(ranges) : ranges;
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
      }
    }
    throw this.#error(`the property ${word}`);
  }

  #number(letter: string): number {
    const rest = this.#source.slice(this.#at, this.#at + 12);
    const digits =
      (letter === "x" ? /^\{([0-9A-Fa-f]{1,6})\}|^([0-9A-Fa-f]{1,2})/ : /^()([0-9A-Fa-f]{4})/)
        .exec(rest);
    const code = digits === null ? LAST + 1 : parseInt(digits[1] || digits[2]!, 16);
    if (code > LAST) throw this.#error(`a number behind \\${letter}`);
    this.#at += digits![0].length;
    return code;
  }
}

function one(code: number): Ranges {
  return [code, code];
}

/** What a node of one character matches. */
function oneOf(node: Node): Ranges | undefined {
  if (node.kind === "set") return node.ranges;
  if (node.kind !== "any") return undefined;
  let ranges: Ranges = [];
  for (const part of node.nodes) {
    const some = oneOf(part);
    if (some === undefined) return undefined;
    ranges = union(ranges, some);
  }
  return ranges;
}
