/**
 * What is made of samples: medians, quantiles, and the ratio of two rows with its confidence interval.
 */

import { Random } from "./random.ts";

const RESAMPLES = 1_000;

/** How many times faster one row is than another. */
export interface Ratio {
  /** The row compared with. */
  against: string;
  /** Its time divided by ours: over 1 we are faster. Median of the rounds. */
  value: number;
  /** Where the 95 % interval of that median begins (bootstrap over the rounds). */
  low: number;
  /** Where it ends. */
  high: number;
}

/** A quantile, 0 to 1, of numbers that are in ascending order; between two of them interpolated. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const low = sorted[below] ?? NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? NaN;
  return low + (high - low) * (place - below);
}

/** The median of numbers in any order. */
export function median(numbers: readonly number[]): number {
  return quantile(Float64Array.from(numbers).sort(), 0.5);
}

/**
 * Compares two rows that were measured in the same rounds.
 *
 * @param against The name of the other row.
 * @param other Its samples.
 * @param ours Our samples, in the same order.
 * @returns The ratio; the interval comes from 1,000 resamples of the rounds.
 */
export function compare(
  against: string,
  other: readonly number[],
  ours: readonly number[],
): Ratio {
  const ratios = Float64Array.from(ours, (sample, round) => other[round]! / sample);
  const random = new Random(ratios.length);
  const medians = new Float64Array(RESAMPLES);
  const resample = new Float64Array(ratios.length);
  for (let i = 0; i < RESAMPLES; i++) {
    for (let j = 0; j < resample.length; j++) resample[j] = ratios[random.below(ratios.length)]!;
    medians[i] = quantile(resample.sort(), 0.5);
  }
  medians.sort();
  return {
    against,
    value: quantile(ratios.slice().sort(), 0.5),
    low: quantile(medians, 0.025),
    high: quantile(medians, 0.975),
  };
}
