/**
 * What an area of the soak is: work that goes on for an hour in a process of its own, with an account of what must not
 * be lost. Each module in `areas/` exports an {@linkcode Open} as its default.
 */

import { LIBRARY_NAMES } from "../../src/native/libraries.ts";
import { alreadyOpened } from "../../src/native/load.ts";

/** A twin. */
export type TwinName = "native" | "pure";

/** What an area is given. */
export interface Context {
  /** A folder of its own, removed after the end. */
  readonly folder: string;
  /** The twins that are here, for works in turns. */
  readonly twins: readonly TwinName[];
  /** Numbers from 0 to 1, the same for the same seed. */
  chance(): number;
  /** A whole number from 0 to one less than this. */
  below(count: number): number;
  /** Counts what was done and came out right. */
  did(count?: number): void;
  /** Tells of something that was lost, done twice or read wrongly: any of it fails the soak. */
  lost(what: string): void;
}

/** An area at work. */
export interface Work {
  /** How long a step and its pause take at least, for work whose cost is other processes'. */
  readonly everyMs?: number;
  /** Native handles that modules keep for the life of the process, so that they are open at its end. */
  readonly keeps?: number;
  /** A short piece of work, called again and again. What it throws is an error of the soak. */
  step(): Promise<void>;
  /** Finishes what is under way, tells of what is lost by then, and frees everything. */
  close(): Promise<void>;
}

/** Begins an area's work, or says why it cannot be done here. */
export type Open = (context: Context) => Promise<Work | string>;

/** The n-th of some, over and over. */
export function inTurn<T>(values: readonly T[], turn: number): T {
  return values[turn % values.length]!;
}

/** Throws with this text if something does not hold. */
export function must(condition: boolean, text: string | (() => string)): asserts condition {
  if (!condition) throw new Error(typeof text === "string" ? text : text());
}

/** Handles that native code holds open in this process, over all libraries that were opened. */
export function liveHandles(): number {
  let count = 0;
  for (const name of LIBRARY_NAMES) {
    const opened = alreadyOpened(name)?.library;
    if (opened !== undefined) count += opened.common("agent_ffi_live_handles")();
  }
  return count;
}
