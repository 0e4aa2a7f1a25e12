/**
 * `/proc/diskstats` and `/proc/net/dev`.
 *
 * @module
 */

import type { DiskFigures, NetworkFigures } from "../../types.ts";
import type { DiskCounters, NetworkCounters } from "../counters.ts";
import { fields, type Rates, wholes } from "./numbers.ts";

/** Bytes that the kernel counts as one here, whatever the device's own unit. */
const SECTOR = 512;

/**
 * Reads `/proc/diskstats`.
 *
 * @param text Its text.
 * @param devices The names of whole devices, from `/sys/block`; null if they are not known.
 */
export function parseDisks(text: string, devices: ReadonlySet<string> | null): DiskCounters[] {
  const found: DiskCounters[] = [];
  for (const line of text.split("\n")) {
    const [, , name, ...rest] = fields(line);
    if (name === undefined || devices?.has(name.replaceAll("/", "!")) === false) continue;
    const numbers = wholes(rest.slice(0, 10));
    if (numbers === null || numbers.length < 10) continue;
    const [reads, , sectorsRead, , writes, , sectorsWritten, , , busyMs] = numbers as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    // Loops and memory disks that were never used are listed by the dozen.
    if (reads + writes === 0) continue;
    found.push({
      name,
      readBytes: sectorsRead * SECTOR,
      writtenBytes: sectorsWritten * SECTOR,
      reads,
      writes,
      busySeconds: busyMs / 1000,
    });
  }
  return found;
}

/** Makes the figures. A disk that is not there any more is not among them. */
export function diskFigures(
  before: readonly DiskCounters[] | null,
  now: readonly DiskCounters[],
  rates: Rates,
): DiskFigures[] {
  const earlier = byName(before);
  return now.map((disk) => {
    const old = earlier.get(disk.name);
    const rate = (key: Exclude<keyof DiskCounters, "name">, as: string, unit: number) =>
      rates.of(old?.[key], disk[key], `disks[${disk.name}].${as}`, unit);
    const busy = rate("busySeconds", "utilization", 1e-3);
    return {
      name: disk.name,
      readBytes: rate("readBytes", "readBytes", SECTOR),
      writtenBytes: rate("writtenBytes", "writtenBytes", SECTOR),
      reads: rate("reads", "reads", 1),
      writes: rate("writes", "writes", 1),
      utilization: busy === null ? null : Math.min(1, busy),
    };
  });
}

/** The counters of an interface by their column in `/proc/net/dev`. */
const COLUMNS = {
  receivedBytes: 0,
  receivedPackets: 1,
  receiveErrors: 2,
  receiveDrops: 3,
  sentBytes: 8,
  sentPackets: 9,
  sendErrors: 10,
  sendDrops: 11,
} as const;

const NETWORK_KEYS = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];

/** Reads `/proc/net/dev`. */
export function parseNetworks(text: string): NetworkCounters[] {
  const found: NetworkCounters[] = [];
  for (const line of text.split("\n")) {
    // A name may have a colon of its own (an alias of old), the numbers have none.
    const end = line.lastIndexOf(":");
    const name = line.slice(0, end).trim();
    const numbers = wholes(fields(line.slice(end + 1)).slice(0, 12));
    if (end < 0 || name === "" || numbers === null || numbers.length < 12) continue;
    const counters = { name } as NetworkCounters;
    for (const key of NETWORK_KEYS) counters[key] = numbers[COLUMNS[key]]!;
    found.push(counters);
  }
  return found;
}

/** Makes the figures. */
export function networkFigures(
  before: readonly NetworkCounters[] | null,
  now: readonly NetworkCounters[],
  rates: Rates,
): NetworkFigures[] {
  const earlier = byName(before);
  return now.map((network) => {
    const old = earlier.get(network.name);
    const figures = { name: network.name } as NetworkFigures;
    for (const key of NETWORK_KEYS) {
      figures[key] = rates.of(old?.[key], network[key], `networks[${network.name}].${key}`);
    }
    return figures;
  });
}

function byName<T extends { name: string }>(items: readonly T[] | null): Map<string, T> {
  return new Map(items?.map((item) => [item.name, item]));
}
