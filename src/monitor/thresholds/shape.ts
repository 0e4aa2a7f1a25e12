/**
 * Which numbers a snapshot has and where, so that a path that leads nowhere is an error when it is written and not
 * silence for ever. The compiler sees to it that no number of {@linkcode Snapshot} is left out.
 *
 * @module
 */

import { RUNTIME_NUMBERS } from "../runtime_parts.ts";
import type { Snapshot } from "../types.ts";

/** A number, or null where it cannot be read. */
export interface NumberShape {
  readonly kind: "number";
}
/** Named things. */
export interface ObjectShape<F = Readonly<Record<string, Shape>>> {
  readonly kind: "object";
  readonly fields: F;
}
/** Like things, each known by a key. */
export interface ListShape<T = never, F = Readonly<Record<string, Shape>>> {
  readonly kind: "list";
  /** What is written in brackets for an item. */
  readonly key: (item: T) => string;
  readonly fields: F;
}
/** Processes: chosen by a field, several at once. */
export interface ProcessesShape<F = Readonly<Record<string, Shape>>> {
  readonly kind: "processes";
  readonly fields: F;
}
/** Things by names that are the program's own. */
export interface MapShape<F = Readonly<Record<string, Shape>>> {
  readonly kind: "map";
  readonly fields: F;
}

/** What stands at a place. */
export type Shape = NumberShape | ObjectShape | ListShape | ProcessesShape | MapShape;

type FieldsOf<T> = {
  readonly [K in keyof T as ShapeOf<NonNullable<T[K]>> extends never ? never : K]-?: ShapeOf<
    NonNullable<T[K]>
  >;
};
type ShapeOf<T> = T extends number ? NumberShape
  : T extends string | boolean ? never
  : T extends readonly (infer I)[]
    ? I extends { pid: number } ? ProcessesShape<FieldsOf<I>> : ListShape<I, FieldsOf<I>>
  : string extends keyof T ? MapShape<MapFieldsOf<NonNullable<T[keyof T]>>>
  : ObjectShape<FieldsOf<T>>;
type MapFieldsOf<T> = string extends keyof T ? Readonly<Record<string, NumberShape>> : FieldsOf<T>;

const number: NumberShape = { kind: "number" };
const object = <F>(fields: F): ObjectShape<F> => ({ kind: "object", fields });
const list = <T, F>(key: (item: T) => string, fields: F): ListShape<T, F> => ({
  kind: "list",
  key,
  fields,
});

const shares = object({
  user: number,
  nice: number,
  system: number,
  idle: number,
  iowait: number,
  irq: number,
  softirq: number,
  steal: number,
});
const pressureLine = object({ avg10: number, avg60: number, avg300: number, window: number });
const pressure = object({ some: pressureLine, full: pressureLine });

const SNAPSHOT: ObjectShape<FieldsOf<Omit<Snapshot, "unavailable">>> = object({
  windowMs: number,
  missed: number,
  uptimeSeconds: number,
  cpu: object({
    busy: number,
    shares,
    cores: list((core: { cpu: number }) => String(core.cpu), { cpu: number, busy: number, shares }),
    count: number,
    contextSwitches: number,
    interrupts: number,
  }),
  load: object({ one: number, five: number, fifteen: number }),
  pressure: object({ cpu: pressure, memory: pressure, io: pressure }),
  memory: object({
    total: number,
    available: number,
    used: number,
    free: number,
    buffers: number,
    cached: number,
    shared: number,
    dirty: number,
    hugepages: object({ size: number, total: number, free: number }),
  }),
  swap: object({ total: number, free: number, used: number, in: number, out: number }),
  disks: list((disk: { name: string }) => disk.name, {
    readBytes: number,
    writtenBytes: number,
    reads: number,
    writes: number,
    utilization: number,
  }),
  filesystems: list((system: { mount: string }) => system.mount, {
    total: number,
    free: number,
    available: number,
    inodes: number,
    inodesFree: number,
  }),
  networks: list((network: { name: string }) => network.name, {
    receivedBytes: number,
    sentBytes: number,
    receivedPackets: number,
    sentPackets: number,
    receiveErrors: number,
    sendErrors: number,
    receiveDrops: number,
    sendDrops: number,
  }),
  processes: object({
    count: number,
    running: number,
    blocked: number,
    threads: number,
    created: number,
    list: {
      kind: "processes",
      fields: {
        pid: number,
        parent: number,
        uid: number,
        cpu: number,
        cpuSeconds: number,
        rss: number,
        virtual: number,
        threads: number,
        descriptors: number,
        readBytes: number,
        writtenBytes: number,
        startedAt: number,
      },
    },
  }),
  limits: object({
    version: number,
    cpus: number,
    cpuUsed: number,
    throttled: number,
    throttledSeconds: number,
    memory: number,
    memoryUsed: number,
    swap: number,
    pids: number,
    pidsUsed: number,
    oomKills: number,
  }),
  temperatures: list(
    (sensor: { chip: string; label: string }) => `${sensor.chip}/${sensor.label}`,
    {
      celsius: number,
      high: number,
      critical: number,
    },
  ),
  self: object({
    pid: number,
    cpu: number,
    rss: number,
    heapUsed: number,
    heapTotal: number,
    monitorCpu: number,
  }),
  operations: {
    kind: "map",
    fields: {
      count: number,
      failed: number,
      rate: number,
      p50: number,
      p95: number,
      p99: number,
      max: number,
    },
  },
  runtime: {
    kind: "map",
    fields: Object.fromEntries(RUNTIME_NUMBERS.map((name) => [name, number])),
  },
});

/** The whole snapshot. */
export const SHAPE = SNAPSHOT as unknown as ObjectShape;
