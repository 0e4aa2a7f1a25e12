/**
 * A queue whose store is still being loaded: `createQueue` is synchronous, while what few programs need is imported by
 * those alone. Every call waits for the queue itself and goes on to it.
 *
 * @module
 */

import { closedError } from "../shared/closed.ts";
import { checkStrings } from "../shared/arguments.ts";
import { announce, type LiveNumbers, retire } from "../shared/live.ts";
import { DeferredWorker } from "./deferred_worker.ts";
import { copyFlow } from "./flow.ts";
import { toJson } from "./json.ts";
import {
  optionsOf,
  resolveDrain,
  resolveJob,
  resolveList,
  resolveMany,
  resolvePurge,
} from "./options.ts";
import { readyOf } from "./ready.ts";
import type {
  CloseOptions,
  FlowJob,
  Handler,
  Job,
  JobOptions,
  JobRecord,
  JsonValue,
  ProcessOptions,
  Queue,
  QueueStats,
  QueueWorker,
} from "./types.ts";
import { checkProcess, graceOf } from "./worker.ts";

/** What is known of a queue before it is there. */
export interface DeferredParts {
  readonly name: string | undefined;
  readonly implementation: "native" | "pure" | "bullmq";
}

/** States whose numbers a snapshot of the runtime has. */
const COUNTED = ["waiting", "delayed", "blocked", "running", "done", "dead", "cancelled"] as const;

/** The queue in front of the one to come. */
export class DeferredQueue<T extends JsonValue, R extends JsonValue> implements Queue<T, R> {
  readonly name: string | undefined;
  readonly implementation: "native" | "pure" | "bullmq";
  readonly shared = true;
  readonly #open: () => Promise<Queue<T, R>>;
  #queue: Promise<Queue<T, R>> | undefined;
  #opened: Queue<T, R> | undefined;
  #closed: Promise<void> | undefined;
  /** How many calls have no answer yet. */
  #asked = 0;
  /** Called when all have. */
  #idle: (() => void) | undefined;
  /** What `stats()` said last, and when. */
  #known: { readonly stats: QueueStats; readonly at: number } | undefined;

  constructor(parts: DeferredParts, open: () => Promise<Queue<T, R>>) {
    this.name = parts.name;
    this.implementation = parts.implementation;
    this.#open = open;
    announce("queue", this, (queue) => queue.#lastKnown(), this.name, false);
  }

  /** Whoever looks at the runtime's parts must not wait for a file or a server. */
  #lastKnown(): LiveNumbers {
    const known = this.#known;
    const { stats } = known ?? {};
    return {
      ...Object.fromEntries(COUNTED.map((state) => [state, stats?.[state] ?? null])),
      ageSeconds: known === undefined ? null : (performance.now() - known.at) / 1_000,
    };
  }

  /** Opens it at the first call. */
  #there(): Promise<Queue<T, R>> {
    if (this.#queue === undefined) {
      this.#queue = this.#open();
      // Calls go straight to it from the moment on at which those before them do, and none overtakes another.
      this.#queue.then((queue) => this.#opened = queue, () => {
        // Whoever called is told.
      });
    }
    return this.#queue;
  }

  /** Goes on to the queue; what is given must be the caller's no more. */
  async #ask<V>(call: (queue: Queue<T, R>) => Promise<V>): Promise<V> {
    this.#check();
    this.#asked++;
    try {
      return await call(this.#opened ?? await this.#there());
    } finally {
      if (--this.#asked === 0) this.#idle?.();
    }
  }

  /** The same for what may take for ever: a close does not wait for it. */
  async #wait<V>(call: (queue: Queue<T, R>) => Promise<V>): Promise<V> {
    this.#check();
    return await call(this.#opened ?? await this.#there());
  }

  #check(): void {
    if (this.#closed !== undefined) throw closedError("queue");
  }

  async add(data: T, options?: JobOptions): Promise<Job<T, R>> {
    this.#check();
    if (this.#opened !== undefined) return await this.#ask((queue) => queue.add(data, options));
    const copy = JSON.parse(toJson(data, "data")) as T;
    const kept = optionsOf(resolveJob(options));
    return await this.#ask((queue) => queue.add(copy, kept));
  }

  async addMany(
    data: readonly T[],
    options?: Omit<JobOptions, "key" | "repeat">,
  ): Promise<Job<T, R>[]> {
    this.#check();
    if (this.#opened !== undefined) return await this.#ask((queue) => queue.addMany(data, options));
    const { texts, job } = resolveMany(data, options);
    const copies = texts.map((text) => JSON.parse(text) as T);
    const kept = optionsOf(job);
    return await this.#ask((queue) => queue.addMany(copies, kept));
  }

  async addFlow(flow: FlowJob<T>): Promise<Job<T, R>> {
    this.#check();
    if (this.#opened !== undefined) return await this.#ask((queue) => queue.addFlow(flow));
    const copy = copyFlow(flow);
    return await this.#ask((queue) => queue.addFlow(copy));
  }

  process(handler: Handler<T, R>, options?: ProcessOptions): QueueWorker {
    this.#check();
    checkProcess(handler, options, 1);
    if (this.#opened !== undefined) return this.#opened.process(handler, options);
    const ready = readyOf(handler);
    const queue = this.#there();
    // Without a wait in between where there is nothing to wait for: what was called first comes first.
    const worker = ready === undefined
      ? queue.then((queue) => queue.process(handler, options))
      : Promise.all([queue, ready]).then(([queue]) => queue.process(handler, options));
    return new DeferredWorker(worker);
  }

  get(id: string): Promise<JobRecord | undefined> {
    return this.#ask((queue) => queue.get(id));
  }

  result(id: string): Promise<R> {
    const result = this.#wait((queue) => queue.result(id));
    // It may come before who asked for it looks; that ends no program.
    result.catch(() => {});
    return result;
  }

  cancel(id: string): Promise<boolean> {
    return this.#ask((queue) => queue.cancel(id));
  }

  async list(...[state, options]: Parameters<Queue<T, R>["list"]>): Promise<JobRecord[]> {
    this.#check();
    const { offset, limit } = resolveList(state, options);
    return await this.#ask((queue) => queue.list(state, { offset, limit }));
  }

  async retry(ids?: readonly string[]): Promise<number> {
    this.#check();
    if (ids !== undefined) checkStrings(ids, "ids");
    const copy = ids && [...ids];
    return await this.#ask((queue) => queue.retry(copy));
  }

  async purge(...[state, options]: Parameters<Queue<T, R>["purge"]>): Promise<number> {
    this.#check();
    const { olderThanMs } = resolvePurge(state, options);
    return await this.#ask((queue) => queue.purge(state, { olderThanMs }));
  }

  stopRepeat(key: string): Promise<boolean> {
    return this.#ask((queue) => queue.stopRepeat(key));
  }

  pause(): Promise<void> {
    return this.#ask((queue) => queue.pause());
  }

  resume(): Promise<void> {
    return this.#ask((queue) => queue.resume());
  }

  async drain(...[options]: Parameters<Queue<T, R>["drain"]>): Promise<void> {
    this.#check();
    const { delayed, signal } = resolveDrain(options);
    signal?.throwIfAborted();
    await this.#wait((queue) => queue.drain({ delayed, ...(signal && { signal }) }));
  }

  async stats(): Promise<QueueStats> {
    const stats = await this.#ask((queue) => queue.stats());
    this.#known = { stats: { ...stats }, at: performance.now() };
    return stats;
  }

  close(options?: CloseOptions): Promise<void> {
    try {
      graceOf(options);
    } catch (error) {
      return Promise.reject(error);
    }
    // Who asks again may have less patience.
    if (this.#closed !== undefined) {
      this.#queue?.then((queue) => queue.close(options)).catch(() => {
        // Who asked first is told.
      });
    }
    return this.#closed ??= this.#close(options);
  }

  async #close(options: CloseOptions | undefined): Promise<void> {
    retire(this);
    let queue: Queue<T, R> | undefined;
    try {
      queue = await this.#queue;
    } catch {
      return; // It never opened; whoever called it was told.
    }
    // What was asked before the close is answered, wherever the jobs are.
    if (this.#asked > 0) await new Promise<void>((resolve) => this.#idle = resolve);
    await queue?.close(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
