/**
 * Patterns as tables: a state for what may still match, a column for each class of characters. One look at each character
 * finds what a backtracking matcher finds, preferences and all, because the states keep their threads in the order in
 * which that matcher would try them; a look-ahead at one character is settled by the column.
 *
 * @module
 */

import type { Ranges } from "./sets.ts";
import { LAST } from "./sets.ts";
import { type Node, PatternError } from "./pattern.ts";

/** The most states of a pattern: those of known tokenizers have under a hundred. */
const STATES_MAX = 4000;
/** The most steps of a pattern's program. */
const STEPS_MAX = 20_000;
/** The most classes of characters; one more column is the end of the text. */
const CLASSES_MAX = 255;

/** A pattern's table. */
export interface Table {
  /** How many states there are; 0 is none, 1 the first. */
  states: number;
  /** By state and class (the last column: the end): twice the next state, and 1 more if a match ends before it. */
  steps: Uint16Array;
}

type Step =
  | { kind: "set"; set: number }
  | { kind: "ahead"; set: number; negated: boolean }
  | { kind: "split"; first: number; second: number }
  | { kind: "match" };

/** The tables of some patterns, over classes of characters that they share. */
export function tablesOf(
  patterns: readonly Node[],
): { classes: Uint8Array; count: number; tables: Table[] } {
  const sets: Ranges[] = [];
  const programs = patterns.map((pattern) => programOf(pattern, sets));
  const { classes, members } = partition(sets);
  const count = members.length;
  return { classes, count, tables: programs.map((program) => tableOf(program, members)) };
}

/** Code points that no set tells apart are one class; `members` says which sets hold each. */
function partition(sets: readonly Ranges[]): { classes: Uint8Array; members: Uint8Array[] } {
  const borders = new Set([0]);
  for (const ranges of sets) {
    for (let i = 0; i < ranges.length; i += 2) borders.add(ranges[i]!).add(ranges[i + 1]! + 1);
  }
  const starts = Array.from(borders).filter((at) => at <= LAST).sort((a, b) => a - b);
  const classes = new Uint8Array(LAST + 1);
  const members: Uint8Array[] = [];
  const known = new Map<string, number>();
  const at = new Uint32Array(sets.length);
  for (let i = 0; i < starts.length; i++) {
    const start = starts[i]!;
    const held = new Uint8Array(sets.length);
    for (let s = 0; s < sets.length; s++) {
      const ranges = sets[s]!;
      while (at[s]! < ranges.length && ranges[at[s]! + 1]! < start) at[s]! += 2;
      held[s] = at[s]! < ranges.length && ranges[at[s]!]! <= start ? 1 : 0;
    }
    const key = held.join("");
    let number = known.get(key);
    if (number === undefined) {
      number = members.length;
      if (number === CLASSES_MAX) {
        throw new PatternError(`patterns with over ${CLASSES_MAX} kinds of characters`);
      }
      known.set(key, number);
      members.push(held);
    }
    classes.fill(number, start, starts[i + 1] ?? LAST + 1);
  }
  return { classes, members };
}

/** A pattern as steps; the first is where it begins. */
function programOf(pattern: Node, sets: Ranges[]): Step[] {
  const steps: Step[] = [];
  const add = (step: Step): number => {
    if (steps.length === STEPS_MAX) throw new PatternError("a pattern that is too large");
    return steps.push(step) - 1;
  };
  const setOf = (ranges: Ranges): number => sets.push(ranges) - 1;
  /** Writes a node; whatever it leaves open goes on with the step that is written next. */
  const write = (node: Node): void => {
    switch (node.kind) {
      case "set":
        add({ kind: "set", set: setOf(node.ranges) });
        return;
      case "ahead":
        add({ kind: "ahead", set: setOf(node.ranges), negated: node.negated });
        return;
      case "all":
        return node.nodes.forEach(write);
      case "any":
        return choose(node.nodes.map((part) => () => write(part)));
      case "repeat":
        return repeat(node);
    }
  };
  const choose = (parts: (() => void)[]): void => {
    const ends: { first: number; second: number }[] = [];
    parts.forEach((part, index) => {
      if (index === parts.length - 1) return part();
      const split = { kind: "split" as const, first: steps.length + 1, second: 0 };
      add(split);
      part();
      const end = { kind: "split" as const, first: 0, second: -1 };
      add(end);
      ends.push(end);
      split.second = steps.length;
    });
    for (const end of ends) end.first = steps.length;
  };
  const repeat = ({ node, least, most, lazy }: Extract<Node, { kind: "repeat" }>): void => {
    for (let i = 0; i < least; i++) write(node);
    const branch = (): { to: (inside: number, behind: number) => void } => {
      const split = { kind: "split" as const, first: 0, second: 0 };
      add(split);
      return {
        to: (inside, behind) => {
          split.first = lazy ? behind : inside;
          split.second = lazy ? inside : behind;
        },
      };
    };
    if (most === Infinity) {
      const start = steps.length;
      const split = branch();
      write(node);
      add({ kind: "split", first: start, second: -1 });
      split.to(start + 1, steps.length);
    } else {
      const open: [number, ReturnType<typeof branch>][] = [];
      for (let i = least; i < most; i++) {
        open.push([steps.length + 1, branch()]);
        write(node);
      }
      for (const [inside, split] of open) split.to(inside, steps.length);
    }
  };
  write(pattern);
  add({ kind: "match" });
  return steps;
}

function tableOf(program: readonly Step[], members: readonly Uint8Array[]): Table {
  const columns = members.length + 1;
  const numbers = new Map<string, number>([["", 0], ["0", 1]]);
  const states: number[][] = [[], [0]];
  const rows: number[] = new Array<number>(columns).fill(0);
  const seen = new Int32Array(program.length).fill(-1);
  let round = 0;
  for (let state = 1; state < states.length; state++) {
    for (let column = 0; column < columns; column++) {
      const next: number[] = [];
      const taken = new Set<number>();
      let matches = false;
      round++;
      // The threads in their order; a match ends those behind it.
      const stack = states[state]!.toReversed();
      while (stack.length > 0 && !matches) {
        const at = stack.pop()!;
        if (seen[at] === round) continue;
        seen[at] = round;
        const step = program[at]!;
        switch (step.kind) {
          case "match":
            matches = true;
            break;
          case "split":
            if (step.second >= 0) stack.push(step.second);
            stack.push(step.first);
            break;
          case "ahead":
            if ((members[column]?.[step.set] === 1) !== step.negated) stack.push(at + 1);
            break;
          case "set":
            if (members[column]?.[step.set] === 1 && !taken.has(at + 1)) {
              taken.add(at + 1);
              next.push(at + 1);
            }
        }
      }
      if (matches && state === 1) throw new PatternError("a pattern that matches nothing at all");
      const key = next.join();
      let number = numbers.get(key);
      if (number === undefined) {
        number = states.length;
        if (number === STATES_MAX) throw new PatternError("a pattern that needs too many states");
        numbers.set(key, number);
        states.push(next);
      }
      rows.push(number * 2 + (matches ? 1 : 0));
    }
  }
  return { states: states.length, steps: Uint16Array.from(rows) };
}
