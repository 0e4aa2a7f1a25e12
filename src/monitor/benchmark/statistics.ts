/**
 * What is made of samples: quantiles, and medians with their confidence intervals.
 *
 * Intervals are percentile bootstraps: the samples are drawn anew, with replacement, 1,000 times, and the middle 95 % of
 * the medians is the interval (B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7,
 * 1979; Efron and Tibshirani, "An introduction to the bootstrap", 1993, chapter 13). The draws are seeded, so that the same
 * samples always give the same interval. Nothing is assumed of how the samples are spread, and medians do not mind the
 * long tails that times have.
 *
 * @module
 */

import { SeededRandom } from "../../shared/random.ts";

const RESAMPLES = 1_000;
/** The share of resamples below the interval, and above it. */
const TAIL = 0.025;

/** A median and where its 95 % interval begins and ends. */
export interface Estimate {
  /** The median. */
  value: number;
  /** Where the interval begins. */
  low: number;
  /** Where it ends. */
  high: number;
}

/** How many times faster one row is than another. */
export interface Ratio extends Estimate {
  /** The row compared with. */
  against: string;
}

/** A quantile, 0 to 1, of numbers that are in ascending order; between two of them interpolated. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const low = sorted[below] ?? NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? NaN;
  return low + (high - low) * (place - below);
}

/** Numbers in ascending order, as a copy. */
export function ascending(numbers: ArrayLike<number>): Float64Array {
  return Float64Array.from(numbers).sort();
}

/** The median of numbers in any order. */
export function median(numbers: ArrayLike<number>): number {
  return quantile(ascending(numbers), 0.5);
}

/**
 * The median of numbers and its 95 % interval.
 *
 * @param numbers The numbers, in the order in which they were measured.
 * @param seed Where the draws begin.
 * @returns The median; its interval is that one number where there is only one.
 */
export function estimate(numbers: ArrayLike<number>, seed: number = numbers.length): Estimate {
  const random = new SeededRandom(seed);
  const count = numbers.length;
  const medians = new Float64Array(RESAMPLES);
  const resample = new Float64Array(count);
  for (let i = 0; i < RESAMPLES; i++) {
    for (let j = 0; j < count; j++) resample[j] = numbers[random.below(count)]!;
    medians[i] = quantile(resample.sort(), 0.5);
  }
  medians.sort();
  return {
    value: median(numbers),
    low: quantile(medians, TAIL),
    high: quantile(medians, 1 - TAIL),
  };
}

/**
 * Compares two rows that were measured in the same rounds.
 *
 * @param against The name of the other row.
 * @param other Its samples.
 * @param ours Our samples, in the same order.
 * @param seed Where the draws begin.
 * @returns Its time divided by ours, over 1 we are faster: the median of the rounds.
 */
export function compare(
  against: string,
  other: ArrayLike<number>,
  ours: ArrayLike<number>,
  seed?: number,
): Ratio {
  const ratios = Float64Array.from(ours, (sample, round) => other[round]! / sample);
  return { against, ...estimate(ratios, seed) };
}
