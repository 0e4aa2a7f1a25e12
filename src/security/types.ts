/**
 * What is asked of ports and answered. Types only.
 *
 * @module
 */

import type { CallOptions } from "../shared/implementation.ts";
import type { ScanConfiguration } from "./types/scope.ts";

/**
 * What a port is, as seen from here. `open`: something accepted the connection. `closed`: the host
 * said that nothing listens. `filtered`: nothing that the host itself said came back.
 */
export type PortState = "open" | "closed" | "filtered";

/**
 * The evidence for a state. Open: `accepted`. Closed: `refused`; `reset`; `self-connect` (the system
 * connected the socket to itself, so nobody listens). Filtered: `timeout`; `unreachable` (a router or
 * this machine has no way there); `prohibited` (a firewall of this machine).
 */
export type PortReason =
  | "accepted"
  | "refused"
  | "reset"
  | "self-connect"
  | "timeout"
  | "unreachable"
  | "prohibited";

/** What one probe of one port found. */
export interface PortProbe {
  /** The address that was probed, literally. */
  address: string;
  /** The TCP port. */
  port: number;
  /** What the port is; `unprobed` after a dry run. */
  state: PortState | "unprobed";
  /** Why it is taken to be that. */
  reason: PortReason | "dry-run";
  /** Milliseconds until the host answered; null if it did not. */
  rttMs: number | null;
}

/** What a call for one port has in common with scans. */
export interface PortOptions
  extends
    Pick<CallOptions, "implementation" | "signal">,
    Omit<ScanConfiguration, "maxHosts" | "maxProbes"> {
  /** Nothing is sent: what is asked is checked, and stands in the audit log. Default false. */
  dryRun?: boolean | undefined;
}

/** Options of `probePort`. */
export interface ProbeOptions extends PortOptions {
  /** Milliseconds until a port that does not answer is called filtered. Default 1,000. */
  timeoutMs?: number | undefined;
}
