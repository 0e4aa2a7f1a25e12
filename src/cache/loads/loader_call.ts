/**
 * One call of a loader of `getOrSet`, until its value is stored: it ends by its value, its error, its
 * time limit or by being stopped, whichever is first, and only once.
 *
 * @module
 */

import { shown } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import type { Codec, Stored } from "../codec.ts";
import { checkTtl, type Lifetime, type LoadRequest } from "../options.ts";
import type { LoadEntry } from "../types.ts";

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What becomes of a call. */
export interface LoaderSteps {
  /** Whether an entry with this value can be kept. */
  fits(stored: Stored): boolean;
  /** Stores the value; only if nothing ended the call before. */
  publish(stored: Stored, life: Lifetime): void | Promise<void>;
  /** The call is over; `published` if its value is stored next. */
  over(published: boolean): void;
}

/** One call of a loader. */
export class LoaderCall<V> {
  /** The value as it is kept for readers, or why there is none. */
  readonly result: Promise<V>;
  readonly #request: LoadRequest<V>;
  readonly #codec: Codec<V>;
  readonly #steps: LoaderSteps;
  readonly #stale: V | undefined;
  readonly #controller = new AbortController();
  readonly #resolve: (value: V) => void;
  readonly #reject: (reason: unknown) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #over = false;
  #waiting = 0;

  /** Makes a call, which {@linkcode LoaderCall.start} starts; `stale` is the value that it will replace. */
  constructor(request: LoadRequest<V>, codec: Codec<V>, steps: LoaderSteps, stale: V | undefined) {
    const { promise, resolve, reject } = Promise.withResolvers<V>();
    this.result = promise;
    this.#request = request;
    this.#codec = codec;
    this.#steps = steps;
    this.#stale = stale;
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

  /** The load is wanted whoever goes on waiting for it. */
  hold(): void {
    this.#waiting = Infinity;
  }

  /** Waits for the result, at most until the signal is aborted; the last who waits ends the load then. */
  join(signal: AbortSignal | undefined): Promise<V> {
    this.#waiting++;
    if (signal === undefined) return this.result;
    return untilAborted(this.result, signal, () => {
      if (--this.#waiting === 0) this.stop(signal.reason);
    });
  }

  /** Ends it for a reason, which its signal and its result are told. */
  stop(reason: unknown): void {
    if (!this.#finish(false)) return;
    this.#reject(reason);
    this.#controller.abort(reason);
  }

  /** Whether it was not over before; now it is, and nothing stops it any more. */
  #finish(published: boolean): boolean {
    if (this.#over) return false;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#steps.over(published);
    return true;
  }

  async #load(): Promise<V> {
    let ttlMs: number | undefined;
    let isKept = true;
    const entry: LoadEntry<V> = {
      stale: this.#stale,
      ttl: (ms) => void (ttlMs = checkTtl(ms, "ms")),
      skip: () => void (isKept = false),
    };
    const loaded = await this.#request.load(this.#controller.signal, entry);
    const stored = this.#codec.encode(loaded);
    isKept &&= this.#steps.fits(stored);
    const value = this.#codec.decode(stored);
    if (this.#finish(isKept) && isKept) {
      const { life } = this.#request;
      await this.#steps.publish(stored, ttlMs === undefined ? life : { ...life, ttlMs });
    }
    return value;
  }
}

/** A promise, or the reason of a signal that is aborted before it settles; `ended` is told of that. */
export function untilAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  ended?: () => void,
): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason);
      ended?.();
    };
    if (signal.aborted) {
      promise.catch(() => {});
      return abort();
    }
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
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
