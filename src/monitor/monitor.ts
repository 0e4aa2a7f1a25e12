/**
 * The monitor: one source of figures, read for whoever looks. It reads by itself, once an interval, only while somebody
 * iterates, history is kept or there are thresholds; and it keeps the program alive only while somebody waits. One that was
 * dropped without being closed is collected, with what it reads.
 *
 * @module
 */

import { unlessAborted } from "../shared/abort.ts";
import { wrongType } from "../shared/arguments.ts";
import { closedError } from "../shared/closed.ts";
import { knownFields } from "../shared/known_fields.ts";
import { type Clock, systemClock } from "./clock.ts";
import { History } from "./history.ts";
import type { Look } from "./look.ts";
import { Operations, type RecordListener } from "./operations.ts";
import type { CheckedOptions } from "./options.ts";
import { LEAST_WINDOW_MS, type Moment, Readings } from "./readings.ts";
import { GrowingTotals, runtimeFigures, runtimeReasons } from "./runtime_parts.ts";
import type { Source } from "./source/types.ts";
import {
  Consumers,
  LatestSnapshot,
  type Store,
  Stream,
  type StreamHost,
  WaitingAlerts,
} from "./streams.ts";
import { ThresholdWatch } from "./thresholds/watch.ts";
import { type Outcome, Ticker } from "./ticker.ts";
import type { Alert, Monitor, PrometheusOptions } from "./monitor_types.ts";
import type { Snapshot } from "./types.ts";

/** What a monitor is made of. */
export interface MonitorParts {
  readonly source: Source;
  readonly options: CheckedOptions;
  /** What tests put in the place of the machine's. */
  readonly clock?: Clock;
}

/** A monitor over a source. */
export class SourceMonitor implements Monitor {
  readonly implementation: "native" | "pure";
  readonly #source: Source;
  readonly #clock: Clock;
  readonly #readings: Readings;
  readonly #operations: Operations;
  readonly #totals = new GrowingTotals();
  readonly #history: History;
  readonly #thresholds: ThresholdWatch | undefined;
  readonly #ticker: Ticker<Moment>;
  readonly #iterators = new Consumers<Snapshot, LatestSnapshot>();
  readonly #listeners = new Consumers<Alert, WaitingAlerts>();
  readonly #keeps: boolean;
  #isHistoryAsked: boolean;
  /** The reading of the last tick and its number. */
  #last: { moment: Moment; number: number } | undefined;
  #telemetry: Promise<Disposable> | undefined;
  readonly #closing = new AbortController();
  #isClosed = false;
  #closed: Promise<void> | undefined;

  /** Takes over the source. */
  constructor({ source, options, clock = systemClock }: MonitorParts) {
    this.implementation = source.implementation;
    this.#source = source;
    this.#clock = clock;
    this.#operations = new Operations(clock);
    this.#readings = new Readings(source, clock, this.#operations);
    this.#history = new History(options.kept);
    this.#keeps = options.kept > 0;
    this.#isHistoryAsked = options.keepsNow;
    const { thresholds, intervalMs } = options;
    this.#thresholds = thresholds.length === 0 ? undefined : new ThresholdWatch(thresholds);
    this.#ticker = new Ticker({
      clock,
      intervalMs,
      read: this.#readings,
      tick: (...tick) => this.#tick(...tick),
    });
    this.#settle();
  }

  async snapshot(options?: { signal?: AbortSignal }): Promise<Snapshot> {
    const signal = signalOf(options);
    this.#check();
    for (;;) {
      signal?.throwIfAborted();
      const moment = await unlessAborted(this.#readings.read(), signal);
      const before = this.#readings.before(moment);
      this.#readings.keep(moment);
      if (before !== undefined) return this.#snapshotOf(before, moment, 0);
      const { signal: closing } = this.#closing;
      await this.#pause(
        LEAST_WINDOW_MS,
        signal === undefined ? closing : AbortSignal.any([signal, closing]),
      );
    }
  }

  history(): readonly Snapshot[] {
    this.#check();
    if (this.#keeps) {
      this.#isHistoryAsked = true;
      this.#settle();
    }
    return this.#history.read();
  }

  [Symbol.asyncIterator](): AsyncIterator<Snapshot, undefined> {
    this.#check();
    return new Stream(this.#hostOf(this.#iterators), new LatestSnapshot());
  }

  alerts(options?: { signal?: AbortSignal }): AsyncIterable<Alert> {
    const signal = signalOf(options);
    this.#check();
    const thresholds = this.#thresholds;
    if (thresholds === undefined) {
      throw new TypeError(
        "alerts() needs thresholds, and this monitor has none; give createMonitor options.thresholds",
      );
    }
    return {
      [Symbol.asyncIterator]: () => {
        this.#check();
        const store = new WaitingAlerts(thresholds.standing());
        const stream = new Stream(this.#hostOf(this.#listeners), store, signal);
        // From now on, not from its first next() on, so that it misses nothing between.
        this.#listeners.add(stream);
        return stream;
      },
    };
  }

  async prometheus(options?: PrometheusOptions): Promise<string> {
    this.#check();
    const { exposition, checkPrometheusOptions } = await import("./prometheus/mod.ts");
    const checked = checkPrometheusOptions(options);
    return exposition(await this.#look(), checked);
  }

  openTelemetry(): Promise<Disposable> {
    if (this.#isClosed) return Promise.reject(closedError("monitor"));
    const opening = this.#telemetry ??= this.#openTelemetry();
    // Where it failed, the next call tries again.
    opening.catch(() => this.#telemetry = undefined);
    return opening;
  }

  record(operation: string, durationMs: number, ok: boolean): void {
    if (this.#isClosed) throw closedError("monitor");
    this.#operations.record(operation, durationMs, ok);
  }

  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    this.#closing.abort(closedError("monitor"));
    this.#ticker.stop();
    for (const stream of this.#consumers()) stream.end();
    (await this.#telemetry?.catch(() => undefined))?.[Symbol.dispose]();
    await this.#readings.close();
  }

  /** What exporters give, read now. */
  async #look(): Promise<Look> {
    const moment = await this.#readings.read();
    this.#readings.keep(moment);
    const { reading } = moment;
    return {
      figures: this.#source.derive(null, reading),
      counters: this.#source.counters(reading),
      operations: this.#operations.totals(),
      runtime: this.#totals.of(runtimeFigures()),
    };
  }

  async #openTelemetry(): Promise<Disposable> {
    const { openTelemetry } = await import("./otel/mod.ts");
    const telemetry = await openTelemetry({
      look: () => this.#look(),
      onRecord: (listener: RecordListener | undefined) => this.#operations.onRecord(listener),
    });
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        this.#telemetry = undefined;
        telemetry[Symbol.dispose]();
      },
    };
  }

  /** One tick; says after how many milliseconds to come again where it is too early for rates. */
  #tick(number: number, outcome: Outcome<Moment>): number | undefined {
    try {
      if ("reason" in outcome) throw outcome.reason;
      const moment = outcome.value;
      const last = this.#last;
      // After a late tick the next may come at once, and rates over nearly nothing are noise.
      const isApart = last !== undefined &&
        moment.begun - last.moment.ended >= LEAST_WINDOW_MS / 2;
      const before = isApart ? last.moment : this.#readings.before(moment);
      this.#readings.keep(moment);
      if (before === undefined) return LEAST_WINDOW_MS;
      const missed = last === undefined ? 0 : number - last.number - 1;
      this.#last = { moment, number };
      this.#publish(this.#snapshotOf(before, moment, missed), moment, number);
    } catch (reason) {
      for (const stream of this.#consumers()) stream.fail(reason);
    }
    return undefined;
  }

  #publish(snapshot: Snapshot, moment: Moment, number: number): void {
    this.#history.add(snapshot);
    for (const stream of this.#iterators.alive()) {
      stream.store.put(snapshot, number);
      stream.offer();
    }
    const alerts = this.#thresholds?.see(snapshot, moment.begun) ?? [];
    if (alerts.length > 0) {
      for (const stream of this.#listeners.alive()) {
        for (const alert of alerts) stream.store.put(alert);
        stream.offer();
      }
    }
    // Some may have been dropped.
    this.#settle();
  }

  #consumers(): { end(): void; fail(reason: unknown): void }[] {
    return [...this.#iterators.alive(), ...this.#listeners.alive()];
  }

  #snapshotOf(before: Moment, now: Moment, missed: number): Snapshot {
    const figures = this.#source.derive(before.reading, now.reading);
    const runtime = runtimeFigures();
    return {
      ...figures,
      unavailable: { ...figures.unavailable, ...runtimeReasons(runtime) },
      missed,
      operations: this.#operations.figures(before.counts, now.counts, figures.windowMs),
      runtime,
    };
  }

  #hostOf<T, S extends Store<T>>(consumers: Consumers<T, S>): StreamHost<T, S> {
    return {
      joined: (stream) => {
        if (this.#isClosed) return stream.end();
        consumers.add(stream);
        this.#settle();
      },
      waiting: (stream, isWaiting) => {
        consumers.wait(stream, isWaiting);
        this.#ticker.hold(this.#iterators.areWaiting || this.#listeners.areWaiting);
      },
      left: (stream) => {
        consumers.delete(stream);
        this.#settle();
      },
    };
  }

  /** Ticks while there is a reason to. */
  #settle(): void {
    const isWanted = !this.#isClosed && (this.#iterators.alive().length > 0 ||
      this.#isHistoryAsked || this.#thresholds !== undefined);
    if (isWanted) return this.#ticker.start();
    this.#ticker.stop();
    this.#last = undefined;
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(ms, () => {
        signal.removeEventListener("abort", abort);
        resolve();
      });
      timer.hold(true);
      const abort = (): void => {
        timer.cancel();
        reject(signal.reason);
      };
      if (signal.aborted) abort();
      else signal.addEventListener("abort", abort, { once: true });
    });
  }

  #check(): void {
    if (this.#isClosed) throw closedError("monitor");
  }
}

function signalOf(options: unknown): AbortSignal | undefined {
  if (options === undefined) return undefined;
  const { signal } = knownFields(options, "options", ["signal"]);
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw wrongType("options.signal", "an AbortSignal", signal);
  }
  return signal as AbortSignal | undefined;
}
