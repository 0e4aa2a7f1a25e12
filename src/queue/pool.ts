/**
 * A pool of Workers for handlers that compute: each runs one job at a time, beside the event loop that the queue lives
 * in. One that fails outside of its handler, or goes on after its job was cancelled, is ended and replaced.
 *
 * @module
 */

import { checkWord, fieldsOf, wholeNumber, wrongType, wrongValue } from "../shared/arguments.ts";
import { closedError } from "../shared/closed.ts";
import { checkFields } from "../shared/known_fields.ts";
import { nodeUrl } from "../shared/builtin.ts";
import { AgentError } from "../shared/errors.ts";
import { finish, Member, type PoolEnd, type Task, workerModule } from "./pool_member.ts";
import type { PoolOptions, RunOptions, WorkerPool } from "./pool_types.ts";
import { READY } from "./ready.ts";
import type { Handler, Jsonable, JsonValue } from "./types.ts";

class Pool<T extends JsonValue, R extends JsonValue> implements WorkerPool<T, R>, PoolEnd {
  readonly handler: Handler<T, R>;
  readonly size: number;
  readonly #module: string;
  readonly #graceMs: number;
  readonly #permissions: "inherit" | "none";
  readonly #members = new Set<Member>();
  readonly #waiting: Task[] = [];
  /** Who waits until a Worker has loaded the module. */
  #starting: PromiseWithResolvers<void> | undefined;
  #closed = false;

  constructor(module: string, size: number, graceMs: number, permissions: "inherit" | "none") {
    this.#module = module;
    this.size = size;
    this.#graceMs = graceMs;
    this.#permissions = permissions;
    const handler: Handler<T, R> = (job, signal) =>
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
    this.handler = Object.assign(handler, { [READY]: () => this.ready() });
  }

  get busy(): number {
    let busy = 0;
    for (const { task } of this.#members) if (task !== undefined) busy++;
    return busy;
  }

  ready(): Promise<void> {
    if (this.#closed) return Promise.reject(closedError("pool"));
    for (const { isLoaded } of this.#members) if (isLoaded) return Promise.resolve();
    if (this.#members.size === 0) this.#start();
    return (this.#starting ??= Promise.withResolvers()).promise;
  }

  async run<D = T, O = R>(data: D, options: RunOptions = {}): Promise<O> {
    checkFields(options, "options", ["signal", "transfer"]);
    const message = { do: "run", data, id: "", attempt: 1, childResults: [] } as const;
    return await this.#submit(message, options, undefined) as O;
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
      this.#start();
      starting++;
    }
  }

  #start(): void {
    this.#members.add(new Member(this.#module, this.#permissions, this));
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

  loaded(member: Member): void {
    this.#starting?.resolve();
    this.#starting = undefined;
    this.next(member);
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
    this.#refuse(error);
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
      this.#refuse(closedError("pool"));
    }
    return Promise.resolve();
  }

  /** Ends what waits. */
  #refuse(error: Error): void {
    this.#starting?.reject(error);
    this.#starting = undefined;
    for (const task of this.#waiting.splice(0)) finish(task, () => task.reject(error));
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
 * @throws {AgentError} `PERMISSION` if the module, or those of this package, may not be read; `NOT_FOUND` if there is no
 * such file. Of a module that cannot be loaded, `ready()` and `queue.process(pool.handler)` tell.
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
): WorkerPool<T, R>;
/** The same for interfaces, which have no index signature. */
export function workerPool<T extends Jsonable<T>, R extends Jsonable<R>>(
  module: string | URL,
  options?: PoolOptions,
): WorkerPool<T, R>;
export function workerPool(
  module: string | URL,
  options?: PoolOptions,
): WorkerPool<JsonValue, JsonValue> {
  const url = URL.parse(String(module))?.href;
  if (url === undefined || !(typeof module === "string" || module instanceof URL)) {
    throw wrongType("module", "the URL of a module, such as import.meta.resolve gives", module);
  }
  const given = fieldsOf(options, "options");
  checkFields(given, "options", ["size", "graceMs", "permissions"]);
  const { size, graceMs = 1_000, permissions = "inherit" } = given;
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
  checkThere(url);
  return new Pool<JsonValue, JsonValue>(url, most, graceMs, permissions);
}

/** Deno lets a Worker begin only with modules that may be read: the handler's and ours. */
function allowModules(module: string): void {
  const paths = [module, new URL("../", workerModule()).href]
    .filter((url) => url.startsWith("file:"))
    .map((url) => nodeUrl().fileURLToPath(url));
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

/** Refuses a module whose file is not there; one without an extension may still be found by Deno. */
function checkThere(module: string): void {
  if (!/^file:.*\.\w+$/.test(module)) return;
  try {
    Deno.statSync(nodeUrl().fileURLToPath(module));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new AgentError("NOT_FOUND", `A pool of Workers has no module ${module}`, {
      what: module,
    }, { cause: error });
  }
}
