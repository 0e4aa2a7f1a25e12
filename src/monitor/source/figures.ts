/**
 * Figures out of two readings: one derivation for both twins.
 *
 * @module
 */

import type { CpuFigures } from "../types.ts";
import type { Counters } from "./counters.ts";
import { cpuFigures } from "./derive/cpu.ts";
import { diskFigures, networkFigures } from "./derive/devices.ts";
import { limitFigures } from "./derive/limits.ts";
import { pressureFigures, swapFigures } from "./derive/memory.ts";
import { Rates } from "./derive/numbers.ts";
import { processFigures } from "./derive/processes.ts";
import { portableCpuFigures } from "./portable.ts";
import { type Part, PARTS, type Sample } from "./sample.ts";
import type { Figures } from "./types.ts";

/** Makes figures; without an earlier reading rates are null. */
export function figuresOf(
  before: Sample | null,
  now: Sample,
  wanted: ReadonlySet<Part>,
  implementation: "native" | "pure",
): Figures {
  const unavailable: Record<string, string> = { ...now.unavailable };
  for (const part of PARTS) if (!wanted.has(part)) unavailable[part] = "not in include";
  if (!wanted.has("memory")) unavailable["swap"] = "not in include";
  const windowMs = before === null || now.time <= before.time ? null : now.time - before.time;
  if (windowMs === null) {
    unavailable["windowMs"] = before === null
      ? "rates need an earlier reading"
      : "no time passed since the earlier reading";
  }
  const earlier = windowMs === null ? null : before;
  const seconds = windowMs === null ? null : windowMs / 1000;
  const rates = new Rates(seconds, unavailable);
  const { memory, processes } = now;
  const processWindow = earlier === null ? 0 : now.processTime - earlier.processTime;
  return {
    at: now.at,
    windowMs,
    implementation,
    uptimeSeconds: now.uptimeSeconds,
    cpu: cpuOf(earlier, now, rates),
    load: now.load,
    pressure: now.pressure === null
      ? null
      : pressureFigures(earlier?.pressure ?? null, now.pressure, rates),
    memory: memory?.memory ?? null,
    swap: memory === null || memory.swap === null ? null : swapFigures(
      memory.swap,
      earlier?.swapPages ?? null,
      now.swapPages,
      now.pageSize,
      rates,
    ),
    disks: now.disks === null ? null : diskFigures(earlier?.disks ?? null, now.disks, rates),
    filesystems: now.filesystems?.map((figures) => ({ ...figures })) ?? null,
    networks: now.networks === null
      ? null
      : networkFigures(earlier?.networks ?? null, now.networks, rates),
    processes: processes === null ? null : {
      ...processFigures(earlier?.processes ?? null, processes, {
        seconds: processWindow > 0 ? processWindow / 1000 : null,
        pageSize: now.pageSize,
        bootTimeSeconds: now.bootTimeSeconds,
      }, unavailable),
      created: rates.of(earlier?.forks, now.forks, "processes.created"),
    },
    limits: now.limits === null
      ? null
      : limitFigures(earlier?.limits ?? null, now.limits, rates, unavailable),
    temperatures: now.temperatures?.map((figures) => ({ ...figures })) ?? null,
    self: selfOf(earlier, now, windowMs),
    unavailable,
  };
}

function cpuOf(before: Sample | null, now: Sample, rates: Rates): CpuFigures {
  const { cpu, portableCpu } = now;
  const none = { shares: null, contextSwitches: null, interrupts: null };
  if (cpu !== null) {
    const count = cpu.cores?.length ?? navigator.hardwareConcurrency;
    const figures = cpuFigures(before?.cpu ?? null, cpu, rates);
    return { ...figures, count };
  }
  if (portableCpu !== null) {
    const figures = portableCpuFigures(before?.portableCpu ?? null, portableCpu, rates);
    return { ...none, ...figures, count: portableCpu.length };
  }
  return { ...none, busy: null, cores: null, count: navigator.hardwareConcurrency };
}

function selfOf(before: Sample | null, now: Sample, windowMs: number | null): Figures["self"] {
  const { cpuSeconds, spentMs, ...self } = now.self;
  if (before === null || windowMs === null) return { ...self, cpu: null, monitorCpu: null };
  return {
    ...self,
    cpu: Math.max(0, cpuSeconds - before.self.cpuSeconds) / (windowMs / 1000),
    monitorCpu: Math.max(0, spentMs - before.self.spentMs) / windowMs,
  };
}

/** Totals of a reading, as exporters give them. */
export function countersOf(now: Sample): Counters {
  const { cpu, pressure, swapPages, disks, networks, limits } = now;
  return {
    cpu: cpu?.cores ?? null,
    contextSwitches: cpu?.contextSwitches ?? null,
    interrupts: cpu?.interrupts ?? null,
    forks: now.forks,
    bootTimeSeconds: now.bootTimeSeconds,
    pressure: pressure === null ? null : {
      cpu: pressure.cpu?.seconds ?? null,
      memory: pressure.memory?.seconds ?? null,
      io: pressure.io?.seconds ?? null,
    },
    pagesSwappedIn: swapPages.in,
    pagesSwappedOut: swapPages.out,
    disks: disks === null ? null : [...disks],
    networks: networks === null ? null : [...networks],
    limits: limits?.counters ?? null,
    selfCpuSeconds: now.self.cpuSeconds,
  };
}
