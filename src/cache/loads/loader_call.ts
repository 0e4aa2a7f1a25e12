/**
 * One call of a loader of `getOrSet`, until its value is stored: it ends by its value, its error, its
 * time limit or by being stopped, whichever is first, and only once.
 *
 * @module
 */

import { shown } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import type { Codec, Stored } from "../codec.ts";
import type { LoadRequest } from "../options.ts";

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What becomes of a call. */
export interface LoaderSteps {
  /** The weight of an entry with this value, or an error if it cannot be stored. */
  weigh(stored: Stored): number;
  /** Stores the value; only if nothing ended the call before. */
  publish(stored: Stored, weight: number): void | Promise<void>;
  /** The call is over; `stopped` if it has no value. */
  over(stopped: boolean): void;
}

/** One call of a loader. */
export class LoaderCall<V> {
  /** The value as it is kept for readers, or why there is none. */
  readonly result: Promise<V>;
  readonly #request: LoadRequest<V>;
  readonly #codec: Codec<V>;
  readonly #steps: LoaderSteps;
  readonly #controller = new AbortController();
  readonly #resolve: (value: V) => void;
  readonly #reject: (reason: unknown) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #over = false;

  /** Makes a call, which {@linkcode LoaderCall.start} starts. */
  constructor(request: LoadRequest<V>, codec: Codec<V>, steps: LoaderSteps) {
    const { promise, resolve, reject } = Promise.withResolvers<V>();
    this.result = promise;
    this.#request = request;
    this.#codec = codec;
    this.#steps = steps;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Calls the loader. */
  start(): void {
    const { key, timeoutMs } = this.#request;
    if (timeoutMs <= LONGEST_TIMER_MS) {
      this.#timer = setTimeout(() => this.stop(loadTimeout(key, timeoutMs)), timeoutMs);
    }
    this.#load().then(this.#resolve, (reason) => {
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

  /** Whether it was not over before; now it is, and nothing stops it any more. */
  #finish(stopped: boolean): boolean {
    if (this.#over) return false;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#steps.over(stopped);
    return true;
  }

  async #load(): Promise<V> {
    const loaded = await this.#request.load(this.#controller.signal);
    const stored = this.#codec.encode(loaded);
    const weight = this.#steps.weigh(stored);
    const value = this.#codec.decode(stored);
    if (this.#finish(false)) await this.#steps.publish(stored, weight);
    return value;
  }
}

/** The error of a load, or of waiting for one, that took too long. */
export function loadTimeout(key: string, timeoutMs: number): AgentError<"TIMEOUT"> {
  return new AgentError(
    "TIMEOUT",
    `The load of ${
      shown(key)
    } took longer than ${timeoutMs} ms: raise loadTimeoutMs or make it faster`,
    { operation: "getOrSet", timeoutMs },
  );
}
