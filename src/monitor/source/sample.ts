/**
 * What a source keeps of one reading: everything that figures are made of. Types, and the empty one.
 *
 * @module
 */

import type { MonitorOptions } from "../monitor_types.ts";
import type { FilesystemFigures, LoadFigures, SelfFigures, TemperatureFigures } from "../types.ts";
import type { DiskCounters, NetworkCounters } from "./counters.ts";
import type { CpuReading } from "./derive/cpu.ts";
import type { GroupReading } from "./derive/limits.ts";
import type { MemoryReading, PressureReadings, SwapPages } from "./derive/memory.ts";
import type { RawProcesses } from "./raw.ts";
import type { Reading } from "./types.ts";

/** A part of a snapshot that can be left out. */
export type Part = NonNullable<MonitorOptions["include"]>[number];

/** All parts. */
export const PARTS: readonly Part[] = [
  "cpu",
  "load",
  "pressure",
  "memory",
  "disks",
  "filesystems",
  "networks",
  "processes",
  "limits",
  "temperatures",
];

/** Milliseconds of a CPU by how it spent them. Waiting, soft interrupts and stolen time are not told. */
export interface PortableCpu {
  readonly busy: number;
  readonly all: number;
}

/** One reading. What is null was not read, with the reason in `unavailable`. */
export interface Sample extends Reading {
  /** The clock when processes were read. */
  readonly processTime: number;
  /** When, as ISO 8601. */
  readonly at: string;
  readonly uptimeSeconds: number | null;
  readonly cpu: CpuReading | null;
  /** Of `/proc/stat` too, which processes need as well. */
  readonly forks: number | null;
  readonly bootTimeSeconds: number | null;
  /** What there is instead of `cpu` where `/proc` cannot be read. */
  readonly portableCpu: readonly PortableCpu[] | null;
  readonly load: LoadFigures | null;
  readonly pressure: PressureReadings | null;
  readonly memory: MemoryReading | null;
  readonly swapPages: SwapPages;
  readonly pageSize: number;
  readonly disks: readonly DiskCounters[] | null;
  readonly filesystems: readonly FilesystemFigures[] | null;
  readonly networks: readonly NetworkCounters[] | null;
  readonly processes: RawProcesses | null;
  readonly limits: GroupReading | null;
  readonly temperatures: readonly TemperatureFigures[] | null;
  /** This process, and what the source itself took of CPUs until now. */
  readonly self: Omit<SelfFigures, "cpu" | "monitorCpu"> & {
    readonly cpuSeconds: number;
    readonly spentMs: number;
  };
  readonly unavailable: Readonly<Record<string, string>>;
}

/** The parts of a sample that come from the machine; the rest is this process's. */
export type Machine = Omit<
  Sample,
  "time" | "processTime" | "at" | "self" | "unavailable"
>;

/** Nothing of the machine. */
export const NOTHING: Machine = {
  uptimeSeconds: null,
  cpu: null,
  forks: null,
  bootTimeSeconds: null,
  portableCpu: null,
  load: null,
  pressure: null,
  memory: null,
  swapPages: { in: null, out: null },
  pageSize: 4096,
  disks: null,
  filesystems: null,
  networks: null,
  processes: null,
  limits: null,
  temperatures: null,
};
