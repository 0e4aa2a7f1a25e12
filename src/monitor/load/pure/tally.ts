/**
 * What is counted: times in histograms of fixed memory, kinds of failure, and a time line.
 *
 * @module
 */

import { Histogram } from "../../histogram.ts";
import type { LoadResult, RawTimes } from "../job.ts";
import type { Answer } from "./line.ts";

/** Rows of the time line; the last holds what comes after. */
const MOST_ROWS = 100_000;

/** A request that is over; times in milliseconds. */
export interface Finished {
  /** From the real start. */
  readonly service: number;
  /** From the intended one. */
  readonly response: number;
  /** How late the start was though somebody was free. */
  readonly lag: number;
  /** When it was over, since the figures began. */
  readonly at: number;
  /** The answer, or the kind of failure. */
  readonly outcome: Answer | string;
}

type Counts = Pick<
  LoadResult,
  | "requests"
  | "succeeded"
  | "bytes"
  | "statuses"
  | "errors"
  | "service"
  | "response"
  | "lag"
  | "timeline"
>;

/** Counts of a run. */
export class Tally {
  readonly #service = new Times();
  readonly #response = new Times();
  readonly #lag = new Times();
  readonly #statuses = new Map<number, number>();
  readonly #errors = new Map<string, number>();
  readonly #rows: [number, number, number, number][] = [];
  readonly #intervalMs: number;
  #requests = 0;
  #succeeded = 0;
  #bytes = 0;
  #last = 0;

  /** @param intervalMs The width of the time line. */
  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** When the last request was over, since the figures began. */
  get last(): number {
    return this.#last;
  }

  /** A request is over. */
  record({ service, response, lag, at, outcome }: Finished): void {
    this.#requests++;
    this.#last = Math.max(this.#last, at);
    this.#lag.record(lag);
    const isFailure = hasFailed(outcome);
    if (!isFailure) this.#succeeded++;
    if (typeof outcome === "string") count(this.#errors, outcome);
    else {
      this.#bytes += outcome.bytes;
      count(this.#statuses, outcome.status);
    }
    const isTimed = typeof outcome !== "string" || outcome === "timeout";
    if (isTimed) {
      this.#service.record(service);
      this.#response.record(response);
    }
    const place = Math.min(Math.floor(Math.max(0, at) / this.#intervalMs), MOST_ROWS - 1);
    while (this.#rows.length <= place) this.#rows.push([0, 0, 0, 0]);
    const row = this.#rows[place]!;
    row[0]++;
    if (isFailure) row[1]++;
    if (!isTimed) return;
    const nanoseconds = inNanoseconds(response);
    row[2] += nanoseconds;
    row[3] = Math.max(row[3], nanoseconds);
  }

  /** All of it. */
  counts(): Counts {
    const inOrder = <K extends number | string>(counts: Map<K, number>): [K, number][] =>
      [...counts].sort(([a], [b]) => a < b ? -1 : 1);
    return {
      requests: this.#requests,
      succeeded: this.#succeeded,
      bytes: this.#bytes,
      statuses: inOrder(this.#statuses),
      errors: inOrder(this.#errors),
      service: this.#service.raw(),
      response: this.#response.raw(),
      lag: this.#lag.raw(),
      timeline: this.#rows,
    };
  }
}

/** Whether an outcome is a failure. */
export function hasFailed(outcome: Answer | string): boolean {
  return typeof outcome === "string" || outcome.status >= 400;
}

class Times {
  readonly #histogram = new Histogram();

  record(ms: number): void {
    this.#histogram.record(inNanoseconds(ms));
  }

  raw(): RawTimes {
    const { min, max, mean, count } = this.#histogram;
    const slots = [...this.#histogram.slots()].map(([, to, held]) => [to, held] as const);
    return { min, max, sum: mean * count, slots };
  }
}

function inNanoseconds(ms: number): number {
  return Math.round(Math.max(0, ms) * 1e6);
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
