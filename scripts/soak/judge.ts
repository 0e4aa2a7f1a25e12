/**
 * Whether an area stayed flat and lost nothing. Growth is the slope of Theil and Sen (the median of the slopes of all
 * pairs, which a third of wild samples does not move) times the time after the warm-up.
 */

import type { Sample } from "./sample.ts";

/** What is judged. */
export const FIGURES = ["rss", "heap", "descriptors", "threads", "handles"] as const;
/** One of it. */
export type FigureName = typeof FIGURES[number];

/** Growth that is taken for none: so much, or this part of the middle value if that is more. */
const BOUNDS: Readonly<Record<FigureName, readonly [least: number, part: number]>> = {
  rss: [10e6, 0.1],
  heap: [4e6, 0.1],
  // A connection or a thread of a pool more or less at the moment of a look.
  descriptors: [2, 0.05],
  threads: [2, 0.05],
  handles: [2, 0.05],
};

/** Less than this after the warm-up says nothing of growth. */
export const LEAST_MS = 5 * 60_000;
/** The warm-up: a quarter of the time, and no more than this. */
const MOST_WARM_UP_MS = 15 * 60_000;
/** Slopes are of so many samples at most, evenly taken: pairs are the square of it. */
const MOST_SAMPLES = 400;

/** One figure over the time after the warm-up. */
export interface Figure {
  /** The middle value. */
  readonly middle: number;
  /** By how much it grew, by its slope; negative where it shrank. */
  readonly growth: number;
  /** What growth is allowed. */
  readonly bound: number;
}

/** How a run of an area ended. */
export interface Account {
  readonly done: number;
  readonly lost: number;
  readonly errors: number;
  readonly words: readonly string[];
  /** Whether it came to its end by itself when it was told to. */
  readonly ended: boolean;
}

/** What is to be said of an area. */
export interface Verdict {
  readonly passed: boolean;
  /** Why not; also what could not be judged. */
  readonly reasons: readonly string[];
  /** Figures; none where the time was too short. */
  readonly figures: Readonly<Partial<Record<FigureName, Figure>>>;
}

/** Judges a run. */
export function judge(samples: readonly Sample[], account: Account): Verdict {
  const reasons: string[] = [];
  const { done, lost, errors, ended } = account;
  if (!ended) reasons.push("its process did not come to its end");
  if (lost > 0) reasons.push(`${lost} lost`);
  if (errors > 0) reasons.push(`${errors} errors`);
  if (done === 0) reasons.push("nothing was done");
  const last = samples.at(-1)?.atMs ?? 0;
  const warmUpMs = Math.min(last / 4, MOST_WARM_UP_MS);
  const rest = samples.filter(({ atMs }) => atMs >= warmUpMs);
  if (last - warmUpMs < LEAST_MS) return { passed: reasons.length === 0, reasons, figures: {} };
  const late = rest.filter(({ atMs }) => atMs >= last - (last - warmUpMs) / 4);
  if (late.at(-1)!.done === late[0]!.done) reasons.push("nothing was done in the last quarter");
  const figures: Partial<Record<FigureName, Figure>> = {};
  const times = rest.map(({ atMs }) => atMs);
  for (const name of FIGURES) {
    const values = rest.map((sample) => sample[name]);
    const middle = median(values);
    const [least, part] = BOUNDS[name];
    const figure = {
      middle,
      growth: slope(times, values) * (last - rest[0]!.atMs),
      bound: Math.max(least, part * middle),
    };
    figures[name] = figure;
    if (figure.growth > figure.bound) {
      reasons.push(
        `${name} grew by ${Math.round(figure.growth)} from about ${Math.round(middle)}, ` +
          `more than ${Math.round(figure.bound)}`,
      );
    }
  }
  return { passed: reasons.length === 0, reasons, figures };
}

/** The slope of Theil and Sen; 0 of fewer than two points. */
export function slope(times: readonly number[], values: readonly number[]): number {
  const step = Math.max(1, Math.ceil(times.length / MOST_SAMPLES));
  const slopes: number[] = [];
  for (let a = 0; a < times.length; a += step) {
    for (let b = a + step; b < times.length; b += step) {
      if (times[b] !== times[a]) slopes.push((values[b]! - values[a]!) / (times[b]! - times[a]!));
    }
  }
  return slopes.length === 0 ? 0 : median(slopes);
}

/** The middle value. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
