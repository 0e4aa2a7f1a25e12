/**
 * What the file of an area exports, and what comes out of it.
 */

import type { Group, GroupResult, RowResult } from "./harness.ts";
import type { Peers } from "./peers.ts";

/** What the areas are given. */
export interface Context {
  /** Whether only a look is wanted: leave out what takes minutes. */
  quick: boolean;
  /** The packages that we compare with, where they are installed. */
  peers: Peers;
  /** The twins that can be measured here. */
  twins: readonly ("pure" | "native" | "auto")[];
  /** Says what is being done, where nothing else would be seen for a while. */
  note(text: string): void;
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
  /** The promise. */
  text: string;
  /** The figure; undefined if it could not be measured here. */
  measured?: string;
  /** Whether it holds. */
  met?: boolean;
  /** A goal beyond the bar. */
  goal?: { text: string; met: boolean };
}

/** What the file of an area exports. */
export interface AreaModule {
  /** The groups, in the order of the table. */
  groups(context: Context): Group[] | Promise<Group[]>;
  /** What is measured otherwise. */
  facts?(context: Context): Promise<Fact[]>;
  /** What was promised. */
  bars?(figures: Figures): Bar[];
}

/** What came out of an area. */
export interface AreaResult {
  area: string;
  groups: GroupResult[];
  facts: Fact[];
  bars: Bar[];
  /** Why the native twin was not measured, if so. */
  withoutNative?: string;
  /** Why there are no packages to compare with, if so. */
  withoutPeers?: string;
}

/** Finds figures by name. */
export class Figures {
  readonly #groups: readonly GroupResult[];
  readonly #facts: readonly Fact[];

  /** Takes what was measured. */
  constructor(groups: readonly GroupResult[], facts: readonly Fact[]) {
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

  /** A fact, or undefined if it was not measured. */
  fact(name: string): number | undefined {
    return this.#facts.find((fact) => fact.name === name)?.value;
  }
}

/** A bar on "at least so many times as fast": `times` undefined means not measured. */
export function atLeast(text: string, times: number | undefined, bar: number, goal?: number): Bar {
  if (times === undefined) return { text };
  return {
    text,
    measured: `${figure(times)} times`,
    met: times >= bar,
    goal: goal === undefined ? undefined : { text: `${goal} times`, met: times >= goal },
  };
}

/** A bar on "at most so much". */
export function atMost(
  text: string,
  value: number | undefined,
  bar: number,
  unit: string,
  goal?: number,
): Bar {
  if (value === undefined) return { text };
  return {
    text,
    measured: `${figure(value)} ${unit}`,
    met: value <= bar,
    goal: goal === undefined ? undefined : { text: `${goal} ${unit}`, met: value <= goal },
  };
}

/** A number with three digits that count. */
export function figure(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
