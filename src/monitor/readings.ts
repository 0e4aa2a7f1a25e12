/**
 * Readings of a source, one at a time: who asks while one is under way shares the next. Of those that were made, two are
 * kept for rates to be made against.
 *
 * @module
 */

import { closedError } from "../shared/closed.ts";
import type { Clock } from "./clock.ts";
import type { Operations } from "./operations.ts";
import type { Reading, Source } from "./source/types.ts";

/** Rates over less are mostly noise. */
export const LEAST_WINDOW_MS = 100;

/** A reading, with what belongs to its moment. */
export interface Moment {
  /** What the source read. */
  readonly reading: Reading;
  /** When it was begun and when it was there, by the monitor's clock. */
  readonly begun: number;
  readonly ended: number;
  /** How many operations of each name there had been. */
  readonly counts: ReadonlyMap<string, number>;
}

/** The readings of a monitor. */
export class Readings {
  readonly #source: Source;
  readonly #clock: Clock;
  readonly #operations: Pick<Operations, "counts">;
  #running: Promise<Moment> | undefined;
  #next: Promise<Moment> | undefined;
  #isClosed = false;
  /** The latest that are apart by the least window, the older one first. */
  #older: Moment | undefined;
  #newer: Moment | undefined;

  /** Each moment keeps how many operations there were. */
  constructor(source: Source, clock: Clock, operations: Pick<Operations, "counts">) {
    this.#source = source;
    this.#clock = clock;
    this.#operations = operations;
  }

  /** Reads; begun after the call. */
  read(): Promise<Moment> {
    if (this.#next !== undefined) return this.#next;
    if (this.#running === undefined) return this.#begin();
    const begin = (): Promise<Moment> => {
      this.#next = undefined;
      return this.#begin();
    };
    return this.#next = this.#running.then(begin, begin);
  }

  /** What rates of a moment are made against: the latest reading that is old enough. */
  before(moment: Moment): Moment | undefined {
    for (const earlier of [this.#newer, this.#older]) {
      if (earlier !== undefined && moment.begun - earlier.ended >= LEAST_WINDOW_MS) return earlier;
    }
    return undefined;
  }

  /** Keeps a moment for those that come. */
  keep(moment: Moment): void {
    if (this.#newer !== undefined && moment.begun - this.#newer.ended < LEAST_WINDOW_MS) return;
    this.#older = this.#newer;
    this.#newer = moment;
  }

  /** Reads nothing more; waits for what is under way, then closes the source. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running?.catch(() => {});
    this.#source.close();
  }

  #begin(): Promise<Moment> {
    if (this.#isClosed) return Promise.reject(closedError("monitor"));
    const running = this.#read().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    return this.#running = running;
  }

  async #read(): Promise<Moment> {
    const begun = this.#clock.now();
    const reading = await this.#source.read();
    if (this.#isClosed) throw closedError("monitor");
    return { reading, begun, ended: this.#clock.now(), counts: this.#operations.counts() };
  }
}
