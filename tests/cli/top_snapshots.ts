/** Snapshots of a machine that there is not, for the tests of the view: the same for the same number. */

import type { ProcessFigures, Snapshot } from "../../src/monitor/mod.ts";

/** What a scripted machine has. */
export interface Machine {
  /** Processors. Default 4. */
  cores?: number;
  /** Processes. Default 12. */
  processes?: number;
  /** Names of the first processes. */
  names?: readonly string[];
}

const GIB = 2 ** 30;
const BEGAN = Date.UTC(2026, 0, 2, 3, 4, 5);
const NAMES = ["deno", "postgres", "nginx", "sshd", "node", "redis-server", "kworker/0:1"];

/** The machine's figures at a moment. */
export function snapshotAt(tick: number, machine: Machine = {}): Snapshot {
  const { cores = 4, processes = 12, names = NAMES } = machine;
  const busy = wave(tick, 0);
  const list = Array.from({ length: processes }, (_, at) => processAt(at, tick, names));
  return {
    at: new Date(BEGAN + tick * 1_000).toISOString(),
    windowMs: tick === 0 ? null : 1_000,
    missed: 0,
    implementation: "native",
    uptimeSeconds: 35_220 + tick,
    cpu: {
      busy,
      shares: {
        user: busy * 0.6,
        nice: 0,
        system: busy * 0.3,
        idle: 1 - busy - 0.02,
        iowait: 0.02,
        irq: 0,
        softirq: busy * 0.05,
        steal: busy * 0.05,
      },
      cores: Array.from(
        { length: cores },
        (_, cpu) => ({ cpu, busy: wave(tick, cpu), shares: null }),
      ),
      count: cores,
      contextSwitches: 1_234,
      interrupts: 567,
    },
    load: { one: 1.05, five: 1.38, fifteen: 1.97 },
    pressure: {
      cpu: { some: line(0.031), full: null },
      memory: { some: line(0), full: line(0) },
      io: { some: line(0.3), full: line(0.2) },
    },
    memory: {
      total: 16 * GIB,
      available: 10 * GIB,
      used: 6 * GIB,
      free: 4 * GIB,
      buffers: GIB / 4,
      cached: 5 * GIB,
      shared: GIB / 8,
      dirty: 1 << 20,
      hugepages: null,
    },
    swap: { total: 2 * GIB, free: 1.5 * GIB, used: 0.5 * GIB, in: 0, out: 4096 },
    disks: ["vda", "vdb"].map((name, at) => ({
      name,
      readBytes: 1.2e6 * (at + 1),
      writtenBytes: 3.4e6 * wave(tick, at),
      reads: 100,
      writes: 20,
      utilization: wave(tick, at + 3),
    })),
    filesystems: [{
      device: "/dev/vda1",
      mount: "/",
      type: "ext4",
      total: 40 * GIB,
      free: 14 * GIB,
      available: 12 * GIB,
      inodes: 1e6,
      inodesFree: 9e5,
      readOnly: false,
    }, {
      device: "/dev/vdb1",
      mount: "/var/lib/data",
      type: "xfs",
      total: 200 * GIB,
      free: 20 * GIB,
      available: 20 * GIB,
      inodes: 1e7,
      inodesFree: 9e6,
      readOnly: true,
    }],
    networks: ["eth0", "lo"].map((name, at) => ({
      name,
      receivedBytes: 1.5e6 * wave(tick, at + 1),
      sentBytes: 3_000,
      receivedPackets: 1_000,
      sentPackets: 30,
      receiveErrors: 0,
      sendErrors: 0,
      receiveDrops: 0,
      sendDrops: 0,
    })),
    processes: {
      count: processes,
      running: 2,
      blocked: 1,
      threads: processes * 3,
      created: 1.5,
      list,
    },
    limits: {
      version: 2,
      path: "/agent",
      cpus: 2,
      cpuUsed: 1.2,
      throttled: 0.14,
      throttledSeconds: 12,
      memory: 4 * GIB,
      memoryUsed: 1.2 * GIB,
      swap: null,
      pids: 100,
      pidsUsed: 12,
      oomKills: 0,
    },
    temperatures: [{ chip: "k10temp", label: "Tctl", celsius: 61, high: 80, critical: 95 }],
    self: { pid: 4_242, cpu: 0.01, rss: 5e7, heapUsed: 1e7, heapTotal: 2e7, monitorCpu: 0.004 },
    operations: {},
    runtime: {},
    unavailable: {},
  };
}

function processAt(at: number, tick: number, names: readonly string[]): ProcessFigures {
  return {
    pid: 100 + at,
    parent: at === 0 ? 1 : 100,
    name: names[at] ?? `worker-${at}`,
    state: at % 5 === 0 ? "R" : "S",
    uid: at % 3 === 0 ? 0 : 1_000,
    cpu: Math.round(wave(tick, at) * 1_000) / 1_000,
    cpuSeconds: 3_600 + at * 61,
    rss: (at + 1) * 10 * 2 ** 20,
    virtual: (at + 1) * 100 * 2 ** 20,
    threads: 1 + at % 7,
    descriptors: at % 4 === 3 ? null : 10 * at,
    readBytes: at === 2 ? 5e6 : 0,
    writtenBytes: at === 1 ? 7e6 : 0,
    startedAt: BEGAN - 86_400_000 + at * 1_000,
  };
}

function wave(tick: number, phase: number): number {
  return 0.5 + 0.45 * Math.sin(tick / 5 + phase * 1.3);
}

function line(avg10: number): { avg10: number; avg60: number; avg300: number; window: number } {
  return { avg10, avg60: avg10 / 2, avg300: avg10 / 4, window: avg10 };
}
