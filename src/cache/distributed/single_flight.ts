/**
 * One load at a time for a key over all machines: the part of `getOrSet` behind the copy.
 *
 * Who loads holds a lease in Redis. In this isolate others join that load; elsewhere they wait for the
 * report that the lease or the entry has changed, or for the lease's end by time. A load is joined only
 * as long as nothing ended its lease: those who ask after that ask Redis again.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import type { Codec, Stored } from "../codec.ts";
import { Failures } from "../loads/failures.ts";
import { LoaderCall, loadTimeout, untilAborted } from "../loads/loader_call.ts";
import type { Lifetime, LoadRequest } from "../options.ts";
import type { CacheOptions } from "../types.ts";
import { disconnected } from "./errors.ts";
import type { Found } from "./reader.ts";
import { randomId } from "./wire.ts";

/** The answer to "may I load this key?". */
export type LeaseReply =
  | { readonly state: "live" }
  | { readonly state: "acquired" }
  | { readonly state: "held"; readonly token: string; readonly leftMs: number };

/** What loads need of the cache. */
export interface DistributedLoadBackend<V> {
  /** Reads an entry, one in its grace too. */
  read(key: string): Promise<Found<V> | undefined>;
  /** Asks for the lease of a key under a token. */
  acquire(request: LoadRequest<V>, token: string): Promise<LeaseReply>;
  /** Stores a value if the lease still stands, which ends it. */
  publish(key: string, token: string, stored: Stored, life: Lifetime): Promise<void>;
  /** Gives a lease back without a value. */
  release(key: string, token: string): Promise<void>;
  /** What may be used of the key although the server cannot be asked, for this error. */
  kept(key: string, error: unknown): V | undefined;
  /** Whether the server takes an entry. */
  fits(key: string, stored: Stored): boolean;
}

/** What came out of asking for a value. */
interface Answer<V> {
  /** The entry that there is. */
  readonly found?: Found<V> | undefined;
  /** The load of this isolate. */
  readonly call?: LoaderCall<V> | undefined;
  /** For how long another isolate may load. */
  readonly heldMs?: number;
}

/** Somebody asks Redis; as long as it stands in its map, nothing has changed since. */
interface Asking<V> {
  answer?: Promise<Answer<V>>;
}

/** A lease that ended by time is reported within this time, usually; then it is asked for again. */
const REPORT_MS = 20;
const JITTER_MS = 30;
/** A report can be lost with its connection; a waiter asks at least so often. */
const LONGEST_WAIT_MS = 5_000;

/** The loads that run in this isolate for one cache. */
export class DistributedSingleFlight<V> {
  readonly #codec: Codec<V>;
  readonly #backend: DistributedLoadBackend<V>;
  /** By key: the loads that can be joined unasked: nothing changed, and nobody can be served the old. */
  readonly #joinable = new Map<string, LoaderCall<V>>();
  /** By token: all of them. */
  readonly #running = new Map<string, LoaderCall<V>>();
  /** By key: the loads that nobody could be asked for. */
  readonly #alone = new Map<string, LoaderCall<V>>();
  /** By key: who is asking Redis now. */
  readonly #asking = new Map<string, Asking<V>>();
  /** Whether loads run although the server cannot be asked. */
  readonly #fallback: boolean;
  readonly #failures: Failures;
  readonly #releases = new Set<Promise<void>>();
  /** By key: ends when it has changed. */
  readonly #waiting = new Map<string, PromiseWithResolvers<void>>();
  #closed = false;

  /** Makes it for a cache. */
  constructor(
    codec: Codec<V>,
    backend: DistributedLoadBackend<V>,
    { onError, fallback }: { onError: CacheOptions["onError"]; fallback: boolean },
  ) {
    this.#codec = codec;
    this.#backend = backend;
    this.#fallback = fallback;
    this.#failures = new Failures(onError);
  }

  /** The value of a key that the copy does not have, and whether it had to be loaded. */
  async get(request: LoadRequest<V>): Promise<{ value: V; loaded: boolean }> {
    const { key, timeoutMs, signal } = request;
    const until = performance.now() + timeoutMs;
    for (let loaded = false;; loaded = true) {
      if (this.#closed) throw disconnected();
      let answer: Answer<V>;
      try {
        answer = await untilAborted(this.#ask(request), signal);
      } catch (error) {
        const kept = this.#backend.kept(key, error);
        if (kept !== undefined) return { value: kept, loaded: false };
        const isAway = !this.#closed && AgentError.is(error, "UNAVAILABLE");
        if (!this.#fallback || !isAway || signal?.aborted) throw error;
        return { value: await this.#loadAlone(request), loaded: true };
      }
      const { found, call, heldMs = 0 } = answer;
      if (found !== undefined && (!found.stale || !loaded)) {
        // Readers of what is kept for its grace do not wait for its successor, nor for its failure.
        call?.hold();
        return { value: this.#codec.forReader(found.value), loaded: found.stale };
      }
      if (call !== undefined) {
        return { value: this.#codec.forReader(await call.join(signal)), loaded: true };
      }
      const left = until - performance.now();
      if (left <= 0) throw loadTimeout(key, timeoutMs);
      const pause = Math.min(left, Math.max(heldMs, 0) + REPORT_MS, LONGEST_WAIT_MS);
      await untilAborted(this.#waitForChange(key, pause), signal);
    }
  }

  /** What of a key (or of all keys) was asked or begun before now is joined by nobody any more. */
  forget(key?: string): void {
    if (key === undefined) {
      this.#joinable.clear();
      this.#asking.clear();
      return;
    }
    this.#joinable.delete(key);
    this.#asking.delete(key);
  }

  /** A key (or all of them) has changed: those who wait look again. */
  changed(key?: string): void {
    for (const waiting of key === undefined ? this.#waiting.keys() : [key]) {
      this.#waiting.get(waiting)?.resolve();
      this.#waiting.delete(waiting);
    }
  }

  /** Ends every load and every wait, and resolves when no lease of ours is left. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const call of this.#running.values()) call.stop(disconnected());
    for (const call of this.#alone.values()) call.stop(disconnected());
    this.forget();
    this.changed();
    await Promise.all(this.#releases);
  }

  /** Calls the loader while nobody can be asked: one load at a time in this isolate, and nothing is kept. */
  async #loadAlone(request: LoadRequest<V>): Promise<V> {
    const { key, signal } = request;
    let call = this.#alone.get(key);
    if (call === undefined) {
      const started = new LoaderCall<V>(request, this.#codec, {
        fits: () => false,
        publish: () => {},
        over: () => {
          if (this.#alone.get(key) === started) this.#alone.delete(key);
        },
      }, undefined);
      call = started;
      this.#alone.set(key, started);
      started.start();
    }
    return this.#codec.forReader(await call.join(signal));
  }

  /** Joins the load of this isolate, or whoever asks, or asks. */
  #ask(request: LoadRequest<V>): Promise<Answer<V>> {
    const { key } = request;
    const call = this.#joinable.get(key);
    if (call !== undefined) return Promise.resolve({ call });
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
      const found = await this.#backend.read(key);
      if (found !== undefined && (!found.stale || this.#failures.pauses(key))) return { found };
      const token = randomId();
      const reply = await this.#backend.acquire(request, token);
      if (this.#closed) {
        if (reply.state === "acquired") this.#release(key, token);
        throw disconnected();
      }
      if (reply.state === "acquired") {
        const joinable = found === undefined && this.#asking.get(key) === asking;
        return { found, call: this.#start(request, token, joinable, found?.value) };
      }
      if (reply.state === "held") {
        return { found, call: this.#running.get(reply.token), heldMs: reply.leftMs };
      }
    }
  }

  #start(
    request: LoadRequest<V>,
    token: string,
    joinable: boolean,
    stale: V | undefined,
  ): LoaderCall<V> {
    const { key } = request;
    const backend = this.#backend;
    const call = new LoaderCall<V>(request, this.#codec, {
      fits: (stored) => backend.fits(key, stored),
      // The value is there; that it could not be stored, the next call that needs Redis says.
      publish: (stored, life) => backend.publish(key, token, stored, life).catch(() => {}),
      over: (published) => {
        this.#running.delete(token);
        if (this.#joinable.get(key) === call) this.#joinable.delete(key);
        if (!published) this.#release(key, token);
      },
    }, stale);
    this.#running.set(token, call);
    if (joinable) this.#joinable.set(key, call);
    call.start();
    // Behind readers nobody else hears of a failure.
    if (stale !== undefined) {
      call.hold();
      call.result.then(
        () => this.#failures.remove(key),
        (error) => this.#closed || this.#failures.add(key, error),
      );
    }
    return call;
  }

  /** Gives a lease back. One that cannot be given back ends by time. */
  #release(key: string, token: string): void {
    const release = this.#backend.release(key, token).catch(() => {}).finally(() => {
      this.#releases.delete(release);
    });
    this.#releases.add(release);
  }

  /** Waits until a key has changed, or for so long. */
  async #waitForChange(key: string, ms: number): Promise<void> {
    let waiting = this.#waiting.get(key);
    if (waiting === undefined) {
      waiting = Promise.withResolvers();
      this.#waiting.set(key, waiting);
    }
    const timer = setTimeout(() => this.changed(key), ms + Math.random() * JITTER_MS);
    await waiting.promise;
    clearTimeout(timer);
  }
}
