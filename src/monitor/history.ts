/**
 * The latest snapshots, in bounded memory.
 *
 * @module
 */

import type { ProcessFigures, Snapshot } from "./types.ts";

/** Of longer lists of processes only the first by CPU and the first by memory are kept, so many of each. */
const MOST_PROCESSES = 25;

/** A ring of snapshots. */
export class History {
  readonly #most: number;
  readonly #ring: Snapshot[] = [];
  /** Where the next one goes, once the ring is full. */
  #at = 0;

  /** Keeps so many. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Keeps one, in the place of the oldest where there is no room. */
  add(snapshot: Snapshot): void {
    if (this.#most === 0) return;
    const kept = shortened(snapshot);
    if (this.#ring.length < this.#most) this.#ring.push(kept);
    else {
      this.#ring[this.#at] = kept;
      this.#at = (this.#at + 1) % this.#most;
    }
  }

  /** What is kept, oldest first. */
  read(): Snapshot[] {
    return [...this.#ring.slice(this.#at), ...this.#ring.slice(0, this.#at)];
  }
}

function shortened(snapshot: Snapshot): Snapshot {
  const { processes } = snapshot;
  if (processes === null || processes.list.length <= 2 * MOST_PROCESSES) return snapshot;
  const most = { byNumber: MOST_PROCESSES, byMemory: MOST_PROCESSES };
  const chosen = topProcesses(processes.list, most, ({ cpu }) => cpu ?? -1);
  return { ...snapshot, processes: { ...processes, list: chosen } };
}

/**
 * The first processes by a number and the first by memory.
 *
 * @param list All.
 * @param most How many by each at most.
 * @param by The number.
 * @returns Those, in the order of the list.
 */
export function topProcesses(
  list: readonly ProcessFigures[],
  most: { readonly byNumber: number; readonly byMemory: number },
  by: (process: ProcessFigures) => number,
): ProcessFigures[] {
  const first = firstBy(list, most.byNumber, by);
  for (const process of firstBy(list, most.byMemory, ({ rss }) => rss)) first.add(process);
  return list.filter((process) => first.has(process));
}

/** In one walk: sorting thousands for the sake of some would be most of what keeping costs. */
function firstBy(
  list: readonly ProcessFigures[],
  most: number,
  by: (process: ProcessFigures) => number,
): Set<ProcessFigures> {
  const first: { value: number; process: ProcessFigures }[] = [];
  if (most === 0) return new Set();
  for (const process of list) {
    const value = by(process);
    if (first.length === most) {
      if (value <= first.at(-1)!.value) continue;
      first.pop();
    }
    let at = first.length;
    while (at > 0 && first[at - 1]!.value < value) at--;
    first.splice(at, 0, { value, process });
  }
  return new Set(first.map(({ process }) => process));
}
