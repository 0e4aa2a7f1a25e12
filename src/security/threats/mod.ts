/**
 * Signs of trouble on this host, by explained rules.
 *
 * @module
 */

import type { Threat, ThreatOptions, ThreatRule } from "./types.ts";

export type {
  Evidence,
  ListenerTls,
  Severity,
  Threat,
  ThreatOptions,
  ThreatRule,
  TlsInspector,
} from "./types.ts";

/**
 * Looks for signs of trouble by rules, each with severity, technique of MITRE ATT&CK, evidence, when it is harmless, and what to do.
 *
 * Heuristics at one point in time: what begins and ends between two looks is seen by none, and nothing found proves nothing. For
 * a watch that goes on there are Falco and osquery. No command line and no environment is in a finding; of LD_PRELOAD only that it
 * is set. Permissions as for `connections`; files that may not be read are passed over, and `onSkipped` is told of rules that could
 * not look. Nothing is sent anywhere, unless `certificates` asks for it.
 *
 * @param options Which rules, which twin, who knows of TLS, and a signal.
 * @returns The findings, the gravest first.
 * @throws {AgentError} As `connections`.
 * @throws {TypeError | RangeError} For options that are none, and rules that there are not.
 *
 * @example
 * ```ts
 * import { detectThreats } from "@agent/runtime/security";
 * import { AgentError } from "@agent/runtime/errors";
 *
 * try {
 *   for (const { severity, title, evidence } of await detectThreats({ exclude: ["ip-forwarding"] })) {
 *     console.log(severity, title, evidence);
 *   }
 * } catch (error) {
 *   if (!AgentError.is(error, "PERMISSION")) throw error;
 * }
 * ```
 */
export function detectThreats(options?: ThreatOptions): Promise<Threat[]>;
export async function detectThreats(options: ThreatOptions = {}): Promise<Threat[]> {
  const { findThreats } = await import("./detect.ts");
  return await findThreats(options);
}

/**
 * All rules of `detectThreats`, as data.
 *
 * @returns The rules, in the order in which they are applied.
 *
 * @example
 * ```ts
 * import { threatRules } from "@agent/runtime/security";
 * import assert from "node:assert/strict";
 *
 * const rules = await threatRules();
 * assert.ok(rules.some(({ id, attack }) => id === "shell-on-socket" && attack === "T1059.004"));
 * ```
 */
export async function threatRules(): Promise<ThreatRule[]> {
  const { listRules } = await import("./detect.ts");
  return listRules();
}
