/**
 * The TypeScript twin of the search, which defines what is found. Twin: `native.ts`.
 *
 * @module
 */

import { type Finder, merge } from "./finder.ts";
import { LiteralAutomaton, LiteralFinder } from "./literals.ts";
import { PatternFinder } from "./pattern/finder.ts";
import { BuiltInFinder } from "./scan/built_in.ts";
import type { Engine, Plan, Scan } from "./types.ts";

/** The pure engine of a plan. */
export class PureEngine implements Engine {
  readonly #finders: Finder[] = [];

  /** Prepares a plan. */
  constructor(plan: Plan) {
    const { literals, ignoreCase, patterns, program, rules } = plan;
    if (literals.length > 0) {
      this.#finders.push(new LiteralFinder(new LiteralAutomaton(literals, ignoreCase)));
    }
    if (program !== undefined) {
      this.#finders.push(new PatternFinder(program, literals.length));
    }
    if (rules !== 0) this.#finders.push(new BuiltInFinder(rules, literals.length + patterns));
  }

  scan(text: string, from: number, last: boolean): Scan {
    const found: number[] = [];
    const hold = merge(this.#finders, text, from, last, found);
    return { found, count: found.length, hold };
  }
}
