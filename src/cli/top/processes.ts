/**
 * Which processes are listed, and in which order.
 *
 * @module
 */

import type { ProcessFigures } from "../../monitor/mod.ts";
import { visible } from "./cells.ts";

/** By what processes can be sorted. */
export const SORTS = ["cpu", "memory", "io", "threads", "descriptors", "name", "pid"] as const;
/** One of them. */
export type Sort = (typeof SORTS)[number];

/** What is listed. */
export interface Selection {
  readonly sort: Sort;
  /** Whether the usual order is turned round: the largest first, but names and numbers from the smallest. */
  readonly isReversed: boolean;
  /** Only processes whose name holds this, or whose number it is; empty for all. */
  readonly filter: string;
}

/** Bytes a second read and written; null if neither is known. */
export function ioOf({ readBytes, writtenBytes }: ProcessFigures): number | null {
  if (readBytes === null && writtenBytes === null) return null;
  return (readBytes ?? 0) + (writtenBytes ?? 0);
}

const VALUES: Record<Exclude<Sort, "name">, (one: ProcessFigures) => number | null> = {
  cpu: ({ cpu }) => cpu,
  memory: ({ rss }) => rss,
  io: ioOf,
  threads: ({ threads }) => threads,
  descriptors: ({ descriptors }) => descriptors,
  pid: ({ pid }) => pid,
};

/** The processes that are wanted, in order; what cannot be compared comes last. */
export function listed(
  processes: readonly ProcessFigures[],
  { sort, isReversed, filter }: Selection,
): ProcessFigures[] {
  const found = filter === "" ? processes.slice() : processes.filter((one) => matches(one, filter));
  const turn = isReversed ? -1 : 1;
  if (sort === "name") {
    return found.sort((a, b) =>
      turn * (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) || a.pid - b.pid
    );
  }
  const value = VALUES[sort];
  // Numbers of processes are read from the smallest on, all else from the largest.
  const direction = sort === "pid" ? turn : -turn;
  return found.sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === null || right === null) {
      return left === right ? a.pid - b.pid : left === null ? 1 : -1;
    }
    return direction * (left - right) || a.pid - b.pid;
  });
}

function matches(one: ProcessFigures, filter: string): boolean {
  const wanted = filter.toLowerCase();
  // As it is shown, so that what is seen is what is searched.
  return String(one.pid) === wanted || visible(one.name).toLowerCase().includes(wanted);
}
