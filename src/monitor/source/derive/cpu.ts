/**
 * `/proc/stat`: how CPUs spent their time, and what else the kernel counts there.
 *
 * @module
 */

import type { CpuFigures, CpuShares } from "../../types.ts";
import type { Counters, CpuSeconds } from "../counters.ts";
import { fields, type Rates, whole, wholes } from "./numbers.ts";

/** Ticks a second in what Linux shows to programs, whatever the kernel itself counts in. */
export const TICKS = 100;

/** The modes in the order of the kernel's columns. */
const MODES = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"] as const;

/** What `/proc/stat` says. */
export interface CpuReading {
  /** All CPUs together, those that are off too. */
  readonly all: CpuSeconds | null;
  /** Those that are on. */
  readonly cores: Counters["cpu"];
  readonly contextSwitches: number | null;
  readonly interrupts: number | null;
  readonly forks: number | null;
  readonly bootTimeSeconds: number | null;
}

/** Reads `/proc/stat`. */
export function parseCpu(text: string): CpuReading {
  let all: CpuSeconds | null = null;
  const cores: NonNullable<Counters["cpu"]> = [];
  const single = new Map<string, number | null>();
  for (const line of text.split("\n")) {
    const end = line.indexOf(" ");
    const key = line.slice(0, end);
    if (!key.startsWith("cpu")) {
      // The line of interrupts has a number for each of hundreds behind their sum.
      const next = line.indexOf(" ", end + 1);
      single.set(key, whole(line.slice(end + 1, next < 0 ? undefined : next)));
      continue;
    }
    const seconds = secondsOf(fields(line.slice(end)));
    if (seconds === null) continue;
    const cpu = whole(key.slice(3));
    if (key === "cpu") all = seconds;
    else if (cpu !== null) cores.push({ cpu, seconds });
  }
  return {
    all,
    cores: cores.length > 0 ? cores : null,
    contextSwitches: single.get("ctxt") ?? null,
    interrupts: single.get("intr") ?? null,
    forks: single.get("processes") ?? null,
    bootTimeSeconds: single.get("btime") ?? null,
  };
}

/** Kernels of long ago have fewer columns: those modes were never counted. */
function secondsOf(columns: readonly string[]): CpuSeconds | null {
  const ticks = wholes(columns.slice(0, MODES.length));
  if (ticks === null || ticks.length < 4) return null;
  const seconds = {} as CpuSeconds;
  MODES.forEach((mode, place) => seconds[mode] = (ticks[place] ?? 0) / TICKS);
  return seconds;
}

/** Makes the figures. */
export function cpuFigures(
  before: CpuReading | null,
  now: CpuReading,
  rates: Rates,
): Omit<CpuFigures, "count"> {
  const isFirst = rates.seconds === null;
  const shares = isFirst ? null : sharesOf(before?.all, now.all, rates, "cpu");
  const earlier = new Map(before?.cores?.map(({ cpu, seconds }) => [cpu, seconds]));
  const cores = now.cores?.map(({ cpu, seconds }) => {
    const shares = isFirst ? null : sharesOf(earlier.get(cpu), seconds, rates, `cpu.cores[${cpu}]`);
    return { cpu, busy: busyOf(shares), shares };
  }) ?? null;
  return {
    busy: busyOf(shares),
    shares,
    cores,
    contextSwitches: rates.of(before?.contextSwitches, now.contextSwitches, "cpu.contextSwitches"),
    interrupts: rates.of(before?.interrupts, now.interrupts, "cpu.interrupts"),
  };
}

function busyOf(shares: CpuShares | null): number | null {
  return shares === null ? null : Math.max(0, 1 - shares.idle - shares.iowait);
}

function sharesOf(
  before: CpuSeconds | null | undefined,
  now: CpuSeconds | null,
  rates: Rates,
  path: string,
): CpuShares | null {
  if (now === null) return null;
  if (before === undefined || before === null) {
    return rates.none(path, "it was off or not there at the earlier reading");
  }
  const shares = {} as CpuShares;
  let total = 0;
  for (const mode of MODES) {
    // Time of waiting and of idling may go back a little: the kernel corrects them when it knows better.
    const grown = Math.max(0, Math.round((now[mode] - before[mode]) * TICKS));
    shares[mode] = grown;
    total += grown;
  }
  if (total === 0) return rates.none(path, "the kernel counted no time of it in the window");
  for (const mode of MODES) shares[mode] /= total;
  return shares;
}
