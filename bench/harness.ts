/**
 * The measuring itself. A group is an operation at a size; its rows are measured one after the other in rounds,
 * in another order each round, on inputs that are new each round, so that what disturbs one disturbs all.
 *
 * A row loops itself, so that no call of the harness is between two of its operations. How often it loops is found
 * out beforehand: a sample is long against the clock, and the rows are warm when the first one counts.
 */

import { Random } from "./random.ts";
import { compare, median, quantile, type Ratio } from "./statistics.ts";

/** What a row stands for: one of our twins, our choice between them, a rival, a yardstick, or none of these. */
export type Role = "pure" | "native" | "auto" | "peer" | "reference" | "other";

/** One way of doing what the group is about. */
export interface Row {
  /** What it is called in the table. */
  name: string;
  /** What it stands for. */
  role: Role;
  /** Does it so many times and returns something that depends on all results. */
  run(calls: number): unknown;
  /** If true, `run` returns the milliseconds that count. */
  ownClock?: boolean;
  /** By how much the time is multiplied, where a row does only a part of the work. Default 1. */
  scale?: number;
}

/** An operation at a size. */
export interface Group {
  /** What is done. */
  operation: string;
  /** To how much of it. */
  size: number;
  /** What the size counts. */
  unit: string;
  /** The ways of doing it. */
  rows: Row[];
  /** Makes the inputs of a round; its time does not count. */
  prepare?(random: Random, round: number): unknown;
  /** Lets go of what the group holds. */
  finish?(): unknown;
  /** The most calls in one sample. */
  maxCalls?: number;
  /** The most rounds, for what takes long. Never under 15. */
  maxRounds?: number;
}

/** How thoroughly is measured. */
export interface Effort {
  /** How long a sample should at least be, in milliseconds. */
  sampleMs: number;
  /** How long a row runs before it counts, in milliseconds. */
  warmMs: number;
  /** How long a row is measured in all, in milliseconds, if the fewest rounds allow. */
  rowMs: number;
}

/** For figures. */
export const FULL: Effort = { sampleMs: 2, warmMs: 100, rowMs: 200 };
/** For a look. */
export const QUICK: Effort = { sampleMs: 1, warmMs: 40, rowMs: 20 };

const LEAST_ROUNDS = 15;
const MOST_ROUNDS = 101;

/** What came out for a row. Times are nanoseconds for one operation. */
export interface RowResult {
  name: string;
  role: Role;
  /** Operations in one sample. */
  calls: number;
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

let sink = 0;

/** Takes a result, so that no compiler may leave out what led to it. */
function keep(value: unknown): void {
  if (typeof value === "number") sink += value;
  else if (typeof value === "string" || Array.isArray(value)) sink += value.length;
  else if (value !== undefined) sink++;
}

/** What was made of all results; printing it makes them count. */
export function sunk(): number {
  return sink;
}

/**
 * Measures a group.
 *
 * @param group The group.
 * @param effort How thoroughly.
 * @param seed Where its inputs begin.
 * @returns Its figures.
 */
export async function measure(group: Group, effort: Effort, seed: number): Promise<GroupResult> {
  const random = new Random(seed);
  try {
    await group.prepare?.(random, 0);
    const calls: number[] = [];
    for (const row of group.rows) calls.push(await calibrate(row, group, effort));
    const samples: number[][] = group.rows.map(() => []);
    await rounds(group, calls, samples, effort, random);
    let result = summarise(group, calls, samples);
    // What looks like a bad choice is looked at again, up to twice; all rounds count.
    for (let again = 0; again < 2 && result.choice && !choseWell(result.choice); again++) {
      await rounds(group, calls, samples, effort, random);
      result = summarise(group, calls, samples);
    }
    return result;
  } finally {
    await group.finish?.();
  }
}

async function sample(row: Row, calls: number): Promise<number> {
  const start = performance.now();
  const result = row.run(calls);
  const value = result instanceof Promise ? await result : result;
  const elapsed = performance.now() - start;
  keep(value);
  return (row.ownClock ? value as number : elapsed) * (row.scale ?? 1) * 1e6 / calls;
}

/** Runs a row until it is warm and says how many calls make a sample. */
async function calibrate(row: Row, group: Group, effort: Effort): Promise<number> {
  const most = group.maxCalls ?? 1e9;
  const start = performance.now();
  let calls = 1;
  for (;;) {
    const before = performance.now();
    await sample(row, calls);
    const ms = performance.now() - before;
    if (ms < effort.sampleMs && calls < most) {
      const factor = Math.min(4, Math.max(1.2, effort.sampleMs / Math.max(ms, 1e-3)));
      calls = Math.min(most, Math.ceil(calls * factor));
    } else if (performance.now() - start >= effort.warmMs) {
      return calls;
    }
  }
}

/** Measures round after round: as many as the effort allows, and enough to call it a median. */
async function rounds(
  group: Group,
  calls: readonly number[],
  samples: number[][],
  effort: Effort,
  random: Random,
): Promise<void> {
  const order = group.rows.map((_, index) => index);
  const most = Math.max(LEAST_ROUNDS, group.maxRounds ?? MOST_ROUNDS);
  let spent = 0;
  for (let round = 0; round < most; round++) {
    if (round >= LEAST_ROUNDS && spent > effort.rowMs * order.length) break;
    await group.prepare?.(random, samples[0]!.length + 1);
    for (const index of random.shuffled(order)) {
      const before = performance.now();
      samples[index]!.push(await sample(group.rows[index]!, calls[index]!));
      spent += performance.now() - before;
    }
  }
}

function summarise(
  group: Group,
  calls: readonly number[],
  samples: readonly (readonly number[])[],
): GroupResult {
  const medians = samples.map(median);
  const fastest = (role: Role): number =>
    group.rows.reduce(
      (best, row, i) => row.role === role && (best < 0 || medians[i]! < medians[best]!) ? i : best,
      -1,
    );
  const [peer, pure, native, auto, reference] = [
    fastest("peer"),
    fastest("pure"),
    fastest("native"),
    fastest("auto"),
    fastest("reference"),
  ];
  const ratio = (other: number, index: number): Ratio | undefined =>
    other < 0 || other === index
      ? undefined
      : compare(group.rows[other]!.name, samples[other]!, samples[index]!);
  const rows = group.rows.map(({ name, role }, index): RowResult => ({
    name,
    role,
    calls: calls[index]!,
    median: medians[index]!,
    p99: quantile(Float64Array.from(samples[index]!).sort(), 0.99),
    toPeer: role === "peer" || role === "reference" ? undefined : ratio(peer, index),
    toPure: role === "native" || role === "auto" ? ratio(pure, index) : undefined,
    toReference: ratio(reference, index),
  }));
  const { operation, size, unit } = group;
  const result: GroupResult = { operation, size, unit, rounds: samples[0]!.length, rows };
  if (auto >= 0 && pure >= 0 && native >= 0) {
    const better = medians[pure]! < medians[native]! ? "pure" : "native";
    const index = better === "pure" ? pure : native;
    result.choice = {
      better,
      ratio: ratio(index, auto)!,
      excess: medians[auto]! - medians[index]!,
    };
  }
  return result;
}
