/**
 * The one table of OpenTelemetry metrics: names, units and attributes of the semantic conventions 1.44, where they have
 * one, and `agent.*` else. Those of the machine are not stable there: whoever changes them changes {@linkcode SCHEMA_URL}.
 *
 * @module
 */

import type { Look } from "../look.ts";
import { isGrowing, RUNTIME_HELP, RUNTIME_NUMBERS } from "../runtime_parts.ts";
import type { PressureSeconds } from "../source/counters.ts";
import type { FilesystemFigures, MemoryFigures, ProcessFigures } from "../types.ts";

/** Which version of the conventions the names are of. */
export const SCHEMA_URL = "https://opentelemetry.io/schemas/1.44.0";

/** Attributes of a point. */
export type Attributes = Readonly<Record<string, string | number>>;
/** A point; null is what cannot be read. */
export type Point = readonly [value: number | null | undefined, attributes?: Attributes];

/** A metric that is read when it is exported. */
export interface Metric {
  readonly name: string;
  /** A total that only grows, an amount that can be added up, or another number. */
  readonly kind: "counter" | "updown" | "gauge";
  readonly unit: string;
  readonly description: string;
  readonly points: (look: Look) => readonly Point[];
}

/** The one metric that is told as things happen. */
export const OPERATION_DURATION = {
  name: "agent.operation.duration",
  unit: "s",
  description: "How long operations of the program took.",
} as const;

const metric = (
  name: string,
  kind: Metric["kind"],
  unit: string,
  description: string,
  points: Metric["points"],
): Metric => ({ name, kind, unit, description, points });

const MODES = {
  user: "user",
  nice: "nice",
  system: "system",
  idle: "idle",
  iowait: "iowait",
  steal: "steal",
} as const;

const MACHINE: readonly Metric[] = [
  metric("system.uptime", "gauge", "s", "Time since the machine started.", ({ figures }) => [
    [figures.uptimeSeconds],
  ]),
  metric(
    "system.cpu.time",
    "counter",
    "s",
    "Time of each CPU by mode.",
    ({ counters }) =>
      (counters.cpu ?? []).flatMap(({ cpu, seconds }) => {
        const at = (mode: string): Attributes => ({ "cpu.mode": mode, "cpu.logical_number": cpu });
        const points = Object.entries(MODES).map(([name, mode]): Point => [
          seconds[name as keyof typeof MODES],
          at(mode),
        ]);
        return [...points, [seconds.irq + seconds.softirq, at("interrupt")] as Point];
      }),
  ),
  metric("system.cpu.logical.count", "updown", "{cpu}", "CPUs that are on.", ({ figures }) => [
    [figures.cpu.count],
  ]),
  metric(
    "system.memory.usage",
    "updown",
    "By",
    "Memory in use by state.",
    ({ figures: { memory } }) => memory === null ? [] : memoryStates(memory),
  ),
  metric("system.memory.limit", "updown", "By", "All memory.", ({ figures }) => [
    [figures.memory?.total],
  ]),
  metric(
    "system.memory.linux.available",
    "updown",
    "By",
    "Memory that can be had without swapping.",
    ({ figures }) => [[figures.memory?.available]],
  ),
  metric("system.paging.usage", "updown", "By", "Swap space by state.", ({ figures: { swap } }) => [
    [swap?.used, { "system.paging.state": "used" }],
    [swap?.free, { "system.paging.state": "free" }],
  ]),
  metric(
    "system.paging.operations",
    "counter",
    "{operation}",
    "Pages read back from swap space and written to it.",
    ({ counters }) => [
      [counters.pagesSwappedIn, { "system.paging.direction": "in" }],
      [counters.pagesSwappedOut, { "system.paging.direction": "out" }],
    ],
  ),
  metric(
    "system.disk.io",
    "counter",
    "By",
    "Bytes read and written.",
    ({ counters }) =>
      (counters.disks ?? []).flatMap(({ name, readBytes, writtenBytes }): Point[] => [
        [readBytes, { "system.device": name, "disk.io.direction": "read" }],
        [writtenBytes, { "system.device": name, "disk.io.direction": "write" }],
      ]),
  ),
  metric(
    "system.disk.operations",
    "counter",
    "{operation}",
    "Reads and writes.",
    ({ counters }) =>
      (counters.disks ?? []).flatMap(({ name, reads, writes }): Point[] => [
        [reads, { "system.device": name, "disk.io.direction": "read" }],
        [writes, { "system.device": name, "disk.io.direction": "write" }],
      ]),
  ),
  metric(
    "system.disk.io_time",
    "counter",
    "s",
    "Time in which a disk was busy.",
    ({ counters }) =>
      (counters.disks ?? []).map((
        { name, busySeconds },
      ) => [busySeconds, { "system.device": name }]),
  ),
  metric(
    "system.filesystem.usage",
    "updown",
    "By",
    "Space by state.",
    ({ figures }) => (figures.filesystems ?? []).flatMap(filesystemStates),
  ),
  metric(
    "system.filesystem.limit",
    "updown",
    "By",
    "Space in all.",
    ({ figures }) =>
      (figures.filesystems ?? []).map((system) => [system.total, filesystemOf(system)]),
  ),
  metric(
    "system.network.io",
    "counter",
    "By",
    "Bytes received and sent.",
    ({ counters }) =>
      (counters.networks ?? []).flatMap(({ name, receivedBytes, sentBytes }) =>
        bothWays("network.interface.name", name, receivedBytes, sentBytes)
      ),
  ),
  metric(
    "system.network.packet.count",
    "counter",
    "{packet}",
    "Packets.",
    ({ counters }) =>
      (counters.networks ?? []).flatMap(({ name, receivedPackets, sentPackets }) =>
        bothWays("system.device", name, receivedPackets, sentPackets)
      ),
  ),
  metric(
    "system.network.packet.dropped",
    "counter",
    "{packet}",
    "Packets that found no room.",
    ({ counters }) =>
      (counters.networks ?? []).flatMap(({ name, receiveDrops, sendDrops }) =>
        bothWays("network.interface.name", name, receiveDrops, sendDrops)
      ),
  ),
  metric(
    "system.network.errors",
    "counter",
    "{error}",
    "Broken packets.",
    ({ counters }) =>
      (counters.networks ?? []).flatMap(({ name, receiveErrors, sendErrors }) =>
        bothWays("network.interface.name", name, receiveErrors, sendErrors)
      ),
  ),
  metric(
    "system.process.count",
    "updown",
    "{process}",
    "Processes by state.",
    ({ figures }) => figures.processes === null ? [] : processStates(figures.processes.list),
  ),
  metric("system.process.created", "counter", "{process}", "Processes begun.", ({ counters }) => [
    [counters.forks],
  ]),
  metric(
    "hw.temperature",
    "gauge",
    "Cel",
    "Temperature.",
    ({ figures }) =>
      (figures.temperatures ?? []).map(({ chip, label, celsius }) => [
        celsius,
        { "hw.id": `${chip}/${label}`, "hw.name": label },
      ]),
  ),
];

const PROGRAM: readonly Metric[] = [
  metric("process.cpu.time", "counter", "s", "CPU time of this process.", ({ counters }) => [
    [counters.selfCpuSeconds],
  ]),
  metric("process.memory.usage", "updown", "By", "Resident memory of this process.", (look) => [
    [look.figures.self.rss],
  ]),
];

/** What the conventions have no name for. */
/** Units of the runtime's numbers that are no items. */
const RUNTIME_UNITS: Readonly<Record<string, string>> = {
  bytes: "By",
  hitRatio: "1",
  ageSeconds: "s",
};

const OWN: readonly Metric[] = [
  metric("agent.system.load", "gauge", "{task}", "Load averages.", ({ figures: { load } }) => [
    [load?.one, { "agent.load.period": "1m" }],
    [load?.five, { "agent.load.period": "5m" }],
    [load?.fifteen, { "agent.load.period": "15m" }],
  ]),
  metric(
    "agent.system.pressure.time",
    "counter",
    "s",
    "Time in which some or all tasks waited for a resource.",
    ({ counters: { pressure } }) => [
      ...pressures("cpu", pressure?.cpu),
      ...pressures("memory", pressure?.memory),
      ...pressures("io", pressure?.io),
    ],
  ),
  metric(
    "agent.limit.cpu.limit",
    "updown",
    "{cpu}",
    "CPUs that the control group may use.",
    (look) => [
      [look.figures.limits?.cpus],
    ],
  ),
  metric("agent.limit.cpu.time", "counter", "s", "CPU time of the control group.", (look) => [
    [look.counters.limits?.cpuSeconds],
  ]),
  metric(
    "agent.limit.cpu.throttled_time",
    "counter",
    "s",
    "Time for which the CPU limit held tasks up.",
    ({ counters }) => [[counters.limits?.throttledSeconds]],
  ),
  metric("agent.limit.memory.usage", "updown", "By", "Memory of the control group.", (look) => [
    [look.figures.limits?.memoryUsed],
  ]),
  metric("agent.limit.memory.limit", "updown", "By", "Its limit.", ({ figures }) => [
    [figures.limits?.memory],
  ]),
  metric(
    "agent.operation.failures",
    "counter",
    "{operation}",
    "Operations that failed.",
    (look) =>
      [...look.operations].map(([name, { failed }]) => [failed, { "agent.operation.name": name }]),
  ),
  ...RUNTIME_NUMBERS.map((number) =>
    metric(
      `agent.runtime.${number.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`,
      isGrowing(number) ? "counter" : "gauge",
      RUNTIME_UNITS[number] ?? "{item}",
      RUNTIME_HELP[number],
      ({ runtime }) =>
        Object.entries(runtime).map(([part, numbers]) => [
          numbers[number],
          { "agent.runtime.part": part },
        ]),
    )
  ),
];

/** All metrics that are read when they are exported. */
export const METRICS: readonly Metric[] = [...MACHINE, ...PROGRAM, ...OWN];

function memoryStates({ total, free, buffers, cached }: MemoryFigures): Point[] {
  const at = (state: string): Attributes => ({ "system.memory.state": state });
  const isKnown = free !== null && buffers !== null && cached !== null;
  return [
    [isKnown ? Math.max(0, total - free - buffers - cached) : null, at("used")],
    [free, at("free")],
    [buffers, at("buffers")],
    [cached, at("cached")],
  ];
}

function filesystemOf({ device, mount, type }: FilesystemFigures): Attributes {
  return {
    ...(device !== null && { "system.device": device }),
    "system.filesystem.mountpoint": mount,
    ...(type !== null && { "system.filesystem.type": type }),
  };
}

function filesystemStates(system: FilesystemFigures): Point[] {
  const { total, free, available } = system;
  if (total === null || free === null || available === null) return [];
  const at = (state: string): Attributes => ({
    ...filesystemOf(system),
    "system.filesystem.state": state,
  });
  return [
    [total - free, at("used")],
    [available, at("free")],
    [Math.max(0, free - available), at("reserved")],
  ];
}

function bothWays(key: string, name: string, received: number, sent: number): Point[] {
  return [
    [received, { [key]: name, "network.io.direction": "receive" }],
    [sent, { [key]: name, "network.io.direction": "transmit" }],
  ];
}

function pressures(resource: string, pressure: PressureSeconds | null | undefined): Point[] {
  const at = (tasks: string): Attributes => ({
    "agent.pressure.resource": resource,
    "agent.pressure.tasks": tasks,
  });
  return [[pressure?.some, at("some")], [pressure?.full, at("full")]];
}

/** The kernel's letters, as the conventions call them. */
const STATES: Readonly<Record<string, string>> = {
  R: "running",
  T: "stopped",
  t: "stopped",
  Z: "defunct",
};

function processStates(list: readonly ProcessFigures[]): Point[] {
  const counts: Record<string, number> = { running: 0, sleeping: 0, stopped: 0, defunct: 0 };
  for (const { state } of list) counts[STATES[state] ?? "sleeping"]! += 1;
  return Object.entries(counts).map(([state, count]) => [count, { "process.state": state }]);
}
