/**
 * Reads the kernel's files by a twin and keeps what they say. Which files there are besides the fixed ones (sensors, the control group's)
 * is looked up again whenever what leads to them changed.
 *
 * @module
 */

import type { FilesystemFigures } from "../types.ts";
import type { Access } from "./access.ts";
import { parseCpu } from "./derive/cpu.ts";
import { parseDisks, parseNetworks } from "./derive/devices.ts";
import { findGroup, type Group, groupFiles, readGroup } from "./derive/limits.ts";
import {
  parseLoad,
  parseMemory,
  parsePressure,
  parseSwapPages,
  parseUptime,
  type PressureReadings,
  RESOURCES,
} from "./derive/memory.ts";
import { hidesProcesses, type Mount, parseMounts, withData } from "./derive/mounts.ts";
import { whyNot } from "./derive/numbers.ts";
import {
  CHIPS,
  findSensors,
  type ReadTexts,
  type Sensor,
  temperatureFigures,
  ZONES,
} from "./derive/temperatures.ts";
import type { Filesystems } from "./filesystems.ts";
import type { RawText, Reader } from "./raw.ts";
import { type Machine, NOTHING, type Part } from "./sample.ts";

/** Bytes that are read of a file at most. */
const MOST = 4 << 20;
/** Of the list of this process's memory only the beginning is wanted. */
const BEGINNING = 4096;
const MAPS = "/proc/self/smaps";
const STAT = "/proc/stat";
const UPTIME = "/proc/uptime";
const MOUNTS = "/proc/self/mountinfo";
const GROUPS = "/proc/self/cgroup";
const DEVICES = "/sys/block/";

/** The fixed files of each part. */
const FILES: Readonly<Record<Part, readonly string[]>> = {
  cpu: [STAT],
  load: ["/proc/loadavg"],
  pressure: RESOURCES.map((name) => `/proc/pressure/${name}`),
  memory: ["/proc/meminfo", "/proc/vmstat"],
  disks: ["/proc/diskstats", DEVICES],
  filesystems: [MOUNTS],
  networks: ["/proc/net/dev"],
  processes: [STAT, MOUNTS],
  limits: [GROUPS, MOUNTS],
  temperatures: [CHIPS, ZONES],
};

/** What one reading of the machine brought. */
export interface Collected {
  readonly machine: Machine;
  readonly time: number;
  readonly processTime: number;
  /** CPU time that the twin took on other threads, in milliseconds. */
  readonly cpuMs: number;
}

/** Collects by one twin. */
export class Collector {
  readonly #reader: Reader;
  readonly #filesystems: Filesystems;
  #pageSize: number | undefined;
  #mountText: string | undefined;
  #mounts: readonly Mount[] = [];
  /** Null for one that is to be looked up again. */
  #groupKey: string | undefined | null = null;
  #group: Group | string = "";
  #sensorKey: string | undefined;
  #sensors: readonly Sensor[] = [];

  /** Collects by `reader`. */
  constructor(reader: Reader, filesystems: Filesystems) {
    this.#reader = reader;
    this.#filesystems = filesystems;
  }

  /** Lets go of what the twin keeps open. */
  close(): void {
    this.#reader.close();
  }

  /** Reads the parts that are wanted. */
  async read(
    access: Access,
    wanted: ReadonlySet<Part>,
    unavailable: Record<string, string>,
  ): Promise<Collected> {
    if (this.#pageSize === undefined) {
      const { texts } = await this.#reader.sample([MAPS], BEGINNING, false);
      const size = typeof texts[0] === "string"
        ? /^KernelPageSize:\s+([0-9]{1,6}) kB$/m.exec(texts[0])?.[1]
        : undefined;
      this.#pageSize = size === undefined ? 4096 : Number(size) * 1024;
    }
    const paths = new Set([UPTIME]);
    for (const part of wanted) for (const path of FILES[part]) paths.add(path);
    if (wanted.has("limits") && typeof this.#group !== "string") {
      for (const path of groupFiles(this.#group)) paths.add(path);
    }
    if (wanted.has("temperatures")) { for (const { path } of this.#sensors) paths.add(path); }
    const isAllowed = wanted.has("processes") && access.others === undefined;
    const list = [...paths];
    const raw = await this.#reader.sample(list, MOST, isAllowed);
    const texts = new Map(list.map((path, place) => [path, raw.texts[place]!]));
    const found = await this.#follow(texts, wanted);
    const began = performance.now();
    const parsed = this.#parse(texts, wanted, unavailable);
    const cpuMs = raw.cpuMs + found + performance.now() - began;
    const machine: Machine = {
      ...NOTHING,
      ...parsed,
      pageSize: this.#pageSize,
      filesystems: wanted.has("filesystems") ? await this.#space(access, texts, unavailable) : null,
      processes: null,
    };
    const processes = "error" in raw.processes ? null : raw.processes;
    if (wanted.has("processes")) {
      if (access.others !== undefined) unavailable["processes"] = access.others;
      else if (processes === null && "error" in raw.processes) {
        unavailable["processes"] = whyNot(raw.processes, "/proc");
      } else {
        const hides = hidesProcesses(this.#mounts);
        if (hides !== undefined) {
          unavailable["processes.list"] =
            `/proc is mounted with ${hides}: processes of other users may be missing`;
        }
      }
    }
    return {
      machine: { ...machine, processes },
      time: raw.time,
      processTime: raw.processTime,
      cpuMs,
    };
  }

  /** Looks up what the texts lead to, as far as it changed, and reads it too; gives the CPU time that this took. */
  async #follow(texts: Map<string, RawText>, wanted: ReadonlySet<Part>): Promise<number> {
    let cpuMs = 0;
    const more: ReadTexts = async (paths) => {
      const raw = await this.#reader.sample(paths, MOST, false);
      cpuMs += raw.cpuMs;
      return new Map(paths.map((path, place) => [path, raw.texts[place]!]));
    };
    const mountText = textOf(texts.get(MOUNTS));
    if (mountText !== this.#mountText) {
      this.#mountText = mountText;
      this.#mounts = parseMounts(mountText ?? "");
      this.#groupKey = null;
    }
    const missing: string[] = [];
    const groupText = textOf(texts.get(GROUPS));
    if (wanted.has("limits") && groupText !== this.#groupKey) {
      this.#groupKey = groupText;
      this.#group = groupText === undefined
        ? whyNot(texts.get(GROUPS), GROUPS)
        : findGroup(groupText, this.#mounts);
      if (typeof this.#group !== "string") missing.push(...groupFiles(this.#group));
    }
    if (wanted.has("temperatures")) {
      const key = `${textOf(texts.get(CHIPS))}\0${textOf(texts.get(ZONES))}`;
      if (key !== this.#sensorKey) {
        this.#sensorKey = key;
        this.#sensors = await findSensors(texts.get(CHIPS), texts.get(ZONES), more);
        missing.push(...this.#sensors.map(({ path }) => path));
      }
    }
    if (missing.length > 0) {
      for (const [path, text] of await more(missing)) {
        texts.set(path, text);
      }
    }
    return cpuMs;
  }

  #parse(
    texts: ReadonlyMap<string, RawText>,
    wanted: ReadonlySet<Part>,
    unavailable: Record<string, string>,
  ): Partial<Machine> {
    const textAt = (path: string): RawText | undefined => texts.get(path);
    const parse = <T>(part: string, path: string, read: (text: string) => T | null): T | null => {
      const text = textAt(path);
      const value = typeof text === "string" ? read(text) : null;
      if (value === null) unavailable[part] = whyNot(text, path);
      return value;
    };
    const given = <T>(part: Part, read: () => T): T | null => wanted.has(part) ? read() : null;
    const stat = textAt(STAT) === undefined ? null : parse("cpu", STAT, parseCpu);
    const memory = given("memory", () => parse("memory", "/proc/meminfo", parseMemory));
    if (memory?.memory === null) unavailable["memory"] = whyNot("", "/proc/meminfo");
    if (memory?.swap === null) unavailable["swap"] = whyNot("", "/proc/meminfo");
    if (wanted.has("memory") && memory === null) unavailable["swap"] = unavailable["memory"]!;
    return {
      uptimeSeconds: parse("uptimeSeconds", UPTIME, parseUptime),
      cpu: wanted.has("cpu") ? stat : null,
      forks: stat?.forks ?? null,
      bootTimeSeconds: stat?.bootTimeSeconds ?? null,
      load: given("load", () => parse("load", "/proc/loadavg", parseLoad)),
      pressure: given("pressure", () => this.#pressure(parse, unavailable)),
      memory,
      swapPages: given("memory", () => parse("swap.pages", "/proc/vmstat", parseSwapPages)) ??
        NOTHING.swapPages,
      disks: given("disks", () => {
        const names = textOf(textAt(DEVICES));
        const devices = names === undefined ? null : new Set(names.split("\n"));
        return parse("disks", "/proc/diskstats", (text) => parseDisks(text, devices));
      }),
      networks: given("networks", () => parse("networks", "/proc/net/dev", parseNetworks)),
      limits: given("limits", () => {
        if (typeof this.#group !== "string") return readGroup(this.#group, textAt);
        unavailable["limits"] = this.#group;
        return null;
      }),
      temperatures: given("temperatures", () => {
        if (textOf(textAt(CHIPS)) !== undefined || textOf(textAt(ZONES)) !== undefined) {
          return temperatureFigures(this.#sensors, textAt, unavailable);
        }
        unavailable["temperatures"] = whyNot(textAt(CHIPS), CHIPS);
        return null;
      }),
    };
  }

  #pressure(
    parse: <T>(part: string, path: string, read: (text: string) => T | null) => T | null,
    unavailable: Record<string, string>,
  ): PressureReadings | null {
    const [cpu, memory, io] = RESOURCES.map((name) =>
      parse(`pressure.${name}`, `/proc/pressure/${name}`, parsePressure)
    ) as [PressureReadings["cpu"], PressureReadings["memory"], PressureReadings["io"]];
    if (cpu !== null || memory !== null || io !== null) return { cpu, memory, io };
    unavailable["pressure"] = unavailable["pressure.cpu"]!;
    for (const name of RESOURCES) delete unavailable[`pressure.${name}`];
    return null;
  }

  async #space(
    access: Access,
    texts: ReadonlyMap<string, RawText>,
    unavailable: Record<string, string>,
  ): Promise<FilesystemFigures[] | null> {
    const text = texts.get(MOUNTS);
    if (access.others !== undefined || typeof text !== "string") {
      unavailable["filesystems"] = access.others ?? whyNot(text, MOUNTS);
      return null;
    }
    const mounts = withData(this.#mounts);
    const sizes = await this.#filesystems.read(mounts, unavailable);
    return sizes.map((size, place) => {
      const { source, mount, type, readOnly } = mounts[place]!;
      return { device: source, mount, type, ...size, readOnly };
    });
  }
}

function textOf(text: RawText | undefined): string | undefined {
  return typeof text === "string" ? text : undefined;
}
