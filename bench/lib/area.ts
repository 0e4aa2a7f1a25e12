/**
 * What the file of an area exports: its groups, what is measured otherwise, what was promised, and which groups stand
 * for its tools on the report's page.
 */

import type { Group, Twin } from "./group.ts";
import type { Peers } from "./peers.ts";
import { digits, type GroupResult, type RowResult } from "./results.ts";

/** What the areas are given. */
export interface Context {
  /** Whether only a look is wanted: leave out what takes minutes. */
  quick: boolean;
  /** The twins that can be measured here. */
  twins: readonly Twin[];
  /** The packages that we compare with, where they are installed. */
  peers: Peers;
  /** Whether a permission was given; nobody is asked for it. */
  may(permission: Deno.PermissionDescriptor): boolean;
  /** Says what is not measured here, and why. */
  leaveOut(what: string): void;
  /** Says what is being done, where nothing else would be seen for a while. */
  note(text: string): void;
}

/** An area of the benchmarks. */
export interface Area {
  /** Its name, as in the name of its file. */
  name: string;
  /** The groups, in the order of the tables. Making them measures nothing and opens nothing. */
  groups(context: Context): Group[] | Promise<Group[]>;
  /** The groups that stand for its tools: the tool's name, the operation, the size. */
  tools: readonly (readonly [tool: string, operation: string, size: number])[];
  /** What is measured otherwise, by the harness only. */
  facts?(context: Context): Promise<Fact[]>;
  /** What was promised. */
  bars?(figures: Figures): Bar[];
}

/** A figure that is no time of an operation. */
export interface Fact {
  /** What was measured. */
  name: string;
  value: number;
  unit: string;
}

/** Something that was promised, and whether it holds. */
export interface Bar {
  /** What it is about. */
  name: string;
  /** What was promised. */
  promised: string;
  /** The figure; undefined if it could not be measured here. */
  measured?: string;
  /** Whether it holds. */
  met?: boolean;
}

/** Finds figures by name. */
export class Figures {
  readonly #groups: readonly GroupResult[];
  readonly #facts: readonly Fact[];

  /** Takes what was measured. */
  constructor({ groups, facts }: { groups: readonly GroupResult[]; facts: readonly Fact[] }) {
    this.#groups = groups;
    this.#facts = facts;
  }

  /** A group, or undefined if it was not measured. */
  group(operation: string, size: number): GroupResult | undefined {
    return this.#groups.find((group) => group.operation === operation && group.size === size);
  }

  /** A row, or undefined if it was not measured. */
  row(operation: string, size: number, name: string): RowResult | undefined {
    return this.group(operation, size)?.rows.find((row) => row.name === name);
  }

  /** How many times faster a row is than the best peer, or than the yardstick where there is no peer. */
  times(operation: string, size: number, name: string): number | undefined {
    const row = this.row(operation, size, name);
    return (row?.toPeer ?? row?.toReference)?.value;
  }

  /** The median of a row in milliseconds. */
  milliseconds(operation: string, size: number, name: string): number | undefined {
    const median = this.row(operation, size, name)?.median;
    return median === undefined ? undefined : median / 1e6;
  }

  /** A fact, or undefined if it was not measured. */
  fact(name: string): number | undefined {
    return this.#facts.find((fact) => fact.name === name)?.value;
  }
}

/** A bar on "at least so many times as fast". */
export function atLeast(name: string, times: number | undefined, bar: number): Bar {
  const promised = `\u2265 ${bar}x`;
  if (times === undefined) return { name, promised };
  return { name, promised, measured: `${digits(times)}x`, met: times >= bar };
}

/** A bar on "at most so much". */
export function atMost(name: string, value: number | undefined, bar: number, unit: string): Bar {
  const promised = `\u2264 ${Number(bar.toFixed(3))}${unit}`;
  if (value === undefined) return { name, promised };
  return { name, promised, measured: digits(value) + unit, met: value <= bar };
}

/** Several bars as one, which is met if all of them are; a figure that is not is bold. */
export function together(name: string, ...bars: Bar[]): Bar {
  const promised = bars.map((bar) => bar.promised).join("; ");
  if (bars.some(({ met }) => met === undefined)) return { name, promised };
  const figures = bars.map(({ measured, met }) => met ? measured : `**${measured}**`);
  return { name, promised, measured: figures.join("; "), met: bars.every(({ met }) => met) };
}
