/**
 * Patterns to one program for both twins: a Thompson automaton over classes of code points, as 32-bit numbers.
 *
 * Layout: number of states S, of classes C, of borders B, of set words W, of start states N; borders (B: the first code
 * point of each interval), the class of each interval (B), the kind of each class (C), then S x 3 numbers (operation, x, y),
 * then the sets (W words each, one bit a class), then the start states (N).
 *
 * Operations: 0 character of set x, then state y; 1 either x or y; 2 assertion x, then state y; 3 match of pattern x.
 * Kinds: 1 line end, 2 word character, 3 anything else (0 is the edge of the text).
 *
 * @module
 */

import type { Assertion, Node, Ranges } from "./parse.ts";

/** The numbers before the tables. */
export const HEADER = 5;
/** Operations of a state. */
export const Op = { SET: 0, SPLIT: 1, ASSERT: 2, MATCH: 3 } as const;
/** Kinds of what stands beside a place. */
export const Kind = { EDGE: 0, LINE: 1, WORD: 2, OTHER: 3 } as const;
/** The codes of assertions. */
export const ASSERTIONS: readonly Assertion[] = [
  "start",
  "end",
  "line-start",
  "line-end",
  "word",
  "no-word",
];

/** The most states that all patterns of one redactor may have. */
export const STATES_MAX = 50_000;
const NOWHERE = 0xffffffff;

/** Whether an assertion holds between two kinds. */
export function holds(assertion: number, before: number, after: number): boolean {
  switch (assertion) {
    case 0:
      return before === Kind.EDGE;
    case 1:
      return after === Kind.EDGE;
    case 2:
      return before < Kind.WORD;
    case 3:
      return after < Kind.WORD;
    case 4:
      return (before === Kind.WORD) !== (after === Kind.WORD);
    default:
      return (before === Kind.WORD) === (after === Kind.WORD);
  }
}

/** Whether a pattern can match without a character. */
export function isNullable(node: Node): boolean {
  switch (node.kind) {
    case "set":
      return false;
    case "all":
      return node.nodes.every(isNullable);
    case "any":
      return node.nodes.some(isNullable);
    case "repeat":
      return node.least === 0 || isNullable(node.node);
    default:
      return true;
  }
}

/** Compiles patterns; `tooLarge` is called when they have more than `STATES_MAX` states. */
export function compilePatterns(
  patterns: readonly Node[],
  tooLarge: (states: number) => never,
): Uint32Array<ArrayBuffer> {
  const assembler = new Assembler(tooLarge);
  const starts = patterns.map((node, i) => assembler.pattern(node, i));
  return assembler.program(starts);
}

class Assembler {
  readonly #code: number[] = [];
  readonly #sets: Ranges[] = [];
  readonly #known = new Map<string, number>();
  readonly #tooLarge: (states: number) => never;

  constructor(tooLarge: (states: number) => never) {
    this.#tooLarge = tooLarge;
  }

  pattern(node: Node, index: number): number {
    return this.#emit(node, this.#state(Op.MATCH, index, NOWHERE));
  }

  #state(operation: number, x: number, y: number): number {
    const state = this.#code.length / 3;
    if (state >= STATES_MAX) this.#tooLarge(state + 1);
    this.#code.push(operation, x, y);
    return state;
  }

  /** Emits what leads to `next`, back to front; gives the state to begin with. */
  #emit(node: Node, next: number): number {
    switch (node.kind) {
      case "empty":
        return next;
      case "set":
        return this.#state(Op.SET, this.#set(node.ranges), next);
      case "assert":
        return this.#state(Op.ASSERT, ASSERTIONS.indexOf(node.what), next);
      case "all":
        return node.nodes.reduceRight((after, part) => this.#emit(part, after), next);
      case "any":
        return node.nodes.map((part) => this.#emit(part, next))
          .reduceRight((other, one) => this.#state(Op.SPLIT, one, other));
      case "repeat":
        return this.#repeat(node.node, node.least, node.most, next);
    }
  }

  #repeat(node: Node, least: number, most: number, next: number): number {
    let at = next;
    if (most === Infinity) {
      const loop = this.#state(Op.SPLIT, NOWHERE, next);
      this.#code[loop * 3 + 1] = this.#emit(node, loop);
      at = loop;
    } else {
      for (let i = least; i < most; i++) at = this.#state(Op.SPLIT, this.#emit(node, at), next);
    }
    for (let i = 0; i < least; i++) at = this.#emit(node, at);
    return at;
  }

  #set(ranges: Ranges): number {
    const key = ranges.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, this.#sets.length);
    return this.#sets.push(ranges) - 1;
  }

  program(starts: readonly number[]): Uint32Array<ArrayBuffer> {
    const { borders, members, kinds, classOf } = this.#classes();
    const words = (kinds.length + 31) >> 5;
    const sets = members.map((classes) => {
      const bits = new Uint32Array(words);
      for (const one of classes) bits[one >> 5]! |= 1 << (one & 31);
      return bits;
    });
    const states = this.#code.length / 3;
    return Uint32Array.from([
      states,
      kinds.length,
      borders.length,
      words,
      starts.length,
      ...borders,
      ...classOf,
      ...kinds,
      ...this.#code,
      ...sets.flatMap((bits) => [...bits]),
      ...starts,
    ]);
  }

  /** Cuts the code points where sets and kinds change; intervals that no set tells apart are one class. */
  #classes(): { borders: number[]; classOf: number[]; kinds: number[]; members: number[][] } {
    const kindsOf: Ranges[] = [
      [10, 10, 13, 13, 0x2028, 0x2029],
      [48, 57, 65, 90, 95, 95, 97, 122],
    ];
    const all = [...kindsOf, ...this.#sets];
    const cuts = new Set<number>([0]);
    for (const ranges of all) {
      for (let i = 0; i < ranges.length; i += 2) {
        cuts.add(ranges[i]!);
        if (ranges[i + 1]! < 0x10ffff) cuts.add(ranges[i + 1]! + 1);
      }
    }
    const borders = [...cuts].sort((a, b) => a - b);
    const inside: number[][] = borders.map(() => []);
    all.forEach((ranges, set) => {
      let at = 0;
      for (let i = 0; i < ranges.length; i += 2) {
        while (borders[at]! < ranges[i]!) at++;
        for (; at < borders.length && borders[at]! <= ranges[i + 1]!; at++) inside[at]!.push(set);
      }
    });
    const known = new Map<string, number>();
    const kinds: number[] = [];
    const members: number[][] = this.#sets.map(() => []);
    const classOf = inside.map((sets) => {
      const key = sets.join();
      const found = known.get(key);
      if (found !== undefined) return found;
      const one = kinds.length;
      known.set(key, one);
      kinds.push(sets[0] === 0 ? Kind.LINE : sets[0] === 1 ? Kind.WORD : Kind.OTHER);
      for (const set of sets) if (set > 1) members[set - 2]!.push(one);
      return one;
    });
    return { borders, classOf, kinds, members };
  }
}
