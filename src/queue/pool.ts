/**
 * A pool of Workers for handlers that compute: each runs one job at a time, beside the event loop that the queue lives
 * in. One that fails outside of its handler, or goes on after its job was cancelled, is ended and replaced.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { checkWord, fieldsOf, wholeNumber, wrongType, wrongValue } from "../shared/arguments.ts";
import { closedError } from "../shared/closed.ts";
import { AgentError } from "../shared/errors.ts";
import type { FromWorker, PoolOptions, RunOptions, ToWorker, WorkerPool } from "./pool_types.ts";
import type { Handler, JsonValue } from "./types.ts";

/** One piece of work. */
interface Task {
  readonly message: Extract<ToWorker, { do: "run" }>;
  readonly transfer: Transferable[];
  readonly signal: AbortSignal | undefined;
  readonly report: ((value: JsonValue) => void) | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Whether who asked has an answer. */
  over: boolean;
  /** What listens to its signal. */
  abort: (() => void) | undefined;
}

/** One Worker. */
class Member {
  task: Task | undefined;
  isLoaded = false;
  readonly #worker: Worker;
  /** What a handler sees though it does not let the Worker's event loop run. */
  readonly #flag = new Int32Array(new SharedArrayBuffer(4));
  #grace: ReturnType<typeof setTimeout> | undefined;

  constructor(module: string, permissions: "inherit" | "none", readonly pool: PoolEnd) {
    const deno = permissions === "none" ? { deno: { permissions } } : {};
    this.#worker = new Worker(new URL("./pool_worker.ts", import.meta.url), {
      type: "module",
      ...deno,
    } as WorkerOptions);
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#hear(data);
    this.#worker.onmessageerror = () => this.#crash("what it sent cannot be read");
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#crash(event.message);
    };
    this.#tell({ do: "load", module, flag: this.#flag });
  }

  /** Begins a task. */
  run(task: Task): void {
    this.task = task;
    Atomics.store(this.#flag, 0, 0);
    try {
      this.#tell(task.message, task.transfer);
    } catch (error) {
      // What cannot be cloned never left.
      this.#end(task, () => task.reject(error));
    }
  }

  /** Its task is not wanted any more; a handler that goes on is not waited for long. */
  abort(reason: unknown, graceMs: number): void {
    const why = reason instanceof Error ? reason.message : String(reason);
    Atomics.store(this.#flag, 0, 1);
    this.#tell({ do: "abort", reason: why });
    this.#grace = setTimeout(() => this.#leave(), graceMs);
  }

  /** Ends it. */
  terminate(): void {
    clearTimeout(this.#grace);
    this.#worker.onmessage = this.#worker.onerror = null;
    this.#worker.terminate();
  }

  #tell(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #hear(message: FromWorker): void {
    const { task } = this;
    switch (message.did) {
      case "load":
        this.isLoaded = true;
        return this.pool.next(this);
      case "report":
        if (task === undefined || task.over) break;
        try {
          task.report?.(message.value);
        } catch (error) {
          // It is no JSON.
          finish(task, () => task.reject(error));
        }
        return;
      case "run":
        return this.#end(task, () => task?.resolve(message.result));
      case "fail": {
        const error = new Error(message.message);
        error.name = message.name;
        if (!this.isLoaded) return this.pool.fail(this, error);
        return this.#end(task, () => task?.reject(error));
      }
    }
  }

  #end(task: Task | undefined, settle: () => void): void {
    clearTimeout(this.#grace);
    this.task = undefined;
    if (task !== undefined) finish(task, settle);
    this.pool.next(this);
  }

  #crash(message: string): void {
    const { task } = this;
    const what = `The Worker of a pool failed outside of its handler: ${message}`;
    if (task !== undefined) finish(task, () => task.reject(new Error(what)));
    if (this.isLoaded) this.#leave();
    else this.pool.fail(this, new Error(what));
  }

  #leave(): void {
    this.terminate();
    this.pool.gone(this);
  }
}

/** What a Worker's side tells the pool. */
interface PoolEnd {
  /** It is free. */
  next(member: Member): void;
  /** It was ended. */
  gone(member: Member): void;
  /** It cannot load the module; no other could. */
  fail(member: Member, error: Error): void;
}

function finish(task: Task, settle: () => void): void {
  if (task.over) return;
  task.over = true;
  if (task.abort !== undefined) task.signal?.removeEventListener("abort", task.abort);
  settle();
}

class Pool<T extends JsonValue, R extends JsonValue> implements WorkerPool<T, R>, PoolEnd {
  readonly handler: Handler<T, R>;
  readonly size: number;
  readonly #module: string;
  readonly #graceMs: number;
  readonly #permissions: "inherit" | "none";
  readonly #members = new Set<Member>();
  readonly #waiting: Task[] = [];
  #closed = false;

  constructor(module: string, size: number, graceMs: number, permissions: "inherit" | "none") {
    this.#module = module;
    this.size = size;
    this.#graceMs = graceMs;
    this.#permissions = permissions;
    this.handler = (job, signal) =>
      this.#submit(
        {
          do: "run",
          data: job.data,
          id: job.id,
          attempt: job.attempt,
          childResults: job.childResults,
        },
        { signal },
        (value) => void job.report(value),
      ) as Promise<R>;
  }

  get busy(): number {
    let busy = 0;
    for (const { task } of this.#members) if (task !== undefined) busy++;
    return busy;
  }

  run<D = T, O = R>(data: D, options: RunOptions = {}): Promise<O> {
    const message = { do: "run", data, id: "", attempt: 1, childResults: [] } as const;
    return this.#submit(message, options, undefined) as Promise<O>;
  }

  #submit(message: Task["message"], options: RunOptions, report: Task["report"]): Promise<unknown> {
    const { signal, transfer = [] } = options;
    if (this.#closed) return Promise.reject(closedError("pool"));
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const task: Task = {
        message,
        transfer,
        signal,
        report,
        resolve,
        reject,
        over: false,
        abort: undefined,
      };
      task.abort = () => this.#abort(task);
      signal?.addEventListener("abort", task.abort, { once: true });
      this.#waiting.push(task);
      this.#assign();
    });
  }

  /** Gives what waits to who is free; starts another Worker where none is. */
  #assign(): void {
    for (const member of this.#members) {
      if (this.#waiting.length === 0) return;
      if (member.isLoaded && member.task === undefined) member.run(this.#waiting.shift()!);
    }
    let starting = 0;
    for (const { isLoaded } of this.#members) if (!isLoaded) starting++;
    while (starting < this.#waiting.length && this.#members.size < this.size) {
      this.#members.add(new Member(this.#module, this.#permissions, this));
      starting++;
    }
  }

  #abort(task: Task): void {
    const reason = task.signal?.reason;
    finish(task, () => task.reject(reason));
    const place = this.#waiting.indexOf(task);
    if (place >= 0) {
      this.#waiting.splice(place, 1);
      return;
    }
    for (const member of this.#members) {
      if (member.task === task) member.abort(reason, this.#graceMs);
    }
  }

  next(member: Member): void {
    const task = this.#waiting.shift();
    if (task !== undefined) member.run(task);
  }

  gone(member: Member): void {
    this.#members.delete(member);
    this.#assign();
  }

  fail(member: Member, error: Error): void {
    member.terminate();
    this.#members.delete(member);
    for (const task of this.#waiting.splice(0)) finish(task, () => task.reject(error));
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      for (const member of this.#members) {
        const { task } = member;
        member.terminate();
        if (task !== undefined) finish(task, () => task.reject(closedError("pool")));
      }
      this.#members.clear();
      for (const task of this.#waiting.splice(0)) {
        finish(task, () => task.reject(closedError("pool")));
      }
    }
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Makes a pool of Workers that run a module's handler.
 *
 * @typeParam T What the data of a job is.
 * @typeParam R What its result is.
 * @param module The URL of a module that exports the handler as `default`; see `PoolHandler`.
 * @param options How many Workers, how long they may go on, what they may do.
 * @returns The pool; `await using` ends its Workers.
 * @throws {TypeError | RangeError} If an argument is wrong.
 * @throws {AgentError} `PERMISSION` if the module, or those of this package, may not be read.
 *
 * @example
 * ```ts
 * import { createQueue, workerPool } from "@agent/runtime/queue";
 * import assert from "node:assert/strict";
 *
 * const module = `data:text/javascript,${encodeURIComponent(`
 *   export default (n) => { let sum = 0; for (let i = 1; i <= n; i++) sum += i; return sum; };
 * `)}`;
 * await using pool = workerPool<number, number>(module, { size: 2 });
 * await using queue = createQueue<number, number>({ concurrency: pool.size });
 * queue.process(pool.handler);
 * assert.equal(await (await queue.add(1_000)).result(), 500_500);
 * ```
 */
export function workerPool<T extends JsonValue, R extends JsonValue>(
  module: string | URL,
  options?: PoolOptions,
): WorkerPool<T, R> {
  const url = URL.parse(String(module))?.href;
  if (url === undefined || !(typeof module === "string" || module instanceof URL)) {
    throw wrongType("module", "the URL of a module, such as import.meta.resolve gives", module);
  }
  const { size, graceMs = 1_000, permissions = "inherit" } = fieldsOf(options, "options");
  checkWord(permissions, "options.permissions", ["inherit", "none"]);
  if (typeof graceMs !== "number") throw wrongType("options.graceMs", "a number", graceMs);
  if (!(graceMs >= 0 && graceMs < 2 ** 31)) {
    throw wrongValue("options.graceMs", `at least 0 and under ${2 ** 31}`, graceMs);
  }
  const most = wholeNumber(size, "options.size", {
    fallback: navigator.hardwareConcurrency,
    least: 1,
    most: 1_024,
  });
  allowModules(url);
  return new Pool<T, R>(url, most, graceMs, permissions);
}

/** Deno lets a Worker begin only with modules that may be read: the handler's and ours. */
function allowModules(module: string): void {
  const paths = [module, new URL("../", import.meta.url).href]
    .filter((url) => url.startsWith("file:"))
    .map((url) => fileURLToPath(url));
  const state = (path: string) => Deno.permissions.querySync({ name: "read", path }).state;
  const missing = paths.find((path) => state(path) !== "granted");
  if (missing === undefined) return;
  throw new AgentError(
    "PERMISSION",
    `A pool of Workers reads their modules; run with --allow-read=${
      paths.join(",")
    } (and what the ` +
      "handler's module imports)",
    { permission: "read", target: missing },
  );
}
