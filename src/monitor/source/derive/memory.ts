/**
 * `/proc/meminfo`, `/proc/vmstat`, `/proc/loadavg`, `/proc/uptime`, `/proc/pressure/*`.
 *
 * @module
 */

import type {
  LoadFigures,
  MemoryFigures,
  Pressure,
  PressureFigures,
  PressureLine,
  SwapFigures,
} from "../../types.ts";
import type { PressureSeconds } from "../counters.ts";
import { fields, fraction, keyed, type Rates, whole } from "./numbers.ts";

/** Memory and swap space, without rates. */
export interface MemoryReading {
  readonly memory: MemoryFigures | null;
  readonly swap: Pick<SwapFigures, "total" | "free"> | null;
}

/** Reads `/proc/meminfo`. */
export function parseMemory(text: string): MemoryReading {
  const lines = keyed(text, ":");
  const bytes = (key: string): number | null => {
    const kibibytes = lines.get(key);
    return kibibytes === undefined ? null : kibibytes * 1024;
  };
  const [total, available] = [bytes("MemTotal"), bytes("MemAvailable")];
  const [swapTotal, swapFree] = [bytes("SwapTotal"), bytes("SwapFree")];
  const size = bytes("Hugepagesize");
  const [pages, free] = [lines.get("HugePages_Total"), lines.get("HugePages_Free")];
  const hugepages = size === null || pages === undefined || free === undefined
    ? null
    : { size, total: pages, free };
  return {
    memory: total === null || available === null ? null : {
      total,
      available,
      used: Math.max(0, total - available),
      free: bytes("MemFree"),
      buffers: bytes("Buffers"),
      cached: bytes("Cached"),
      shared: bytes("Shmem"),
      dirty: bytes("Dirty"),
      hugepages,
    },
    swap: swapTotal === null || swapFree === null ? null : { total: swapTotal, free: swapFree },
  };
}

/** Pages read from and written to swap space since the start. */
export interface SwapPages {
  readonly in: number | null;
  readonly out: number | null;
}

/** Reads `/proc/vmstat`. */
export function parseSwapPages(text: string): SwapPages {
  const find = (key: string): number | null =>
    whole(new RegExp(`^${key} ([0-9]+)$`, "m").exec(text)?.[1]);
  return { in: find("pswpin"), out: find("pswpout") };
}

/** Makes the figures. */
export function swapFigures(
  { total, free }: Pick<SwapFigures, "total" | "free">,
  before: SwapPages | null,
  now: SwapPages,
  pageSize: number,
  rates: Rates,
): SwapFigures {
  const bytes = (pages: number | null | undefined): number | null | undefined =>
    typeof pages === "number" ? pages * pageSize : pages;
  return {
    total,
    free,
    used: Math.max(0, total - free),
    in: rates.of(bytes(before?.in), bytes(now.in), "swap.in", pageSize),
    out: rates.of(bytes(before?.out), bytes(now.out), "swap.out", pageSize),
  };
}

/** Reads `/proc/loadavg`. */
export function parseLoad(text: string): LoadFigures | null {
  const [one, five, fifteen] = fields(text).slice(0, 3).map(fraction);
  if (typeof one !== "number" || typeof five !== "number" || typeof fifteen !== "number") {
    return null;
  }
  return { one, five, fifteen };
}

/** Reads `/proc/uptime`: seconds since the start, suspended ones included. */
export function parseUptime(text: string): number | null {
  return fraction(fields(text)[0]);
}

/** Averages of pressure, and its totals. */
export interface PressureReading {
  readonly some: Omit<PressureLine, "window">;
  readonly full: Omit<PressureLine, "window"> | null;
  readonly seconds: PressureSeconds;
}

const LINE =
  /^(some|full) avg10=([0-9.]{1,12}) avg60=([0-9.]{1,12}) avg300=([0-9.]{1,12}) total=([0-9]{1,16})$/gm;

/** Reads a file of `/proc/pressure`. */
export function parsePressure(text: string): PressureReading | null {
  const lines = new Map<string, { averages: Omit<PressureLine, "window">; seconds: number }>();
  for (const [, key, ...numbers] of text.matchAll(LINE)) {
    const [avg10, avg60, avg300] = numbers.map(fraction);
    const total = whole(numbers[3]);
    if (
      typeof avg10 !== "number" || typeof avg60 !== "number" || typeof avg300 !== "number" ||
      total === null
    ) continue;
    const averages = { avg10: avg10 / 100, avg60: avg60 / 100, avg300: avg300 / 100 };
    lines.set(key!, { averages, seconds: total / 1e6 });
  }
  const [some, full] = [lines.get("some"), lines.get("full")];
  if (some === undefined) return null;
  return {
    some: some.averages,
    full: full?.averages ?? null,
    seconds: { some: some.seconds, full: full?.seconds ?? null },
  };
}

/** The resources, by the names of their files. */
export const RESOURCES = ["cpu", "memory", "io"] as const;

/** Readings by resource; null where one could not be read. */
export type PressureReadings = Readonly<Record<keyof PressureFigures, PressureReading | null>>;

/** Makes the figures. */
export function pressureFigures(
  before: PressureReadings | null,
  now: PressureReadings,
  rates: Rates,
): PressureFigures {
  const of = (name: keyof PressureFigures): Pressure | null => {
    const reading = now[name];
    if (reading === null) return null;
    const line = (kind: "some" | "full"): PressureLine | null => {
      const averages = reading[kind];
      if (averages === null) return null;
      const path = `pressure.${name}.${kind}.window`;
      const share = rates.of(before?.[name]?.seconds[kind], reading.seconds[kind], path, 1e-6);
      return { ...averages, window: share === null ? null : Math.min(1, share) };
    };
    return { some: line("some")!, full: line("full") };
  };
  return { cpu: of("cpu"), memory: of("memory"), io: of("io") };
}
