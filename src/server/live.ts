/**
 * The machine, watched for as long as somebody looks: one monitor for all streams, closed after the last one.
 *
 * @module
 */

import type { Alert, Monitor, MonitorOptions } from "../monitor/monitor_types.ts";
import type { Snapshot } from "../monitor/types.ts";
import type { ServerEvent } from "./sse.ts";

/** What is read each time; processes are left out, which cost most. */
const PARTS: NonNullable<MonitorOptions["include"]> = [
  ...(["cpu", "load", "pressure", "memory", "disks", "filesystems", "networks"] as const),
];

/** What a person wants to hear of unasked. */
const THRESHOLDS: NonNullable<MonitorOptions["thresholds"]> = [
  { name: "Processors busy", metric: "cpu.busy", above: 0.9, clear: 0.8, forMs: 10_000 },
  { name: "Memory short", metric: "memory.available / memory.total", below: 0.1, clear: 0.15 },
  {
    name: "Disk nearly full",
    metric: "filesystems[*].available / filesystems[*].total",
    below: 0.05,
    clear: 0.07,
  },
];

/** What one look tells. */
export type LiveEvent =
  | { type: "snapshot"; snapshot: Snapshot }
  | { type: "alert"; alert: Alert };

/** Watches the machine for streams. */
export class Live {
  readonly #make: (options: MonitorOptions) => Monitor;
  #monitor: Monitor | undefined;
  #watchers = 0;
  readonly #watching = new Set<Promise<void>>();

  constructor(make: (options: MonitorOptions) => Monitor) {
    this.#make = make;
  }

  /** What was seen lately if somebody looks already, then snapshots once a second, and alerts as they change. */
  async *events(signal: AbortSignal): AsyncGenerator<ServerEvent> {
    const monitor = this.#enter();
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    this.#watching.add(ended);
    const waiting: LiveEvent[] = [];
    let wake: (() => void) | undefined;
    const tell = (event: LiveEvent): void => {
      // A slow client is told the latest, not all.
      const old = event.type === "snapshot"
        ? waiting.findIndex(({ type }) => type === "snapshot")
        : -1;
      if (old >= 0) waiting.splice(old, 1);
      if (waiting.length < 1_000) waiting.push(event);
      wake?.();
    };
    let failure: { error: unknown } | undefined;
    const watch = async <T>(source: AsyncIterable<T>, take: (value: T) => void): Promise<void> => {
      try {
        for await (const value of source) {
          if (signal.aborted) return;
          take(value);
        }
      } catch (error) {
        // What it throws once nobody looks is no failure.
        if (!signal.aborted) failure = { error };
        wake?.();
      }
    };
    void watch(monitor.alerts({ signal }), (alert) => tell({ type: "alert", alert }));
    void watch(monitor, (snapshot) => tell({ type: "snapshot", snapshot }));
    const onAbort = (): void => wake?.();
    signal.addEventListener("abort", onAbort);
    try {
      for (const snapshot of [...monitor.history()]) yield { event: "snapshot", data: snapshot };
      while (!signal.aborted) {
        const event = waiting.shift();
        if (event !== undefined) {
          yield { event: event.type, data: event.type === "alert" ? event.alert : event.snapshot };
          continue;
        }
        if (failure !== undefined) throw failure.error;
        await new Promise<void>((resolve) => wake = resolve);
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
      await this.#leave();
      this.#watching.delete(ended);
      end();
    }
  }

  /** Waits until nobody watches any more; whoever does has been told to end. */
  async close(): Promise<void> {
    await Promise.all(this.#watching);
  }

  #enter(): Monitor {
    this.#watchers++;
    return this.#monitor ??= this.#make({
      intervalMs: 1_000,
      history: 120,
      include: PARTS,
      thresholds: THRESHOLDS,
    });
  }

  async #leave(): Promise<void> {
    this.#watchers--;
    if (this.#watchers > 0) return;
    const monitor = this.#monitor;
    this.#monitor = undefined;
    await monitor?.close();
  }
}
