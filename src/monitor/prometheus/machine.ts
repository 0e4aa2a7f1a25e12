/**
 * Families of the machine, under the names and labels that node_exporter gives them, so that dashboards made for it fit.
 *
 * @module
 */

import type { Counters, NetworkCounters, PressureSeconds } from "../source/counters.ts";
import type { Figures } from "../source/types.ts";
import type { FilesystemFigures, LoadFigures, MemoryFigures } from "../types.ts";
import type { Exposition } from "./text.ts";

/** A family with one series for each item: its name behind the prefix, what it says, and its value. */
type Row<T> = readonly [name: string, help: string, value: (item: T) => number | null];

const LOAD: readonly Row<LoadFigures>[] = [
  ["load1", "1m load average.", ({ one }) => one],
  ["load5", "5m load average.", ({ five }) => five],
  ["load15", "15m load average.", ({ fifteen }) => fifteen],
];

const MEMORY: readonly Row<MemoryFigures>[] = [
  ["MemTotal_bytes", "All memory, in bytes.", ({ total }) => total],
  ["MemAvailable_bytes", "Memory that can be had without swapping, in bytes.", (m) => m.available],
  ["MemFree_bytes", "Memory that nothing uses, in bytes.", ({ free }) => free],
  ["Buffers_bytes", "Caches of block devices, in bytes.", ({ buffers }) => buffers],
  ["Cached_bytes", "Caches of files, in bytes.", ({ cached }) => cached],
  ["Shmem_bytes", "Memory that processes share, in bytes.", ({ shared }) => shared],
  ["Dirty_bytes", "Memory that waits to be written, in bytes.", ({ dirty }) => dirty],
  ["HugePages_Total", "Huge pages.", ({ hugepages }) => hugepages?.total ?? null],
  ["HugePages_Free", "Huge pages that are free.", ({ hugepages }) => hugepages?.free ?? null],
  ["Hugepagesize_bytes", "Bytes of a huge page.", ({ hugepages }) => hugepages?.size ?? null],
];

const FILESYSTEM: readonly Row<FilesystemFigures>[] = [
  ["size_bytes", "Filesystem size in bytes.", ({ total }) => total],
  ["free_bytes", "Filesystem free space in bytes.", ({ free }) => free],
  ["avail_bytes", "Filesystem space available to non-root users in bytes.", (f) => f.available],
  ["files", "Filesystem total file nodes.", ({ inodes }) => inodes],
  ["files_free", "Filesystem total free file nodes.", ({ inodesFree }) => inodesFree],
  [
    "readonly",
    "Filesystem read-only status.",
    (f) => f.readOnly === null ? null : Number(f.readOnly),
  ],
];

const NETWORK: readonly Row<NetworkCounters>[] = [
  ["receive_bytes_total", "Bytes received.", (n) => n.receivedBytes],
  ["transmit_bytes_total", "Bytes sent.", (n) => n.sentBytes],
  ["receive_packets_total", "Packets received.", (n) => n.receivedPackets],
  ["transmit_packets_total", "Packets sent.", (n) => n.sentPackets],
  ["receive_errs_total", "Packets that came broken.", (n) => n.receiveErrors],
  ["transmit_errs_total", "Packets that could not be sent.", (n) => n.sendErrors],
  ["receive_drop_total", "Packets that came and found no room.", (n) => n.receiveDrops],
  ["transmit_drop_total", "Packets that were not sent for want of room.", (n) => n.sendDrops],
];

const DISK: readonly Row<NonNullable<Counters["disks"]>[number]>[] = [
  ["read_bytes_total", "Bytes read.", (d) => d.readBytes],
  ["written_bytes_total", "Bytes written.", (d) => d.writtenBytes],
  ["reads_completed_total", "Reads that were done.", (d) => d.reads],
  ["writes_completed_total", "Writes that were done.", (d) => d.writes],
  ["io_time_seconds_total", "Seconds in which the device was busy.", (d) => d.busySeconds],
];

/** Pressure: node_exporter names what waited (`some`) and what stood still (`full`). */
const PRESSURE: readonly [
  name: string,
  help: string,
  seconds: (pressure: NonNullable<Counters["pressure"]>) => number | null | undefined,
][] = [
  ["cpu_waiting", "processes have waited for CPU time", ({ cpu }) => cpu?.some],
  ["io_stalled", "no process could make progress due to IO congestion", ({ io }) => full(io)],
  ["io_waiting", "processes have waited due to IO congestion", ({ io }) => io?.some],
  ["memory_stalled", "no process could make progress due to memory", ({ memory }) => full(memory)],
  ["memory_waiting", "processes have waited for memory", ({ memory }) => memory?.some],
];

function full(pressure: PressureSeconds | null): number | null {
  return pressure?.full ?? null;
}

/** Adds them. `bounded` cuts lists that are too long. */
export function addMachine(
  out: Exposition,
  { counters, figures }: { counters: Counters; figures: Figures },
  bounded: <T>(name: string, list: readonly T[] | null) => readonly T[],
): void {
  addCpu(out, counters);
  addSystem(out, counters, figures);
  for (const [name, help, seconds] of PRESSURE) {
    out.family(
      `node_pressure_${name}_seconds_total`,
      "counter",
      `Total time in seconds that ${help}.`,
      (add) => {
        if (counters.pressure !== null) add({}, seconds(counters.pressure));
      },
    );
  }
  const each = <T>(
    prefix: string,
    type: "gauge" | "counter",
    rows: readonly Row<T>[],
    items: readonly T[],
    labels: (item: T) => Readonly<Record<string, string>>,
  ): void => {
    for (const [name, help, value] of rows) {
      out.family(`node_${prefix}${name}`, type, help, (add) => {
        for (const item of items) add(labels(item), value(item));
      });
    }
  };
  const one = <T>(item: T | null): T[] => item === null ? [] : [item];
  each("", "gauge", LOAD, one(figures.load), () => ({}));
  each("memory_", "gauge", MEMORY, one(figures.memory), () => ({}));
  each(
    "disk_",
    "counter",
    DISK,
    bounded("disks", counters.disks),
    ({ name }) => ({ device: name }),
  );
  const filesystems = bounded("filesystems", figures.filesystems);
  each("filesystem_", "gauge", FILESYSTEM, filesystems, ({ device, mount, type }) => ({
    device: device ?? "",
    fstype: type ?? "",
    mountpoint: mount,
  }));
  const networks = bounded("networks", counters.networks);
  each("network_", "counter", NETWORK, networks, ({ name }) => ({ device: name }));
  const sensors = bounded("temperatures", figures.temperatures);
  each(
    "hwmon_temp_",
    "gauge",
    [
      ["celsius", "Temperature.", ({ celsius }) => celsius],
      ["max_celsius", "Temperature that should not be passed.", ({ high }) => high],
      ["crit_celsius", "Temperature that damages.", ({ critical }) => critical],
    ],
    sensors,
    ({ chip, label }) => ({ chip, sensor: label }),
  );
}

function addCpu(out: Exposition, { cpu }: Counters): void {
  out.family(
    "node_cpu_seconds_total",
    "counter",
    "Seconds the CPUs spent in each mode.",
    (add) => {
      for (const { cpu: number, seconds } of cpu ?? []) {
        for (const [mode, value] of Object.entries(seconds)) add({ cpu: number, mode }, value);
      }
    },
  );
}

function addSystem(out: Exposition, counters: Counters, { swap, processes }: Figures): void {
  const single = (
    name: string,
    type: "gauge" | "counter" | "untyped",
    help: string,
    value: number | null | undefined,
  ): void => out.family(`node_${name}`, type, help, (add) => add({}, value));
  single(
    "context_switches_total",
    "counter",
    "Total number of context switches.",
    counters.contextSwitches,
  );
  single("intr_total", "counter", "Total number of interrupts serviced.", counters.interrupts);
  single("forks_total", "counter", "Total number of forks.", counters.forks);
  single("boot_time_seconds", "gauge", "Node boot time, in unixtime.", counters.bootTimeSeconds);
  single("procs_running", "gauge", "Number of processes in runnable state.", processes?.running);
  single(
    "procs_blocked",
    "gauge",
    "Number of processes blocked waiting for I/O.",
    processes?.blocked,
  );
  single("processes_pids", "gauge", "Number of PIDs.", processes?.count);
  single("processes_threads", "gauge", "Allocated threads in system.", processes?.threads);
  single("memory_SwapTotal_bytes", "gauge", "All swap space, in bytes.", swap?.total);
  single("memory_SwapFree_bytes", "gauge", "Swap space that is not used, in bytes.", swap?.free);
  single("vmstat_pswpin", "untyped", "Pages read back from swap space.", counters.pagesSwappedIn);
  single("vmstat_pswpout", "untyped", "Pages written to swap space.", counters.pagesSwappedOut);
}
