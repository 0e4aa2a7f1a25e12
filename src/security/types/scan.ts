/**
 * What a scan is asked and what it answers. Types only.
 *
 * @module
 */

import type { CallOptions, Progress } from "../../shared/implementation.ts";
import type { ServiceFacts } from "./service_facts.ts";
import type { ScanConfiguration } from "./scope.ts";
import type { PortReason, PortState } from "../types.ts";

/** How far a scan has come. `done` and `total` are the stage's: ports, questions, or open ports to be identified. */
export interface ScanProgress extends Progress {
  /** What is being done: TCP ports, UDP ports, services behind open ports; each stage has its end. */
  stage: "tcp" | "udp" | "services";
}

/** Options of `scanPorts` and `scanHosts`. */
export interface ScanOptions extends Omit<CallOptions, "onProgress">, ScanConfiguration {
  /** Told how far the scan has come, ten times a second at most. */
  onProgress?: ((progress: ScanProgress) => void) | undefined;
  /**
   * Which TCP ports: `"common"` (some hundred, the default), `"all"`, or a list such as `"22,80-90"`. `"none"` with
   * `udp` alone.
   */
  ports?: "common" | "all" | "none" | (string & Record<never, never>) | undefined;
  /** Which UDP ports: none (the default), those of the services that are known (`"common"`), or some of them as a list. */
  udp?: "none" | "common" | (string & Record<never, never>) | undefined;
  /** The longest wait for one answer, in milliseconds. Default 1,000. */
  timeoutMs?: number | undefined;
  /** The most probes under way at once. Default 4,096; never more than descriptors allow. */
  concurrency?: number | undefined;
  /**
   * Milliseconds for the whole call; what is not asked by then is counted as `unprobed`, and services that are not known by
   * then stay so. Default one hour; never longer than the authorisation that it needs.
   */
  limitMs?: number | undefined;
  /** Whether the services behind open ports are identified. Default false. */
  services?: boolean | undefined;
  /** Which ports are listed. `"all"` lists closed and filtered ones too. Default `"open"`. */
  list?: "open" | "all" | undefined;
  /** Nothing is sent: the report says what would be. Default false. */
  dryRun?: boolean | undefined;
}

/** One TCP port of a report. */
export interface ScannedPort extends ServiceFacts {
  /** 1 to 65535. */
  port: number;
  /** What it is, as seen from here. */
  state: PortState;
  /** The evidence for it. */
  reason: PortReason;
  /** Milliseconds until the host answered; null if it did not. */
  rttMs: number | null;
}

/**
 * What a UDP port is. Open: an answer came. Closed: the host said that nobody listens. `open|filtered`: nothing came back,
 * which is also what an open port does that did not understand; the pure twin, which is not told of refusals, can
 * tell no more of closed ports. `unprobed`: the time of the call was over before it was settled.
 */
export type UdpState = "open" | "closed" | "filtered" | "open|filtered" | "unprobed";

/** One UDP port of a report. */
export interface ScannedUdpPort {
  /** 1 to 65535. */
  port: number;
  /** The service that was asked for, by its usual name. */
  asked: string;
  /** What it is. */
  state: UdpState;
  /** The evidence for it. */
  reason:
    | "response"
    | "port-unreachable"
    | "no-response"
    | "unreachable"
    | "prohibited"
    | "time-over";
  /** Milliseconds until the answer; null if there was none. */
  rttMs: number | null;
}

/** How many TCP ports were found in which state. */
export interface ScanCounts {
  /** Something accepted the connection. */
  open: number;
  /** The host said that nothing listens. */
  closed: number;
  /** No answer of the host's own. */
  filtered: number;
  /** Not asked, because the time of the call was over. */
  unprobed: number;
}

/** What a scan of one address found. */
export interface ScanReport {
  /** What the caller named. */
  target: string;
  /** The address that was scanned. */
  address: string;
  /** All addresses of the name, of which `address` is one; just that for a literal. */
  addresses: readonly string[];
  /** The TCP ports that were asked for, as ranges: `"22,80-90"`; empty if none were. */
  scanned: string;
  /** The TCP ports listed, ascending. */
  ports: ScannedPort[];
  /** The UDP ports asked, ascending. Empty if none were. */
  udp: ScannedUdpPort[];
  /** All TCP ports by state. */
  counts: ScanCounts;
  /** When it began: ISO 8601, in UTC. */
  startedAt: string;
  /** Milliseconds that the call took. */
  durationMs: number;
  /** Whether every port was asked, and every service where that was wanted, before the time was over. */
  complete: boolean;
  /** The reference of the authorisation that was needed; null if none was. */
  authorization: string | null;
  /** Present and true where nothing was sent. */
  dryRun?: true;
  /** How many probes it takes at least: ports of this address that are asked. */
  planned: number;
}

/** What changed between two reports of one target. */
export interface ScanDiff {
  /** Ports that were not open before. */
  opened: ScannedPort[];
  /** Ports that were open and are not any more. */
  closed: ScannedPort[];
  /** Ports that are open in both, where what is behind them is another thing. */
  changed: { port: number; before: ScannedPort; after: ScannedPort }[];
  /** Ports whose state cannot be compared because one of the two did not ask them. */
  notCompared: number[];
}

/** A host of `discoverHosts`. */
export interface HostReport {
  /** The literal address. */
  address: string;
  /**
   * Whether something there answered; a host that is silent by choice looks like none. Null where it was not asked, because
   * the time of the call was over or because it is a dry run.
   */
  up: boolean | null;
  /** What showed it: an open or a refusing TCP port, an echo, an entry of the neighbour table; null if nothing did. */
  by: "tcp" | "icmp" | "neighbour" | null;
  /** Milliseconds of the first answer; null if there was none. */
  rttMs: number | null;
  /** The TCP ports among those asked that are open. */
  openPorts: number[];
  /** The hardware address, where the neighbour table has it. */
  mac: string | null;
  /** Why there is no hardware address; null if there is one. */
  macReason: string | null;
}

/** Options of `discoverHosts`. */
export interface DiscoverOptions extends CallOptions, ScanConfiguration {
  /** The TCP ports whose answer, open or refused, shows a host. Default `"22,80,443,445"`. */
  ports?: string | undefined;
  /** The longest wait for one answer, in milliseconds. Default 500. */
  timeoutMs?: number | undefined;
  /** Milliseconds for the whole call. Default one hour; never longer than the authorisation that it needs. */
  limitMs?: number | undefined;
  /** Whether hosts that were not seen are in the answer too; those that were not asked always are. Default false. */
  all?: boolean | undefined;
  /** Nothing is sent: the answer has all hosts that would be asked. Default false. */
  dryRun?: boolean | undefined;
}
