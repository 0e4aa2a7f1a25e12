/**
 * Options to a plan: every check of what the caller gave, made before either twin works.
 *
 * @module
 */

import { checkBoolean, shown, wrongType } from "../../shared/arguments.ts";
import { Fold, foldText } from "./fold.ts";
import { compilePatterns, isNullable, STATES_MAX } from "./pattern/compile.ts";
import { PatternFinder } from "./pattern/finder.ts";
import { type Node, parsePattern } from "./pattern/parse.ts";
import { BUILT_IN_RULES, DEFAULT_RULES, LITERAL_MAX, LITERALS_MAX } from "./rules.ts";
import type { BuiltInRule, Literal, Plan, RedactOptions } from "./types.ts";
import { readText } from "./view.ts";

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

function nameOf(name: string, option: string): string {
  if (!NAME.test(name)) {
    throw new TypeError(
      `${option} has a rule named ${shown(name)}: names are a letter, then up to 63 letters, ` +
        `digits, "_" and "-"`,
    );
  }
  if (BUILT_IN_RULES.includes(name as BuiltInRule)) {
    throw new TypeError(
      `${option} has a rule named ${shown(name)}, which is a built-in rule; name it otherwise`,
    );
  }
  return name;
}

/** Lists by rule name, from one list or from a record. */
function listsOf<T>(
  value: unknown,
  option: string,
  only: string,
  isOne: (item: unknown) => item is T,
  what: string,
): [name: string, where: string, items: readonly T[]][] {
  if (value === undefined) return [];
  if (value === null || typeof value !== "object" || isOne(value)) {
    throw wrongType(option, `an array of ${what}, or an object of such arrays`, value);
  }
  const lists: [string, string, unknown][] = Array.isArray(value)
    ? [[only, option, value]]
    : Object.entries(value).map((
      [name, list],
    ) => [nameOf(name, option), `${option}.${name}`, list]);
  return lists.map(([name, where, list]) => {
    const items = isOne(list) && option !== "options.literals" ? [list] : list;
    if (!Array.isArray(items)) {
      throw wrongType(where, `an array of ${what}`, list);
    }
    items.forEach((item, i) => {
      if (!isOne(item)) {
        throw wrongType(`${where}[${i}]`, `one of ${what}`, item);
      }
    });
    return [name, where, items as T[]];
  });
}

function rulesOf(value: unknown): number {
  if (value === undefined) return rulesOf(DEFAULT_RULES);
  if (!Array.isArray(value)) {
    throw wrongType("options.rules", "an array of rule names", value);
  }
  let rules = 0;
  for (const name of value) {
    const place = BUILT_IN_RULES.indexOf(name);
    if (place < 0) {
      throw new TypeError(
        `options.rules must hold built-in rules (${BUILT_IN_RULES.join(", ")}), got ${shown(name)}`,
      );
    }
    rules |= 1 << place;
  }
  return rules;
}

const isPattern = (value: unknown): value is string | RegExp =>
  typeof value === "string" || value instanceof RegExp;

const isLiteral = (value: unknown): value is Literal =>
  typeof value === "string" ||
  (typeof value === "object" && value !== null && "text" in value &&
    typeof value.text === "string");

/** Literals, group by group, their names, and how many each group has. */
function literalsOf(
  options: RedactOptions,
  ignoreCase: boolean,
): [literals: string[], names: string[], groups: number[]] {
  const groups = Array.from({ length: 6 }, () => new Map<string, [string, string]>());
  let units = 0;
  const what = "strings or { text, wholeWord?, ignoreCase? }";
  const lists = listsOf(options.literals, "options.literals", "literal", isLiteral, what);
  for (const [rule, where, items] of lists) {
    items.forEach((item, i) => {
      const text = typeof item === "string" ? item : item.text;
      if (text === "") throw new RangeError(`${where}[${i}] must not be empty`);
      if (text.length > LITERAL_MAX) {
        throw new RangeError(
          `${where}[${i}] must have at most ${LITERAL_MAX} UTF-16 units, got ${text.length}`,
        );
      }
      units += text.length;
      const literal = text.toWellFormed();
      let group: number = ignoreCase ? Fold.ASCII : Fold.EXACT;
      if (typeof item !== "string") {
        const { wholeWord = false, ignoreCase: own = ignoreCase } = item;
        checkBoolean(wholeWord, `${where}[${i}].wholeWord`);
        checkBoolean(own, `${where}[${i}].ignoreCase`);
        group = (own ? Fold.LETTERS : Fold.EXACT) + (wholeWord ? 3 : 0);
      }
      const key = foldText(literal, group % 3);
      if (!groups[group]!.has(key)) groups[group]!.set(key, [literal, rule]);
    });
  }
  if (units > LITERALS_MAX) {
    throw new RangeError(
      `options.literals must have at most ${LITERALS_MAX} UTF-16 units together, got ${units}`,
    );
  }
  const all = groups.flatMap((group) => [...group.values()]);
  return [
    all.map(([literal]) => literal),
    all.map(([, rule]) => rule),
    groups.map((group) => group.size),
  ];
}

/** Whether a value is allowed, by what `options.allow` holds. */
function allowedOf(allow: unknown): ((value: string) => boolean) | undefined {
  if (allow === undefined) return undefined;
  if (!Array.isArray(allow)) {
    throw wrongType("options.allow", "an array of strings and RegExps", allow);
  }
  const strings = new Set<string>();
  const nodes: Node[] = [];
  allow.forEach((item, i) => {
    const where = `options.allow[${i}]`;
    if (typeof item === "string") strings.add(item);
    else if (item instanceof RegExp) nodes.push(patternOf(item, where, false));
    else throw wrongType(where, "a string or a RegExp", item);
  });
  if (allow.length === 0) return undefined;
  const finder = nodes.length === 0
    ? undefined
    : new PatternFinder(compilePatterns(nodes, tooLarge("options.allow")), 0);
  return (value) => {
    if (strings.has(value)) return true;
    const read = readText(value.toWellFormed(), true)?.[0].text ?? value;
    return strings.has(read) || matches(finder, value) || matches(finder, read);
  };
}

function matches(finder: PatternFinder | undefined, value: string): boolean {
  if (finder === undefined) return false;
  finder.begin(value.toWellFormed(), true);
  finder.seek(0);
  return finder.end > 0;
}

function tooLarge(option: string): (states: number) => never {
  return (states) => {
    throw new RangeError(
      `${option} must have at most ${STATES_MAX} states together, got ${states} or more; ` +
        "use fewer or smaller counted repetitions",
    );
  };
}

function patternOf(pattern: string | RegExp, where: string, ignoreCase: boolean): Node {
  let node: Node;
  if (typeof pattern === "string") {
    const flags = { ignoreCase, multiline: false, dotAll: false };
    node = parsePattern(pattern, flags, where);
  } else {
    const refused = /[^dgimsuy]/.exec(pattern.flags);
    if (refused !== null) {
      throw new TypeError(`${where} ${pattern} cannot be used: flag ${refused[0]} is not known`);
    }
    const flags = {
      ignoreCase: ignoreCase || pattern.ignoreCase,
      multiline: pattern.multiline,
      dotAll: pattern.dotAll,
    };
    node = parsePattern(pattern.source, flags, where);
  }
  if (isNullable(node)) {
    throw new TypeError(
      `${where} ${shown(String(pattern))} cannot be used: it matches where there is nothing`,
    );
  }
  return node;
}

/**
 * Checks options and compiles them.
 *
 * @param options What the caller gave.
 * @returns The plan.
 * @throws {TypeError | RangeError} As `redact` says.
 */
export function planOf(options: RedactOptions): Plan {
  const { ignoreCase = false } = options;
  checkBoolean(ignoreCase, "options.ignoreCase");
  const rules = rulesOf(options.rules);
  const [literals, names, groups] = literalsOf(options, ignoreCase);
  const nodes: Node[] = [];
  const what = "strings and RegExps";
  for (
    const [rule, where, items] of listsOf(
      options.patterns,
      "options.patterns",
      "pattern",
      isPattern,
      what,
    )
  ) {
    items.forEach((item, i) => {
      nodes.push(patternOf(item, `${where}[${i}]`, ignoreCase));
      names.push(rule);
    });
  }
  const program = nodes.length === 0
    ? undefined
    : compilePatterns(nodes, tooLarge("options.patterns"));
  names.push(...BUILT_IN_RULES);
  const isAllowed = allowedOf(options.allow);
  return { rules, literals, groups, program, patterns: nodes.length, names, isAllowed };
}
