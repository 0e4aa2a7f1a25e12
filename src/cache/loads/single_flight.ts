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
import type { CacheOptions } from "../types.ts";
import { Failures } from "./failures.ts";
import { LoaderCall, untilAborted } from "./loader_call.ts";

/** The answer to "may I load this key?". */
export interface Lease {
  /** Names the lease; unique in the cache, and a later one's is greater. */
  readonly token: number;
  /** Whether the asker has it now; otherwise somebody else does. */
  readonly acquired: boolean;
}

/** What loads need of the twin. */
export interface LoadBackend<V> {
  /** Whether an entry is within the bounds, and anything is kept at all. */
  fits(key: string, stored: Stored, tags: Tags | undefined): boolean;
  /** Asks for the lease of a key, for at most so long, to store a value with these tags. */
  acquire(key: string, timeoutMs: number, tags: Tags | undefined): Lease;
  /** Gives a lease back without a value. */
  release(key: string, token: number): void;
  /** Stores a value if the lease still stands, which ends it. */
  publish(key: string, token: number, stored: Stored, life: Lifetime): void;
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
  readonly #failures: Failures;
  #closed = false;

  /** Makes it for a cache. */
  constructor(codec: Codec<V>, backend: LoadBackend<V>, onError: CacheOptions["onError"]) {
    this.#codec = codec;
    this.#backend = backend;
    this.#failures = new Failures(onError);
  }

  /** Waits for the value of a key that was just missed: loads it, or joins who does. */
  async wait(request: LoadRequest<V>): Promise<V> {
    const { key, signal } = request;
    for (;;) {
      const lease = this.#acquire(request);
      const load = lease.acquired
        ? this.#start(request, lease.token, undefined)
        : this.#running.get(lease.token);
      if (load !== undefined) return this.#codec.forReader(await load.join(signal));
      await untilAborted(this.#backend.ended(key, lease.token), signal);
      if (this.#closed) throw closedError();
      const value = this.#backend.peek(key);
      if (value !== undefined) return value;
    }
  }

  /** Loads the successor of a value in its grace behind its readers, unless somebody does already. */
  refresh(request: LoadRequest<V>, stale: V): void {
    const { key } = request;
    if (this.#failures.pauses(key)) return;
    const lease = this.#acquire(request);
    if (!lease.acquired) return;
    const load = this.#start(request, lease.token, stale);
    load.hold();
    load.result.then(
      () => this.#failures.remove(key),
      (error) => this.#closed || this.#failures.add(key, error),
    );
  }

  /** Ends every load with a reason. */
  close(): void {
    this.#closed = true;
    for (const load of this.#running.values()) load.stop(closedError());
  }

  #acquire({ key, timeoutMs, life }: LoadRequest<V>): Lease {
    return this.#backend.acquire(key, timeoutMs, life.tags);
  }

  #start(request: LoadRequest<V>, token: number, stale: V | undefined): LoaderCall<V> {
    const { key, life } = request;
    const backend = this.#backend;
    const call = new LoaderCall<V>(request, this.#codec, {
      fits: (stored) => backend.fits(key, stored, life.tags),
      publish: (stored, life) => backend.publish(key, token, stored, life),
      over: (published) => {
        this.#running.delete(token);
        if (!published && !this.#closed) backend.release(key, token);
      },
    }, stale);
    this.#running.set(token, call);
    call.start();
    return call;
  }
}
