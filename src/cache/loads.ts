/**
 * One load at a time for a key: the part of `getOrSet` that both twins share.
 *
 * A load holds a lease of its key. Whoever changes the key ends the lease, and what was loaded under
 * a lease that ended is returned but not stored. Where leases live (this isolate, or the process) is
 * the twin's matter.
 *
 * @module
 */

import { AgentError } from "../errors.ts";
import type { Codec } from "./codec.ts";
import type { Stored } from "./measure.ts";
import type { Lease } from "./leases.ts";
import { closedError, type Lifetime, type LoadRequest } from "./options.ts";
import type { Tags } from "./tags.ts";

/** What loads need of the twin. */
export interface LeasePort<V> {
  /** Asks for the lease of a key, for at most so long, to store a value with these tags. */
  acquire(key: string, timeoutMs: number, tags: Tags | undefined): Lease;
  /** Gives a lease back without a value. */
  release(key: string, token: number): void;
  /** Stores a value if the lease still stands, which ends it. */
  publish(key: string, token: number, stored: Stored, weight: number, life: Lifetime): void;
  /** Resolves when a lease of another isolate has ended. */
  ended(key: string, token: number): Promise<void>;
  /** Reads without counting. */
  peek(key: string): V | undefined;
  /** The weight of an entry, or `TOO_LARGE`. */
  weigh(key: string, stored: Stored, tags: Tags | undefined): number;
}

/** One call of a loader. */
interface Load<V> {
  readonly key: string;
  readonly token: number;
  readonly result: Promise<V>;
  readonly stop: (reason: unknown) => void;
}

const LONGEST_TIMER = 2 ** 31 - 1;

/** The loads that run in this isolate for one cache. */
export class Loads<V> {
  readonly #codec: Codec<V>;
  readonly #port: LeasePort<V>;
  readonly #running = new Map<number, Load<V>>();
  #closed = false;

  /** Makes it for a cache. */
  constructor(codec: Codec<V>, port: LeasePort<V>) {
    this.#codec = codec;
    this.#port = port;
  }

  /** Waits for the value of a key that was just missed: loads it, or joins who does. */
  async wait(request: LoadRequest<V>): Promise<V> {
    for (;;) {
      const lease = this.#port.acquire(request.key, request.timeoutMs, request.life.tags);
      const load = lease.acquired
        ? this.#start(request, lease.token)
        : this.#running.get(lease.token);
      if (load !== undefined) return this.#codec.lend(await load.result);
      await this.#port.ended(request.key, lease.token);
      if (this.#closed) throw closedError();
      const value = this.#port.peek(request.key);
      if (value !== undefined) return value;
    }
  }

  /** Loads the value of a key behind its readers, unless somebody does already. */
  refresh(request: LoadRequest<V>): void {
    const lease = this.#port.acquire(request.key, request.timeoutMs, request.life.tags);
    // The readers have a value; one that cannot be loaded is tried again by the next of them.
    if (lease.acquired) this.#start(request, lease.token).result.catch(() => {});
  }

  /** Ends every load with a reason. */
  close(): void {
    this.#closed = true;
    for (const load of this.#running.values()) load.stop(closedError());
  }

  #start(request: LoadRequest<V>, token: number): Load<V> {
    const { key, timeoutMs } = request;
    const controller = new AbortController();
    const { promise, resolve, reject } = Promise.withResolvers<V>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const finish = (): boolean => {
      clearTimeout(timer);
      return this.#running.delete(token);
    };
    const stop = (reason: unknown): void => {
      if (!finish()) return;
      if (!this.#closed) this.#port.release(key, token);
      reject(reason);
      controller.abort(reason);
    };
    const load: Load<V> = { key, token, result: promise, stop };
    this.#running.set(token, load);
    if (timeoutMs <= LONGEST_TIMER) {
      timer = setTimeout(() => stop(timeout(key, timeoutMs)), timeoutMs);
    }
    this.#run(request, token, controller.signal, finish).then(resolve, stop);
    return load;
  }

  async #run(
    request: LoadRequest<V>,
    token: number,
    signal: AbortSignal,
    finish: () => boolean,
  ): Promise<V> {
    const loaded = await request.load(signal);
    const stored = this.#codec.encode(loaded);
    const weight = this.#port.weigh(request.key, stored, request.life.tags);
    const value = this.#codec.decode(stored);
    if (finish()) this.#port.publish(request.key, token, stored, weight, request.life);
    return value;
  }
}

function timeout(key: string, timeoutMs: number): AgentError<"TIMEOUT"> {
  const shown = JSON.stringify(key.length > 40 ? key.slice(0, 40) + "…" : key);
  return new AgentError(
    "TIMEOUT",
    `The load of ${shown} took longer than ${timeoutMs} ms: raise loadTimeoutMs or make it faster`,
    { operation: "getOrSet", timeoutMs },
  );
}
