/**
 * What consumers of a monitor hold: iterators over a store of things that were not taken yet. What a store does with more
 * than is taken is its own affair; it is bounded.
 *
 * @module
 */

import type { Alert } from "./monitor_types.ts";
import type { Snapshot } from "./types.ts";

/** Things on their way to one consumer. */
export interface Store<T> {
  /** Takes the next one; undefined if there is none. */
  take(): T | undefined;
}

/** Whom a stream tells about its consumer. */
export interface StreamHost<T> {
  /** The consumer begins. */
  joined(stream: Stream<T>): void;
  /** The consumer waits, or does so no more. */
  waiting(change: 1 | -1): void;
  /** The consumer is gone. */
  left(stream: Stream<T>): void;
}

/** One consumer's iterator. It begins at its first `next()`. */
export class Stream<T> implements AsyncIterableIterator<T, undefined> {
  readonly #host: StreamHost<T>;
  readonly #store: Store<T>;
  readonly #signal: AbortSignal | undefined;
  readonly #waiting: PromiseWithResolvers<IteratorResult<T, undefined>>[] = [];
  #state: "new" | "open" | "ended" = "new";
  #error: { readonly reason: unknown } | undefined;

  constructor(host: StreamHost<T>, store: Store<T>, signal?: AbortSignal) {
    this.#host = host;
    this.#store = store;
    this.#signal = signal;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#state === "new") this.#begin();
    const value = this.#waiting.length === 0 ? this.#store.take() : undefined;
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#error !== undefined) {
      const { reason } = this.#error;
      this.#error = undefined;
      return Promise.reject(reason);
    }
    if (this.#state === "ended") return Promise.resolve({ done: true, value: undefined });
    const waiter = Promise.withResolvers<IteratorResult<T, undefined>>();
    this.#waiting.push(waiter);
    if (this.#waiting.length === 1) this.#host.waiting(1);
    return waiter.promise;
  }

  return(): Promise<IteratorResult<T, undefined>> {
    while (this.#store.take() !== undefined);
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** There may be something to take. */
  offer(): void {
    if (this.#waiting.length === 0) return;
    for (let value; this.#waiting.length > 0 && (value = this.#store.take()) !== undefined;) {
      this.#waiting.shift()!.resolve({ done: false, value });
    }
    if (this.#waiting.length === 0) this.#host.waiting(-1);
  }

  /** Ends it with an error, which the next that waits gets. */
  fail(reason: unknown): void {
    if (this.#state === "ended") return;
    const first = this.#waiting.shift();
    if (first === undefined) this.#error = { reason };
    else {
      if (this.#waiting.length === 0) this.#host.waiting(-1);
      first.reject(reason);
    }
    this.end();
  }

  /** Ends it. What was not taken can still be. */
  end(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#signal?.removeEventListener("abort", this.#abort);
    if (this.#waiting.length > 0) this.#host.waiting(-1);
    for (const waiter of this.#waiting.splice(0)) waiter.resolve({ done: true, value: undefined });
    this.#host.left(this);
  }

  #begin(): void {
    this.#state = "open";
    this.#host.joined(this);
    if (this.#signal?.aborted) this.#abort();
    else this.#signal?.addEventListener("abort", this.#abort, { once: true });
  }

  readonly #abort = (): void => this.fail(this.#signal!.reason);
}

/** Keeps only the newest snapshot, and tells how many ticks were passed over before it. */
export class LatestSnapshot implements Store<Snapshot> {
  #latest: Snapshot | undefined;
  /** The numbers of the tick of the latest and of the one that was taken last. */
  #number = 0;
  #taken: number | undefined;

  /** Puts one in the place of one that was not taken. */
  put(snapshot: Snapshot, number: number): void {
    this.#latest = snapshot;
    this.#number = number;
  }

  take(): Snapshot | undefined {
    const latest = this.#latest;
    if (latest === undefined) return undefined;
    this.#latest = undefined;
    const missed = this.#taken === undefined ? 0 : this.#number - this.#taken - 1;
    this.#taken = this.#number;
    return missed === latest.missed ? latest : { ...latest, missed };
  }
}

/** So many alerts wait for a consumer one by one; beyond, only the latest of each is kept. */
const MOST_WAITING = 1_000;

/** Keeps all alerts, as long as they are not too many. */
export class WaitingAlerts implements Store<Alert> {
  readonly #alerts: Alert[];

  /** Begins with some. */
  constructor(alerts: readonly Alert[]) {
    this.#alerts = [...alerts];
  }

  /** Puts one at the end. */
  put(alert: Alert): void {
    const alerts = this.#alerts;
    if (alerts.length < MOST_WAITING) return void alerts.push(alert);
    const before = alerts.findLastIndex(({ name, metric }) =>
      name === alert.name && metric === alert.metric
    );
    const [merged] = before < 0 ? [] : alerts.splice(before, 1);
    alerts.push(
      merged === undefined ? alert : { ...alert, missed: alert.missed + merged.missed + 1 },
    );
  }

  take(): Alert | undefined {
    return this.#alerts.shift();
  }
}
