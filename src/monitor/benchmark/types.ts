/**
 * What benchmarks take and say. Types only.
 *
 * @module
 */

import type { CallOptions } from "../../shared/implementation.ts";

/**
 * What is measured: a function, whose promise is waited for if it gives one, or a command as a program and its arguments,
 * started without a shell.
 */
export type BenchmarkSubject = (() => unknown) | readonly string[];

/** Options of `benchmark`. */
export interface BenchmarkOptions extends CallOptions {
  /** What it is compared with. */
  against?: BenchmarkSubject | undefined;
  /** What the subject is called in the report. Default: the function's name or the command. */
  name?: string | undefined;
  /** What the other one is called. */
  againstName?: string | undefined;
  /** Rounds, in each of which everything is measured once: 6 to 10,000, as six are the fewest of whose median there is a 95 % interval. Default 30. */
  rounds?: number | undefined;
  /** The smallest difference that must be told from noise, as a share: 0.05 (the default) is 5 %. Above 0, below 1. */
  difference?: number | undefined;
  /** How long each one runs before it counts, in milliseconds; it runs at least once. Default 100. */
  warmupMs?: number | undefined;
  /** How long a sample of a function should last at least, in milliseconds; a fast one is called many times for it. Default 5. */
  sampleMs?: number | undefined;
  /** Where the order of the rounds and the resamples begin: a whole number. Default 1. */
  seed?: number | undefined;
  /**
   * The longest that one run of a command may take, which is killed then, and that the promise of a function is waited
   * for, in milliseconds. Default 60,000. A function that does not return holds the whole thread, and nothing can end it.
   */
  timeoutMs?: number | undefined;
  /** Exit codes of a command that are no failure. Default `[0]`. */
  exitCodes?: readonly number[] | undefined;
}

/** How long calls took, in milliseconds: quantiles of the samples, none of which is left out. */
export interface BenchmarkTimes {
  /** The shortest. */
  min: number;
  /** A quarter took no longer. */
  p25: number;
  /** Half took no longer: the median. */
  p50: number;
  /** Three quarters took no longer. */
  p75: number;
  /** 95 % took no longer. */
  p95: number;
  /** 99 % took no longer. */
  p99: number;
  /** The longest. */
  max: number;
  /** The mean. */
  mean: number;
  /** Where the 95 % interval of the median begins. */
  low: number;
  /** Where it ends. */
  high: number;
}

/** CPU time of a command and what it started and waited for, in milliseconds a run: medians. */
export interface BenchmarkCpu {
  /** In the program. */
  userMs: number;
  /** In the system for it. */
  systemMs: number;
}

/** What was measured of one subject. */
export interface BenchmarkSide {
  /** What it is called. */
  name: string;
  /** What it is. */
  kind: "function" | "async function" | "command";
  /** Calls a sample. */
  calls: number;
  /** How long one call took. */
  times: BenchmarkTimes;
  /** Each sample, in milliseconds a call, in the order of the rounds. */
  samples: number[];
  /** Samples far from the others, by Tukey's fences (1.5 interquartile ranges): they count, and are said. */
  outliers: number;
  /** CPU time of a command; null for a function, and where it cannot be read. */
  cpu: BenchmarkCpu | null;
  /** Why there is no CPU time. */
  cpuReason?: string;
  /** How often a command ended with which exit code. */
  exitCodes?: Record<string, number>;
}

/** How two subjects compare. */
export interface BenchmarkRatio {
  /** The other one's time divided by the subject's, median of the rounds: over 1 the subject is faster. */
  value: number;
  /** Where its interval begins. */
  low: number;
  /** Where it ends. */
  high: number;
  /** How sure the interval is. */
  confidence: 0.95;
  /** How it was made. */
  method: string;
}

/** What `benchmark` found. */
export interface BenchmarkReport {
  /** The subject. */
  subject: BenchmarkSide;
  /** What it was compared with. */
  against: BenchmarkSide | null;
  /** How the two compare. */
  ratio: BenchmarkRatio | null;
  /** What the interval of the ratio says of the subject; `"even"` if it holds 1. Null without a comparison. */
  verdict: "faster" | "slower" | "even" | null;
  /** Whether the figures are good for the difference that was asked. */
  valid: boolean;
  /** Why not, and what to do. */
  invalidReason?: string;
  /** The smallest difference that had to be told from noise. */
  difference: number;
  /** How far the interval reaches from its middle, as a share: smaller differences cannot be told here. */
  resolution: number;
  /** Rounds. */
  rounds: number;
  /** Where the order of the rounds began. */
  seed: number;
  /** The smallest step of the clock, in milliseconds. */
  clockMs: number;
}
