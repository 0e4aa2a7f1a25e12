/**
 * What the twins read: texts of the kernel's files as they are, and the processes as a table of numbers. What they mean is decided
 * above them, once, in `derive/`. Types and the table's layout only.
 *
 * @module
 */

/** Why something could not be read: not permitted, not there (any more), or something else. */
export type Missing = "denied" | "absent" | "failed";

/** A text, or why there is none. */
export type RawText = string | { readonly error: Missing };

/** The reasons as they stand in the place of a number: the number 1 less than minus the place. */
export const MISSING: readonly Missing[] = ["denied", "absent", "failed"];

/** The reason that stands in the place of a number that is never negative. */
export function missingOf(number: number): Missing {
  return MISSING[-number - 1] ?? "failed";
}

/** The columns of the table of processes. Times in ticks, of 10 ms each; sizes in bytes but for `rss`, in pages. */
export const COLUMN = {
  pid: 0,
  parent: 1,
  state: 2,
  uid: 3,
  ticks: 4,
  threads: 5,
  start: 6,
  virtual: 7,
  rss: 8,
  descriptors: 9,
  read: 10,
  written: 11,
} as const;

/** How many there are. */
export const COLUMNS = 12;

/** The processes, in ascending order of their numbers. */
export interface RawProcesses {
  /** How many rows there are. */
  readonly count: number;
  /** The columns one behind the other; `uid`, `descriptors`, `read` and `written` may be negative: see {@linkcode missingOf}. */
  readonly numbers: Float64Array;
  /** The names, as they chose them, with a NUL between two. */
  readonly names: string;
  /** How many the listing shows. */
  readonly listed: number;
  /** How many of them may not be looked at. */
  readonly denied: number;
  /** How many of them ended while they were read. */
  readonly ended: number;
  /** How many of them have a `stat` that the kernel would not write. */
  readonly broken: number;
}

/** What one reading brought. */
export interface RawSample {
  /** The monotonic clock at the beginning, in milliseconds. */
  readonly time: number;
  /** The same when the processes were begun. */
  readonly processTime: number;
  /** CPU time that the twin took on threads of its own, in milliseconds. */
  readonly cpuMs: number;
  /** What stands at each path. */
  readonly texts: readonly RawText[];
  /** The processes, if they were asked for. */
  readonly processes: RawProcesses | { readonly error: Missing };
}

/** A twin. */
export interface Reader {
  /**
   * Reads.
   *
   * @param paths Files below `/proc` and `/sys`; one that ends with a slash stands for the names in a folder, a line each, in no order.
   * @param most Bytes of each that are read at most.
   * @param processes Whether the table of processes is read.
   */
  sample(paths: readonly string[], most: number, processes: boolean): Promise<RawSample>;
  /** Lets go of what is kept open. */
  close(): void;
}
