/**
 * One load at a time for a key: the part of `getOrSet` that both twins share.
 *
 * A load holds a lease of its key. Whoever changes the key ends the lease, and what was loaded under
 * a lease that ended is returned but not stored. Where leases live (this isolate, or the process) is
 * the twin's matter.
 *
 * @module
 */

import type { Codec } from "./codec.ts";
import type { Stored } from "./measure.ts";
import type { Lease } from "./leases.ts";
import { closedError, type Lifetime, type LoadRequest } from "./options.ts";
import { Run } from "./run.ts";
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

/** The loads that run in this isolate for one cache. */
export class Loads<V> {
  readonly #codec: Codec<V>;
  readonly #port: LeasePort<V>;
  readonly #running = new Map<number, Run<V, V>>();
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

  #start(request: LoadRequest<V>, token: number): Run<V, V> {
    const { key, life } = request;
    const run = new Run<V, V>(request, {
      take: (loaded, finish) => {
        const stored = this.#codec.encode(loaded);
        const weight = this.#port.weigh(key, stored, life.tags);
        const value = this.#codec.decode(stored);
        if (finish()) this.#port.publish(key, token, stored, weight, life);
        return value;
      },
      over: (stopped) => {
        this.#running.delete(token);
        if (stopped && !this.#closed) this.#port.release(key, token);
      },
    });
    this.#running.set(token, run);
    run.start();
    return run;
  }
}
