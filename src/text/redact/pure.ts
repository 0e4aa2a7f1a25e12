/**
 * The TypeScript twin of the search, which defines what is found. Twin: `native.ts`.
 *
 * @module
 */

import { type Finder, merge, NearFinder, ReadingFinder, WrittenFinder } from "./finder.ts";
import { LiteralAutomaton, LiteralFinder } from "./literals.ts";
import { PatternFinder } from "./pattern/finder.ts";
import { BuiltInFinder } from "./scan/built_in.ts";
import { codesOf } from "./scan/codes.ts";
import { ContextFinder } from "./scan/context.ts";
import { moved, NO_TABLE } from "./scan/table.ts";
import { EmailFinder } from "./scan/email.ts";
import { Rule } from "./rules.ts";
import type { Engine, Plan, Scan } from "./types.ts";
import { readText, type View } from "./view.ts";
import { WholeFinder } from "./whole.ts";

/** So many kinds of groups of literals there are, without those of whole words. */
const FOLDS = 3;

/** Rules look at so many characters before a match at most. */
export const CONTEXT = 160;

const CONTEXTS = 1 << Rule.URL_CREDENTIALS | 1 << Rule.AUTHORIZATION | 1 << Rule.ASSIGNED_SECRET |
  1 << Rule.US_SSN;
const EMAIL = 1 << Rule.EMAIL;

/** The pure engine of a plan. */
export class PureEngine implements Engine {
  readonly #plan: Plan;
  // Makes finders of the literals.
  readonly #literals: (() => Finder)[] = [];
  // Literals and patterns, which look at the written text.
  readonly #own: Finder[] = [];
  // The same, and those of the built-in rules.
  readonly #all: readonly Finder[];
  // What reads tables: of these, and of the first reading of the text that is searched.
  readonly #context: ContextFinder | undefined;
  #first: ContextFinder | undefined;

  /** Prepares a plan. */
  constructor(plan: Plan) {
    this.#plan = plan;
    let base = 0;
    plan.groups.forEach((count, group) => {
      const literals = plan.literals.slice(base, base + count);
      const first = base;
      base += count;
      if (count === 0) return;
      const fold = group % FOLDS;
      if (group >= FOLDS) {
        this.#literals.push(() => new WholeFinder(literals, first, fold));
      } else {
        const automaton = new LiteralAutomaton(literals, fold);
        this.#literals.push(() => new LiteralFinder(automaton, first));
      }
    });
    this.#own.push(...this.#literals.map((make) => make()));
    if (plan.program !== undefined) {
      this.#own.push(new PatternFinder(plan.program, plan.literals.length));
    }
    this.#all = [...this.#own, ...this.#finders()];
    this.#context = contextIn(this.#all);
  }

  scan(text: string, from: number, last: boolean, since = from, table = NO_TABLE): Scan {
    const found: number[] = [];
    const views = readText(text, last);
    const finders = views === undefined ? this.#all : [
      ...this.#own.map((finder) => new WrittenFinder(finder, views[0])),
      ...views.flatMap((view, k) => this.#reading(view, k)),
    ];
    const view = views?.[0];
    const context = view === undefined ? this.#context : this.#first;
    if (context !== undefined) {
      context.since = view === undefined ? since : view.read(since);
      context.table = view === undefined ? table : moved(table, view.read(table[1]));
    }
    const codes = views === undefined && this.#plan.rules !== 0 ? codesOf(text, 0) : undefined;
    for (let f = 0; f < finders.length; f++) finders[f]!.begin(text, last, undefined, codes);
    const hold = merge(finders, text.length, from, found);
    const state = context?.tableAt(view === undefined ? hold : view.read(hold)) ?? NO_TABLE;
    const next = view === undefined ? state : moved(state, view.written(state[1]));
    const keep = keepFrom(views, text, hold);
    return {
      found,
      count: found.length,
      hold,
      keep: next[2] === 0 ? keep : Math.min(keep, next[1]),
      table: next,
    };
  }

  #reading(view: View, k: number): Finder[] {
    const literals = this.#literals.map((make) => make());
    const { near } = view;
    const finders = this.#finders();
    if (k === 0) this.#first = contextIn(finders);
    const ruled = near === undefined ? finders : finders.map((one) => new NearFinder(one, near));
    const codes = ruled.length > 0 ? codesOf(view.text, k) : undefined;
    return [...literals, ...ruled].map((finder) => new ReadingFinder(finder, view, codes));
  }

  /** Finders of the built-in rules. */
  #finders(): Finder[] {
    const { rules, literals, patterns } = this.#plan;
    const base = literals.length + patterns;
    const finders: Finder[] = [];
    if ((rules & ~(CONTEXTS | EMAIL)) !== 0 || (rules & 1 << Rule.US_SSN) !== 0) {
      finders.push(new BuiltInFinder(rules, base));
    }
    if ((rules & EMAIL) !== 0) finders.push(new EmailFinder(base + Rule.EMAIL));
    if ((rules & CONTEXTS) !== 0) finders.push(new ContextFinder(rules, base));
    return finders;
  }
}

function contextIn(finders: readonly Finder[]): ContextFinder | undefined {
  return finders.find((finder) => finder instanceof ContextFinder);
}

/** From where on a text is context of what is still held: a border between escapes. */
function keepFrom(views: readonly View[] | undefined, text: string, hold: number): number {
  const view = views?.[0];
  if (view === undefined) {
    const at = Math.max(0, hold - CONTEXT);
    return at > 0 && (text.charCodeAt(at) & 0xfc00) === 0xdc00 ? at - 1 : at;
  }
  const at = Math.max(0, view.read(hold) - CONTEXT);
  const low = at > 0 && (view.text.charCodeAt(at) & 0xfc00) === 0xdc00;
  return Math.min(hold, view.written(low ? at - 1 : at));
}

/** From where on a text is context of what follows a place; both twins' streams ask where they stopped before `hold`. */
export function contextOf(text: string, place: number, last: boolean): number {
  return keepFrom(readText(text, last), text, place);
}
