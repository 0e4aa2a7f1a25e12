/**
 * What rules find and what they are. Types only.
 *
 * @module
 */

import type { CallOptions } from "../../shared/implementation.ts";

/** How much a finding matters: `critical` is hardly ever harmless, `low` often is. */
export type Severity = "low" | "medium" | "high" | "critical";

/** What a rule saw, as values to look at: never a command line, never an environment. */
export type Evidence = Readonly<Record<string, string | number | boolean | null>>;

/** One finding. */
export interface Threat {
  /** The rule that found it. */
  rule: string;
  /** What was found, in a few words. */
  title: string;
  /** How bad it is if it is true. */
  severity: Severity;
  /** Technique of MITRE ATT&CK, such as `T1036.004`. */
  attack: string;
  /** What was seen. */
  evidence: Evidence;
  /** Process that it is about; null for none. */
  pid: number | null;
  /** When this is harmless. */
  falseAlarms: string;
  /** What to do about it. */
  advice: string;
}

/** A rule, as data: `threatRules()` lists them. */
export interface ThreatRule {
  /** Its word, as `rules` and `exclude` take it. */
  readonly id: string;
  /** What it looks for, in a few words. */
  readonly title: string;
  /** How bad that is. */
  readonly severity: Severity;
  /** Technique of MITRE ATT&CK. */
  readonly attack: string;
  /** What it looks for, and why that matters. */
  readonly about: string;
  /** When it is a false alarm. */
  readonly falseAlarms: string;
  /** What to do about it. */
  readonly advice: string;
}

/** Options of `detectThreats`. */
export interface ThreatOptions extends Pick<CallOptions, "implementation" | "signal"> {
  /** Only these rules, by id. Default: all. */
  rules?: readonly string[];
  /** All but these. */
  exclude?: readonly string[];
  /**
   * Says whether a TCP listener of this host speaks TLS: true, false, or null where that cannot be told. Without it the rule about
   * listeners without TLS goes by the port's usual protocol.
   */
  inspectTls?: (address: string, port: number, signal: AbortSignal) => Promise<boolean | null>;
}
