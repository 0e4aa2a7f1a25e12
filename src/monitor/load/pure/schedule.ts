/**
 * When requests start. In the open model each start has its time whether or not somebody is free for it, in the closed one
 * whoever is free starts.
 *
 * @module
 */

import type { LoadJob } from "../job.ts";

/** A start that a worker took; times as of `performance.now()`. */
export interface Start {
  /** When it was to be. */
  readonly intended: number;
  /** Whether it is left out of the figures. */
  readonly isWarmUp: boolean;
}

/** The starts of one run. */
export class Schedule {
  /** When the figures begin. */
  readonly measuredFrom: number;
  /** When starts end. */
  readonly end: number;
  readonly #begun = performance.now();
  readonly #job: LoadJob;
  readonly #warm: number;
  readonly #total: number;
  readonly #requests: number;
  readonly #waiting: (() => void)[] = [];
  #permits = 0;
  #released = 0;
  #taken = 0;
  #ended = false;

  /** Begins now. */
  constructor(job: LoadJob) {
    this.#job = job;
    const { rate, warmUpMs, durationMs, requests } = job;
    this.measuredFrom = this.#begun + warmUpMs;
    this.end = this.measuredFrom + durationMs;
    this.#requests = requests ?? Infinity;
    this.#warm = Math.ceil((rate ?? 0) * warmUpMs / 1_000);
    const all = Math.ceil((rate ?? 0) * (warmUpMs + durationMs) / 1_000);
    this.#total = Math.min(all, this.#warm + this.#requests);
  }

  /** The next start; undefined once they are over. */
  async next(): Promise<Start | undefined> {
    const { rate, cap } = this.#job;
    if (rate !== null || cap !== null) {
      if (this.#ended) return undefined;
      if (this.#permits > 0) this.#permits--;
      else {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
        if (this.#ended) return undefined;
      }
    }
    if (rate !== null) {
      const at = this.#taken++;
      return { intended: this.#begun + at / rate * 1_000, isWarmUp: at < this.#warm };
    }
    if (this.#ended) return undefined;
    const intended = performance.now();
    const isWarmUp = intended < this.measuredFrom;
    if (!isWarmUp && this.#taken++ >= this.#requests) {
      this.stop();
      return undefined;
    }
    return { intended, isWarmUp };
  }

  /** Lets workers have the starts that are due; gives when the next is, undefined if none is known. */
  release(now: number): number | undefined {
    const { rate, cap, connections, streams } = this.#job;
    const perSecond = rate ?? cap;
    if (perSecond === null) return undefined;
    const limit = rate === null ? Infinity : this.#total;
    const due = Math.min(Math.floor((now - this.#begun) / 1_000 * perSecond) + 1, limit);
    let fresh = due - this.#released;
    // What nobody was free for is no debt in the closed model.
    if (rate === null) fresh = Math.min(fresh, Math.max(0, connections * streams - this.#permits));
    this.#released = Math.max(due, this.#released);
    for (; fresh > 0; fresh--) {
      const worker = this.#waiting.shift();
      if (worker === undefined) this.#permits++;
      else worker();
    }
    return due < limit ? this.#begun + due / perSecond * 1_000 : undefined;
  }

  /** Whether all starts of the open model were taken. */
  isExhausted(): boolean {
    return this.#job.rate !== null && this.#taken >= this.#total;
  }

  /** No further start. */
  stop(): void {
    this.#ended = true;
    for (const worker of this.#waiting.splice(0)) worker();
  }

  /** Starts of the open model that are due at a moment, without the warm-up's. */
  scheduled(now: number): number {
    const { rate } = this.#job;
    if (rate === null) return 0;
    const due = Math.floor(Math.max(0, now - this.#begun) / 1_000 * rate) + 1;
    return Math.max(0, Math.min(due, this.#total) - this.#warm);
  }

  /** Starts that were taken, without the warm-up's. */
  started(): number {
    if (this.#job.rate === null) return Math.min(this.#taken, this.#requests);
    return Math.max(0, this.#taken - this.#warm);
  }
}
