/**
 * One queue of a queue file, for one store object of this isolate.
 *
 * @module
 */

import { translate } from "../failures.ts";
import type { Answer, Answers, Outcome, Session, SessionOptions, Unit } from "../units.ts";
import type { Member, PureFile } from "./file.ts";
import { Retention } from "./retention.ts";
import { looksOnly, Work } from "./work.ts";

/** Thrown inside a transaction that only looks, where there is something to be written first. */
const MUST_WRITE = new Error("must write");

/** A queue. */
export class PureSession implements Session, Member {
  readonly implementation = "pure";
  readonly lease: number;
  /** Its number in the file; 0 before it takes anything. */
  holder = 0;
  readonly #file: PureFile;
  readonly #queue: number;
  readonly #retention: Retention;
  #beatAt = -Infinity;
  #news = false;
  #call: (() => void) | undefined;
  #closed = false;
  #held = false;
  #waits = false;

  /** Opens a queue of a file, which is made at first use. */
  constructor(file: PureFile, options: SessionOptions) {
    const { name, leaseMs, doneMs, doneCount } = options;
    this.#file = file;
    this.lease = leaseMs;
    this.#retention = new Retention(doneMs, doneCount);
    const { connection } = file;
    file.enter(this);
    try {
      if (connection.get("queue_find", name) === undefined) {
        connection.exec("PRAGMA busy_timeout = 10000");
        connection.transaction(() => connection.run("queue_make", name));
        connection.exec("PRAGMA busy_timeout = 20");
      }
      this.#queue = connection.number("queue_find", name);
    } catch (error) {
      file.leave(this);
      throw translate(error, file.named);
    }
  }

  /** Whether it must beat: it holds jobs, or others are to know that it waits. */
  get holds(): boolean {
    return this.#held;
  }

  /** Whether somebody waits for news. */
  get isWaiting(): boolean {
    return this.#call !== undefined;
  }

  async run(units: readonly Unit[], now: number): Promise<Outcome> {
    try {
      return await this.#together(units, now);
    } catch (error) {
      if (units.length === 1) return { answers: [{ ok: false, error }], ready: false };
    }
    // One of them cannot be done (no room, say): the others are not to suffer for it.
    const answers: Answer[] = [];
    let ready = false;
    for (const unit of units) {
      const one = await this.run([unit], now);
      answers.push(...one.answers);
      ready ||= one.ready;
    }
    return { answers, ready };
  }

  async #together(units: readonly Unit[], now: number): Promise<Outcome> {
    if (units.every(looksOnly)) {
      const mustTrim = this.#retention.pending;
      const looked = mustTrim ? undefined : this.#look(units, now);
      if (looked !== undefined) return looked;
    }
    const { holder } = this;
    try {
      return await this.#file.transaction(() => {
        // What an attempt before this one made is not there.
        this.holder = holder;
        return this.#write(units, now);
      });
    } catch (error) {
      this.holder = holder;
      throw error;
    }
  }

  /** Looks without the lock that writing needs; undefined if there is something to be written first. */
  #look(units: readonly Unit[], now: number): Outcome | undefined {
    const { connection } = this.#file;
    try {
      return connection.look(() => {
        const work = this.#work(now);
        const mustBeExact = units.some(({ kind }) => kind !== "news" && kind !== "held");
        if (mustBeExact && (work.isDue || this.#retention.isOver(work))) throw MUST_WRITE;
        return { answers: units.map((unit) => done(work.apply(unit))), ready: false };
      });
    } catch (error) {
      if (error === MUST_WRITE) return undefined;
      throw translate(error, this.#file.named);
    }
  }

  #work(now: number): Work {
    return new Work(this.#file.connection, this.#queue, now, {
      current: this.holder,
      alive: () => this.holder,
    });
  }

  #write(units: readonly Unit[], now: number): Outcome {
    const { connection } = this.#file;
    let isAlive = false;
    const work = new Work(connection, this.#queue, now, {
      current: this.holder,
      alive: () => {
        if (!isAlive) this.#beThere();
        isAlive = true;
        return this.holder;
      },
    });
    const { ended } = work;
    if (units.some(({ kind }) => kind === "list" || kind === "counts" || kind === "get")) {
      work.promote();
      this.#trim(work);
    }
    const answers = units.map((unit) => done(work.apply(unit)));
    if (this.#retention.count(work.ended - ended)) this.#trim(work);
    const ready = work.finish();
    for (const unit of units) {
      if (unit.kind === "take") this.#held = true;
      else if (unit.kind === "wait") {
        this.#waits = unit.waits;
        this.#held ||= unit.waits;
      }
    }
    this.#file.tell(this);
    return { answers, ready };
  }

  #trim(work: Work): void {
    const { connection } = this.#file;
    this.#retention.apply(work, connection.get("any_waits", this.holder) !== undefined);
  }

  /** Removes what is to be kept no longer, where nothing else happens; notes whether anything is held. */
  async tidy(): Promise<void> {
    const { connection } = this.#file;
    this.#held = this.#waits || connection.number("held", this.holder) > 0;
    if (!this.#retention.pending) return;
    const now = this.#file.clock.now();
    await this.#file.transaction(() => this.#trim(this.#work(now)));
  }

  /** Makes sure of a number that nobody takes for gone. */
  #beThere(): void {
    const isFresh = this.#file.steady() - this.#beatAt < this.lease / 3;
    if (isFresh && this.#file.connection.get("holder_there", this.holder) !== undefined) return;
    this.beat();
  }

  sync(): Promise<void> {
    return this.#file.connection.sync();
  }

  /** Gives a sign of life, in a transaction; with a new number if others thought that there was none any more. */
  beat(): void {
    const { connection } = this.#file;
    const now = this.#file.clock.now();
    this.#beatAt = this.#file.steady();
    if (this.holder !== 0 && connection.run("holder_beat", this.holder, now) > 0) return;
    if (this.holder !== 0) this.news();
    this.holder = connection.insert("holder_make", now, this.lease);
  }

  changed(call: () => void): () => void {
    this.#call = call;
    if (this.#news) queueMicrotask(() => this.#tell());
    this.#file.watch();
    return () => {
      if (this.#call === call) this.#call = undefined;
    };
  }

  /** Something may have changed. */
  news(): void {
    this.#news = true;
    this.#tell();
  }

  #tell(): void {
    const call = this.#call;
    if (call === undefined || !this.#news) return;
    this.#call = undefined;
    this.#news = false;
    queueMicrotask(call);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#call = undefined;
    const { holder } = this;
    try {
      if (holder !== 0) {
        const now = this.#file.clock.now();
        await this.#file.transaction(() => this.#file.giveBack(holder, false, now));
        this.#file.tell(this);
      }
    } catch {
      // A full disk, say: they come back after one lease.
    } finally {
      this.#held = false;
      this.#file.leave(this);
    }
  }
}

function done(value: Answers[Unit["kind"]]): Answer {
  return { ok: true, value };
}
