/**
 * Options to a plan: every check of what the caller gave, made before either twin works.
 *
 * @module
 */

import { checkBoolean, shown, wrongType } from "../../shared/arguments.ts";
import { compilePatterns, isNullable, STATES_MAX } from "./pattern/compile.ts";
import { type Node, parsePattern } from "./pattern/parse.ts";
import { BUILT_IN_RULES, DEFAULT_RULES, LITERAL_MAX, LITERALS_MAX } from "./rules.ts";
import type { BuiltInRule, Plan, RedactOptions } from "./types.ts";

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

function foldCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

const isString = (value: unknown): value is string => typeof value === "string";
const isPattern = (value: unknown): value is string | RegExp =>
  typeof value === "string" || value instanceof RegExp;

function literalsOf(options: RedactOptions, ignoreCase: boolean): [string[], string[]] {
  const names = new Map<string, [literal: string, rule: string]>();
  let units = 0;
  const lists = listsOf(options.literals, "options.literals", "literal", isString, "strings");
  for (const [rule, where, items] of lists) {
    items.forEach((item, i) => {
      if (item === "") throw new RangeError(`${where}[${i}] must not be empty`);
      if (item.length > LITERAL_MAX) {
        throw new RangeError(
          `${where}[${i}] must have at most ${LITERAL_MAX} UTF-16 units, got ${item.length}`,
        );
      }
      units += item.length;
      const literal = item.toWellFormed();
      const key = ignoreCase ? foldCase(literal) : literal;
      if (!names.has(key)) names.set(key, [literal, rule]);
    });
  }
  if (units > LITERALS_MAX) {
    throw new RangeError(
      `options.literals must have at most ${LITERALS_MAX} UTF-16 units together, got ${units}`,
    );
  }
  const all = [...names.values()];
  return [all.map(([literal]) => literal), all.map(([, rule]) => rule)];
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
  const [literals, names] = literalsOf(options, ignoreCase);
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
  const program = nodes.length === 0 ? undefined : compilePatterns(nodes, (states) => {
    throw new RangeError(
      `options.patterns must have at most ${STATES_MAX} states together, got ${states} or more; ` +
        "use fewer or smaller counted repetitions",
    );
  });
  names.push(...BUILT_IN_RULES);
  return { rules, literals, ignoreCase, program, patterns: nodes.length, names };
}
