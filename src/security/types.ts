/**
 * What is asked of ports and answered. Types only.
 *
 * @module
 */

import type { Implementation } from "../shared/implementation.ts";

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
  /** What the port is. */
  state: PortState;
  /** Why it is taken to be that. */
  reason: PortReason;
  /** Milliseconds until the host answered; null if it did not. */
  rttMs: number | null;
}

/** Options of `probePort`. */
export interface ProbeOptions {
  /** Milliseconds until a port that does not answer is called filtered. Default 1,000. */
  timeoutMs?: number;
  /** Which twin does the work. Default `"auto"`. */
  implementation?: Implementation;
  /** Ends the probe early. */
  signal?: AbortSignal;
}
