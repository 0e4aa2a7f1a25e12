/**
 * A worker: takes jobs as it has room, runs the handler, and tells the store what came of it. Written once for all
 * stores; what a store answers at once costs no promise.
 *
 * @module
 */

import { fieldsOf, wrongType, wrongValue } from "../shared/arguments.ts";
import { closedError } from "../shared/closed.ts";
import { checkFields } from "../shared/known_fields.ts";
import { AgentError } from "../shared/errors.ts";
import type { Clock } from "./clock.ts";
import { type JobHost, messageOf, RunningJob } from "./job.ts";
import { toJson } from "./json.ts";
import { retryTime } from "./backoff.ts";
import { concurrencyOf } from "./options.ts";
import type { QueueStore, TakenJob } from "./store.ts";
import type { CloseOptions, Handler, JsonValue, QueueWorker } from "./types.ts";

/** After so long in one go the event loop gets its turn... */
const GO_MS = 10;
/** ...which is looked at each so many jobs. */
const LOOK_EACH = 64;
/** The pause after a failure of the store doubles from the first to the last. */
const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 10_000;

/** What a worker works with. */
export interface WorkerContext<T extends JsonValue, R extends JsonValue> {
  readonly store: QueueStore;
  readonly host: JobHost;
  readonly clock: Clock;
  readonly random: () => number;
  readonly concurrency: number;
  readonly handler: Handler<T, R>;
  readonly onError: ((error: unknown) => void) | undefined;
  /** Adds the next occurrence of a repeat. */
  readonly addNext: (taken: TakenJob) => unknown;
  /** Called once when it is closed. */
  readonly onClosed: (worker: StoreWorker<T, R>) => void;
}

type Running<T extends JsonValue, R extends JsonValue> = RunningJob<T, R>;

/** A worker on a store. */
export class StoreWorker<T extends JsonValue, R extends JsonValue> implements QueueWorker {
  readonly #context: WorkerContext<T, R>;
  readonly #store: QueueStore;
  readonly #running = new Map<number, Running<T, R>>();
  readonly #unwatch: () => void;
  readonly #keepAlive: ReturnType<typeof setInterval>;
  readonly #pump = (): void => this.#takeAll();
  /** Whether a look for jobs is due already, or under way. */
  #looking = false;
  /** Whether something became ready while it looked. */
  #again = false;
  #closing = false;
  #closed: Promise<void> | undefined;
  #isClosed = false;
  /** What ends the timers after which running jobs are given back. */
  readonly #graces: (() => void)[] = [];
  /** Called when nothing runs and nothing is being told to the store. */
  #idle: (() => void) | undefined;
  /** What the store is being told. */
  #telling = 0;
  #pauseMs = 0;
  #pause: (() => void) | undefined;
  #turn: ReturnType<typeof setTimeout> | undefined;

  constructor(context: WorkerContext<T, R>) {
    this.#context = context;
    this.#store = context.store;
    // Timers of the queue hold nothing: this is what keeps the program alive.
    this.#keepAlive = setInterval(() => {}, 2 ** 30);
    this.#unwatch = context.store.watch(() => this.#ready());
  }

  get running(): number {
    return this.#running.size;
  }

  #ready(): void {
    if (this.#looking) this.#again = true;
    else this.#look();
  }

  #look(): void {
    if (this.#closing || this.#pause !== undefined) return;
    this.#looking = true;
    queueMicrotask(this.#pump);
  }

  /** Takes and runs jobs until there is no room or nothing to take. */
  #takeAll(): void {
    let ran = 0;
    let end = 0;
    this.#again = false;
    for (;;) {
      const room = this.#context.concurrency - this.#running.size;
      if (room <= 0 || this.#closing) break;
      let taken: TakenJob[] | Promise<TakenJob[]>;
      try {
        taken = this.#store.take(room);
      } catch (error) {
        return this.#failedToTake(error);
      }
      if (taken instanceof Promise) return this.#await(taken, room);
      this.#pauseMs = 0;
      for (let i = 0; i < taken.length; i++) this.#run(taken[i]!);
      // What came meanwhile was told, and is there at the next look.
      if (taken.length < room && !this.#again) break;
      this.#again = false;
      ran += taken.length;
      if (ran >= LOOK_EACH) {
        ran = 0;
        const now = performance.now();
        if (end === 0) end = now + GO_MS;
        else if (now >= end) {
          this.#turn = setTimeout(this.#pump, 0);
          return;
        }
      }
    }
    this.#looking = false;
    this.#checkIdle();
  }

  #await(taking: Promise<TakenJob[]>, room: number): void {
    this.#telling++;
    taking.then((taken) => {
      this.#telling--;
      this.#pauseMs = 0;
      for (const job of taken) {
        if (this.#closing) this.#tell(() => this.#store.release(job.id, job.token));
        else this.#run(job);
      }
      const isMore = this.#again || taken.length === room;
      this.#looking = false;
      if (isMore && this.#running.size < this.#context.concurrency) this.#look();
      this.#checkIdle();
    }, (error) => {
      this.#telling--;
      this.#failedToTake(error);
    });
  }

  #failedToTake(error: unknown): void {
    this.#looking = false;
    this.#checkIdle();
    if (this.#closing) return;
    this.#pauseMs = Math.min(Math.max(this.#pauseMs * 2, FIRST_PAUSE_MS), LAST_PAUSE_MS);
    this.#pause = this.#context.clock.after(this.#pauseMs, () => {
      this.#pause = undefined;
      this.#look();
    });
    this.#complain(error);
  }

  #complain(error: unknown): void {
    try {
      this.#context.onError?.(error);
    } catch (thrown) {
      reportError(thrown);
    }
  }

  #run(taken: TakenJob): void {
    const job = new RunningJob<T, R>(this.#context.host, taken);
    this.#running.set(job.token, job);
    if (taken.repeat !== "" && !taken.failed) this.#addNext(job, FIRST_PAUSE_MS);
    else this.#start(job);
  }

  /**
   * Adds the next occurrence of a repeat, then runs this one. Where the store fails, it is tried again: a repeat must not
   * end with it.
   */
  #addNext(job: Running<T, R>, pauseMs: number): void {
    if (job.over) return;
    const failed = (error: unknown): void => {
      this.#complain(error);
      if (job.over) return;
      if (this.#closing) {
        this.#leave(job);
        return this.#tell(() => this.#store.release(job.id, job.token));
      }
      const again = (): void => this.#addNext(job, Math.min(pauseMs * 2, LAST_PAUSE_MS));
      job.timer = this.#context.clock.after(pauseMs, again);
    };
    try {
      const next = this.#context.addNext(job.taken);
      if (next instanceof Promise) next.then(() => this.#start(job), failed);
      else this.#start(job);
    } catch (error) {
      failed(error);
    }
  }

  #start(job: Running<T, R>): void {
    if (job.over) return;
    const { timeoutMs } = job.taken;
    if (timeoutMs > 0) {
      job.timer = this.#context.clock.after(timeoutMs, () => this.#timedOut(job, timeoutMs));
    }
    let outcome: R | Promise<R>;
    try {
      outcome = this.#context.handler(job, job.controller.signal);
      // Looking for a `then` may throw as well.
      if (isThenable(outcome)) {
        outcome.then((result) => this.#done(job, result), (error) => this.#failed(job, error));
        return;
      }
    } catch (error) {
      return this.#failed(job, error);
    }
    this.#done(job, outcome);
  }

  /** Frees the job's place; what its handler does from now on counts no more. */
  #leave(job: Running<T, R>): void {
    job.over = true;
    job.timer?.();
    this.#running.delete(job.token);
    if (!this.#looking) this.#look();
  }

  #done(job: Running<T, R>, result: R): void {
    if (job.over) return;
    let text: string;
    try {
      text = result === undefined ? "null" : toJson(result, "The result");
    } catch (error) {
      return this.#failed(job, error);
    }
    this.#leave(job);
    if (this.#store.completeHeld !== undefined) {
      return this.#tell(() => this.#store.completeHeld!(job.token, text));
    }
    if (this.#store.completeSoon !== undefined) {
      this.#store.completeSoon(job.id, job.token, text);
      return this.#checkIdle();
    }
    const { host } = this.#context;
    const kept = Promise.withResolvers<boolean>();
    host.completing(job.id, text, kept.promise);
    this.#tell(() => {
      const told = this.#store.complete(job.id, job.token, text);
      Promise.resolve(told).then(kept.resolve, () => kept.resolve(false));
      return told;
    }, (isKept) => {
      if (isKept) host.completed(job.id, text);
    });
  }

  #failed(job: Running<T, R>, error: unknown): void {
    if (job.over) return;
    this.#leave(job);
    const { attempt, retries, backoffMs } = job.taken;
    const { clock, random } = this.#context;
    const retryAt = attempt <= retries
      ? retryTime(clock.now(), attempt, backoffMs, random)
      : undefined;
    const message = messageOf(error);
    this.#tell(() => this.#store.fail(job.id, job.token, message, retryAt));
  }

  #timedOut(job: Running<T, R>, timeoutMs: number): void {
    const operation = `Job ${job.id}`;
    const message = `${operation} was not finished within ${timeoutMs} ms`;
    const error = new AgentError("TIMEOUT", message, { operation, timeoutMs });
    this.#failed(job, error);
    job.controller.abort(error);
  }

  /** The store says that a job is no longer ours. */
  revoke(token: number): void {
    const job = this.#running.get(token);
    if (job === undefined) return;
    this.#leave(job);
    const message = `Job ${job.id} was cancelled, or is another worker's`;
    job.controller.abort(new AgentError("CANCELLED", message, { what: `job ${job.id}` }));
  }

  /** Tells the store something; what goes wrong there is no handler's failure. */
  #tell(tell: () => boolean | Promise<boolean>, then?: (isKept: boolean) => void): void {
    let told: boolean | Promise<boolean>;
    try {
      told = tell();
    } catch (error) {
      this.#checkIdle();
      return this.#complain(error);
    }
    if (!(told instanceof Promise)) {
      then?.(told);
      return this.#checkIdle();
    }
    this.#telling++;
    told.then((isKept) => {
      this.#telling--;
      then?.(isKept);
      this.#checkIdle();
    }, (error) => {
      this.#telling--;
      this.#checkIdle();
      this.#complain(error);
    });
  }

  #checkIdle(): void {
    if (this.#idle !== undefined && this.#running.size === 0 && this.#telling === 0) this.#idle();
  }

  close(options?: CloseOptions): Promise<void> {
    let graceMs: number;
    try {
      graceMs = graceOf(options);
    } catch (error) {
      return Promise.reject(error);
    }
    // Who asks again may have less patience.
    if (graceMs !== Infinity && !this.#isClosed) {
      this.#graces.push(this.#context.clock.after(graceMs, () => this.#giveBack()));
    }
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#closing = true;
    this.#unwatch();
    this.#pause?.();
    clearTimeout(this.#turn);
    if (this.#running.size > 0 || this.#telling > 0) {
      await new Promise<void>((resolve) => this.#idle = resolve);
    }
    this.#isClosed = true;
    for (const stop of this.#graces) stop();
    clearInterval(this.#keepAlive);
    this.#context.onClosed(this);
  }

  #giveBack(): void {
    for (const job of [...this.#running.values()].reverse()) {
      this.#leave(job);
      this.#tell(() => this.#store.release(job.id, job.token));
      job.controller.abort(closedError("worker"));
    }
    this.#checkIdle();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Checks what `process` is given. */
export function checkProcess(
  handler: unknown,
  options: unknown,
  fallback: number,
): { concurrency: number; onError: ((error: unknown) => void) | undefined } {
  if (typeof handler !== "function") throw wrongType("handler", "a function", handler);
  const given = fieldsOf(options, "options");
  checkFields(given, "options", ["concurrency", "onError"]);
  const { concurrency, onError } = given;
  if (onError !== undefined && typeof onError !== "function") {
    throw wrongType("options.onError", "a function", onError);
  }
  return {
    concurrency: concurrencyOf(concurrency, fallback),
    onError: onError as ((error: unknown) => void) | undefined,
  };
}

/** Reads `options.graceMs` of `close`. */
export function graceOf(options: CloseOptions | undefined): number {
  const given = fieldsOf(options, "options");
  checkFields(given, "options", ["graceMs"]);
  const { graceMs = Infinity } = given;
  if (typeof graceMs !== "number") throw wrongType("options.graceMs", "a number", graceMs);
  if (!(graceMs >= 0)) throw wrongValue("options.graceMs", "at least 0", graceMs);
  return graceMs;
}

function isThenable<R>(value: R | Promise<R>): value is Promise<R> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}
