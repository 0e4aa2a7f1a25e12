/**
 * What a twin of the scan is given, and what it gives back. The result is the native one's JSON.
 *
 * @module
 */

import type { CallOptions } from "../../shared/implementation.ts";
import type { PortRanges } from "../scope/ports.ts";
import type { PortReason, PortState } from "../types.ts";
import type { Rate } from "./pace.ts";
import type { ScanCounts, ScannedUdpPort } from "../types/scan.ts";

/** Probes from which the native twin is faster, measured on loopback, where the network costs least. */
export const NATIVE_FROM = 16;

/** A scan of TCP ports whose scope and permissions are settled. */
export interface ScanJob extends Pick<CallOptions, "signal" | "onProgress"> {
  /** Literal addresses. */
  readonly addresses: readonly string[];
  /** What the pure twin dials for each: the address, or the name where only that is granted. */
  readonly dial: readonly string[];
  /** The TCP ports of each. */
  readonly ports: PortRanges;
  /** Milliseconds for an answer. */
  readonly timeoutMs: number;
  /** Probes under way at once. */
  readonly concurrency: number;
  /** Probes a second beyond loopback. */
  readonly rate: Rate;
  /** Milliseconds for all. */
  readonly limitMs: number;
  /** Whether closed and filtered ports are listed. */
  readonly all: boolean;
  /** How often a port that gives no answer is asked, at most. Default 6. */
  readonly rounds?: number;
}

/** One port as it travels. */
export type PortRow = [port: number, state: PortState, reason: PortReason, rttMs: number | null];

/** What a scan found. */
export interface ScanResult {
  /** One for each address, in order. */
  hosts: { ports: PortRow[]; counts: ScanCounts }[];
  /** Connects made. */
  probes: number;
  /** Rounds that it took. */
  rounds: number;
}

/** Questions to UDP ports whose scope and permissions are settled. */
export interface UdpJob
  extends Pick<ScanJob, "timeoutMs" | "rate" | "limitMs" | "signal" | "onProgress"> {
  /** The questions. */
  readonly questions: readonly Question[];
}

/** One question to a UDP port. */
export interface Question {
  /** The literal address. */
  readonly address: string;
  /** The port. */
  readonly port: number;
  /** What is sent, in hexadecimal digits. */
  readonly payload: string;
}

/** What came of a question. */
export type UdpRow = [ScannedUdpPort["state"], ScannedUdpPort["reason"], number | null];
