/**
 * What samples say: quantiles, the ratio, and whether the figures are good for the difference that was asked.
 *
 * @module
 */

import type { Lane } from "./lane.ts";
import type { Measured } from "./measure.ts";
import { ascending, compare, estimate, median, quantile } from "./statistics.ts";
import type {
  BenchmarkCpu,
  BenchmarkRatio,
  BenchmarkReport,
  BenchmarkSide,
  BenchmarkTimes,
} from "./types.ts";

/** How intervals are made, for the report. */
export const METHOD =
  "median of the rounds' ratios; 95 % percentile bootstrap interval of 1,000 resamples (Efron 1979), seeded";

/** A call must take so many times what the loop around it takes. */
const OVER_LOOP = 2;
/** Tukey's fences: so many interquartile ranges beyond the quartiles. */
const FENCE = 1.5;

/** What the report is made from besides the samples. */
export interface ReportSettings {
  readonly difference: number;
  readonly rounds: number;
  readonly seed: number;
  readonly clockMs: number;
  /** What the loop around a function takes a call, in milliseconds. */
  readonly loopMs: number;
}

/** Makes the report of one or two lanes. */
export function reportOf(
  lanes: readonly Lane[],
  measured: readonly Measured[],
  settings: ReportSettings,
): BenchmarkReport {
  const { difference, rounds, seed, clockMs } = settings;
  const sides = lanes.map((lane, at) => sideOf(lane, measured[at]!, seed));
  const [subject, against = null] = sides as [BenchmarkSide, BenchmarkSide?];
  const ratio = against === null ? null : ratioOf(subject, against, seed);
  const resolution = reach(ratio ?? { ...subject.times, value: subject.times.p50 });
  const invalidReason = slowEnough(sides, settings) ??
    (isTold(ratio, resolution, difference)
      ? undefined
      : tooNoisy(ratio, resolution, difference, sides));
  return {
    subject,
    against,
    ratio,
    verdict: ratio === null ? null : ratio.low > 1 ? "faster" : ratio.high < 1 ? "slower" : "even",
    valid: invalidReason === undefined,
    ...(invalidReason === undefined ? {} : { invalidReason }),
    difference,
    resolution,
    rounds,
    seed,
    clockMs,
  };
}

function sideOf(lane: Lane, { calls, samples, cpu }: Measured, seed: number): BenchmarkSide {
  const facts = lane.facts();
  return {
    name: lane.name,
    kind: facts.kind,
    calls,
    times: timesOf(samples, seed),
    samples,
    outliers: outliersOf(samples),
    cpu: cpuOf(cpu),
    ...(facts.cpuReason === undefined ? {} : { cpuReason: facts.cpuReason }),
    ...(facts.exitCodes === undefined ? {} : { exitCodes: facts.exitCodes }),
  };
}

function timesOf(samples: readonly number[], seed: number): BenchmarkTimes {
  const sorted = ascending(samples);
  const { value, low, high } = estimate(samples, seed);
  return {
    min: sorted[0]!,
    p25: quantile(sorted, 0.25),
    p50: value,
    p75: quantile(sorted, 0.75),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    max: sorted[sorted.length - 1]!,
    mean: samples.reduce((sum, sample) => sum + sample, 0) / samples.length,
    low,
    high,
  };
}

function outliersOf(samples: readonly number[]): number {
  const sorted = ascending(samples);
  const [p25, p75] = [quantile(sorted, 0.25), quantile(sorted, 0.75)];
  const fence = FENCE * (p75 - p25);
  return samples.filter((sample) => sample < p25 - fence || sample > p75 + fence).length;
}

function cpuOf(cpu: Measured["cpu"]): BenchmarkCpu | null {
  if (cpu.length === 0) return null;
  return {
    userMs: median(cpu.map(({ userMs }) => userMs)),
    systemMs: median(cpu.map(({ systemMs }) => systemMs)),
  };
}

function ratioOf(subject: BenchmarkSide, against: BenchmarkSide, seed: number): BenchmarkRatio {
  const { value, low, high } = compare(against.name, against.samples, subject.samples, seed);
  return { value, low, high, confidence: 0.95, method: METHOD };
}

/** How far an interval reaches from its middle, as a share of it, to the side where it reaches farther. */
function reach({ value, low, high }: { value: number; low: number; high: number }): number {
  return Math.max(high / value - 1, 1 - low / value);
}

/** Whether the interval answers the question: it is narrow, or as a whole beyond the difference. */
function isTold(ratio: BenchmarkRatio | null, resolution: number, difference: number): boolean {
  if (resolution <= difference) return true;
  return ratio !== null && (ratio.low >= 1 + difference || ratio.high <= 1 / (1 + difference));
}

/** Why nothing was measured, if a call took no longer than what was around it. */
function slowEnough(
  sides: readonly BenchmarkSide[],
  { loopMs, clockMs }: ReportSettings,
): string | undefined {
  for (const { name, kind, calls, times } of sides) {
    if (times.p50 * calls <= clockMs || times.p50 === 0) {
      return `${name} takes no longer than the clock's step of ${clockMs} ms; let it do more`;
    }
    if (kind === "function" && times.p50 < OVER_LOOP * loopMs) {
      return `${name} takes ${nanoseconds(times.p50)} a call and the loop around it ` +
        `${
          nanoseconds(loopMs)
        }: the figure is mostly the loop's; let a call do more, on input that is not the same each time`;
    }
  }
  return undefined;
}

function tooNoisy(
  ratio: BenchmarkRatio | null,
  resolution: number,
  difference: number,
  sides: readonly BenchmarkSide[],
): string {
  const outliers = sides.reduce((sum, side) => sum + side.outliers, 0);
  const samples = sides.reduce((sum, side) => sum + side.samples.length, 0);
  return `the machine is too noisy: the ${ratio === null ? "median" : "ratio"} is known to ` +
    `${percent(resolution)} only, and ${
      percent(difference)
    } was asked (${outliers} of ${samples} samples ${
      outliers === 1 ? "is an outlier" : "are outliers"
    }); ` +
    "measure more rounds, let other programs rest, or ask for less";
}

function percent(share: number): string {
  return `${(share * 100).toPrecision(2)} %`;
}

function nanoseconds(ms: number): string {
  return `${(ms * 1e6).toPrecision(2)} ns`;
}
