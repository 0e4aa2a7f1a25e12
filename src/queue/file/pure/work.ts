/**
 * What the requests of one transaction do to a queue, statement by statement. The Rust side does the same with the same
 * statements in `rust/areas/queue/src/file/work.rs`.
 *
 * @module
 */

import type { Counts, NewJob, StoredJob, TakenJob } from "../../store.ts";
import { STATES } from "../sql.ts";
import type { Answers, News, Taken, Unit } from "../units.ts";
import type { Connection, Row } from "./connection.ts";
import { Flows } from "./flows.ts";

const WAITING = 0;
const DELAYED = 1;
const BLOCKED = 2;
const DONE = 4;

/** Who takes jobs. */
export interface HolderOf {
  /** Its number; 0 if it has none. */
  readonly current: number;
  /** The same after a sign of life, which makes it where there is none. */
  alive(): number;
}

/** One queue within one transaction. */
export class Work {
  /** The connection, in a transaction. */
  readonly db: Connection;
  /** The queue's number. */
  readonly queue: number;
  /** The time, as everything in this transaction sees it. */
  readonly now: number;
  readonly #flows: Flows;
  #paused = false;
  #turn = 0;
  #ended = 0;
  #written = "";
  #promoted = false;
  #entered = false;
  /** Groups that are known to have their turn. */
  readonly #groups = new Set<string>();
  readonly #holder: HolderOf;

  /**
   * Begins it.
   *
   * @param db The connection, in a transaction.
   * @param queue The queue's number.
   * @param now The time, as everything in this transaction sees it.
   * @param holder Who takes.
   */
  constructor(db: Connection, queue: number, now: number, holder: HolderOf) {
    this.db = db;
    this.queue = queue;
    this.now = now;
    this.#holder = holder;
    this.#flows = new Flows(db, queue, now, {
      enter: (group) => this.enter(group),
      left: (group) => this.#left(group),
      end: () => ++this.#ended,
    });
    const row = db.get("queue_read", queue) as Row;
    this.#paused = row["paused"] !== 0;
    this.#turn = Number(row["turn"]);
    this.#ended = Number(row["ended"]);
    this.#written = `${this.#turn} ${this.#ended}`;
  }

  /** How many jobs of the queue ever ended. */
  get ended(): number {
    return this.#ended;
  }

  /** Writes down what it counted; to be called last. Whether something came to wait that may be taken. */
  finish(): boolean {
    if (this.#written !== `${this.#turn} ${this.#ended}`) {
      this.db.run("queue_write", this.queue, this.#turn, this.#ended);
    }
    return this.#entered && !this.#paused &&
      this.db.get("any_waiting", this.queue) !== undefined;
  }

  /** Whether a delayed job is due, which only a transaction that writes can let wait. */
  get isDue(): boolean {
    const due = this.#nextDue();
    return due >= 0 && due <= this.now;
  }

  /** Does what a request asks. */
  apply(unit: Unit): Answers[Unit["kind"]] {
    const db = this.db;
    const queue = this.queue;
    switch (unit.kind) {
      case "add":
        return this.#add(unit.jobs);
      case "take":
        return this.#take(unit.most);
      case "complete":
        return this.#complete(unit.id, unit.token, unit.result);
      case "fail":
        return this.#fail(unit.id, unit.token, unit.error, unit.retryAt);
      case "release": {
        const row = db.get("release", queue, unit.id, unit.token);
        if (row !== undefined) this.enter(String(row["grp"]));
        return row !== undefined;
      }
      case "report":
        return db.get("report", queue, unit.id, unit.token, unit.progress) !== undefined;
      case "cancel":
        return this.#flows.cancel(unit.id);
      case "get": {
        const row = db.get("get", queue, unit.id);
        return row === undefined ? undefined : stored(row);
      }
      case "list": {
        const name = unit.state >= DONE ? "list_ended" : "list_open";
        return db.all(name, queue, unit.state, unit.offset, unit.limit).map(stored);
      }
      case "retry": {
        this.promote();
        const rows = unit.ids === undefined
          ? db.all("dead_ids", queue)
          : unit.ids.map((id) => ({ id, seq: db.number("standing", queue, id) }))
            .sort((a, b) => a.seq - b.seq);
        let revived = 0;
        const stuck = new Set<string>();
        for (const { id } of rows) revived += this.#flows.revive(String(id), stuck);
        return revived;
      }
      case "purge":
        return db.run("purge", queue, unit.state, unit.before);
      case "pause":
        db.run("queue_pause", queue, unit.paused ? 1 : 0);
        this.#paused = unit.paused;
        this.#entered ||= !unit.paused;
        return true;
      case "paused":
        return this.#paused;
      case "counts":
        return this.#counts();
      case "news":
        return this.#news(unit.since, unit.progress);
      case "held":
        return db.all("held_ids", this.#holder.current).map((
          row,
        ): [string, number] => [String(row["id"]), Number(row["token"])]);
      case "wait":
        return db.run("holder_waits", this.#holder.alive(), unit.waits ? 1 : 0) > 0;
    }
  }

  /** Makes sure that a group has its turn. */
  enter(group: string): void {
    this.#entered = true;
    if (this.#groups.has(group)) return;
    this.#groups.add(group);
    if (this.db.run("group_enter", this.queue, group, this.#turn + 1) > 0) this.#turn++;
  }

  /** Gives jobs of a holder that gives no sign of life back to the queue, or ends those that were lost too often. */
  giveBack(row: Row, lost: boolean, most: number): void {
    const times = Number(row["lost"]) + 1;
    if (lost && times >= most) {
      const error = `Lost ${times} times: what ran it ended or stood still`;
      this.#flows.kill(row, error);
      return;
    }
    this.db.run("give_back", Number(row["seq"]), lost ? 1 : 0);
    this.enter(String(row["grp"]));
  }

  #left(group: string): void {
    if (this.db.get("group_any", this.queue, group) !== undefined) return;
    this.db.run("group_leave", this.queue, group);
    this.#groups.delete(group);
  }

  #add(jobs: readonly NewJob[]): string[] {
    const db = this.db;
    const queue = this.queue;
    const now = this.now;
    /** Jobs that are not added, with the ids that hold in their place. */
    let replaced: Map<string, string> | undefined;
    this.promote();
    return jobs.map((job) => {
      const inPlace = (job.parent === "" ? undefined : replaced?.get(job.parent)) ??
        (job.key === "" ? undefined : db.get("key_holder", queue, job.key)?.["id"] as string);
      if (inPlace !== undefined) {
        (replaced ??= new Map()).set(job.id, inPlace);
        return inPlace;
      }
      const state = job.children > 0 ? BLOCKED : job.runAt > now ? DELAYED : WAITING;
      const due = Math.max(now, job.runAt);
      db.run(
        "insert",
        ...[queue, job.id, state, -job.priority, due, job.retries, job.backoffMs, job.timeoutMs],
        ...[job.group, job.key, job.key === "" ? null : job.key, job.parent, job.children],
        ...[job.tolerant ? 1 : 0, job.repeat, now, job.data],
      );
      if (state === WAITING) this.enter(job.group);
      return job.id;
    });
  }

  /** Lets delayed jobs that are due wait. */
  promote(): void {
    if (this.#promoted) return;
    this.#promoted = true;
    const db = this.db;
    for (;;) {
      const rows = db.all("due", this.queue, this.now);
      for (const row of rows) {
        db.run("wait", Number(row["seq"]));
        this.enter(String(row["grp"]));
      }
      if (rows.length < 1000) return;
    }
  }

  #nextDue(): number {
    return Number(this.db.get("next_due", this.queue)?.["due"] ?? -1);
  }

  #take(most: number): Taken {
    const db = this.db;
    const queue = this.queue;
    const jobs: TakenJob[] = [];
    this.promote();
    while (!this.#paused && jobs.length < most) {
      const groups = db.all("group_first", queue);
      if (groups.length === 0) break;
      const group = String(groups[0]!["grp"]);
      const wanted = groups.length === 1 ? most - jobs.length : 1;
      const rows = db.all("best", queue, group, wanted + 1);
      for (const row of rows.slice(0, wanted)) jobs.push(this.#hand(row));
      if (rows.length <= wanted) {
        db.run("group_leave", queue, group);
        this.#groups.delete(group);
      } else if (groups.length > 1) db.run("group_turn", queue, group, ++this.#turn);
    }
    return { jobs, nextDue: this.#nextDue() };
  }

  #hand(row: Row): TakenJob {
    const db = this.db;
    const seq = Number(row["seq"]);
    const repeat = String(row["repeat"]);
    const token = ++this.#turn;
    db.run("take", seq, this.#holder.alive(), token);
    if (repeat !== "") db.run("drop_key", seq);
    return {
      id: String(row["id"]),
      data: String(row["data"]),
      attempt: Number(row["attempts"]) + 1,
      failed: row["failed"] !== 0,
      retries: Number(row["retries"]),
      backoffMs: Number(row["backoff"]),
      timeoutMs: Number(row["timeout"]),
      priority: 0 - Number(row["rank"]),
      key: String(row["key"]),
      group: String(row["grp"]),
      repeat,
      childResults: row["children"] === 0 ? [] : db.all("child_results", seq).map(
        (child) => [String(child["id"]), String(child["result"])] as const,
      ),
      token,
    };
  }

  #complete(id: string, token: number, result: string): boolean {
    const db = this.db;
    const queue = this.queue;
    const row = db.get("complete", queue, id, token, result, this.#ended + 1, this.now);
    if (row === undefined) return false;
    this.#ended++;
    const parent = String(row["parent"]);
    if (parent !== "") {
      db.run("keep_result", queue, parent, Number(row["seq"]), id, result);
      this.#flows.childEnded(parent);
    }
    return true;
  }

  #fail(id: string, token: number, error: string, retryAt: number | undefined): boolean {
    const db = this.db;
    const queue = this.queue;
    const now = this.now;
    if (retryAt !== undefined) {
      this.promote();
      const state = retryAt > now ? DELAYED : WAITING;
      const row = db.get("fail_again", queue, id, token, state, error, Math.max(retryAt, now));
      if (row !== undefined && state === WAITING) this.enter(String(row["grp"]));
      return row !== undefined;
    }
    const row = db.get("fail_dead", queue, id, token, error, this.#ended + 1, now);
    if (row === undefined) return false;
    this.#ended++;
    this.#flows.childEnded(String(row["parent"]), { id, error });
    return true;
  }

  #counts(): Counts {
    const db = this.db;
    const queue = this.queue;
    const delayed = Object.values(db.get("count_delayed", queue) as Row);
    return {
      waiting: db.number("count_waiting", queue),
      delayed: Number(delayed[0]),
      retrying: Number(delayed[1] ?? 0),
      blocked: db.number("count_blocked", queue),
      running: db.number("count_running", queue),
      done: db.number("count_ended", queue, 4),
      dead: db.number("count_ended", queue, 5),
      cancelled: db.number("count_ended", queue, 6),
    };
  }

  #news(since: number, progress: readonly string[]): News {
    const db = this.db;
    const queue = this.queue;
    const nextDue = this.#nextDue();
    const due = nextDue >= 0 && nextDue <= this.now;
    return {
      waiting: !this.#paused && (due || db.get("any_waiting", queue) !== undefined),
      nextDue,
      ended: this.#ended,
      held: db.number("held", this.#holder.current),
      settled: since < 0 ? [] : db.all("ended_since", queue, since).map(stored),
      progress: progress.map((id) => text(db.get("progress", queue, id)?.["progress"])),
    };
  }
}

/** Whether a request only looks. */
export function looksOnly(unit: Unit): boolean {
  return ["get", "list", "paused", "counts", "news", "held"].includes(unit.kind);
}

function text(value: unknown): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}

function stored(row: Row): StoredJob {
  const finishedAt = row["ended_at"];
  return {
    id: String(row["id"]),
    state: STATES[Number(row["state"])]!,
    data: String(row["data"]),
    result: text(row["result"]),
    error: text(row["error"]),
    attempts: Number(row["attempts"]),
    progress: text(row["progress"]),
    addedAt: Number(row["added_at"]),
    finishedAt: finishedAt === null ? undefined : Number(finishedAt),
    priority: 0 - Number(row["rank"]),
    key: String(row["key"]),
    group: String(row["grp"]),
    repeat: String(row["repeat"]),
    runAt: Number(row["due"]),
  };
}
