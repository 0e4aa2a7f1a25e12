/**
 * Runs rules over one reading of the machine. Heuristics at one point in time: what begins and ends between two looks is seen by
 * none.
 *
 * @module
 */

import { checkStrings, fieldsOf, wrongType, wrongValue } from "../../shared/arguments.ts";
import { shown } from "../host/command.ts";
import { HOST_ROOTS, type HostRoots } from "../host/reader.ts";
import { type Facts, readFacts } from "./facts.ts";
import type { Rule } from "./rule.ts";
import { fileRules } from "./rules/files.ts";
import { kernelRules } from "./rules/kernel.ts";
import { networkRules } from "./rules/network.ts";
import { processRules } from "./rules/processes.ts";
import type { Evidence, Severity, Threat, ThreatOptions, ThreatRule } from "./types.ts";

const RULES: readonly Rule[] = [...processRules, ...networkRules, ...fileRules, ...kernelRules];

const ORDER: Readonly<Record<Severity, number>> = { critical: 0, high: 1, medium: 2, low: 3 };

/** All rules, without their functions. */
export function listRules(): ThreatRule[] {
  return RULES.map(({ find: _, ...rule }) => ({ ...rule }));
}

/** See `detectThreats` in `mod.ts`. */
export async function findThreats(
  options: ThreatOptions = {},
  roots: HostRoots = HOST_ROOTS,
): Promise<Threat[]> {
  const rules = chosenRules(options);
  return await applyRules(rules, await readFacts(options, roots));
}

/** The rules that the options ask for. */
export function chosenRules(options: ThreatOptions): readonly Rule[] {
  const { rules, exclude, inspectTls } = fieldsOf(options, "options") as ThreatOptions;
  if (inspectTls !== undefined && typeof inspectTls !== "function") {
    throw wrongType("options.inspectTls", "a function", inspectTls);
  }
  for (const [name, ids] of [["options.rules", rules], ["options.exclude", exclude]] as const) {
    if (ids === undefined) continue;
    checkStrings(ids, name);
    for (const [index, id] of ids.entries()) {
      if (RULES.some((rule) => rule.id === id)) continue;
      throw wrongValue(`${name}[${index}]`, "the id of a rule (threatRules() lists them)", id);
    }
  }
  return RULES.filter(({ id }) =>
    (rules === undefined || rules.includes(id)) && !(exclude?.includes(id) ?? false)
  );
}

/** Runs rules; the gravest findings first, then in the order of rules. */
export async function applyRules(rules: readonly Rule[], facts: Facts): Promise<Threat[]> {
  const threats: Threat[] = [];
  for (const { find, id, title, severity, attack, falseAlarms, advice } of rules) {
    facts.signal.throwIfAborted();
    for (const { pid = null, evidence } of await find(facts)) {
      const seen = printable(evidence);
      threats.push({ rule: id, title, severity, attack, evidence: seen, pid, falseAlarms, advice });
    }
  }
  return threats.sort((one, other) => ORDER[one.severity] - ORDER[other.severity]);
}

/** Names and paths are written by whoever made them: a terminal must not act on them. */
function printable(evidence: Evidence): Evidence {
  return Object.fromEntries(
    Object.entries(evidence).map((
      [name, value],
    ) => [name, typeof value === "string" ? shown(value) : value]),
  );
}
