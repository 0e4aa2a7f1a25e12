/**
 * Operations that the program tells by `record()`: counts since the beginning, buckets for exporters, and how long the
 * latest took.
 *
 * @module
 */

import { checkBoolean, checkNumber, checkString, wrongValue } from "../shared/arguments.ts";
import type { Clock } from "./clock.ts";
import { Histogram } from "./histogram.ts";
import type { OperationFigures } from "./types.ts";

/** Each name costs memory, and a series in whatever stores the figures. */
const MOST_NAMES = 200;
const MOST_LETTERS = 100;
/** What stands for all names beyond. */
export const OTHER = "(other)";
/** Percentiles are of no less than this, while somebody looks of no more than twice as much. */
const SPAN_MS = 30_000;
/** Durations are counted in microseconds, up to ten minutes. */
const UNITS = 1_000;
const HIGHEST = 600_000 * UNITS;
/** Thirty years: more is a mistake, and sums of it would not be exact. */
const LONGEST_MS = 1e12;

/** Upper bounds of the buckets that exporters give, in milliseconds. */
export const BUCKETS_MS: readonly number[] = [
  0.1,
  0.5,
  1,
  2.5,
  5,
  10,
  25,
  50,
  100,
  250,
  500,
  1_000,
  2_500,
  5_000,
  10_000,
];

/** Operations of one name, since the beginning. */
export interface OperationTotals {
  readonly count: number;
  readonly failed: number;
  /** All durations together. */
  readonly sumMs: number;
  /** How many took no longer than each bound of {@linkcode BUCKETS_MS}, the shorter ones left out. */
  readonly buckets: Readonly<Float64Array>;
}

/** Is told of an operation, by the name that it counts under. */
export type RecordListener = (name: string, durationMs: number, ok: boolean) => void;

class Operation implements OperationTotals {
  readonly name: string;
  count = 0;
  failed = 0;
  sumMs = 0;
  readonly buckets = new Float64Array(BUCKETS_MS.length);
  /** Durations since the last turn, and those of the turn before. */
  #recent = new Histogram({ highest: HIGHEST });
  #former: Histogram | undefined;
  #figures: Pick<OperationFigures, "p50" | "p95" | "p99" | "max"> | undefined;

  constructor(name: string) {
    this.name = name;
  }

  add(durationMs: number, ok: boolean): void {
    this.count++;
    if (!ok) this.failed++;
    this.sumMs += durationMs;
    let bucket = 0;
    while (bucket < BUCKETS_MS.length && durationMs > BUCKETS_MS[bucket]!) bucket++;
    if (bucket < BUCKETS_MS.length) this.buckets[bucket]!++;
    this.#recent.record(durationMs * UNITS);
    this.#figures = undefined;
  }

  /** Forgets what is older than the last turn. */
  turn(): void {
    if (this.#recent.count === 0 && this.#former === undefined) return;
    this.#former = this.#recent.count === 0 ? undefined : this.#recent;
    // A new one: clearing would touch all of its memory, of which little is ever used.
    if (this.#former !== undefined) this.#recent = new Histogram({ highest: HIGHEST });
    this.#figures = undefined;
  }

  latest(): Pick<OperationFigures, "p50" | "p95" | "p99" | "max"> {
    return this.#figures ??= this.#read();
  }

  #read(): Pick<OperationFigures, "p50" | "p95" | "p99" | "max"> {
    let all = this.#recent;
    if (this.#former !== undefined) {
      all = new Histogram({ highest: HIGHEST });
      all.merge(this.#former);
      all.merge(this.#recent);
    }
    if (all.count === 0) return { p50: null, p95: null, p99: null, max: null };
    const at = (percent: number): number => all.percentile(percent) / UNITS;
    return { p50: at(50), p95: at(95), p99: at(99), max: all.max / UNITS };
  }
}

/** The operations of a monitor. */
export class Operations {
  readonly #clock: Clock;
  readonly #byName = new Map<string, Operation>();
  #turnedAt: number;
  #listener: RecordListener | undefined;

  /** None yet. */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#turnedAt = clock.now();
  }

  /**
   * Counts one.
   *
   * @throws {TypeError | RangeError} If an argument is wrong.
   */
  record(name: string, durationMs: number, ok: boolean): void {
    if (typeof durationMs !== "number" || !(durationMs >= 0 && durationMs <= LONGEST_MS)) {
      throw wrongDuration(durationMs);
    }
    if (ok !== true && ok !== false) checkBoolean(ok, "ok");
    const operation = this.#byName.get(name) ?? this.#make(name);
    operation.add(durationMs, ok);
    if (this.#listener !== undefined) this.#listener(operation.name, durationMs, ok);
  }

  /** Tells one listener of each that is counted from now on; undefined ends that. */
  onRecord(listener: RecordListener | undefined): void {
    this.#listener = listener;
  }

  /** How many there were of each name. */
  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const [name, { count }] of this.#byName) counts.set(name, count);
    return counts;
  }

  /** What exporters give. */
  totals(): ReadonlyMap<string, OperationTotals> {
    return this.#byName;
  }

  /** Figures of a window that began with these counts; without one there are no rates. */
  figures(
    before: ReadonlyMap<string, number> | undefined,
    now: ReadonlyMap<string, number>,
    windowMs: number | null,
  ): Record<string, OperationFigures> {
    this.#turn();
    const figures: Record<string, OperationFigures> = {};
    for (const [name, operation] of this.#byName) {
      const then = before?.get(name) ?? 0;
      const rate = before === undefined || windowMs === null || windowMs <= 0
        ? null
        : ((now.get(name) ?? 0) - then) / windowMs * 1_000;
      const { count, failed } = operation;
      // As a property of its own, whatever it is called.
      Object.defineProperty(figures, name, {
        value: { count, failed, rate, ...operation.latest() },
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return figures;
  }

  #make(name: string): Operation {
    checkString(name, "operation");
    if (name === "" || name.length > MOST_LETTERS) {
      throw wrongValue("operation", `a name of 1 to ${MOST_LETTERS} characters`, name);
    }
    if (this.#byName.size >= MOST_NAMES) name = OTHER;
    let operation = this.#byName.get(name);
    if (operation === undefined) this.#byName.set(name, operation = new Operation(name));
    return operation;
  }

  #turn(): void {
    const now = this.#clock.now();
    if (now - this.#turnedAt < SPAN_MS) return;
    this.#turnedAt = now;
    for (const operation of this.#byName.values()) operation.turn();
  }
}

function wrongDuration(value: unknown): TypeError | RangeError {
  checkNumber(value, "durationMs");
  return wrongValue("durationMs", `from 0 to ${LONGEST_MS}`, value);
}
