/**
 * The measuring: lanes are sampled one after the other in rounds, in another order each round, so that what disturbs one
 * disturbs all. How often a function is called in a sample is found out while it warms up.
 *
 * @module
 */

import type { SeededRandom } from "../../shared/random.ts";
import type { Clock } from "./clock.ts";
import type { CpuTime, Lane } from "./lane.ts";

/** A sample is this many steps of the clock at least, so that reading it is an error of 0.1 % at most. */
const LEAST_STEPS = 1_000;

/** How it is measured. */
export interface MeasureSettings {
  readonly clock: Clock;
  /** The smallest step of the clock, in milliseconds. */
  readonly clockMs: number;
  readonly rounds: number;
  readonly warmupMs: number;
  readonly sampleMs: number;
  readonly random: SeededRandom;
  readonly signal: AbortSignal | undefined;
  /** Told after each sample: how many are done. */
  readonly onSample: (done: number) => void;
}

/** What was measured of a lane. */
export interface Measured {
  /** Calls a sample. */
  readonly calls: number;
  /** Milliseconds a call, a sample each. */
  readonly samples: number[];
  /** CPU time of a call, where it was measured. */
  readonly cpu: CpuTime[];
}

/**
 * Measures all lanes.
 *
 * @param lanes What is measured.
 * @param settings How.
 * @returns What was measured of each.
 * @throws What a lane throws, or the signal's reason.
 */
export async function measure(
  lanes: readonly Lane[],
  settings: MeasureSettings,
): Promise<Measured[]> {
  const { rounds, random, signal, onSample } = settings;
  const measured: Measured[] = [];
  for (const lane of lanes) {
    const calls = await warm(lane, settings);
    measured.push({ calls, samples: [], cpu: [] });
  }
  const order = lanes.map((_, at) => at);
  for (let round = 0, done = 0; round < rounds; round++) {
    for (const at of random.shuffled(order)) {
      // A program may hold the event loop as it likes between two samples, but not within one.
      await breathe();
      signal?.throwIfAborted();
      collect();
      const { calls, samples, cpu } = measured[at]!;
      const sample = await lanes[at]!.sample(calls, signal);
      samples.push(sample.ms / calls);
      if (sample.cpu !== undefined) cpu.push(sample.cpu);
      onSample(++done);
    }
  }
  return measured;
}

/** Runs a lane until it is warm, at least once, and says how many calls make a sample. */
async function warm(lane: Lane, settings: MeasureSettings): Promise<number> {
  const { clock, clockMs, warmupMs, sampleMs, signal } = settings;
  const least = Math.max(sampleMs, LEAST_STEPS * clockMs);
  const start = clock.now();
  let calls = 1;
  for (;;) {
    await breathe();
    signal?.throwIfAborted();
    const { ms } = await lane.sample(calls, signal);
    if (ms < least && calls < lane.mostCalls) {
      const factor = Math.min(4, Math.max(1.2, least / Math.max(ms, 1e-3)));
      calls = Math.min(lane.mostCalls, Math.ceil(calls * factor));
    } else if (clock.now() - start >= warmupMs) return calls;
  }
}

/** Lets signals, timers and drawing have their turn. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** With `--v8-flags=--expose-gc` what one sample left is not cleared away in another one's time. */
function collect(): void {
  (globalThis as { gc?: () => void }).gc?.();
}
