/**
 * What came out of measuring, and what it says: ratios, whether choosing between the twins is cheap enough, where auto
 * loses, and from which size on the native twin pays.
 */

import type { Bar, Fact } from "./area.ts";
import { type Group, type Role, sizeOf } from "./group.ts";
import { compare, median, quantile, type Ratio } from "../../src/monitor/benchmark/statistics.ts";

/** What came out for a row. Times are nanoseconds for one operation. */
export interface RowResult {
  name: string;
  role: Role;
  median: number;
  /** Of the samples, each of which is the mean of its calls. */
  p99: number;
  /** Against the fastest peer of the group. */
  toPeer?: Ratio;
  /** Against the pure twin. */
  toPure?: Ratio;
  /** Against the group's yardstick. */
  toReference?: Ratio;
}

/** What came out for a group. */
export interface GroupResult {
  operation: string;
  size: number;
  unit: string;
  rounds: number;
  rows: RowResult[];
  /** What choosing costs: auto against the better twin, where the group has all three. */
  choice?: Choice;
}

/** What came out of an area. */
export interface AreaResult {
  area: string;
  groups: GroupResult[];
  facts: Fact[];
  /** What was not measured, and why. */
  leftOut: string[];
}

/** Auto against the better twin. */
export interface Choice {
  /** Which twin is the better one. */
  better: "pure" | "native";
  /** Its time divided by auto's. */
  ratio: Ratio;
  /** By how many nanoseconds auto is slower; negative if it is faster. */
  excess: number;
}

/** What choosing may cost: this share or these nanoseconds, whichever is more. */
export const CHOICE_SHARE = 0.1;
export const CHOICE_NS = 30;

/** Whether auto is within its bound. */
export function choseWell({ ratio, excess }: Choice): boolean {
  return 1 / ratio.value <= 1 + CHOICE_SHARE || excess <= CHOICE_NS;
}

/**
 * Makes figures of samples.
 *
 * @param group What was measured.
 * @param samples The nanoseconds of each row in each round, in the order of the rows.
 * @returns The figures.
 */
export function summarise(
  { operation, size, unit, rows }: Pick<Group, "operation" | "size" | "unit"> & {
    rows: readonly { name: string; role: Role }[];
  },
  samples: readonly (readonly number[])[],
): GroupResult {
  const medians = samples.map(median);
  const fastest = (role: Role): number =>
    rows.reduce(
      (best, row, i) => row.role === role && (best < 0 || medians[i]! < medians[best]!) ? i : best,
      -1,
    );
  const [peer, pure, native] = [fastest("peer"), fastest("pure"), fastest("native")];
  const [auto, reference] = [fastest("auto"), fastest("reference")];
  const ratio = (other: number, index: number): Ratio | undefined =>
    other < 0 || other === index
      ? undefined
      : compare(rows[other]!.name, samples[other]!, samples[index]!);
  const result: GroupResult = {
    operation,
    size,
    unit,
    rounds: samples[0]?.length ?? 0,
    rows: rows.map(({ name, role }, index) => ({
      name,
      role,
      median: medians[index]!,
      p99: quantile(Float64Array.from(samples[index]!).sort(), 0.99),
      toPeer: role === "peer" || role === "reference" ? undefined : ratio(peer, index),
      toPure: role === "native" || role === "auto" ? ratio(pure, index) : undefined,
      toReference: ratio(reference, index),
    })),
  };
  if (auto >= 0 && pure >= 0 && native >= 0) {
    const better = medians[pure]! < medians[native]! ? "pure" : "native";
    const index = better === "pure" ? pure : native;
    const excess = medians[auto]! - medians[index]!;
    result.choice = { better, ratio: ratio(index, auto)!, excess };
  }
  return result;
}

/** The promise about choosing. */
export function choiceBar(results: readonly AreaResult[]): Bar {
  const name = "auto slower than the better twin, at any operation and size";
  const promised = `\u2264 ${CHOICE_SHARE * 100} % or ${CHOICE_NS} ns`;
  const all = results.flatMap(({ groups }) => groups.filter(({ choice }) => choice !== undefined));
  if (all.length === 0) return { name, promised };
  const bad = offendersOf(results);
  const worst = bad[0];
  return {
    name,
    promised,
    met: bad.length === 0,
    measured: `${all.length - bad.length} of ${all.length}` +
      (worst === undefined ? "" : `; worst ${worst.operation}, ${sizeOf(worst)}, ` +
        `${digits((1 / worst.choice!.ratio.value - 1) * 100)} %`),
  };
}

/** The groups in which choosing costs too much, the worst first. */
export function offendersOf(results: readonly AreaResult[]): GroupResult[] {
  return results.flatMap(({ groups }) => groups)
    .filter(({ choice }) => choice !== undefined && !choseWell(choice))
    .sort((a, b) => a.choice!.ratio.value - b.choice!.ratio.value);
}

/** Whether a row is slower than the fastest peer, beyond chance. */
export function loses(row: RowResult): boolean {
  return row.toPeer !== undefined && row.toPeer.high < 1;
}

/** The rows that a caller gets who does not choose. */
export function unchosen({ rows }: GroupResult): RowResult[] {
  const auto = rows.some(({ role }) => role === "auto");
  return rows.filter(({ role }) =>
    role === "auto" || role === "other" || role === "native" && !auto
  );
}

/** From which size on the native twin is faster at every measured size; "never" if it is not at the largest. */
export function breakEven(groups: readonly GroupResult[]): string | undefined {
  const wins = groups.flatMap((group) => {
    const native = group.rows.find((row) => row.role === "native");
    return native?.toPure === undefined ? [] : [{ group, won: native.toPure.value >= 1 }];
  });
  if (wins.length < 2) return undefined;
  const first = wins[wins.findLastIndex(({ won }) => !won) + 1];
  return first === undefined ? "never" : sizeOf(first.group);
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

/** A number with two digits that count; three from 100 on. */
export function digits(value: number): string {
  return value.toLocaleString("en-US", {
    maximumSignificantDigits: Math.abs(value) >= 100 ? 3 : 2,
  });
}
