/**
 * One load at a time for a key: the part of `getOrSet` that both twins share.
 *
 * A load holds a lease of its key. Whoever changes the key ends the lease, and what was loaded under
 * a lease that ended is returned but not stored. Where leases live (this isolate, or the process) is
 * the twin's matter.
 *
 * @module
 */

import type { Codec, Stored } from "../codec.ts";
import { closedError, type Lifetime, type LoadRequest } from "../options.ts";
import type { Tags } from "../tags.ts";
import { entryWeight } from "../weight.ts";
import { LoaderCall } from "./loader_call.ts";

/** The answer to "may I load this key?". */
export interface Lease {
  /** Names the lease; unique in the cache, and a later one's is greater. */
  readonly token: number;
  /** Whether the asker has it now; otherwise somebody else does. */
  readonly acquired: boolean;
}

/** What loads need of the twin. */
export interface LoadBackend<V> {
  /** The most that an entry may weigh. */
  readonly maxBytes: number;
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
}

/** The loads that run in this isolate for one cache. */
export class SingleFlight<V> {
  readonly #codec: Codec<V>;
  readonly #backend: LoadBackend<V>;
  readonly #running = new Map<number, LoaderCall<V>>();
  #closed = false;

  /** Makes it for a cache. */
  constructor(codec: Codec<V>, backend: LoadBackend<V>) {
    this.#codec = codec;
    this.#backend = backend;
  }

  /** Waits for the value of a key that was just missed: loads it, or joins who does. */
  async wait(request: LoadRequest<V>): Promise<V> {
    for (;;) {
      const lease = this.#acquire(request);
      const load = lease.acquired
        ? this.#start(request, lease.token)
        : this.#running.get(lease.token);
      if (load !== undefined) return this.#codec.forReader(await load.result);
      await this.#backend.ended(request.key, lease.token);
      if (this.#closed) throw closedError();
      const value = this.#backend.peek(request.key);
      if (value !== undefined) return value;
    }
  }

  /** Loads the value of a key behind its readers, unless somebody does already. */
  refresh(request: LoadRequest<V>): void {
    const lease = this.#acquire(request);
    // The readers have a value; one that cannot be loaded is tried again by the next of them.
    if (lease.acquired) this.#start(request, lease.token).result.catch(() => {});
  }

  /** Ends every load with a reason. */
  close(): void {
    this.#closed = true;
    for (const load of this.#running.values()) load.stop(closedError());
  }

  #acquire({ key, timeoutMs, life }: LoadRequest<V>): Lease {
    return this.#backend.acquire(key, timeoutMs, life.tags);
  }

  #start(request: LoadRequest<V>, token: number): LoaderCall<V> {
    const { key, life } = request;
    const backend = this.#backend;
    const call = new LoaderCall<V>(request, this.#codec, {
      weigh: (stored) => entryWeight(key, stored, life.tags, backend.maxBytes),
      publish: (stored, weight) => backend.publish(key, token, stored, weight, life),
      over: (stopped) => {
        this.#running.delete(token);
        if (stopped && !this.#closed) backend.release(key, token);
      },
    });
    this.#running.set(token, call);
    call.start();
    return call;
  }
}
