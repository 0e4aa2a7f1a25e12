/**
 * A queue whose store is still being loaded: `createQueue` is synchronous, while what few programs need is imported by
 * those alone. Every call waits for the queue itself and goes on to it.
 *
 * @module
 */

import { closedError } from "../shared/closed.ts";
import { toJson } from "./json.ts";
import type {
  CloseOptions,
  FlowJob,
  Handler,
  Job,
  JobOptions,
  JobRecord,
  JobState,
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

/** The queue in front of the one to come. */
export class DeferredQueue<T extends JsonValue, R extends JsonValue> implements Queue<T, R> {
  readonly name: string | undefined;
  readonly implementation: "native" | "pure" | "bullmq";
  readonly shared = true;
  readonly #open: () => Promise<Queue<T, R>>;
  #queue: Promise<Queue<T, R>> | undefined;
  #opened: Queue<T, R> | undefined;
  #closed: Promise<void> | undefined;

  constructor(parts: DeferredParts, open: () => Promise<Queue<T, R>>) {
    this.name = parts.name;
    this.implementation = parts.implementation;
    this.#open = open;
  }

  /** Opens it at the first call. */
  #there(): Promise<Queue<T, R>> {
    if (this.#closed !== undefined) return Promise.reject(closedError("queue"));
    return this.#queue ??= this.#open().then((queue) => this.#opened = queue);
  }

  async add(data: T, options?: JobOptions): Promise<Job<T, R>> {
    if (this.#opened !== undefined) return await this.#opened.add(data, options);
    // What the caller changes until then is not the job's.
    const copy = JSON.parse(toJson(data, "data")) as T;
    return await (await this.#there()).add(copy, options);
  }

  async addMany(
    data: readonly T[],
    options?: Omit<JobOptions, "key" | "repeat">,
  ): Promise<Job<T, R>[]> {
    return await (await this.#there()).addMany(data, options);
  }

  async addFlow(flow: FlowJob<T>): Promise<Job<T, R>> {
    return await (await this.#there()).addFlow(flow);
  }

  process(handler: Handler<T, R>, options?: ProcessOptions): QueueWorker {
    if (this.#closed !== undefined) throw closedError("queue");
    if (this.#opened !== undefined) return this.#opened.process(handler, options);
    checkProcess(handler, options, 1);
    return new DeferredWorker(this.#there().then((queue) => queue.process(handler, options)));
  }

  async get(id: string): Promise<JobRecord | undefined> {
    return await (await this.#there()).get(id);
  }

  result(id: string): Promise<R> {
    const result = this.#there().then((queue) => queue.result(id));
    // It may come before who asked for it looks; that ends no program.
    result.catch(() => {});
    return result;
  }

  async cancel(id: string): Promise<boolean> {
    return await (await this.#there()).cancel(id);
  }

  async list(
    state: JobState,
    options?: { offset?: number; limit?: number },
  ): Promise<JobRecord[]> {
    return await (await this.#there()).list(state, options);
  }

  async retry(ids?: readonly string[]): Promise<number> {
    return await (await this.#there()).retry(ids);
  }

  async purge(
    state: "done" | "dead" | "cancelled",
    options?: { olderThanMs?: number },
  ): Promise<number> {
    return await (await this.#there()).purge(state, options);
  }

  async stopRepeat(key: string): Promise<boolean> {
    return await (await this.#there()).stopRepeat(key);
  }

  async pause(): Promise<void> {
    await (await this.#there()).pause();
  }

  async resume(): Promise<void> {
    await (await this.#there()).resume();
  }

  async drain(options?: { delayed?: boolean; signal?: AbortSignal }): Promise<void> {
    await (await this.#there()).drain(options);
  }

  async stats(): Promise<QueueStats> {
    return await (await this.#there()).stats();
  }

  close(options?: CloseOptions): Promise<void> {
    try {
      graceOf(options);
    } catch (error) {
      return Promise.reject(error);
    }
    // Who asks again may have less patience.
    if (this.#closed !== undefined) void this.#opened?.close(options);
    return this.#closed ??= this.#close(options);
  }

  async #close(options: CloseOptions | undefined): Promise<void> {
    let queue: Queue<T, R> | undefined;
    try {
      queue = await this.#queue;
    } catch {
      return; // It never opened; whoever called it was told.
    }
    await queue?.close(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The worker of a queue that is still being opened. */
class DeferredWorker implements QueueWorker {
  readonly #worker: Promise<QueueWorker>;
  #started: QueueWorker | undefined;

  constructor(worker: Promise<QueueWorker>) {
    this.#worker = worker;
    // A queue that cannot be opened is nothing to go on without: like any error that nobody hears, it ends the program.
    worker.then((started) => this.#started = started);
  }

  get running(): number {
    return this.#started?.running ?? 0;
  }

  async close(options?: CloseOptions): Promise<void> {
    await (await this.#worker).close(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
