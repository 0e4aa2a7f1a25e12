/**
 * What the figures of all areas say together: whether choosing is cheap enough, where we lose, and from which size on
 * the native twin pays.
 */

import type { AreaResult, Bar } from "./area.ts";
import {
  type Choice,
  CHOICE_NS,
  CHOICE_SHARE,
  choseWell,
  type GroupResult,
  type RowResult,
} from "./harness.ts";
import type { Ratio } from "./statistics.ts";

/** A row and where it stands. */
export interface Place {
  area: string;
  group: GroupResult;
  row: RowResult;
  ratio: Ratio;
}

/** A group in which we choose, and how well. */
export interface Chosen {
  area: string;
  group: GroupResult;
  choice: Choice;
}

/** Whether a row is one of ours and slower than the fastest peer, beyond chance. */
export function loses(row: RowResult): boolean {
  return row.toPeer !== undefined && row.toPeer.high < 1;
}

/** Every row of ours that is slower than the fastest peer, the worst first. */
export function lossesOf(results: readonly AreaResult[]): Place[] {
  const places: Place[] = [];
  for (const { area, groups } of results) {
    for (const group of groups) {
      for (const row of group.rows) {
        if (loses(row)) places.push({ area, group, row, ratio: row.toPeer! });
      }
    }
  }
  return places.sort((a, b) => a.ratio.value - b.ratio.value);
}

/** Every group with a choice, the worst first. */
export function choicesOf(results: readonly AreaResult[]): Chosen[] {
  const chosen = results.flatMap(({ area, groups }) =>
    groups.flatMap((group) => group.choice ? [{ area, group, choice: group.choice }] : [])
  );
  const bad = ({ choice }: Chosen): number => choseWell(choice) ? 0 : 1;
  return chosen.sort((a, b) => bad(b) - bad(a) || a.choice.ratio.value - b.choice.ratio.value);
}

/** The promise about choosing. */
export function choiceBar(results: readonly AreaResult[]): Bar {
  const text = `auto is never more than ${CHOICE_SHARE * 100} % or ${CHOICE_NS} ns slower than ` +
    "the better twin, at any measured operation and size";
  const all = choicesOf(results);
  const bad = all.filter(({ choice }) => !choseWell(choice));
  if (all.length === 0) return { text };
  const worst = bad[0];
  return {
    text,
    met: bad.length === 0,
    measured: `${all.length - bad.length} of ${all.length} groups within` +
      (worst === undefined
        ? ""
        : `; the worst: ${worst.group.operation}, ${sizeOf(worst.group)}, ` +
          `${Math.round((1 / worst.choice.ratio.value - 1) * 100)} % slower`),
  };
}

/** From which size on the native twin is faster. */
export interface BreakEven {
  area: string;
  operation: string;
  unit: string;
  /** The smallest measured size from which it is faster at every size; undefined: at none. */
  from?: number;
  /** The measured sizes. */
  sizes: number[];
}

/** The break-even sizes of all operations that were measured with both twins at several sizes. */
export function breakEvensOf(results: readonly AreaResult[]): BreakEven[] {
  const found = new Map<string, BreakEven & { wins: boolean[] }>();
  for (const { area, groups } of results) {
    for (const { operation, size, unit, rows } of groups) {
      const native = rows.find((row) => row.role === "native");
      if (native?.toPure === undefined) continue;
      const key = `${area} ${operation}`;
      const entry = found.get(key) ?? { area, operation, unit, sizes: [], wins: [] };
      entry.sizes.push(size);
      entry.wins.push(native.toPure.value >= 1);
      found.set(key, entry);
    }
  }
  return [...found.values()].filter(({ sizes }) => sizes.length > 1).map(({ wins, ...entry }) => ({
    ...entry,
    from: entry.sizes[wins.lastIndexOf(false) + 1],
  }));
}

/** A group's size in words; empty where there is none. */
export function sizeOf({ size, unit }: { size: number; unit: string }): string {
  if (unit === "") return "";
  return `${size.toLocaleString("en-US")} ${size === 1 ? unit.replace(/s$/, "") : unit}`;
}

/** Nanoseconds in the unit that fits. */
export function time(nanoseconds: number): string {
  const units: [number, string][] = [[1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"]];
  const [factor, unit] = units.find(([factor]) => nanoseconds >= factor) ?? [1, "ns"];
  return `${digits(nanoseconds / factor)} ${unit}`;
}

/** A ratio as "3.4x". */
export function times(value: number): string {
  return `${digits(value)}x`;
}

function digits(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: value >= 100 ? 3 : 2 });
}
