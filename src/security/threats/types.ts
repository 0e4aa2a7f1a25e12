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

/** What is told of TLS at a listener. What is not told is null. Names are written by whoever has the port. */
export interface ListenerTls {
  /** The version that it chooses, such as `TLS 1.3`. */
  version: string | null;
  /** All versions that it takes, oldest first. */
  versions: string[] | null;
  /** The command that TLS begins with, such as `STARTTLS`; null if it begins at once. */
  startTls: string | null;
  /** Whom the certificate names. */
  subject: string | null;
  /** Names and addresses that it is for. */
  names: string[] | null;
  /** Who issued it. */
  issuer: string | null;
  /** Whether its own key signed it. */
  selfSigned: boolean | null;
  /** From when it holds: an ISO date. */
  validFrom: string | null;
  /** Until when: an ISO date. */
  validTo: string | null;
  /** Whole days until it ends, negative after. */
  expiryDays: number | null;
  /** Its public key, such as `RSA 2048` or `EC P-256`. */
  key: string | null;
  /** The algorithm of its signature, such as `sha256WithRSAEncryption`. */
  signatureAlgorithm: string | null;
  /** Whether its chain leads to a known authority. */
  verified: boolean | null;
  /** Why not, in a word such as `self-signed`; null if it does. */
  verifyReason: string | null;
}

/**
 * Looks at TLS of a TCP listener of this host: what is there, as far as it can tell; true for TLS of which no more is known; false
 * for none; null where that cannot be told. What it throws is the reason for null.
 */
export type TlsInspector = (
  address: string,
  port: number,
  signal: AbortSignal,
) => Promise<Partial<ListenerTls> | boolean | null>;

/** Options of `detectThreats`. */
export interface ThreatOptions extends Pick<CallOptions, "implementation" | "signal"> {
  /** Only these rules, by id. Default: all. */
  rules?: readonly string[] | undefined;
  /** All but these. */
  exclude?: readonly string[] | undefined;
  /**
   * Whether listeners of this host are asked for TLS and their certificates, over connections of which each needs `--allow-net`.
   * Default false: the rule about listeners without TLS then goes by the port's usual protocol, those about certificates find
   * nothing.
   */
  certificates?: boolean | undefined;
  /** Who looks at TLS instead; called once for each port. */
  inspectTls?: TlsInspector | undefined;
  /** Told of each rule that could not look at all there is, and why; nothing found there proves even less. */
  onSkipped?: ((rule: string, reason: string) => void) | undefined;
}
