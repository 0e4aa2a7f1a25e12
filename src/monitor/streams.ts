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
export interface StreamHost<T, S extends Store<T>> {
  /** The consumer begins. */
  joined(stream: Stream<T, S>): void;
  /** The consumer waits, or does so no more. */
  waiting(stream: Stream<T, S>, isWaiting: boolean): void;
  /** The consumer is gone. */
  left(stream: Stream<T, S>): void;
}

/** One consumer's iterator. It begins at its first `next()`. */
export class Stream<T, S extends Store<T>> implements AsyncIterableIterator<T, undefined> {
  readonly #host: StreamHost<T, S>;
  /** What was not taken yet. */
  readonly store: S;
  readonly #signal: AbortSignal | undefined;
  readonly #waiting: PromiseWithResolvers<IteratorResult<T, undefined>>[] = [];
  #state: "new" | "open" | "ended" = "new";
  #error: { readonly reason: unknown } | undefined;

  constructor(host: StreamHost<T, S>, store: S, signal?: AbortSignal) {
    this.#host = host;
    this.store = store;
    this.#signal = signal;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#state === "new") this.#begin();
    const value = this.#waiting.length === 0 ? this.store.take() : undefined;
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#error !== undefined) {
      const { reason } = this.#error;
      this.#error = undefined;
      return Promise.reject(reason);
    }
    if (this.#state === "ended") return Promise.resolve({ done: true, value: undefined });
    const waiter = Promise.withResolvers<IteratorResult<T, undefined>>();
    this.#waiting.push(waiter);
    if (this.#waiting.length === 1) this.#host.waiting(this, true);
    return waiter.promise;
  }

  return(): Promise<IteratorResult<T, undefined>> {
    while (this.store.take() !== undefined);
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** There may be something to take. */
  offer(): void {
    if (this.#waiting.length === 0) return;
    for (let value; this.#waiting.length > 0 && (value = this.store.take()) !== undefined;) {
      this.#waiting.shift()!.resolve({ done: false, value });
    }
    if (this.#waiting.length === 0) this.#host.waiting(this, false);
  }

  /** Ends it with an error, which the next that waits gets. */
  fail(reason: unknown): void {
    if (this.#state === "ended") return;
    const first = this.#waiting.shift();
    if (first === undefined) this.#error = { reason };
    else {
      if (this.#waiting.length === 0) this.#host.waiting(this, false);
      first.reject(reason);
    }
    this.end();
  }

  /** Ends it. What was not taken can still be. */
  end(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#signal?.removeEventListener("abort", this.#abort);
    if (this.#waiting.length > 0) this.#host.waiting(this, false);
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

/**
 * Consumers of one kind. Whoever drops an iterator without ending it is forgotten, and what waited for it with it; one that
 * waits is kept, since nothing else may hold it then.
 */
export class Consumers<T, S extends Store<T>> {
  readonly #all = new Set<WeakRef<Stream<T, S>>>();
  readonly #refs = new WeakMap<Stream<T, S>, WeakRef<Stream<T, S>>>();
  readonly #waiting = new Set<Stream<T, S>>();

  /** Adds one, if it is not there. */
  add(stream: Stream<T, S>): void {
    if (this.#refs.has(stream)) return;
    const ref = new WeakRef(stream);
    this.#refs.set(stream, ref);
    this.#all.add(ref);
  }

  /** Takes one away. */
  delete(stream: Stream<T, S>): void {
    this.#all.delete(this.#refs.get(stream)!);
    this.#waiting.delete(stream);
  }

  /** Says whether one waits. */
  wait(stream: Stream<T, S>, isWaiting: boolean): void {
    if (isWaiting) this.#waiting.add(stream);
    else this.#waiting.delete(stream);
  }

  /** Whether one waits. */
  get areWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Those that are there. */
  alive(): Stream<T, S>[] {
    const alive: Stream<T, S>[] = [];
    for (const ref of this.#all) {
      const stream = ref.deref();
      if (stream === undefined) this.#all.delete(ref);
      else alive.push(stream);
    }
    return alive;
  }
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
