/**
 * One Worker of a pool, as the program sees it: what it is told, what it answers, and how it ends.
 *
 * @module
 */

import { AgentError } from "../shared/errors.ts";
import { packageFolderUrl } from "../shared/place.ts";
import { webLocks } from "./locks.ts";
import type { FromWorker, ToWorker } from "./pool_types.ts";
import type { JsonValue } from "./types.ts";

const ENDED =
  "The Worker of a pool ended before its handler was done: something in it called close() or Deno.exit(); " +
  "let the handler return instead";

/**
 * The module that a pool's Workers begin with.
 *
 * @throws {AgentError} `NOT_FOUND` in a bundle, which has none.
 */
export function workerModule(): URL {
  const folder = packageFolderUrl();
  if (folder !== undefined) return new URL("src/queue/pool_worker.ts", folder);
  throw new AgentError(
    "NOT_FOUND",
    "The Workers of a pool begin with a module of @agent/runtime, which a bundle does not have: " +
      "leave @agent/runtime/queue out of the bundle (--external)",
    { what: "src/queue/pool_worker.ts" },
  );
}

/** One piece of work. */
export interface Task {
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
export class Member {
  task: Task | undefined;
  isLoaded = false;
  readonly #module: string;
  readonly #worker: Worker;
  /** Ends the wait for the Worker's end. */
  readonly #watch = new AbortController();
  /** What a handler sees though it does not let the Worker's event loop run. */
  readonly #flag = new Int32Array(new SharedArrayBuffer(4));
  /** The Worker holds the lock of this name as long as it lives. */
  readonly #lock = `agent pool ${crypto.randomUUID()}`;
  #grace: ReturnType<typeof setTimeout> | undefined;

  constructor(module: string, permissions: "inherit" | "none", readonly pool: PoolEnd) {
    this.#module = module;
    const deno = permissions === "none" ? { deno: { permissions } } : {};
    this.#worker = new Worker(workerModule(), {
      type: "module",
      ...deno,
    } as WorkerOptions);
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#hear(data);
    this.#worker.onmessageerror = () => this.#crash("what it sent cannot be read");
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#crash(event.message);
    };
    this.#tell({ do: "load", module, flag: this.#flag, lock: this.#lock });
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
    this.#watch.abort();
    this.#worker.onmessage = this.#worker.onerror = null;
    this.#worker.terminate();
  }

  #tell(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #hear(message: FromWorker): void {
    const { task } = this;
    switch (message.did) {
      case "begin":
        return this.#watchOver();
      case "load":
        this.isLoaded = true;
        return this.pool.loaded(this);
      case "refuse":
        return this.pool.fail(this, refusal(this.#module, message.why));
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

  /** Waits for the Worker's end, of which Deno says nothing where the Worker itself, or `Deno.exit()` in it, ends it. */
  #watchOver(): void {
    const { signal } = this.#watch;
    webLocks()?.request(this.#lock, { signal }, () => {
      // What it sent before comes first.
      const timer = setTimeout(() => {
        if (!signal.aborted) this.#lost(ENDED);
      }, 0);
      signal.addEventListener("abort", () => clearTimeout(timer));
    }).catch(() => {
      // It was ended from here.
    });
  }

  #crash(message: string): void {
    this.#lost(`The Worker of a pool failed outside of its handler: ${message}`);
  }

  #lost(what: string): void {
    const { task } = this;
    if (task !== undefined) {
      const { id, attempt } = task.message;
      const details = { job: id, attempts: attempt, error: what };
      finish(task, () => task.reject(new AgentError("JOB_FAILED", what, details)));
    }
    if (this.isLoaded) this.#leave();
    else this.pool.fail(this, refusal(this.#module, what));
  }

  #leave(): void {
    this.terminate();
    this.pool.gone(this);
  }
}

/** What a Worker's side tells the pool. */
export interface PoolEnd {
  /** It has loaded the module. */
  loaded(member: Member): void;
  /** It is free. */
  next(member: Member): void;
  /** It was ended. */
  gone(member: Member): void;
  /** It cannot load the module; no other could. */
  fail(member: Member, error: Error): void;
}

export function finish(task: Task, settle: () => void): void {
  if (task.over) return;
  task.over = true;
  if (task.abort !== undefined) task.signal?.removeEventListener("abort", task.abort);
  settle();
}

/** Why a module is of no use; without a reason it exports no handler. */
function refusal(module: string, why: string | undefined): Error {
  if (why === undefined) {
    return new TypeError(`module must export a function as default, the handler: ${module}`);
  }
  if (/^(Module not found|Cannot find module)/.test(why)) {
    return new AgentError("NOT_FOUND", `A pool of Workers has no module ${module}: ${why}`, {
      what: module,
    });
  }
  return new TypeError(`module must be one that can be loaded, got ${module}: ${why}`);
}
