/**
 * The shapes of the pool of Workers, and of what goes between it and them. Types only.
 *
 * @module
 */

import type { Handler, JsonValue } from "./types.ts";

/** Options of `workerPool`. */
export interface PoolOptions {
  /** How many Workers there are at most; each is started when it is first needed. Default: one a processor. */
  size?: number | undefined;
  /**
   * How long a handler may go on after its signal fired, in milliseconds; then its Worker is ended and replaced.
   * Default 1,000. Deno (2.9) does not end a Worker that computes without a pause: its thread goes on, with its
   * processor, until the handler is done. So a handler that computes for long should look at `context.aborted`.
   */
  graceMs?: number | undefined;
  /**
   * What the Workers may do: what the program may (default), or nothing, for which Deno wants
   * `--unstable-worker-options`, and ends the program where that is missing.
   */
  permissions?: "inherit" | "none" | undefined;
}

/** What the pool's module exports as `default`: does the work of a job, in a Worker. */
export type PoolHandler<T, R> = (data: T, context: PoolContext) => R | Promise<R>;

/** What a handler in a Worker gets beside the data. */
export interface PoolContext {
  /** Fires when the job is cancelled or over its time, as soon as the handler lets the Worker's event loop run. */
  readonly signal: AbortSignal;
  /** The same at once, for loops that do not let the event loop run: cheap enough to be asked in each round. */
  readonly aborted: boolean;
  /** The id of the job; "" where it came by `run`. */
  readonly id: string;
  /** Which try it is, 1 at the first. */
  readonly attempt: number;
  /** The results of the job's children. */
  readonly childResults: readonly unknown[];
  /** Says how far it is; see `Job.report`. */
  report(value: JsonValue): void;
  /** What is named here and belongs to the result is handed over instead of copied. */
  transfer(...objects: Transferable[]): void;
}

/** Options of `WorkerPool.run`. */
export interface RunOptions {
  /** Ends it early. */
  signal?: AbortSignal | undefined;
  /** What belongs to the data and is handed over instead of copied. */
  transfer?: Transferable[] | undefined;
}

/** Workers that run one module's handler. They keep the program alive until the pool is closed. */
export interface WorkerPool<T, R> extends AsyncDisposable {
  /** For `queue.process`, with a concurrency of the pool's size. */
  readonly handler: Handler<T, R>;
  /** How many Workers there are at most. */
  readonly size: number;
  /** How many of them are at work. */
  readonly busy: number;
  /**
   * Resolves when a Worker has loaded the module; the first is started for that. `queue.process(pool.handler)` waits for
   * it before it takes jobs, and rejects as this does, unheard, which ends the program.
   *
   * @throws {AgentError} `NOT_FOUND` if there is no such module.
   * @throws {TypeError} If it cannot be loaded, or exports no function as `default`.
   */
  ready(): Promise<void>;
  /**
   * Runs the handler on what can be cloned, beside the queue.
   *
   * @throws What the handler threw, as an `Error` with its message; the signal's reason; what `ready` throws.
   * @throws {AgentError} `JOB_FAILED` if the Worker ended or failed before the handler was done.
   */
  run<D = T, O = R>(data: D, options?: RunOptions): Promise<O>;
  /** Ends all Workers; what they do is lost. */
  close(): Promise<void>;
}

/** What a Worker is told. */
export type ToWorker =
  | {
    readonly do: "load";
    readonly module: string;
    readonly flag: Int32Array;
    /** The name of a lock to be held as long as the Worker lives. */
    readonly lock: string;
  }
  | {
    readonly do: "run";
    readonly data: unknown;
    readonly id: string;
    readonly attempt: number;
    readonly childResults: readonly unknown[];
  }
  | { readonly do: "abort"; readonly reason: string };

/** What a Worker tells. */
export type FromWorker =
  | { readonly did: "begin" }
  | { readonly did: "load" }
  | { readonly did: "refuse"; readonly why: string | undefined }
  | { readonly did: "run"; readonly result: unknown }
  | { readonly did: "fail"; readonly name: string; readonly message: string }
  | { readonly did: "report"; readonly value: JsonValue };
