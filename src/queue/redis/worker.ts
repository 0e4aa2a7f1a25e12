/**
 * A worker: BullMQ's own takes the jobs, renews their locks and says what came of them; this runs the handler, with a
 * signal that fires when the job is cancelled, over its time, or lost.
 *
 * A handler that is not waited for any more frees its place at once. What it gives later counts no more: BullMQ's lock,
 * whose token is another one for each job that is taken, is not its own by then.
 *
 * @module
 */

import { unlessAborted } from "../../shared/abort.ts";
import { closedError } from "../../shared/closed.ts";
import { AgentError } from "../../shared/errors.ts";
import { retryTime } from "../backoff.ts";
import { messageOf } from "../job.ts";
import { toJson } from "../json.ts";
import type { CloseOptions, Handler, JsonValue, QueueWorker } from "../types.ts";
import { graceOf } from "../worker.ts";
import { makeBullWorker } from "./bull_worker.ts";
import type { BullJob, BullWorker } from "./bullmq.ts";
import { hearCancels, workerName } from "./cancels.ts";
import { isConnectionLost, type RawClient } from "./client.ts";
import type { Connection, Opened } from "./connection.ts";
import { away, translated } from "./errors.ts";
import { Keeper } from "./keeper.ts";
import { idOfKey } from "./keys.ts";
import { type RedisHost, RedisJob } from "./job.ts";
import { CANCELLED_REASON } from "./last_word.ts";

/** The pause before another attempt to begin doubles from the first to the last, in milliseconds. */
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 10_000;
/** How often jobs whose worker is gone are looked for, in a lease. */
const LOOKS_A_LEASE = 4;
/** A message of a handler that BullMQ would take for an order. */
const RESERVED = "bullmq:rateLimitExceeded";
/** How often a worker that is closing looks whether its server is there to be told. */
const LOOK_MS = 500;
/** How BullMQ says that a job is no longer the worker's. */
const FENCED =
  /^(Missing lock|Lock mismatch|Missing key|could not renew lock)|not in the active state/;

/** What a worker works with. */
export interface WorkerContext<T extends JsonValue, R extends JsonValue> {
  readonly connection: Connection;
  readonly host: RedisHost;
  readonly name: string;
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly handler: Handler<T, R>;
  readonly onError: ((error: unknown) => void) | undefined;
  readonly onClosed: (worker: RedisWorker<T, R>) => void;
}

/** Why a handler is not waited for any more. */
type Ending = "timeout" | "cancelled" | "lost" | "given back";

/** A job whose handler runs. */
interface Run {
  readonly id: string;
  readonly bull: BullJob;
  readonly lock: string;
  readonly controller: AbortController;
  /** Rejects when the handler is not waited for any more. */
  readonly ended: Promise<never>;
  readonly reject: (error: Error) => void;
  /** Why it is not. */
  ending?: Ending;
  /** Whether what its handler does counts no more. */
  over: boolean;
  /** Where the keeper of locks finds it. */
  place: number;
  timer?: ReturnType<typeof setTimeout>;
}

/** A worker on Redis. */
export class RedisWorker<T extends JsonValue, R extends JsonValue> implements QueueWorker {
  readonly #context: WorkerContext<T, R>;
  readonly #bullName = workerName();
  readonly #runs = new Set<Run>();
  readonly #ending = new AbortController();
  readonly #started: Promise<void>;
  #opened: Opened | undefined;
  #worker: BullWorker | undefined;
  #clients: RawClient[] = [];
  #keeper: Keeper | undefined;
  readonly #lookMs: number;
  #isAway = false;
  #closed: Promise<void> | undefined;
  #isClosed = false;
  /** The timers after which running jobs are given back. */
  readonly #graces: ReturnType<typeof setTimeout>[] = [];

  constructor(context: WorkerContext<T, R>) {
    this.#context = context;
    this.#lookMs = Math.max(Math.round(context.leaseMs / LOOKS_A_LEASE), 25);
    this.#started = this.#start();
  }

  get running(): number {
    return this.#runs.size;
  }

  /** Cancels a job that runs here; false if there is none. */
  cancel(id: string): boolean {
    const run = this.#runOf(id);
    if (run === undefined) return false;
    const error = new AgentError("CANCELLED", `Job ${id} was cancelled`, { what: `job ${id}` });
    this.#end(run, "cancelled", error);
    return true;
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
      this.#graces.push(setTimeout(() => this.#giveBack(), graceMs));
    }
    return this.#closed ??= this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #runOf(id: string): Run | undefined {
    for (const run of this.#runs) if (run.id === id) return run;
    return undefined;
  }

  /** Begins, as often as it takes. */
  async #start(): Promise<void> {
    const { signal } = this.#ending;
    for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(pause * 2, LAST_PAUSE_MS)) {
      try {
        return await this.#begin(await this.#context.connection.open());
      } catch (error) {
        if (signal.aborted) return;
        this.#complain(error);
        await pauseFor(pause, signal);
      }
    }
  }

  async #begin(opened: Opened): Promise<void> {
    const { name, concurrency, leaseMs, connection: { address } } = this.#context;
    const { clients } = opened;
    const { signal } = this.#ending;
    if (signal.aborted) return;
    this.#opened = opened;
    const { client, heard } = hearCancels(opened, this.#bullName, (id) => this.cancel(id));
    const connection = clients.make("work", () => this.#isAway = false);
    this.#clients = [connection, client];
    const keeper = Keeper.begin({ address, prefix: opened.queue.toKey(""), leaseMs });
    const worker = makeBullWorker(opened, {
      queueName: name,
      name: this.#bullName,
      connection,
      concurrency,
      leaseMs,
      lookMs: this.#lookMs,
    }, (job, token) => this.#process(job, token ?? ""));
    worker.on("error", (error) => this.#complain(error));
    worker.on("lockRenewalFailed", (ids) => ids.forEach((id) => this.#lose(id)));
    try {
      // Nothing is run that could not be cancelled, or kept; and a worker that was cut off while it began never would.
      await unlessAborted(Promise.all([heard, worker.waitUntilReady(), keeper?.ready]), signal);
    } catch (error) {
      keeper?.end();
      for (const client of this.#clients) clients.end(client);
      throw error;
    }
    this.#worker = worker;
    this.#keeper = keeper;
    this.#lookForLost(worker);
    worker.run().catch((error) => this.#complain(error));
  }

  /** Gives back the jobs whose worker is gone. BullMQ would do so as well, but leaves a timer behind when it closes. */
  async #lookForLost(worker: BullWorker): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        await worker.getBackend().moveStalledJobsToWait();
      } catch (error) {
        if (!signal.aborted) this.#complain(error);
      }
      await pauseFor(this.#lookMs, signal);
    }
  }

  async #process(bull: BullJob, lock: string): Promise<JsonValue> {
    const { bullmq } = this.#opened!;
    const children = bull.opts.children ?? 0;
    // A parent that is tried anew waits for those of its children that are tried anew.
    if (children > 0 && await bull.moveToWaitingChildren(lock)) {
      throw new bullmq.WaitingChildrenError();
    }
    const run = runOf(bull, lock);
    const job = new RedisJob<T, R>(this.#context.host, run.id, () => JSON.stringify(bull.data), {
      attempt: bull.attemptsMade + 1,
      childResults: children > 0 ? await childResults(bull) : [],
      report: (progress) => this.#report(run, progress),
    });
    this.#runs.add(run);
    run.place = this.#keeper?.hold(run.id, lock) ?? -1;
    this.#limit(run, bull.opts.timeout ?? 0);
    try {
      const result = await Promise.race([this.#handle(job, run), run.ended]);
      return result === undefined ? null : JSON.parse(toJson(result, "The result")) as JsonValue;
    } catch (error) {
      throw await this.#failure(run, error);
    } finally {
      this.#leave(run);
    }
  }

  async #handle(job: RedisJob<T, R>, { controller }: Run): Promise<R> {
    return await this.#context.handler(job, controller.signal);
  }

  /** Notes what a handler reports; false if the job is not its own any more. */
  async #report(run: Run, progress: string): Promise<boolean> {
    const { bull, lock } = run;
    // The lock is asked for first: it is the fence.
    if (run.over || await bull.extendLock(lock, this.#context.leaseMs) !== 1) return false;
    await bull.updateProgress(JSON.parse(progress) as JsonValue);
    return true;
  }

  #limit(run: Run, timeoutMs: number): void {
    if (timeoutMs <= 0) return;
    const operation = `Job ${run.id}`;
    run.timer = setTimeout(() => {
      const message = `${operation} was not finished within ${timeoutMs} ms`;
      this.#end(run, "timeout", new AgentError("TIMEOUT", message, { operation, timeoutMs }));
    }, timeoutMs);
  }

  /** What BullMQ is told of a try that failed. */
  async #failure({ bull, lock, ending }: Run, error: unknown): Promise<Error> {
    const { bullmq } = this.#opened!;
    if (ending === "given back") {
      await bull.moveToWait(lock);
      return new bullmq.WaitingError();
    }
    if (ending === "cancelled") {
      bull.opts.removeOnFail = true;
      return new bullmq.UnrecoverableError(CANCELLED_REASON);
    }
    // In this worker alone: others follow what is kept, which has no limit on the pause.
    const delay = retryTime(0, bull.attemptsMade + 1, bull.opts.backoff?.delay ?? 0, Math.random);
    bull.opts.backoff = { type: "fixed", delay };
    const message = messageOf(error);
    const failure = new Error(message === RESERVED ? `Error: ${message}` : message);
    // BullMQ would keep it, with whatever it shows of the program.
    failure.stack = "";
    return failure;
  }

  /** Waits for a handler no more, and tells it. */
  #end(run: Run, ending: Ending, error: Error): void {
    if (run.over) return;
    run.ending = ending;
    this.#leave(run);
    run.reject(error);
    run.controller.abort(error);
  }

  /** Frees the job's place; what its handler does from now on counts no more. */
  #leave(run: Run): void {
    run.over = true;
    clearTimeout(run.timer);
    this.#keeper?.letGo(run.place);
    run.place = -1;
    this.#runs.delete(run);
  }

  /** Its lock is another's, or its time was over before it was renewed. */
  #lose(id: string): void {
    const error = new AgentError("CANCELLED", `Job ${id} is another worker's`, {
      what: `job ${id}`,
    });
    const run = this.#runOf(id);
    if (run !== undefined) this.#end(run, "lost", error);
  }

  #complain(error: unknown): void {
    if (error instanceof Error && FENCED.test(error.message)) return;
    const { connection, onError } = this.#context;
    let told = translated(connection.server, error);
    if (isConnectionLost(error)) {
      // Once for each time that the server goes away, and not for each attempt.
      if (this.#isAway) return;
      this.#isAway = true;
      told = away(connection.server, error);
    }
    try {
      onError?.(told);
    } catch (thrown) {
      reportError(thrown);
    }
  }

  async #close(): Promise<void> {
    this.#ending.abort();
    await this.#started;
    const worker = this.#worker;
    if (worker !== undefined) {
      const looking = setInterval(() => this.#giveUp(), LOOK_MS);
      await worker.close().catch(() => {});
      clearInterval(looking);
    }
    this.#keeper?.end();
    this.#isClosed = true;
    for (const grace of this.#graces) clearTimeout(grace);
    for (const client of this.#clients) this.#opened?.clients.end(client);
    this.#context.onClosed(this);
  }

  /** While the server is away nobody can be told: the locks end by time, and the jobs come back. */
  #giveUp(): void {
    if (this.#runs.size > 0 || this.#clients.every((client) => client.isReady)) return;
    for (const client of this.#clients) this.#opened?.clients.end(client);
  }

  #giveBack(): void {
    for (const run of [...this.#runs]) this.#end(run, "given back", closedError("worker"));
  }
}

function runOf(bull: BullJob, lock: string): Run {
  const { promise, reject } = Promise.withResolvers<never>();
  // Where the handler ends first, nobody waits for it.
  promise.catch(() => {});
  const controller = new AbortController();
  return {
    id: bull.id ?? "",
    bull,
    lock,
    controller,
    ended: promise,
    reject,
    over: false,
    place: -1,
  };
}

/** The results of children in the order in which they were added, which is that of their ids. */
async function childResults(bull: BullJob): Promise<string[]> {
  const values = await bull.getChildrenValues() ?? {};
  return Object.entries(values)
    .map(([key, value]): [string, string] => [idOfKey(key), JSON.stringify(value)])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, json]) => json);
}

async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}
