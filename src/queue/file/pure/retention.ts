/**
 * How long jobs that are done or cancelled are kept. Its twin is in `rust/areas/queue/src/file/retention.rs`.
 *
 * @module
 */

import type { Connection } from "./connection.ts";

/** So many ends are let pass before ended jobs are looked at again. */
const EVERY = 256;
/** Where others wait for ends, nothing is removed so soon after its own, so that they see it. */
const GRACE_MS = 1_000;
const DONE = 4;
const CANCELLED = 6;

/** What is kept. */
export class Retention {
  readonly #doneMs: number;
  readonly #doneCount: number;
  #ends = 0;

  /** Keeps so long, and so many; both may be Infinity. */
  constructor(doneMs: number, doneCount: number) {
    this.#doneMs = doneMs;
    this.#doneCount = doneCount;
  }

  /** Counts ends. Whether it is time to look. */
  count(ends: number): boolean {
    this.#ends += ends;
    return this.#ends >= EVERY;
  }

  /** Whether anything ended since the last look. */
  get pending(): boolean {
    return this.#ends > 0;
  }

  /** Whether something was kept long enough. */
  isOver({ db, queue, now }: Trimmed): boolean {
    if (this.#doneMs === Infinity) return false;
    return [DONE, CANCELLED].some((state) => {
      const oldest = db.get("oldest", queue, state)?.["ended_at"];
      return oldest !== undefined && Number(oldest) <= now - this.#doneMs;
    });
  }

  /** Removes what is not to be kept; with a grace where others wait for the ends of jobs. */
  apply(work: Trimmed, othersWait: boolean): void {
    this.#ends = 0;
    const { db, queue, now } = work;
    const grace = othersWait ? GRACE_MS : 0;
    for (const state of [DONE, CANCELLED]) {
      if (this.#doneCount !== Infinity) {
        const line = db.get("trim_line", queue, state, this.#doneCount)?.["ended"];
        if (line !== undefined) {
          db.run("trim", queue, state, Number(line), now - grace, now);
          // What is kept for the others is looked at again.
          if (othersWait) this.#ends = 1;
        }
      }
      if (this.#doneMs === Infinity) continue;
      const before = now - Math.max(this.#doneMs, grace);
      const isOld = (): boolean =>
        Number(db.get("oldest", queue, state)?.["ended_at"] ?? Infinity) <= before;
      while (isOld() && db.run("trim_old", queue, state, before) === 500);
    }
  }
}

/** What is trimmed: a queue within a transaction. */
export interface Trimmed {
  readonly db: Connection;
  readonly queue: number;
  readonly now: number;
}
