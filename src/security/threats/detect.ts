/**
 * Runs rules over one reading of the machine. Heuristics at one point in time: what begins and ends between two looks is seen by
 * none.
 *
 * @module
 */

import {
  checkBoolean,
  checkStrings,
  fieldsOf,
  wrongType,
  wrongValue,
} from "../../shared/arguments.ts";
import { shown } from "../host/command.ts";
import { HOST_ROOTS, type HostRoots } from "../host/reader.ts";
import { checkNames } from "../scope/names.ts";
import { type Facts, readFacts } from "./facts.ts";
import type { Rule } from "./rule.ts";
import { certificateRules } from "./rules/certificates.ts";
import { fileRules } from "./rules/files.ts";
import { kernelRules } from "./rules/kernel.ts";
import { loginRules } from "./rules/logins.ts";
import { networkRules } from "./rules/network.ts";
import { processRules } from "./rules/processes.ts";
import { ownInspector, seeTls } from "./tls.ts";
import type {
  Evidence,
  Severity,
  Threat,
  ThreatOptions,
  ThreatRule,
  TlsInspector,
} from "./types.ts";

const RULES: readonly Rule[] = [
  ...processRules,
  ...networkRules,
  ...certificateRules,
  ...fileRules,
  ...loginRules,
  ...kernelRules,
];

/** Rules that look at what listeners say of TLS. */
const TLS_RULES = RULES.filter((rule) =>
  certificateRules.includes(rule) || rule.id === "listener-without-tls"
);

const ORDER: Readonly<Record<Severity, number>> = { critical: 0, high: 1, medium: 2, low: 3 };

/** All rules, without their functions. */
export function listRules(): ThreatRule[] {
  return RULES.map(({ find: _, blind: _blind, ...rule }) => rule);
}

/** See `detectThreats` in `mod.ts`. */
export async function findThreats(
  options: ThreatOptions = {},
  roots: HostRoots = HOST_ROOTS,
): Promise<Threat[]> {
  checkNames(options, "threats");
  const rules = chosenRules(options);
  const facts = await readFacts(options, roots);
  const inspect = await inspectorOf(options);
  // Nobody is asked for what no rule looks at.
  const isAsked = inspect !== undefined && rules.some((rule) => TLS_RULES.includes(rule));
  const tls = isAsked ? await seeTls(facts.connections, inspect, facts.signal) : undefined;
  return applyRules(rules, { ...facts, tls }, options.onSkipped);
}

/** Who looks at TLS, if somebody is to. */
export async function inspectorOf(
  { certificates, inspectTls, implementation }: ThreatOptions,
): Promise<TlsInspector | undefined> {
  if (certificates === false) return undefined;
  return inspectTls ?? (certificates === true ? await ownInspector(implementation) : undefined);
}

/** Checks the options about TLS. */
export function checkTlsOptions({ certificates, inspectTls }: ThreatOptions): void {
  if (certificates !== undefined) checkBoolean(certificates, "options.certificates");
  if (inspectTls !== undefined && typeof inspectTls !== "function") {
    throw wrongType("options.inspectTls", "a function", inspectTls);
  }
}

/** The rules that the options ask for. */
export function chosenRules(options: ThreatOptions): readonly Rule[] {
  const { rules, exclude, onSkipped } = fieldsOf(options, "options") as ThreatOptions;
  checkTlsOptions(options);
  if (onSkipped !== undefined && typeof onSkipped !== "function") {
    throw wrongType("options.onSkipped", "a function", onSkipped);
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
export function applyRules(
  rules: readonly Rule[],
  facts: Facts,
  onSkipped?: ThreatOptions["onSkipped"],
): Threat[] {
  const threats: Threat[] = [];
  for (const { find, blind, id, title, severity, attack, falseAlarms, advice } of rules) {
    facts.signal.throwIfAborted();
    const reason = onSkipped && blind?.(facts);
    if (reason !== undefined) onSkipped!(id, reason);
    for (const { pid = null, evidence } of find(facts)) {
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
