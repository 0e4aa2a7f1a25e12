/**
 * One run of a loader of `getOrSet`: it ends by its value, its error, its time limit or by being
 * stopped, whichever is first, and only once.
 *
 * @module
 */

import { AgentError } from "../errors.ts";
import type { LoadRequest } from "./options.ts";

const LONGEST_TIMER = 2 ** 31 - 1;

/** What a run does besides loading. */
export interface RunSteps<V, R> {
  /**
   * Gets what the loader returned. It calls `finish` when nothing can go wrong any more: true means that
   * the run was not stopped before and that nothing will stop it now.
   */
  take(loaded: V, finish: () => boolean): R | Promise<R>;
  /** The run is over; `stopped` if it has no value. */
  over(stopped: boolean): void;
}

/** One run of a loader. */
export class Run<V, R> {
  /** What `take` returned, or why there is nothing. */
  readonly result: Promise<R>;
  readonly #request: LoadRequest<V>;
  readonly #controller = new AbortController();
  readonly #resolve: (value: R) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #steps: RunSteps<V, R>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #over = false;

  /** Makes a run, which {@linkcode Run.start} starts. */
  constructor(request: LoadRequest<V>, steps: RunSteps<V, R>) {
    const { promise, resolve, reject } = Promise.withResolvers<R>();
    this.result = promise;
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#steps = steps;
  }

  /** Calls the loader. */
  start(): void {
    const { key, timeoutMs } = this.#request;
    if (timeoutMs <= LONGEST_TIMER) {
      this.#timer = setTimeout(() => this.stop(loadTimeout(key, timeoutMs)), timeoutMs);
    }
    this.#run().then(this.#resolve, (reason) => {
      this.stop(reason);
      this.#reject(reason);
    });
  }

  /** Ends it for a reason, which its signal and its result are told. */
  stop(reason: unknown): void {
    if (!this.#finish(true)) return;
    this.#reject(reason);
    this.#controller.abort(reason);
  }

  #finish(stopped: boolean): boolean {
    if (this.#over) return false;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#steps.over(stopped);
    return true;
  }

  async #run(): Promise<R> {
    const loaded = await this.#request.load(this.#controller.signal);
    return await this.#steps.take(loaded, () => this.#finish(false));
  }
}

/** The error of a load, or of waiting for one, that took too long. */
export function loadTimeout(key: string, timeoutMs: number): AgentError<"TIMEOUT"> {
  const shown = JSON.stringify(key.length > 40 ? key.slice(0, 40) + "…" : key);
  return new AgentError(
    "TIMEOUT",
    `The load of ${shown} took longer than ${timeoutMs} ms: raise loadTimeoutMs or make it faster`,
    { operation: "getOrSet", timeoutMs },
  );
}
