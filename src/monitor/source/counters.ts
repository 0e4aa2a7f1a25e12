/**
 * What the kernel counts since it started, as the exporters give it: they say totals, not rates, so that whoever stores
 * them makes rates of any window. Types only.
 *
 * @module
 */

/** CPU time by how it was spent, in seconds since the start. `guest` is in `user`, `guestNice` in `nice`. */
export interface CpuSeconds {
  user: number;
  nice: number;
  system: number;
  idle: number;
  iowait: number;
  irq: number;
  softirq: number;
  steal: number;
}

/** Seconds in which some or all tasks waited for a resource (PSI `total`). */
export interface PressureSeconds {
  some: number;
  full: number | null;
}

/** What a block device did since the start. Bytes, operations, seconds. */
export interface DiskCounters {
  name: string;
  readBytes: number;
  writtenBytes: number;
  reads: number;
  writes: number;
  busySeconds: number;
}

/** What went through a network interface since the start. */
export interface NetworkCounters {
  name: string;
  receivedBytes: number;
  sentBytes: number;
  receivedPackets: number;
  sentPackets: number;
  receiveErrors: number;
  sendErrors: number;
  receiveDrops: number;
  sendDrops: number;
}

/** Totals of one reading; null is what the twin cannot read or what was not asked for. */
export interface Counters {
  /** Each CPU that is on, by number. */
  cpu: { cpu: number; seconds: CpuSeconds }[] | null;
  contextSwitches: number | null;
  interrupts: number | null;
  /** Processes begun. */
  forks: number | null;
  /** Seconds since 1970. */
  bootTimeSeconds: number | null;
  pressure: {
    cpu: PressureSeconds | null;
    memory: PressureSeconds | null;
    io: PressureSeconds | null;
  } | null;
  /** Pages, not bytes: what `/proc/vmstat` says. */
  pagesSwappedIn: number | null;
  pagesSwappedOut: number | null;
  disks: DiskCounters[] | null;
  networks: NetworkCounters[] | null;
  /** Of this program's control group. */
  limits: {
    cpuSeconds: number | null;
    periods: number | null;
    throttledPeriods: number | null;
    throttledSeconds: number | null;
  } | null;
  /** CPU seconds of this process. */
  selfCpuSeconds: number | null;
}
