/**
 * What is measured in the rounds: something that runs a number of times and says how long that took. Types only.
 *
 * @module
 */

import type { BenchmarkSide } from "./types.ts";

/** CPU time of a sample in milliseconds. */
export interface CpuTime {
  /** In the program. */
  userMs: number;
  /** In the system for it. */
  systemMs: number;
}

/** A sample of some calls. */
export interface Sample {
  /** How long they took together, in milliseconds. */
  ms: number;
  /** Their CPU time, if it was measured. */
  cpu?: CpuTime;
}

/** One of the things that are measured beside each other. */
export interface Lane {
  /** What it is called. */
  readonly name: string;
  /** Calls so many times; a command is run once, whatever the number. */
  sample(calls: number, signal: AbortSignal | undefined): Sample | Promise<Sample>;
  /** The most calls that make sense in a sample. */
  readonly mostCalls: number;
  /** What is said of it in the report besides its times. */
  facts(): Pick<BenchmarkSide, "kind" | "cpuReason" | "exitCodes">;
}
