/**
 * A queue file as this isolate has it open: one connection for all queues and stores, what they tell each other, and
 * the look at what other isolates and processes did.
 *
 * The connection works on the event loop, as `node:sqlite` does; leases are renewed there too, so a handler that blocks
 * it for longer than a lease can lose its job (it is told, and what it returns is refused).
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import { type Claim, claim, otherTwin } from "../../../shared/database_claims.ts";
import { BUSY_MS, isBusy, translate } from "../failures.ts";
import type { Location } from "../location.ts";
import { Connection, type Row } from "./connection.ts";
import { Leases } from "./leases.ts";
import { Work } from "./work.ts";

/** Others are looked at so often after something happened... */
const SHORT_MS = 10;
/** ...and so often when nothing does. */
const LONG_MS = 40;
/** The longest pause between two looks at the holders. */
const LOOK_MS = 1_000;
/** A job that is lost so often ends whoever runs it. */
const MOST_LOST = 20;

/** A queue of the file that is used here. */
export interface Member {
  /** How long it may give no sign of life. */
  readonly lease: number;
  /** Its number in the file; 0 before it takes anything. */
  readonly holder: number;
  /** Whether it must beat. */
  readonly holds: boolean;
  /** Whether somebody waits for news. */
  readonly isWaiting: boolean;
  /** Something may have changed. */
  news(): void;
  /** Gives a sign of life, in a transaction. */
  beat(): void;
  /** Removes what is to be kept no longer. */
  tidy(): Promise<void>;
}

/** The clock of a file: that of the queue, and one that nobody sets. */
export interface FileClock extends Clock {
  /** Milliseconds since some moment. */
  steady?(): number;
}

const NOBODY = { current: 0, alive: () => 0 };

const files = new Map<string, PureFile>();

/** An open file. */
export class PureFile {
  readonly named: string;
  readonly connection: Connection;
  readonly clock: FileClock;
  readonly #path: string;
  readonly #claim: Claim;
  readonly #sessions = new Set<Member>();
  #leases: Leases | undefined;
  #version = 0;
  #pause = SHORT_MS;
  #timer: (() => void) | undefined;
  #lookedAt = -Infinity;
  #beatAt = -Infinity;

  private constructor(location: Location, clock: FileClock) {
    this.named = location.named;
    this.clock = clock;
    this.#path = location.path;
    let made: Claim | undefined;
    try {
      made = claim(location.path);
    } catch (error) {
      throw translate(error, location.named);
    }
    if (made === undefined) throw otherTwin(location.named, "native");
    this.#claim = made;
    try {
      this.connection = new Connection(location);
    } catch (error) {
      made.end();
      throw error;
    }
    this.#version = this.connection.version();
  }

  /** The file, opened if it is not open here; to be closed as often as this is called. */
  static open(location: Location, clock: FileClock): PureFile {
    const open = files.get(location.path);
    if (open !== undefined) return open;
    const file = new PureFile(location, clock);
    files.set(location.path, file);
    return file;
  }

  /** Adds a queue that is used. */
  enter(session: Member): void {
    this.#sessions.add(session);
  }

  /** Removes one; the last closes the file. */
  leave(session: Member): void {
    this.#sessions.delete(session);
    if (this.#sessions.size > 0) return;
    this.#timer?.();
    files.delete(this.#path);
    try {
      this.connection.close();
    } finally {
      this.#claim.end();
    }
  }

  /** A steady clock. */
  steady(): number {
    return this.clock.steady?.() ?? performance.now();
  }

  /**
   * Runs work in a transaction, as soon as no other process has one.
   *
   * @throws {AgentError} What SQLite refused.
   */
  async transaction<T>(work: () => T): Promise<T> {
    const end = performance.now() + BUSY_MS;
    for (let tries = 0;; tries++) {
      try {
        return this.connection.transaction(work);
      } catch (error) {
        if (!isBusy(error) || performance.now() > end) throw translate(error, this.named);
      }
      await new Promise<void>((resolve) => setTimeout(resolve, Math.min(tries, 10)));
    }
  }

  /** Tells the others of this isolate that a session changed something. */
  tell(from: Member): void {
    for (const session of this.#sessions) if (session !== from) session.news();
  }

  /** Begins to look at what others do, while somebody waits or holds jobs. */
  watch(): void {
    if (this.#timer !== undefined) return;
    this.#timer = this.clock.after(this.#pause, () => {
      this.#timer = undefined;
      this.#look().catch(() => {
        // A full disk, say. The next look comes; who asks for something is told then.
      }).finally(() => {
        for (const session of this.#sessions) {
          if (session.isWaiting || session.holds) return this.watch();
        }
      });
    });
  }

  async #look(): Promise<void> {
    if (this.#sessions.size === 0) return;
    const version = this.connection.version();
    const changed = version !== this.#version;
    this.#version = version;
    this.#pause = changed ? SHORT_MS : Math.min(this.#pause + 1, LONG_MS);
    if (changed) { for (const session of this.#sessions) session.news(); }
    const steady = this.steady();
    let lease = Infinity;
    for (const session of this.#sessions) lease = Math.min(lease, session.lease);
    if (steady - this.#beatAt >= lease / 3) {
      this.#beatAt = steady;
      const alive = [...this.#sessions].filter((session) => session.holds);
      if (alive.length > 0) {
        await this.transaction(() => {
          for (const session of alive) session.beat();
        });
      }
    }
    if (steady - this.#lookedAt >= Math.min(lease / 4, LOOK_MS)) {
      this.#lookedAt = steady;
      await this.#lookAtHolders(steady);
      for (const session of this.#sessions) await session.tidy();
    }
  }

  async #lookAtHolders(steady: number): Promise<void> {
    const now = this.clock.now();
    const own = new Set([...this.#sessions].map((session) => session.holder));
    const rows = this.connection.all("holders");
    const holders = rows.map((row) => ({
      id: Number(row["id"]),
      beat: Number(row["beat"]),
      beatAt: Number(row["beat_at"]),
      lease: Number(row["lease"]),
    }));
    this.#leases ??= new Leases(now, steady);
    const gone = this.#leases.look(holders.filter(({ id }) => !own.has(id)), now, steady);
    for (const id of gone) {
      const { beat } = holders.find((holder) => holder.id === id)!;
      await this.transaction(() => this.#reclaim(id, beat, now));
      for (const session of this.#sessions) session.news();
    }
  }

  /** Gives back what a holder has that is gone; unless it came back meanwhile. */
  #reclaim(holder: number, beat: number, now: number): void {
    const there = this.connection.all("holders").some((row) =>
      row["id"] === holder && row["beat"] === beat
    );
    if (there) this.giveBack(holder, true, now);
  }

  /** Gives all jobs of a holder back, in a transaction. */
  giveBack(holder: number, lost: boolean, now: number): void {
    const { connection } = this;
    const works = new Map<number, Work>();
    for (const row of connection.all("lost", holder)) {
      const queue = Number(row["queue"]);
      let work = works.get(queue);
      if (work === undefined) works.set(queue, work = new Work(connection, queue, now, NOBODY));
      work.giveBack(row as Row, lost, MOST_LOST);
    }
    for (const work of works.values()) work.finish();
    connection.run("holder_end", holder);
  }
}
