/**
 * The measuring of ratios. The rows of a group are measured one after the other in rounds, in another order each round,
 * on inputs that are new each round, so that what disturbs one disturbs all.
 *
 * How often a row is called in a sample is found out beforehand: a sample is long against the clock, and the rows are
 * warm when the first one counts.
 */

import { type Group, isAsync, type Row } from "./group.ts";
import { instanceOf } from "./instance.ts";
import * as shared from "./loop.ts";
import { Random } from "./random.ts";
import { choseWell, type GroupResult, summarise } from "./results.ts";

/** How thoroughly is measured. */
export interface Effort {
  /** How long a sample should at least be, in milliseconds. */
  sampleMs: number;
  /** How long a row runs before it counts, in milliseconds. */
  warmMs: number;
  /** How long a row is measured in all, in milliseconds, if the fewest rounds allow. */
  rowMs: number;
  /** The fewest rounds. */
  rounds: number;
  /** How often a choice that looks bad is looked at again. */
  again: number;
}

/** For figures. */
export const FULL: Effort = { sampleMs: 2, warmMs: 100, rowMs: 200, rounds: 15, again: 2 };
/** For a look. */
export const QUICK: Effort = { sampleMs: 1, warmMs: 40, rowMs: 20, rounds: 5, again: 0 };

const MOST_ROUNDS = 101;

let sink = 0;

/** What was made of all results; printing it makes them count. */
export function sunk(): number {
  return sink;
}

/** Does the row's work so many times. */
type Run = (calls: number) => number | Promise<number>;

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
    const runs: Run[] = [];
    const calls: number[] = [];
    for (const row of group.rows) {
      const run = await runOf(row);
      runs.push(run);
      calls.push(await calibrate(group, row, run, effort));
    }
    const samples: number[][] = group.rows.map(() => []);
    const measureRounds = () => rounds(group, runs, calls, samples, effort, random);
    await measureRounds();
    let result = summarise(group, samples);
    // All rounds count.
    for (let i = 0; i < effort.again && result.choice && !choseWell(result.choice); i++) {
      await measureRounds();
      result = summarise(group, samples);
    }
    return result;
  } finally {
    await group.finish?.();
  }
}

async function runOf({ once }: Row): Promise<Run> {
  if (isAsync(once)) {
    return async (calls) => {
      let sum = 0;
      for (let i = 0; i < calls; i++) sum += await once(i);
      return sum;
    };
  }
  const { loop } = await instanceOf(shared, new URL("loop.ts", import.meta.url));
  return (calls) => loop(once as (call: number) => number, calls);
}

/** The nanoseconds of one operation, over so many calls. */
async function sample(group: Group, row: Row, run: Run, calls: number): Promise<number> {
  const start = performance.now();
  const result = run(calls);
  const value = typeof result === "number" ? result : await result;
  const elapsed = performance.now() - start;
  sink += value;
  const ms = row.ownClock ? value : elapsed;
  return ms * (row.scale ?? 1) * 1e6 / (calls * (group.per ?? 1));
}

/** Runs a row until it is warm and says how many calls make a sample. */
async function calibrate(group: Group, row: Row, run: Run, effort: Effort): Promise<number> {
  const most = group.fresh || group.slow ? 1 : 1e9;
  const start = performance.now();
  let calls = 1;
  for (;;) {
    const before = performance.now();
    await sample(group, row, run, calls);
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
  runs: readonly Run[],
  calls: readonly number[],
  samples: number[][],
  effort: Effort,
  random: Random,
): Promise<void> {
  const order = group.rows.map((_, index) => index);
  const most = group.slow ? effort.rounds : MOST_ROUNDS;
  let spent = 0;
  for (let round = 0; round < most; round++) {
    if (round >= effort.rounds && spent > effort.rowMs * order.length) break;
    await group.prepare?.(random, samples[0]!.length + 1);
    for (const index of random.shuffled(order)) {
      const before = performance.now();
      samples[index]!.push(await sample(group, group.rows[index]!, runs[index]!, calls[index]!));
      spent += performance.now() - before;
    }
  }
}
