/**
 * Where figures come from: a source reads counters, and makes figures of two readings. Types only.
 *
 * @module
 */

import type { MonitorOptions } from "../monitor_types.ts";
import type { Snapshot } from "../types.ts";
import type { Counters } from "./counters.ts";

/** Raw counters at one moment; only its source knows what is in it. */
export interface Reading {
  /** Milliseconds by a clock that is never set. */
  readonly time: number;
}

/** Figures that a source makes; the monitor adds what the program itself did. */
export type Figures = Omit<Snapshot, "operations" | "runtime" | "missed">;

/** Reads this machine by one of the twins. */
export interface Source {
  /** Which twin reads. */
  readonly implementation: "native" | "pure";
  /** Reads all counters now. */
  read(): Promise<Reading>;
  /** Makes figures; without an earlier reading rates are null and `unavailable` says why. */
  derive(before: Reading | null, now: Reading): Figures;
  /** Totals of a reading, as exporters give them; computed from what was read, reads nothing itself. */
  counters(now: Reading): Counters;
  /** Lets go of what is kept open. Calling it again does nothing. */
  close(): void;
}

/** What `openSource` takes. */
export type SourceOptions = Pick<MonitorOptions, "implementation" | "include">;
