/**
 * One load at a time for a key over all machines: the part of `getOrSet` behind the copy.
 *
 * Who loads holds a lease in Redis. In this isolate others join that load; elsewhere they wait for the
 * report that the lease or the entry has changed, or for the lease's end by time. A load is joined only
 * as long as nothing ended its lease: those who ask after that ask Redis again.
 *
 * @module
 */

import type { Codec } from "../codec.ts";
import type { Stored } from "../measure.ts";
import type { Lifetime, LoadRequest } from "../options.ts";
import { loadTimeout, Run } from "../run.ts";
import { disconnected } from "./link.ts";
import type { Found } from "./reader.ts";

/** The answer to "may I load this key?". */
export type Entered =
  | { readonly state: "live" }
  | { readonly state: "acquired" }
  | { readonly state: "held"; readonly token: string; readonly leftMs: number };

/** What loads need of the cache. */
export interface LoadPort<V> {
  /** Reads an entry, one in its grace too. */
  read(key: string): Promise<Found<V> | undefined>;
  /** Asks for the lease of a key under a token. */
  enter(request: LoadRequest<V>, token: string): Promise<Entered>;
  /** Stores a value if the lease still stands, which ends it. */
  publish(key: string, token: string, stored: Stored, life: Lifetime): Promise<void>;
  /** Gives a lease back without a value. */
  release(key: string, token: string): Promise<void>;
  /** Throws `TOO_LARGE` for an entry that cannot be stored. */
  weigh(key: string, stored: Stored): void;
}

/** What came out of asking for a value. */
interface Answer<V> {
  /** The entry that there is. */
  readonly found?: Found<V> | undefined;
  /** The load of this isolate. */
  readonly run?: Run<V, V> | undefined;
  /** For how long another isolate may load. */
  readonly heldMs?: number;
}

/** Somebody asks Redis; as long as it stands in its map, nothing has changed since. */
interface Asking<V> {
  answer?: Promise<Answer<V>>;
}

/** Who waits for a key that another isolate loads. */
interface Waiters {
  readonly ended: Promise<void>;
  readonly wake: () => void;
}

/** A lease that ended by time is reported within this time, usually; then it is asked for again. */
const LATENESS = 20;
const JITTER = 30;
/** A report can be lost with its connection; a waiter asks at least so often. */
const PATIENCE = 5_000;

/** The loads that run in this isolate for one cache. */
export class DistributedLoads<V> {
  readonly #codec: Codec<V>;
  readonly #port: LoadPort<V>;
  /** By key: the loads that can be joined unasked: nothing changed, and nobody can be served the old. */
  readonly #open = new Map<string, Run<V, V>>();
  /** By token: all of them. */
  readonly #running = new Map<string, Run<V, V>>();
  /** By key: who is asking Redis now. */
  readonly #asking = new Map<string, Asking<V>>();
  readonly #releases = new Set<Promise<void>>();
  readonly #waiting = new Map<string, Waiters>();
  #closed = false;

  /** Makes it for a cache. */
  constructor(codec: Codec<V>, port: LoadPort<V>) {
    this.#codec = codec;
    this.#port = port;
  }

  /** The value of a key that the copy does not have, and whether it had to be loaded. */
  async get(request: LoadRequest<V>): Promise<{ value: V; loaded: boolean }> {
    const { key, timeoutMs } = request;
    const until = performance.now() + timeoutMs;
    for (let loaded = false;; loaded = true) {
      if (this.#closed) throw disconnected();
      const { found, run, heldMs = 0 } = await this.#ask(request);
      if (found !== undefined && (!found.stale || !loaded)) {
        // Readers of what is kept for its grace do not wait for its successor, nor for its failure.
        run?.result.catch(() => {});
        return { value: this.#codec.lend(found.value), loaded: found.stale };
      }
      if (run !== undefined) return { value: this.#codec.lend(await run.result), loaded: true };
      const left = until - performance.now();
      if (left <= 0) throw loadTimeout(key, timeoutMs);
      await this.#change(key, Math.min(left, Math.max(heldMs, 0) + LATENESS, PATIENCE));
    }
  }

  /** What of a key (or of all keys) was asked or begun before now is joined by nobody any more. */
  forget(key?: string): void {
    if (key === undefined) {
      this.#open.clear();
      this.#asking.clear();
      return;
    }
    this.#open.delete(key);
    this.#asking.delete(key);
  }

  /** A key (or all of them) has changed: those who wait look again. */
  changed(key?: string): void {
    if (key !== undefined) return this.#waiting.get(key)?.wake();
    for (const { wake } of this.#waiting.values()) wake();
  }

  /** Ends every load and every wait, and resolves when no lease of ours is left. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const run of this.#running.values()) run.stop(disconnected());
    this.forget();
    this.changed();
    await Promise.all(this.#releases);
  }

  /** Joins the load of this isolate, or whoever asks, or asks. */
  #ask(request: LoadRequest<V>): Promise<Answer<V>> {
    const { key } = request;
    const run = this.#open.get(key);
    if (run !== undefined) return Promise.resolve({ run });
    const others = this.#asking.get(key)?.answer;
    if (others !== undefined) return others;
    const asking: Asking<V> = {};
    this.#asking.set(key, asking);
    asking.answer = this.#askRedis(request, asking).finally(() => {
      if (this.#asking.get(key) === asking) this.#asking.delete(key);
    });
    return asking.answer;
  }

  async #askRedis(request: LoadRequest<V>, asking: Asking<V>): Promise<Answer<V>> {
    const { key } = request;
    for (;;) {
      const found = await this.#port.read(key);
      if (found !== undefined && !found.stale) return { found };
      const token = randomToken();
      const entered = await this.#port.enter(request, token);
      if (this.#closed) {
        if (entered.state === "acquired") this.#release(key, token);
        throw disconnected();
      }
      if (entered.state === "acquired") {
        const joinable = found === undefined && this.#asking.get(key) === asking;
        return { found, run: this.#start(request, token, joinable) };
      }
      if (entered.state === "held") {
        return { found, run: this.#running.get(entered.token), heldMs: entered.leftMs };
      }
    }
  }

  #start(request: LoadRequest<V>, token: string, joinable: boolean): Run<V, V> {
    const { key, life } = request;
    const run = new Run<V, V>(request, {
      take: async (loaded, finish) => {
        const stored = this.#codec.encode(loaded);
        this.#port.weigh(key, stored);
        const value = this.#codec.decode(stored);
        if (finish()) {
          try {
            await this.#port.publish(key, token, stored, life);
          } catch {
            // The value is there; that it could not be stored, the next call that needs Redis says.
          }
        }
        return value;
      },
      over: (stopped) => {
        this.#running.delete(token);
        if (this.#open.get(key) === run) this.#open.delete(key);
        if (stopped) this.#release(key, token);
      },
    });
    this.#running.set(token, run);
    if (joinable) this.#open.set(key, run);
    run.start();
    return run;
  }

  /** Gives a lease back. One that cannot be given back ends by time. */
  #release(key: string, token: string): void {
    const release = this.#port.release(key, token).catch(() => {}).finally(() => {
      this.#releases.delete(release);
    });
    this.#releases.add(release);
  }

  /** Waits until a key has changed, or for so long. */
  async #change(key: string, ms: number): Promise<void> {
    let waiters = this.#waiting.get(key);
    if (waiters === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiters = {
        ended: promise,
        wake: () => {
          this.#waiting.delete(key);
          resolve();
        },
      };
      this.#waiting.set(key, waiters);
    }
    const timer = setTimeout(waiters.wake, ms + Math.random() * JITTER);
    await waiters.ended;
    clearTimeout(timer);
  }
}

function randomToken(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(16);
}
