/**
 * An offer, checked once: which tools are there, who is asked for them, and the bounds that all connections share.
 *
 * @module
 */

import { BUILT_IN_DOMAINS } from "../../agent/domains.ts";
import { type ReadyTool, readyTools } from "../../agent/loop/tools.ts";
import { wrongValue } from "../../shared/arguments.ts";
import type { McpOffer } from "../types.ts";
import { Calls } from "./calls.ts";
import { Documents } from "./documents.ts";

/** How a tool that is offered comes to run. */
export type Consent = "free" | "allowed" | "ask";

/** A tool that is offered. */
export interface Offered extends ReadyTool {
  readonly consent: Consent;
}

/** What connections share. */
export interface Offer {
  readonly tools: ReadonlyMap<string, Offered>;
  readonly documents: Documents | undefined;
  readonly domains: Readonly<Record<string, { readonly description: string }>>;
  readonly calls: Calls;
  readonly resultLength: number;
}

/** Checks an offer. */
export function readOffer(options: McpOffer): Offer {
  const { tools = [], allow = [], ask = [], knowledge, roots, budget = {} } = options;
  const ready = readyTools(tools);
  for (const [field, names] of [["allow", allow], ["ask", ask]] as const) {
    const unknown = names.find((name) => !ready.has(name));
    if (unknown !== undefined) {
      throw wrongValue(`options.${field}`, "names of options.tools", unknown);
    }
  }
  const offered = new Map<string, Offered>();
  for (const [name, one] of ready) {
    const consent = consentOf(one, allow, ask);
    if (consent !== undefined) offered.set(name, { ...one, consent });
  }
  const resultLength = atLeastOne(budget.resultLength ?? 1_000_000, "resultLength");
  return {
    tools: offered,
    documents: knowledge === undefined ? undefined : new Documents(knowledge, roots, resultLength),
    domains: options.domains ?? (knowledge === undefined ? {} : BUILT_IN_DOMAINS),
    calls: new Calls({
      most: atLeastOne(budget.calls ?? Infinity, "calls"),
      concurrent: atLeastOne(budget.concurrent ?? 8, "concurrent"),
      callMs: atLeastOne(budget.callMs ?? 60_000, "callMs"),
    }),
    resultLength,
  };
}

function consentOf(
  { tool: { name, approval = "never" } }: ReadyTool,
  allow: readonly string[],
  ask: readonly string[],
): Consent | undefined {
  if (ask.includes(name)) return "ask";
  if (allow.includes(name)) return "allowed";
  return approval === "never" ? "free" : undefined;
}

function atLeastOne(value: number, name: string): number {
  if (value >= 1) return value;
  throw wrongValue(`options.budget.${name}`, "at least 1", value);
}
