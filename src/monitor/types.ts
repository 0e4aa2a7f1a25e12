/**
 * The machine's figures. Types only.
 *
 * @module
 */

import type { Implementation } from "../shared/implementation.ts";

/** Memory of the machine in bytes, and its CPUs. A container's own limits are not in it. */
export interface MemoryInfo {
  /** All memory. */
  total: number;
  /** What can be had without swapping, caches that can be dropped included. */
  available: number;
  /** All swap space; 0 if there is none. */
  swapTotal: number;
  /** Swap space that is not used. */
  swapFree: number;
  /** CPUs that this process may run on at once. */
  cpus: number;
}

/** Options of `memoryInfo`. */
export interface MemoryOptions {
  /** Which twin does the work. Default `"auto"`. */
  implementation?: Implementation | undefined;
}

/** How CPU time was spent, each a share 0..1 of the window; together they are 1 (but for rounding). */
export interface CpuShares {
  /** Programs, guests of virtual machines included. */
  user: number;
  /** Programs of lower priority. */
  nice: number;
  /** The kernel. */
  system: number;
  /** Nothing. */
  idle: number;
  /** Nothing, while a task waited for a device. */
  iowait: number;
  /** Interrupts of devices. */
  irq: number;
  /** Their work that was put off. */
  softirq: number;
  /** Other virtual machines that the host gave the CPU to. */
  steal: number;
}

/** A CPU. */
export interface CoreFigures {
  /** Its number. */
  cpu: number;
  /** As in `CpuFigures`, of this one. */
  busy: number | null;
  /** As in `CpuFigures`, of this one. */
  shares: CpuShares | null;
}

/** The processors. */
export interface CpuFigures {
  /** Share 0..1 that was not idle (neither idle nor waiting for a device), of all CPUs together. */
  busy: number | null;
  /** How it was spent, of all CPUs together. */
  shares: CpuShares | null;
  /** Each CPU that is on, by number. */
  cores: CoreFigures[] | null;
  /** CPUs that are on. */
  count: number;
  /** Changes from one task to another, a second. */
  contextSwitches: number | null;
  /** Interrupts a second. */
  interrupts: number | null;
}

/** Tasks that wanted to run, averaged. */
export interface LoadFigures {
  /** Over a minute. */
  one: number;
  /** Over five minutes. */
  five: number;
  /** Over fifteen minutes. */
  fifteen: number;
}

/** Share 0..1 of time in which tasks waited for a resource (Linux PSI). */
export interface PressureLine {
  /** Over ten seconds. */
  avg10: number;
  /** Over a minute. */
  avg60: number;
  /** Over five minutes. */
  avg300: number;
  /** Over the window. */
  window: number | null;
}

/** How much was waited for a resource. */
export interface Pressure {
  /** At least one task waited. */
  some: PressureLine;
  /** All tasks waited. Null where the kernel does not tell. */
  full: PressureLine | null;
}

/** How much was waited, by resource. */
export interface PressureFigures {
  /** For a CPU. */
  cpu: Pressure | null;
  /** For memory. */
  memory: Pressure | null;
  /** For devices. */
  io: Pressure | null;
}

/** Memory in bytes. */
export interface MemoryFigures {
  /** All memory. */
  total: number;
  /** What can be had without swapping. */
  available: number;
  /** `total - available`. */
  used: number;
  /** What nothing uses, caches neither. */
  free: number | null;
  /** Caches of block devices. */
  buffers: number | null;
  /** Caches of files. */
  cached: number | null;
  /** What processes share, files in memory included. */
  shared: number | null;
  /** What waits to be written to devices. */
  dirty: number | null;
  /** Huge pages of the default size: bytes of one, how many there are, how many are free. Null where there are none. */
  hugepages: { size: number; total: number; free: number } | null;
}

/** Swap space in bytes. */
export interface SwapFigures {
  /** All of it; 0 if there is none. */
  total: number;
  /** What is not used. */
  free: number;
  /** `total - free`. */
  used: number;
  /** Bytes a second read back from it. */
  in: number | null;
  /** Bytes a second written to it. */
  out: number | null;
}

/** A block device: a whole disk or what is made of disks, not a part of one. */
export interface DiskFigures {
  /** The kernel's name, such as `sda`. */
  name: string;
  /** Bytes a second read. */
  readBytes: number | null;
  /** Bytes a second written. */
  writtenBytes: number | null;
  /** Reads a second that were done. */
  reads: number | null;
  /** Writes a second that were done. */
  writes: number | null;
  /** Share 0..1 of the window in which it was busy. */
  utilization: number | null;
}

/** A mounted file system that holds data. */
export interface FilesystemFigures {
  /** What is mounted; null where only the file system is known. */
  device: string | null;
  /** Where. */
  mount: string;
  /** Its kind, such as `ext4`; null where only the file system is known. */
  type: string | null;
  /** Bytes in all. */
  total: number | null;
  /** Bytes that are not used. */
  free: number | null;
  /** Bytes that an ordinary user can still fill. */
  available: number | null;
  /** Files that it can hold. */
  inodes: number | null;
  /** Files that it can still take. */
  inodesFree: number | null;
  /** Whether nothing can be written to it; null where only the file system is known. */
  readOnly: boolean | null;
}

/** A network interface of this program's network name space: rates a second. */
export interface NetworkFigures {
  /** Its name. */
  name: string;
  /** Bytes received. */
  receivedBytes: number | null;
  /** Bytes sent. */
  sentBytes: number | null;
  /** Packets received. */
  receivedPackets: number | null;
  /** Packets sent. */
  sentPackets: number | null;
  /** Packets that came broken. */
  receiveErrors: number | null;
  /** Packets that could not be sent. */
  sendErrors: number | null;
  /** Packets that came and found no room. */
  receiveDrops: number | null;
  /** Packets that were not sent for want of room. */
  sendDrops: number | null;
}

/** A process. */
export interface ProcessFigures {
  /** Its number. */
  pid: number;
  /** The number of its parent; 0 for none. */
  parent: number;
  /** Its name, which it may choose itself; what a terminal would act on is replaced by `?`. */
  name: string;
  /** The kernel's letter: R runs, S sleeps, D waits for a device, Z ended, T is stopped, I is an idle thread of the kernel. */
  state: string;
  /** The user that it acts as. */
  uid: number | null;
  /** CPUs used in the window: 1 is one whole CPU. Null for one that began in the window, or without a window. */
  cpu: number | null;
  /** CPU seconds since it began. */
  cpuSeconds: number;
  /** Resident bytes. */
  rss: number;
  /** Virtual bytes. */
  virtual: number;
  /** Its threads. */
  threads: number;
  /** Open descriptors. */
  descriptors: number | null;
  /** Bytes a second read from devices. */
  readBytes: number | null;
  /** Bytes a second written to devices, or to be written. */
  writtenBytes: number | null;
  /** Milliseconds since 1970. With `pid` it names one process. */
  startedAt: number | null;
}

/** The processes of this program's name space. */
export interface ProcessesFigures {
  /** How many are in the list. */
  count: number;
  /** How many of them run or could. */
  running: number;
  /** How many of them wait for a device. */
  blocked: number;
  /** All their threads. */
  threads: number;
  /** Processes and threads begun a second, on the whole machine. */
  created: number | null;
  /** Each, by number. */
  list: ProcessFigures[];
}

/** What limits this program's control group or one above it, and how far it went. */
export interface LimitFigures {
  /** Which of the kernel's two interfaces. */
  version: 1 | 2;
  /** The group, as the kernel names it. */
  path: string;
  /** CPUs that it may use; null for no limit. */
  cpus: number | null;
  /** CPUs used in the window. */
  cpuUsed: number | null;
  /** Share 0..1 of periods of the window in which it was throttled. */
  throttled: number | null;
  /** Seconds of throttling since the group began. */
  throttledSeconds: number | null;
  /** Bytes; null for no limit. */
  memory: number | null;
  /** Bytes used, without file caches that can be dropped. */
  memoryUsed: number | null;
  /** Bytes of swap space; null for no limit. */
  swap: number | null;
  /** Processes and threads; null for no limit. */
  pids: number | null;
  /** Processes and threads that there are. */
  pidsUsed: number | null;
  /** Processes that were killed for want of memory since the group began. */
  oomKills: number | null;
}

/** A sensor. */
export interface TemperatureFigures {
  /** What it belongs to. */
  chip: string;
  /** What it is called there. */
  label: string;
  /** Degrees Celsius. */
  celsius: number;
  /** What should not be passed. */
  high: number | null;
  /** What damages. */
  critical: number | null;
}

/** Operations of one name, told by `record()`. */
export interface OperationFigures {
  /** How many there were since the monitor was made. */
  count: number;
  /** How many of them failed. */
  failed: number;
  /** Operations a second in the window; null without one. */
  rate: number | null;
  /** Milliseconds that half of the latest did not exceed: those of the last 30 to 60 seconds, or since the last look if that is longer ago. Null where there was none. */
  p50: number | null;
  /** The same for 95 of 100. */
  p95: number | null;
  /** The same for 99 of 100. */
  p99: number | null;
  /** The longest of these. */
  max: number | null;
}

/** This program itself. */
export interface SelfFigures {
  /** The number of its process. */
  pid: number;
  /** CPUs used in the window: 1 is one whole CPU. */
  cpu: number | null;
  /** Resident bytes. */
  rss: number;
  /** Bytes of V8's heap that are used, in this isolate. */
  heapUsed: number;
  /** Bytes of V8's heap, in this isolate. */
  heapTotal: number;
  /** How much of a CPU the monitor itself took in the window. */
  monitorCpu: number | null;
}

/** One look at everything. A part that cannot be read or was not asked for is null, and `unavailable` says why. */
export interface Snapshot {
  /** When, as ISO 8601. */
  at: string;
  /** Milliseconds that rates stand for, by a clock that is never set; null where there was no earlier reading. */
  windowMs: number | null;
  /** Ticks of the interval that passed since the one before it in the same iteration; 0 if it came in time. */
  missed: number;
  /** Which twin read. */
  implementation: "native" | "pure";
  /** Since the machine started. */
  uptimeSeconds: number | null;
  /** The processors. */
  cpu: CpuFigures;
  /** Tasks that wanted to run. */
  load: LoadFigures | null;
  /** How much was waited for resources. */
  pressure: PressureFigures | null;
  /** Memory. */
  memory: MemoryFigures | null;
  /** Swap space. */
  swap: SwapFigures | null;
  /** Block devices. */
  disks: DiskFigures[] | null;
  /** Mounted file systems. */
  filesystems: FilesystemFigures[] | null;
  /** Network interfaces. */
  networks: NetworkFigures[] | null;
  /** Processes. */
  processes: ProcessesFigures | null;
  /** Limits of this program's control group. */
  limits: LimitFigures | null;
  /** Sensors. */
  temperatures: TemperatureFigures[] | null;
  /** This program. */
  self: SelfFigures;
  /** What was told by `record()`, by name. */
  operations: Record<string, OperationFigures>;
  /**
   * The runtime's own parts that are alive in this isolate: `cache`, `queue` and `http` for all that have no name together,
   * `cache:NAME` and `queue:NAME` for those that have one, `ring:LIBRARY` for what native code is doing. Numbers as
   * docs/monitor.md lists them.
   */
  runtime: Record<string, Record<string, number | null>>;
  /**
   * Why a figure is null, by its path: `pressure.io`, `disks[sda].readBytes`. What holds of all items stands once
   * (`processes.list[].descriptors`, with how many), what holds of all below it by the part (`networks`), and what holds of all rates under `windowMs`.
   */
  unavailable: Record<string, string>;
}
