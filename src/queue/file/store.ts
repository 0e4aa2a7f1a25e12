/**
 * The store of jobs in a file: what it is asked goes to its twin in groups, one transaction each, and what others do
 * comes back as news. All of this is the same for both twins; what they do with the file is in `pure/` and `native/`.
 *
 * @module
 */

import { closedError } from "../../shared/closed.ts";
import type { Clock } from "../clock.ts";
import type { Counts, NewJob, QueueStore, StoredJob, TakenJob } from "../store.ts";
import type { JobState } from "../types.ts";
import { isFull } from "./failures.ts";
import { Listeners } from "./listeners.ts";
import { STATES } from "./sql.ts";
import type { Answer, Answers, News, Outcome, Session, Unit, UnitKind } from "./units.ts";

/** One transaction takes at most so many requests, and about so much text. */
const MOST_UNITS = 4_096;
const MOST_UNITS_TEXT = 8 << 20;
/** The end of a job that could not be written for want of room is tried again after so long. */
const AGAIN_MS = 200;

/** A request that is not answered. */
interface Asked {
  readonly unit: Unit;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** A store in a file. */
export class FileStore implements QueueStore {
  readonly implementation: "native" | "pure";
  readonly shared = true;
  readonly #session: Session;
  readonly #clock: Clock;
  readonly #listeners: Listeners;
  /** What this store holds: the tokens by the ids. */
  readonly #held = new Map<string, number>();
  #revoked: ((id: string, token: number) => void) | undefined;
  #asked: Asked[] = [];
  #running: Promise<void> | undefined;
  #stopWaiting: (() => void) | undefined;
  #looking = false;
  #closing: Promise<void> | undefined;
  readonly #full: boolean;
  /** What was done but would not survive a loss of power, with its answers. */
  #unsynced: { asked: Asked; value: unknown }[] = [];
  #syncing: Promise<void> | undefined;
  /** Ends that wait for room on the disk. */
  readonly #again = new Set<() => void>();

  /** Takes over a queue of an open file; `full` says that answers survive a loss of power. */
  constructor(session: Session, clock: Clock, full: boolean) {
    this.#full = full;
    this.#session = session;
    this.implementation = session.implementation;
    this.#clock = clock;
    this.#listeners = new Listeners(clock, () => this.#listen());
  }

  add(jobs: readonly NewJob[]): Promise<string[]> {
    return this.#ask({ kind: "add", jobs });
  }

  async take(most: number): Promise<TakenJob[]> {
    const { jobs, nextDue } = await this.#ask({ kind: "take", most });
    this.#listeners.setAlarm(nextDue);
    return jobs as TakenJob[];
  }

  watch(ready: () => void): () => void {
    return this.#listeners.watch(ready);
  }

  complete(id: string, token: number, result: string): Promise<boolean> {
    return this.#ask({ kind: "complete", id, token, result });
  }

  fail(id: string, token: number, error: string, retryAt: number | undefined): Promise<boolean> {
    return this.#ask({ kind: "fail", id, token, error, retryAt });
  }

  release(id: string, token: number): Promise<boolean> {
    return this.#ask({ kind: "release", id, token });
  }

  report(id: string, token: number, progress: string): Promise<boolean> {
    return this.#ask({ kind: "report", id, token, progress });
  }

  cancel(id: string): Promise<boolean> {
    return this.#ask({ kind: "cancel", id });
  }

  onRevoked(revoked: (id: string, token: number) => void): void {
    this.#revoked = revoked;
  }

  onSettled(id: string, settled: (job: StoredJob | undefined) => void): () => void {
    const { end, isFirst } = this.#listeners.settle(id, settled);
    const failed = (): void => {
      // The store is closed, or its file cannot be read: who asks for the job is told why.
    };
    if (isFirst) {
      this.#ask({ kind: "wait", waits: true }).catch(failed);
      this.#ask({ kind: "news", since: -1, progress: [] }).catch(failed);
    }
    this.#ask({ kind: "get", id }).then((job) => {
      if (job === undefined || job.finishedAt !== undefined) this.#listeners.settled(id, job);
    }, failed);
    return end;
  }

  onEnded(ended: () => void): () => void {
    return this.#listeners.ended(ended);
  }

  onProgress(id: string, progress: (value: string) => void): () => void {
    const end = this.#listeners.progress(id, progress);
    this.#look();
    return end;
  }

  get(id: string): Promise<StoredJob | undefined> {
    return this.#ask({ kind: "get", id });
  }

  list(state: JobState, offset: number, limit: number): Promise<StoredJob[]> {
    return this.#ask({ kind: "list", state: STATES.indexOf(state), offset, limit });
  }

  retry(ids: readonly string[] | undefined): Promise<number> {
    return this.#ask({ kind: "retry", ids });
  }

  purge(state: JobState, before: number): Promise<number> {
    return this.#ask({ kind: "purge", state: STATES.indexOf(state), before });
  }

  async setPaused(paused: boolean): Promise<void> {
    await this.#ask({ kind: "pause", paused });
  }

  isPaused(): Promise<boolean> {
    return this.#ask({ kind: "paused" });
  }

  counts(): Promise<Counts> {
    return this.#ask({ kind: "counts" });
  }

  async answered(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#listeners.close();
    this.#stopWaiting?.();
    for (const give of [...this.#again]) give();
    await this.answered();
    await this.#syncing;
    await this.#session.close();
  }

  #ask<K extends UnitKind>(unit: Unit & { kind: K }): Promise<Answers[K]> {
    if (this.#closing !== undefined) return Promise.reject(closedError("queue"));
    return new Promise<Answers[K]>((resolve, reject) => {
      this.#asked.push({ unit, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Carries out what is asked, in groups, until nothing is. */
  async #run(): Promise<void> {
    try {
      // What is asked in one go belongs into one group.
      await undefined;
      await undefined;
      while (this.#asked.length > 0) {
        const group = this.#nextGroup();
        const units = group.map(({ unit }) => unit);
        const mustLook = this.#mustLook(units);
        const isKnown = !this.#listeners.waitsForEnds || this.#listeners.since >= 0;
        if (mustLook && isKnown) units.push(this.#news());
        let outcome: Outcome;
        try {
          outcome = await this.#session.run(units, this.#clock.now());
        } catch (error) {
          outcome = { answers: units.map(() => ({ ok: false, error })), ready: false };
        }
        this.#deliver(group, units, outcome);
        // Since when ends are of interest is known only now.
        if (mustLook && !isKnown) this.#look();
      }
    } finally {
      this.#running = undefined;
      this.#listen();
    }
  }

  #nextGroup(): Asked[] {
    let size = 0;
    let end = 0;
    while (end < this.#asked.length && end < MOST_UNITS && size < MOST_UNITS_TEXT) {
      const { unit } = this.#asked[end++]!;
      if (unit.kind === "add") { for (const { data } of unit.jobs) size += data.length; }
      else if (unit.kind === "complete") size += unit.result.length;
    }
    if (end === this.#asked.length) {
      const all = this.#asked;
      this.#asked = [];
      return all;
    }
    return this.#asked.splice(0, end);
  }

  /** Whether a group may end jobs that somebody here waits for or runs. */
  #mustLook(units: readonly Unit[]): boolean {
    const waits = this.#listeners.waitsForEnds;
    return units.some(({ kind }) =>
      kind === "cancel" ? waits || this.#held.size > 0 : waits &&
        (kind === "complete" || kind === "fail" || kind === "retry")
    );
  }

  #news(): Unit {
    const { since, reported } = this.#listeners;
    return { kind: "news", since, progress: reported };
  }

  #deliver(group: readonly Asked[], units: readonly Unit[], { answers, ready }: Outcome): void {
    let ended = false;
    for (let at = 0; at < units.length; at++) {
      const answer = answers[at] as Answer;
      const asked = group[at];
      if (answer.ok === true) {
        ended = this.#note(units[at]!, answer.value) || ended;
        if (asked !== undefined && this.#full && isChange(asked.unit)) {
          this.#unsynced.push({ asked, value: answer.value });
        } else asked?.resolve(answer.value as never);
      } else if (asked !== undefined) this.#failed(asked, answer.error);
    }
    if (ended) this.#listeners.callEnded();
    if (ready) this.#listeners.callReady();
    if (this.#unsynced.length > 0) this.#syncing ??= this.#sync();
  }

  /** Answers what was done once it survives; what comes meanwhile waits for the next time, together. */
  async #sync(): Promise<void> {
    while (this.#unsynced.length > 0) {
      const group = this.#unsynced;
      this.#unsynced = [];
      try {
        await this.#session.sync();
        for (const { asked, value } of group) asked.resolve(value as never);
      } catch (error) {
        for (const { asked } of group) asked.reject(error);
      }
    }
    this.#syncing = undefined;
  }

  /** Notes what an answer means for this store. Whether a job ended. */
  #note(unit: Unit, value: Answers[UnitKind]): boolean {
    switch (unit.kind) {
      case "add":
        for (const { runAt } of unit.jobs) if (runAt > 0) this.#listeners.setAlarm(runAt);
        return false;
      case "take":
        for (const { id, token } of (value as Answers["take"]).jobs) this.#held.set(id, token);
        return false;
      case "complete":
      case "fail":
      case "release":
        if (this.#held.get(unit.id) === unit.token) this.#held.delete(unit.id);
        if (unit.kind === "fail" && unit.retryAt !== undefined) {
          this.#listeners.setAlarm(unit.retryAt);
          return false;
        }
        return value === true && unit.kind !== "release";
      case "report":
        if (value === true) this.#listeners.reported1(unit.id, unit.progress);
        return false;
      case "cancel":
        return value === true;
      case "news":
        this.#hear(value as News, unit.progress, unit.since);
        return false;
      default:
        return false;
    }
  }

  /** The end of a job that was done is not given up for want of room: it would be done again. */
  #failed(asked: Asked, error: unknown): void {
    const { unit } = asked;
    const isEnd = unit.kind === "complete" || unit.kind === "fail";
    if (!isEnd || !isFull(error) || this.#closing !== undefined) return asked.reject(error);
    const give = (): void => {
      this.#again.delete(give);
      stop();
      asked.reject(error);
    };
    const stop = this.#clock.after(AGAIN_MS, () => {
      this.#again.delete(give);
      this.#asked.push(asked);
      this.#running ??= this.#run();
    });
    this.#again.add(give);
  }

  /** Waits for what others do, while somebody here wants to know. */
  #listen(): void {
    if (this.#stopWaiting !== undefined || this.#closing !== undefined) return;
    if (!this.#listeners.any && this.#held.size === 0) return;
    this.#stopWaiting = this.#session.changed(() => {
      this.#stopWaiting = undefined;
      this.#look();
    });
  }

  /** Asks what others did. */
  #look(): void {
    if (this.#looking || this.#closing !== undefined) return;
    this.#looking = true;
    const unit = this.#news() as Unit & { kind: "news" };
    this.#ask(unit).catch(() => {
      // A file that cannot be read: whoever asks for something is told.
    }).finally(() => {
      this.#looking = false;
      this.#listen();
    });
  }

  #hear(news: News, reported: readonly string[], since: number): void {
    this.#listeners.hear(news, reported, since);
    if (news.held < this.#held.size) {
      this.#ask({ kind: "held" }).then((held) => this.#compare(held), () => {});
    }
  }

  /** Finds out which jobs are no longer this store's. */
  #compare(held: readonly (readonly [string, number])[]): void {
    const there = new Map(held);
    for (const [id, token] of this.#held) {
      if (there.get(id) === token) continue;
      this.#held.delete(id);
      this.#revoked?.(id, token);
    }
  }
}

/** Whether an answer is a promise that something was stored. Handing out a job is none: lost, it is handed out again. */
function isChange({ kind }: Unit): boolean {
  switch (kind) {
    case "add":
    case "complete":
    case "fail":
    case "release":
    case "report":
    case "cancel":
    case "retry":
    case "purge":
    case "pause":
      return true;
    default:
      return false;
  }
}
