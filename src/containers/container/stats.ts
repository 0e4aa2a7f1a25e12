/**
 * What a container uses: from two samples of ours, because the one before that engines send along is missing or zero
 * (Podman, and Docker's single answers). A value that was not said is null with a reason, never 0.
 *
 * @module
 */

import type { ContainerStats } from "./types.ts";
import type { WireStats } from "./wire.ts";

/** Limits from here on are none: the kernel's largest, less a page. */
const NO_LIMIT = 2 ** 62;

/**
 * Two samples are at least so far apart. A limit of processor time is given out in periods, a tenth of a second as a rule,
 * so that of a window of about one period nobody knows whether it holds none, one or two.
 */
export const LEAST_WINDOW_MS = 500;
/** By so much the engine's clock may seem to differ from ours: it counts at some time while it is asked. */
const CLOCK_MS = 50;
const CLOCK_SHARE = 0.02;

/** What an engine counted, and when it was asked and had answered, by `performance.now()`. */
export interface Sample {
  readonly wire: WireStats;
  readonly askedMs: number;
  readonly toldMs: number;
}

/**
 * The time between two samples.
 *
 * @returns Milliseconds by the engine's clock, and why no figure can be over them, if none can.
 */
export function windowOf(before: Sample, after: Sample): { ms: number; reason?: string } {
  const ms = (nanoseconds(after.wire.read!) - nanoseconds(before.wire.read!)) / 1e6;
  if (ms < LEAST_WINDOW_MS) {
    const reason = `the engine's samples are ${
      Math.round(ms)
    } ms apart, and ${LEAST_WINDOW_MS} are needed`;
    return { ms, reason };
  }
  const slack = CLOCK_MS + ms * CLOCK_SHARE;
  const [least, most] = [after.askedMs - before.toldMs, after.toldMs - before.askedMs];
  if (ms >= least - slack && ms <= most + slack) return { ms };
  const reason = `the engine's clock went on by ${Math.round(ms)} ms while ${
    Math.round(most)
  } passed`;
  return { ms, reason };
}

/** Whether a sample is of a container that runs; engines answer with zeros or nothing for others. */
export function isSample(sample: WireStats | null): sample is WireStats {
  const read = sample?.read;
  return typeof read === "string" && !read.startsWith("0001-") && !Number.isNaN(Date.parse(read));
}

/**
 * Makes the figures.
 *
 * @param earlier The earlier sample.
 * @param later The later one.
 * @param memoryLimitBytes The container's own bound, which some engines do not say in a sample; null if it has none.
 */
export function compareSamples(
  earlier: Sample,
  later: Sample,
  memoryLimitBytes: number | null,
): ContainerStats {
  const [before, after] = [earlier.wire, later.wire];
  const missing: Record<string, string> = {};
  const said = <T>(name: string, value: T | null | undefined, reason: string): T | null => {
    if (value != null) return value;
    missing[name] = reason;
    return null;
  };
  const window = windowOf(earlier, later);
  const windowMs = window.ms;
  const [cpuBefore, cpuAfter] = [before, after].map(cpuNanoseconds);
  const isCounted = cpuBefore != null && cpuAfter != null && cpuAfter >= cpuBefore;
  const cpuPercent = isCounted && window.reason === undefined
    ? (cpuAfter - cpuBefore) / (windowMs * 1e6) * 100
    : null;
  const usage = after.memory_stats?.usage;
  return {
    at: new Date(after.read!).toISOString(),
    cpuPercent: said(
      "cpuPercent",
      cpuPercent,
      isCounted ? window.reason! : "the engine does not count processor time",
    ),
    windowMs,
    cpuTimeMs: cpuAfter == null ? null : cpuAfter / 1e6,
    onlineCpus: said("onlineCpus", onlineCpus(after), "the engine does not say"),
    throttledRatio: window.reason === undefined ? throttled(before, after) : null,
    memory: {
      usedBytes: said(
        "memory.usedBytes",
        withoutCache(after),
        "the engine does not say how much of the memory is cache",
      ),
      usageBytes: said("memory.usageBytes", usage, "the engine does not count memory"),
      limitBytes: limitOf(after, memoryLimitBytes),
    },
    network: said("network", networkOf(after), "the container has no network, or none is counted"),
    disk: said("disk", diskOf(after), "the kernel counts nothing for this container"),
    pids: {
      current: said("pids.current", after.pids_stats?.current, "the engine does not say"),
      limit: after.pids_stats?.limit ? below(after.pids_stats.limit) : null,
    },
    missing,
  };
}

/** Nanoseconds since some time; two of them can be subtracted without losing the last digits. */
function nanoseconds(time: string): number {
  const whole = Date.parse(time.replace(/\.\d+/, "").replace(/Z?$/, "Z")) - EPOCH;
  const fraction = /\.(\d{1,9})/.exec(time)?.[1] ?? "0";
  return whole * 1e6 + Number(fraction.padEnd(9, "0"));
}

/** The time from which nanoseconds are counted: close, so that they are exact. */
const EPOCH = Date.now() - Date.now() % 1_000;

function cpuNanoseconds(sample: WireStats): number | null {
  return sample.cpu_stats?.cpu_usage?.total_usage ?? null;
}

function onlineCpus({ cpu_stats }: WireStats): number | null {
  return cpu_stats?.online_cpus || cpu_stats?.cpu_usage?.percpu_usage?.length || null;
}

function throttled(before: WireStats, after: WireStats): number | null {
  const a = before.cpu_stats?.throttling_data;
  const b = after.cpu_stats?.throttling_data;
  const periods = (b?.periods ?? 0) - (a?.periods ?? 0);
  if (periods <= 0) return null;
  return Math.min(
    1,
    Math.max(0, ((b?.throttled_periods ?? 0) - (a?.throttled_periods ?? 0)) / periods),
  );
}

/** Version 1 of cgroups counts with all children under `total_`, version 2 always does. */
function withoutCache({ memory_stats }: WireStats): number | null {
  const { usage, stats } = memory_stats ?? {};
  const inactive = stats?.["total_inactive_file"] ?? stats?.["inactive_file"];
  if (usage == null || inactive == null) return null;
  return inactive <= usage ? usage - inactive : usage;
}

function limitOf({ memory_stats }: WireStats, own: number | null): number | null {
  return own ?? (memory_stats?.limit ? below(memory_stats.limit) : null);
}

function below(limit: number): number | null {
  return limit < NO_LIMIT ? limit : null;
}

function networkOf({ networks }: WireStats): ContainerStats["network"] {
  const counted = Object.values(networks ?? {}).filter((one) => one != null);
  if (counted.length === 0) return null;
  const sum = (...names: string[]): number =>
    counted.reduce((all, one) => all + names.reduce((n, name) => n + (one[name] ?? 0), 0), 0);
  return {
    receivedBytes: sum("rx_bytes"),
    sentBytes: sum("tx_bytes"),
    receivedPackets: sum("rx_packets"),
    sentPackets: sum("tx_packets"),
    dropped: sum("rx_dropped", "tx_dropped"),
    errors: sum("rx_errors", "tx_errors"),
  };
}

function diskOf({ blkio_stats }: WireStats): ContainerStats["disk"] {
  const entries = blkio_stats?.io_service_bytes_recursive;
  if (entries == null || entries.length === 0) return null;
  const sum = (name: string): number =>
    entries.reduce(
      (all, { op, value }) => op?.toLowerCase() === name ? all + (value ?? 0) : all,
      0,
    );
  return { readBytes: sum("read"), writtenBytes: sum("write") };
}
