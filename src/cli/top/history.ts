/**
 * What was seen before, as series of numbers for the charts: bounded, so that a view which is left open for days holds no
 * more than at its beginning.
 *
 * @module
 */

import type { ProcessFigures, Snapshot } from "../../monitor/mod.ts";

/** The most values of a series: as many as the widest chart has cells. */
const MOST = 240;
/** The same of a process, of which there may be thousands. */
const MOST_OF_PROCESS = 60;

/** A series, oldest first; null where a value could not be read. */
export type Series = readonly (number | null)[];

const NOTHING: Series = [];

/** Which process: a number may be given to another one later. */
export function processKey({ pid, startedAt }: ProcessFigures): string {
  return `${pid}.${startedAt ?? ""}`;
}

/** The series of a view. */
export class History {
  readonly #series = new Map<string, (number | null)[]>();
  readonly #processes = new Map<string, (number | null)[]>();

  /** Takes in what a snapshot says. */
  add(snapshot: Snapshot): void {
    const { cpu, memory, swap, disks, networks, pressure, limits, processes } = snapshot;
    const seen = new Map<string, number | null>();
    seen.set("cpu", cpu.busy);
    for (const { cpu: number, busy } of cpu.cores ?? []) seen.set(`core ${number}`, busy);
    seen.set("memory", memory === null ? null : memory.used / memory.total);
    seen.set("swap", swap === null || swap.total === 0 ? null : swap.used / swap.total);
    for (const kind of ["cpu", "memory", "io"] as const) {
      seen.set(`pressure ${kind}`, pressure?.[kind]?.some.avg10 ?? null);
    }
    const some = (["cpu", "memory", "io"] as const)
      .map((kind) => pressure?.[kind]?.some.avg10 ?? null).filter((share) => share !== null);
    seen.set("pressure", some.length === 0 ? null : Math.max(...some));
    seen.set("throttled", limits?.throttled ?? null);
    for (const { name, readBytes, writtenBytes, utilization } of disks ?? []) {
      seen.set(`read ${name}`, readBytes);
      seen.set(`written ${name}`, writtenBytes);
      seen.set(`disk ${name}`, utilization);
    }
    for (const { name, receivedBytes, sentBytes } of networks ?? []) {
      seen.set(`received ${name}`, receivedBytes);
      seen.set(`sent ${name}`, sentBytes);
    }
    append(this.#series, seen, MOST);
    const cpus = (processes?.list ?? []).map((one) => [processKey(one), one.cpu] as const);
    append(this.#processes, new Map(cpus), MOST_OF_PROCESS);
  }

  /** A series by its name. */
  of(name: string): Series {
    return this.#series.get(name) ?? NOTHING;
  }

  /** The CPU of a process. */
  ofProcess(key: string): Series {
    return this.#processes.get(key) ?? NOTHING;
  }

  /** The largest of the values that a chart of so many cells shows; 0 if there is none. */
  most(name: string, cells: number): number {
    return this.of(name).slice(-cells).reduce<number>(
      (most, value) => Math.max(most, value ?? 0),
      0,
    );
  }

  /** How many series there are. */
  get size(): number {
    return this.#series.size + this.#processes.size;
  }
}

/** Puts each value at the end of its series; a series that has none this time is over. */
function append(
  series: Map<string, (number | null)[]>,
  seen: ReadonlyMap<string, number | null>,
  most: number,
): void {
  for (const name of series.keys()) if (!seen.has(name)) series.delete(name);
  for (const [name, value] of seen) {
    const values = series.get(name);
    if (values === undefined) series.set(name, [value]);
    else {
      values.push(value);
      // Moved in blocks, since each shift moves them all.
      if (values.length >= 2 * most) values.splice(0, values.length - most);
    }
  }
}
