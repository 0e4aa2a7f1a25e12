/**
 * The options of scans, read and checked once.
 *
 * @module
 */

import {
  checkBoolean,
  checkNumber,
  checkOptions,
  checkWord,
  wholeNumber,
  wrongValue,
} from "../../shared/arguments.ts";
import { timeLimit } from "../../shared/deadline.ts";
import { AgentError } from "../../shared/errors.ts";
import type { ScanOptions } from "../types/scan.ts";
import type { Rate } from "../scan/pace.ts";
import type { ScanConfiguration } from "../types/scope.ts";
import { checkNames } from "./names.ts";
import { countPorts, type PortRanges, portRanges } from "./ports.ts";

/** The most of what one call may be given. */
export const MOST_HOSTS = 65_536;
/** The most probes of one call; the native twin has the same bound. */
export const MOST_PROBES = 5_000_000;

const HOSTS = 1_024;
const CONCURRENCY = 4_096;
const HOUR_MS = 3_600_000;
/** In private networks of this machine, and everywhere else. */
const NEAR: Rate = { all: 10_000, host: 2_000 };
const FAR: Rate = { all: 1_000, host: 100 };

/** What every scan has to know. */
export interface ReadOptions {
  /** TCP ports. */
  readonly ports: PortRanges;
  /** UDP ports. */
  readonly udp: PortRanges | "common";
  /** Whole milliseconds for an answer. */
  readonly timeoutMs: number;
  /** Probes under way at once. */
  readonly concurrency: number;
  /** Milliseconds for all. */
  readonly limitMs: number;
  /** Whether services are identified. */
  readonly services: boolean;
  /** Whether all ports are listed. */
  readonly lists: "open" | "all";
  /** Whether nothing is sent. */
  readonly dryRun: boolean;
}

/**
 * Reads the options of a scan.
 *
 * @throws {TypeError | RangeError} If one is not what it should be.
 */
export function readOptions(options: ScanOptions): ReadOptions {
  checkOptions(options);
  checkNames(options, "scan");
  const { ports = "common", udp = "none", services = false, list = "open", dryRun = false } =
    options;
  checkBoolean(services, "options.services");
  checkBoolean(dryRun, "options.dryRun");
  checkWord(list, "options.list", ["open", "all"]);
  const read: ReadOptions = {
    ports: portRanges(ports),
    udp: udp === "common" ? "common" : portRanges(udp, "options.udp"),
    timeoutMs: timeLimit(options.timeoutMs, 1_000),
    concurrency: wholeNumber(options.concurrency, "options.concurrency", {
      fallback: CONCURRENCY,
      least: 1,
      most: 65_536,
    }),
    limitMs: limitOf(options.limitMs),
    services,
    lists: list,
    dryRun,
  };
  if (read.udp !== "common" && countPorts(read.ports) + countPorts(read.udp) === 0) {
    throw new RangeError("options.ports is none and options.udp too; give ports to scan");
  }
  return read;
}

/** How many addresses a call may name. */
export function mostHosts(options: ScanConfiguration): number {
  return wholeNumber(options.maxHosts, "options.maxHosts", {
    fallback: HOSTS,
    least: 1,
    most: MOST_HOSTS,
  });
}

/**
 * Refuses more probes than a call may send.
 *
 * @throws {AgentError} `TOO_LARGE`.
 */
export function checkProbes(probes: number, options: ScanConfiguration): void {
  const limit = wholeNumber(options.maxProbes, "options.maxProbes", {
    fallback: MOST_PROBES,
    least: 1,
    most: MOST_PROBES,
  });
  if (probes <= limit) return;
  throw new AgentError(
    "TOO_LARGE",
    `The scan would take ${probes} probes; one call takes at most ${limit} (maxProbes)`,
    { what: "probes", size: probes, limit },
  );
}

/**
 * Probes a second beyond loopback; `Infinity` for no bound.
 *
 * @param needsAuthorization Whether some of the addresses are not this machine's networks'.
 */
export function rateOf(options: ScanConfiguration, needsAuthorization: boolean): Rate {
  const usual = needsAuthorization ? FAR : NEAR;
  return {
    all: perSecond(options.rate ?? usual.all, "options.rate"),
    host: perSecond(options.hostRate ?? usual.host, "options.hostRate"),
  };
}

function perSecond(rate: unknown, name: string): number {
  checkNumber(rate, name);
  if (!(rate > 0)) throw wrongValue(name, "above 0", rate);
  return rate;
}

/** A rate as the audit log has it. */
export function writtenRate({ all, host }: Rate): { rate: number | null; hostRate: number | null } {
  const written = (rate: number): number | null => rate === Infinity ? null : rate;
  return { rate: written(all), hostRate: written(host) };
}

/** Milliseconds for a whole call. */
export function limitOf(limitMs: unknown): number {
  return wholeNumber(limitMs, "options.limitMs", {
    fallback: HOUR_MS,
    least: 1,
    most: 24 * HOUR_MS,
  });
}
