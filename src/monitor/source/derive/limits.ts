/**
 * The control group that this program is in, by both interfaces of the kernel.
 *
 * A limit holds for all groups below, so that the smallest of those from the group upwards counts, as far up as this program's
 * name space and mounts show.
 *
 * @module
 */

import type { LimitFigures } from "../../types.ts";
import type { Counters } from "../counters.ts";
import type { RawText } from "../raw.ts";
import type { Mount } from "./mounts.ts";
import { fields, keyed, type Rates, whole } from "./numbers.ts";

/** Groups above each other that are looked at; deeper ones are nobody's. */
const LEVELS_MOST = 16;

/** Where the files of a group are: the group's own folder first, then those above it. */
export interface Group {
  readonly version: 1 | 2;
  readonly path: string;
  /** By controller; with version 2 all are the same. */
  readonly folders: Readonly<Record<Controller, readonly string[]>>;
}

type Controller = "cpu" | "cpuacct" | "memory" | "pids";
const CONTROLLERS: readonly Controller[] = ["cpu", "cpuacct", "memory", "pids"];

/** Files that are read of the group itself, and of each group upwards. */
const FILES: Readonly<Record<1 | 2, Readonly<Record<Controller, FileNames>>>> = {
  1: {
    cpu: { own: [], all: ["cpu.cfs_quota_us", "cpu.cfs_period_us", "cpu.stat"] },
    cpuacct: { own: ["cpuacct.usage"], all: [] },
    memory: {
      own: ["memory.usage_in_bytes", "memory.stat", "memory.oom_control"],
      all: ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"],
    },
    pids: { own: ["pids.current"], all: ["pids.max"] },
  },
  2: {
    cpu: { own: [], all: ["cpu.max", "cpu.stat"] },
    cpuacct: { own: [], all: [] },
    memory: {
      own: ["memory.current", "memory.stat", "memory.events"],
      all: ["memory.max", "memory.swap.max"],
    },
    pids: { own: ["pids.current"], all: ["pids.max"] },
  },
};

interface FileNames {
  readonly own: readonly string[];
  readonly all: readonly string[];
}

/**
 * Finds the group.
 *
 * @param text Of `/proc/self/cgroup`.
 * @param mounts What is mounted.
 * @returns The group, or why it cannot be seen.
 */
export function findGroup(text: string, mounts: readonly Mount[]): Group | string {
  const paths = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, id, controllers, path] = /^([0-9]+):([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    if (id === "0" && controllers === "") paths.set("", path);
    else for (const controller of controllers!.split(",")) paths.set(controller, path);
  }
  const isFirst = CONTROLLERS.some((controller) => paths.has(controller));
  if (!isFirst && !paths.has("")) return "this program is in no control group";
  const version = isFirst ? 1 : 2;
  const folders: Record<Controller, readonly string[]> = {
    cpu: [],
    cpuacct: [],
    memory: [],
    pids: [],
  };
  let shown: string | undefined;
  for (const controller of CONTROLLERS) {
    const path = paths.get(isFirst ? controller : "");
    const mount = mounts.findLast(({ type, options }) =>
      isFirst ? type === "cgroup" && options.includes(controller) : type === "cgroup2"
    );
    if (path === undefined || mount === undefined) continue;
    folders[controller] = foldersOf(path, mount);
    if (folders[controller].length > 0) shown ??= path;
  }
  return shown === undefined
    ? "the files of this program's control group are not mounted below /sys"
    : { version, path: shown, folders };
}

function foldersOf(path: string, { root, mount }: Mount): string[] {
  const isBelow = root === "/" || path === root || path.startsWith(`${root}/`);
  if (!isBelow || !mount.startsWith("/sys/")) return [];
  const relative = root === "/" ? path : path.slice(root.length);
  const parts = relative.split("/").filter((part) => part !== "");
  // Outside of what the name space shows.
  if (parts.includes("..")) return [];
  const found: string[] = [];
  for (let length = parts.length; length >= 0 && found.length < LEVELS_MOST; length--) {
    found.push([mount, ...parts.slice(0, length)].join("/"));
  }
  return found;
}

/** The files to read. */
export function groupFiles({ version, folders }: Group): string[] {
  return CONTROLLERS.flatMap((controller) => {
    const { own, all } = FILES[version][controller];
    return folders[controller].flatMap((folder, level) =>
      [...(level === 0 ? own : []), ...all].map((file) => `${folder}/${file}`)
    );
  });
}

/** What the files say. */
export interface GroupReading {
  readonly figures: Omit<LimitFigures, "cpuUsed" | "throttled">;
  readonly counters: NonNullable<Counters["limits"]>;
}

/** Reads the files. */
export function readGroup(
  group: Group,
  textAt: (path: string) => RawText | undefined,
): GroupReading {
  const { version, path, folders } = group;
  const read = (controller: Controller, level: number, file: string): string | undefined => {
    const text = textAt(`${folders[controller][level]}/${file}`);
    return typeof text === "string" ? text : undefined;
  };
  const least = (controller: Controller, of: (level: number) => number | null): Least => {
    let found: Least = { limit: null, level: 0 };
    folders[controller].forEach((_, level) => {
      const limit = of(level);
      if (limit !== null && (found.limit === null || limit < found.limit)) found = { limit, level };
    });
    return found;
  };
  const number = (controller: Controller, level: number, file: string): number | null =>
    limitOf(read(controller, level, file));
  const words = (controller: Controller, level: number, file: string): Map<string, number> =>
    keyed(read(controller, level, file) ?? "", " ");
  const cpus = least(
    "cpu",
    (level) =>
      version === 2
        ? quota(...pair(read("cpu", level, "cpu.max")))
        : quota(read("cpu", level, "cpu.cfs_quota_us"), read("cpu", level, "cpu.cfs_period_us")),
  );
  const cpu = words("cpu", cpus.level, "cpu.stat");
  const used = version === 2
    ? scaled(words("cpu", 0, "cpu.stat").get("usage_usec"), 1e-6)
    : scaled(number("cpuacct", 0, "cpuacct.usage"), 1e-9);
  const memory = least(
    "memory",
    (level) => number("memory", level, version === 2 ? "memory.max" : "memory.limit_in_bytes"),
  );
  const swap = least("memory", (level) => {
    if (version === 2) return number("memory", level, "memory.swap.max");
    const both = number("memory", level, "memory.memsw.limit_in_bytes");
    const alone = number("memory", level, "memory.limit_in_bytes");
    return both === null || alone === null ? null : Math.max(0, both - alone);
  });
  const inUse = number("memory", 0, version === 2 ? "memory.current" : "memory.usage_in_bytes");
  const inactive = words("memory", 0, "memory.stat")
    .get(version === 2 ? "inactive_file" : "total_inactive_file");
  const throttledSeconds = version === 2
    ? scaled(cpu.get("throttled_usec"), 1e-6)
    : scaled(cpu.get("throttled_time"), 1e-9);
  return {
    figures: {
      version,
      path,
      cpus: cpus.limit,
      throttledSeconds,
      memory: memory.limit,
      memoryUsed: inUse === null ? null : Math.max(0, inUse - (inactive ?? 0)),
      swap: swap.limit,
      pids: least("pids", (level) => number("pids", level, "pids.max")).limit,
      pidsUsed: number("pids", 0, "pids.current"),
      oomKills: words("memory", 0, version === 2 ? "memory.events" : "memory.oom_control")
        .get("oom_kill") ?? null,
    },
    counters: {
      cpuSeconds: used,
      periods: cpu.get("nr_periods") ?? null,
      throttledPeriods: cpu.get("nr_throttled") ?? null,
      throttledSeconds,
    },
  };
}

interface Least {
  readonly limit: number | null;
  readonly level: number;
}

/** No limit is `max`, `-1`, or a number that no machine has. */
function limitOf(text: string | undefined): number | null {
  return whole(text?.trim());
}

function pair(text: string | undefined): [string | undefined, string | undefined] {
  const [one, other] = fields(text ?? "");
  return [one, other];
}

function quota(quota: string | undefined, period: string | undefined): number | null {
  const [most, of] = [limitOf(quota), limitOf(period)];
  return most === null || of === null || of === 0 ? null : most / of;
}

function scaled(number: number | null | undefined, by: number): number | null {
  return number === null || number === undefined ? null : number * by;
}

/** Makes the figures. */
export function limitFigures(
  before: GroupReading | null,
  now: GroupReading,
  rates: Rates,
  unavailable: Record<string, string>,
): LimitFigures {
  const { figures, counters } = now;
  // Another group counts for itself.
  const isSame = before?.figures.path === figures.path;
  const earlier = before === null ? null : isSame ? before.counters : undefined;
  const rate = (key: keyof GroupReading["counters"]): number | null =>
    rates.of(earlier?.[key], counters[key], `limits.${key}`);
  const [periods, throttled] = [rate("periods"), rate("throttledPeriods")];
  delete unavailable["limits.periods"];
  const reason = unavailable["limits.throttledPeriods"];
  delete unavailable["limits.throttledPeriods"];
  if (reason !== undefined) unavailable["limits.throttled"] = reason;
  const cpuUsed = rates.of(earlier?.cpuSeconds, counters.cpuSeconds, "limits.cpuUsed");
  for (const key of ["memoryUsed", "pidsUsed", "oomKills", "throttledSeconds"] as const) {
    if (figures[key] === null) unavailable[`limits.${key}`] = "the control group does not tell it";
  }
  if (counters.cpuSeconds === null) {
    unavailable["limits.cpuUsed"] = "the control group does not tell it";
  }
  return {
    ...figures,
    cpuUsed,
    throttled: periods === null || throttled === null
      ? null
      : periods === 0
      ? 0
      : Math.min(1, throttled / periods),
  };
}
