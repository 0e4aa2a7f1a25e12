/**
 * The monitor, its options, thresholds and alerts. Types only; what it reads is in `types.ts`.
 *
 * @module
 */

import type { Implementation } from "../shared/implementation.ts";
import type { Snapshot } from "./types.ts";

/** How much an alert matters. */
export type AlertSeverity = "info" | "warning" | "critical";

/** When something is too much or too little. */
export interface Threshold {
  /**
   * What is watched: the path of a number of the snapshot, such as `cpu.busy` or `pressure.io.some.avg10`. One of a list is
   * chosen in brackets, by what names it: `filesystems[/].available`, `disks[sda].utilization`, `cpu.cores[3].busy`,
   * `temperatures[k10temp/Tctl].celsius`, `operations[checkout].p99`, `runtime[cache:pages].hitRatio`; `[*]` is each of
   * them on its own. Processes are chosen by `processes.list[name=nginx].rss` (the sum of all of that name) or `[pid=1]`,
   * and have a `count` too. Two paths with ` / ` between are their ratio: `filesystems[*].available / filesystems[*].total`.
   */
  metric: string;
  /** Exactly one of both: the alert begins above this... */
  above?: number;
  /** ...or below this. */
  below?: number;
  /** It ends only once the figure is back at this or beyond (hysteresis). Default: the limit itself. */
  clear?: number;
  /** For how long it must hold before it is said, in milliseconds. Default 0. */
  forMs?: number;
  /** A name for it, which no other threshold has. Default: the metric with the limit, such as `cpu.busy > 0.9`. */
  name?: string;
  /** How much it matters. Default `"warning"`. */
  severity?: AlertSeverity;
}

/** A change that a threshold saw. */
export interface Alert {
  /** The threshold's name. */
  name: string;
  /** What is watched, with the very item in brackets where the threshold says `[*]`. */
  metric: string;
  /** The threshold's. */
  severity: AlertSeverity;
  /**
   * `"firing"`: it is over the limit. `"resolved"`: it is not, any more. `"unknown"`: the figure cannot be read, so that
   * neither is known; it neither ends nor begins an alert, and is told once.
   */
  state: "firing" | "resolved" | "unknown";
  /** The figure; null where it cannot be read. */
  value: number | null;
  /** The limit. */
  threshold: number;
  /** ISO 8601: since when it is in this state; for `"firing"`, when the figure first was over the limit. */
  since: string;
  /** ISO 8601: when this was seen. */
  at: string;
  /** The same in words. */
  message: string;
  /** Earlier changes of the same that this consumer was too slow to take; only the latest is kept then. Usually 0. */
  missed: number;
}

/** A part of a snapshot that can be left out. */
export type MonitorPart =
  | "cpu"
  | "load"
  | "pressure"
  | "memory"
  | "disks"
  | "filesystems"
  | "networks"
  | "processes"
  | "limits"
  | "temperatures";

/** Options of `createMonitor`. */
export interface MonitorOptions {
  /** How often iterators, the history and thresholds look, in milliseconds. Default 1,000, at least 100. */
  intervalMs?: number | undefined;
  /** Snapshots that are kept, 0 to 10,000. Default 300, once `history()` was called or somebody iterates; if it is given, from the beginning. */
  history?: number | undefined;
  /** What alerts are made of. They are watched from the beginning. Default: none. */
  thresholds?: readonly Threshold[] | undefined;
  /** Which parts are read; each costs time. `memory` brings `swap` along. Default: all. */
  include?: readonly MonitorPart[] | undefined;
  /** Which twin reads. Default `"auto"`. */
  implementation?: Implementation | undefined;
}

/** Options of `Monitor.prometheus`. */
export interface PrometheusOptions {
  /** Processes that get series of their own: half by resident memory, half by CPU time. 0 to 1,000. Default 20. */
  processes?: number | undefined;
}

/** Reads this machine. Every call after `close()` throws or rejects with `AgentError` `CLOSED`. */
export interface Monitor extends AsyncDisposable, AsyncIterable<Snapshot> {
  /** Which twin reads. */
  readonly implementation: "native" | "pure";
  /**
   * Reads now. The first one of a monitor waits until its window is 100 ms; later ones stand for the time since the
   * reading before, if that is 100 ms ago, or else since the one before that.
   *
   * @param options `signal` ends the waiting.
   * @throws The signal's reason; `AgentError` `CLOSED`.
   */
  snapshot(options?: { signal?: AbortSignal }): Promise<Snapshot>;
  /**
   * What was kept, oldest first; of processes only some that use the most CPU and memory. The first call begins to keep
   * if nothing did before.
   */
  history(): readonly Snapshot[];
  /**
   * Changes that the thresholds see, for each consumer all of them. It begins with what is firing or unknown already, and
   * ends with the monitor.
   *
   * @param options `signal` ends the waiting.
   * @throws {TypeError} If the monitor has no thresholds. The iterator throws the signal's reason.
   */
  alerts(options?: { signal?: AbortSignal }): AsyncIterable<Alert>;
  /**
   * Everything now in Prometheus' text format, version 0.0.4: totals since the start where the kernel counts, with
   * node_exporter's names where it has one, and `agent_...` else. What cannot be read is left out.
   */
  prometheus(options?: PrometheusOptions): Promise<string>;
  /**
   * Hands all figures to the OpenTelemetry metrics of this program, which Deno exports if it was started with
   * `OTEL_DENO=true`. Calling it again gives the same.
   *
   * @returns Ends it when it is disposed; so does `close()`.
   * @throws {AgentError} `UNSUPPORTED` if nothing in this program takes metrics; `UNAVAILABLE` if the package
   * `@opentelemetry/api` is not on this machine and cannot be downloaded.
   */
  openTelemetry(): Promise<Disposable>;
  /**
   * Counts an operation of the program.
   *
   * @param operation Its name, at most 100 characters. Of the names beyond the 200th all count as `"(other)"`.
   * @param durationMs How long it took, 0 to 1e12.
   * @param ok Whether it succeeded.
   * @throws {TypeError | RangeError} If a name or a duration is none.
   */
  record(operation: string, durationMs: number, ok: boolean): void;
  /** Stops reading and lets go of everything; iterators end. Calling it again does nothing. */
  close(): Promise<void>;
}
