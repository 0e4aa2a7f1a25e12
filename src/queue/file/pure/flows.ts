/**
 * What one job's end means for others: parents that wait for it, children that are cancelled with it, jobs that are
 * retried together. Its twin is `rust/areas/queue/src/file/flows.rs`.
 *
 * @module
 */

import { childError } from "../../flow.ts";
import type { Connection, Row } from "./connection.ts";

const WAITING = 0;
const DELAYED = 1;
const BLOCKED = 2;
const ENDED = 4;
const DEAD = 5;

/** What flows need of the queue around them. */
export interface Surroundings {
  /** A group has something to be taken. */
  enter(group: string): void;
  /** A group has one job less to be taken. */
  left(group: string): void;
  /** A job ended: the number of its end. */
  end(): number;
}

/** The flows of a queue, within one transaction. */
export class Flows {
  readonly #db: Connection;
  readonly #queue: number;
  readonly #now: number;
  readonly #around: Surroundings;

  /** For one queue, at one time. */
  constructor(db: Connection, queue: number, now: number, around: Surroundings) {
    this.#db = db;
    this.#queue = queue;
    this.#now = now;
    this.#around = around;
  }

  #standing(id: string): Row | undefined {
    return this.#db.get("standing", this.#queue, id);
  }

  /**
   * Looks after the parent of a job that ended.
   *
   * @param parent Its id, or "".
   * @param failed The job and its error (undefined where it was cancelled), if it is not done.
   */
  childEnded(parent: string, failed?: { id: string; error: string | undefined }): void {
    while (parent !== "") {
      const row = this.#standing(parent);
      if (row === undefined || row["state"] !== BLOCKED) return;
      if (failed !== undefined && row["tolerant"] === 0) {
        const error = childError(failed.id, failed.error);
        this.#db.run("kill", Number(row["seq"]), error, this.#around.end(), this.#now);
        failed = { id: parent, error };
        parent = String(row["parent"]);
        continue;
      }
      if (this.#db.get("open_child", this.#queue, parent) !== undefined) return;
      const state = Number(row["due"]) > this.#now ? DELAYED : WAITING;
      this.#db.run("unblock", Number(row["seq"]), state, this.#now);
      if (state === WAITING) this.#around.enter(String(row["grp"]));
      return;
    }
  }

  /** Ends a running job for good, which nobody completes any more. */
  kill(row: Row, error: string): void {
    this.#db.run("kill", Number(row["seq"]), error, this.#around.end(), this.#now);
    this.childEnded(String(row["parent"]), { id: String(row["id"]), error });
  }

  /** Cancels a job and its children; false if it had ended, or is not there. */
  cancel(id: string): boolean {
    const first = this.#standing(id);
    if (first === undefined || Number(first["state"]) >= ENDED) return false;
    const open = [id];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const row = this.#standing(next);
      if (row === undefined || Number(row["state"]) >= ENDED) continue;
      this.#db.run("cancel", Number(row["seq"]), this.#around.end(), this.#now);
      if (row["state"] === WAITING) this.#around.left(String(row["grp"]));
      if (row["children"] === 0) continue;
      for (const child of this.#db.all("open_children", this.#queue, next)) {
        open.push(String(child["id"]));
      }
    }
    this.childEnded(String(first["parent"]), { id, error: undefined });
    return true;
  }

  /**
   * Puts a dead job back, with those of its children that it died of. How many; 0 if that cannot be: then that job and
   * all above it are stuck, so that a long chain is not gone through anew for each of its jobs.
   */
  revive(id: string, stuck: Set<string>): number {
    if (this.#standing(id)?.["state"] !== DEAD) return 0;
    const rows: { id: string; row: Row; key: string | null }[] = [];
    const ids = [id];
    /** Through whom each came into the family. */
    const by = [-1];
    for (let at = 0; at < ids.length; at++) {
      const found = stuck.has(ids[at]!) ? undefined : this.#revivable(ids[at]!);
      if (found === undefined) {
        for (let above = at; above >= 0; above = by[above]!) stuck.add(ids[above]!);
        return 0;
      }
      rows.push({ id: ids[at]!, ...found });
      const { row } = found;
      if (row["children"] === 0 || row["tolerant"] !== 0) continue;
      for (const child of this.#db.all("failed_children", this.#queue, ids[at]!)) {
        ids.push(String(child["id"]));
        by.push(at);
      }
    }
    // Children first, so that their parents see them.
    for (const { id, row, key } of rows.reverse()) {
      const blocked = row["children"] !== 0 && row["tolerant"] === 0 &&
        this.#db.get("open_child", this.#queue, id) !== undefined;
      const state = blocked ? BLOCKED : WAITING;
      this.#db.run("revive", Number(row["seq"]), state, this.#now, key);
      if (state === WAITING) this.#around.enter(String(row["grp"]));
    }
    return rows.length;
  }

  /** A job that can be put back, with the key that it then holds. */
  #revivable(id: string): { row: Row; key: string | null } | undefined {
    const row = this.#standing(id);
    if (row === undefined) return undefined;
    const key = row["repeat"] === "" && row["key"] !== "" ? String(row["key"]) : null;
    if (key !== null && this.#db.get("key_holder", this.#queue, key) !== undefined) {
      return undefined;
    }
    if (row["children"] === 0 || row["tolerant"] !== 0) return { row, key };
    const known = this.#db.number("known_children", this.#queue, id, Number(row["seq"]));
    return known < Number(row["children"]) ? undefined : { row, key };
  }
}
