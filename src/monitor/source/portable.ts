/**
 * What Deno itself tells on every system, each kind with a permission of its own. It stands in where `/proc` cannot be read.
 *
 * @module
 */

import { nodeOs } from "../../shared/builtin.ts";
import type { CoreFigures, FilesystemFigures } from "../types.ts";
import { type Access, mayRead, maySys, type SysKind } from "./access.ts";
import type { Rates } from "./derive/numbers.ts";
import type { Filesystems } from "./filesystems.ts";
import { type Machine, NOTHING, type Part, type PortableCpu } from "./sample.ts";

/** Reads what may be read. */
export async function readPortable(
  access: Access,
  wanted: ReadonlySet<Part>,
  filesystems: Filesystems,
  unavailable: Record<string, string>,
): Promise<Machine> {
  const why = access.machine ?? "";
  const tell = <T>(part: string, isWanted: boolean, kind: SysKind, read: () => T): T | null => {
    if (!isWanted) return null;
    if (!maySys(kind)) return missing(part, `needs --allow-sys=${kind}`);
    try {
      return read();
    } catch (error) {
      return missing(part, (error as Error).message);
    }
  };
  const missing = (part: string, reason: string): null => {
    unavailable[part] = reason;
    return null;
  };
  for (
    const part of ["pressure", "disks", "networks", "processes", "limits", "temperatures"] as const
  ) {
    if (wanted.has(part)) unavailable[part] = part === "processes" ? access.others ?? why : why;
  }
  const memory = tell(
    "memory",
    wanted.has("memory"),
    "systemMemoryInfo",
    () => Deno.systemMemoryInfo(),
  );
  if (wanted.has("memory")) {
    if (memory === null) unavailable["swap"] = unavailable["memory"]!;
    for (const path of ["buffers", "cached", "shared", "dirty", "hugepages"]) {
      unavailable[`memory.${path}`] = why;
    }
    for (const path of ["swap.in", "swap.out"]) unavailable[path] = why;
  }
  if (wanted.has("cpu")) {
    for (const path of ["shares", "contextSwitches", "interrupts", "cores[].shares"]) {
      unavailable[`cpu.${path}`] = why;
    }
  }
  return {
    ...NOTHING,
    uptimeSeconds: tell("uptimeSeconds", true, "osUptime", () => Deno.osUptime()),
    portableCpu: tell("cpu", wanted.has("cpu"), "cpus", portableCpus),
    load: tell("load", wanted.has("load"), "loadavg", () => {
      const [one, five, fifteen] = Deno.loadavg() as [number, number, number];
      return { one, five, fifteen };
    }),
    memory: memory === null ? null : {
      memory: {
        total: memory.total,
        available: memory.available,
        used: Math.max(0, memory.total - memory.available),
        free: memory.free,
        buffers: null,
        cached: null,
        shared: null,
        dirty: null,
        hugepages: null,
      },
      swap: { total: memory.swapTotal, free: memory.swapFree },
    },
    filesystems: wanted.has("filesystems") ? await rootOnly(why, filesystems, unavailable) : null,
  };
}

function portableCpus(): PortableCpu[] {
  return nodeOs().cpus().map(({ times: { user, nice, sys, idle, irq } }) => {
    const busy = user + nice + sys + irq;
    return { busy, all: busy + idle };
  });
}

/** Without the list of mounts only this one is sure to be there. */
async function rootOnly(
  why: string,
  filesystems: Filesystems,
  unavailable: Record<string, string>,
): Promise<FilesystemFigures[] | null> {
  if (!maySys("statfs") || !mayRead()) {
    unavailable["filesystems"] = "needs --allow-sys=statfs and --allow-read";
    return null;
  }
  unavailable["filesystems"] = `only the one at the root is told: the list of mounts ${why}`;
  const mount = Deno.build.os === "windows" ? "C:\\" : "/";
  const [sizes] = await filesystems.read([{ mount }], unavailable);
  return [{ device: null, mount, type: null, ...sizes!, readOnly: null }];
}

/** Makes the figures. What the system counts beside what it tells here is taken as not busy. */
export function portableCpuFigures(
  before: readonly PortableCpu[] | null,
  now: readonly PortableCpu[],
  rates: Rates,
): { busy: number | null; cores: CoreFigures[] } {
  const { seconds } = rates;
  const of = (
    old: PortableCpu | undefined,
    cpu: PortableCpu,
    count: number,
    path: string,
  ): number | null => {
    if (seconds === null) return null;
    if (old === undefined) return rates.none(path, "it was not there at the earlier reading");
    const [busy, all] = [Math.max(0, cpu.busy - old.busy), Math.max(0, cpu.all - old.all)];
    const most = Math.max(all, seconds * 1000 * count);
    return Math.min(1, busy / most);
  };
  const sum = (cpus: readonly PortableCpu[]): PortableCpu =>
    cpus.reduce((sum, cpu) => ({ busy: sum.busy + cpu.busy, all: sum.all + cpu.all }), {
      busy: 0,
      all: 0,
    });
  const isSame = before !== null && before.length === now.length;
  return {
    busy: of(isSame ? sum(before) : undefined, sum(now), now.length, "cpu.busy"),
    cores: now.map((cpu, number) => ({
      cpu: number,
      busy: of(isSame ? before[number] : undefined, cpu, 1, `cpu.cores[${number}].busy`),
      shares: null,
    })),
  };
}
