/**
 * `fetchMany`: requests of a list that may have no end, results as they finish. Hosts take turns, so that a slow one
 * holds nobody up; nothing is begun while the caller does not take what is there.
 *
 * @module
 */

import { fieldsOf, shown, wrongType } from "../../shared/arguments.ts";
import type { Batch, IncomingResponse } from "../transport/types.ts";
import type { FetchManyOptions, HttpOutcome, HttpRequest, HttpRequestInit } from "../types.ts";
import { plainCall, type ReadCall, readCall, readUrl } from "./call.ts";
import { Queue } from "./queue.ts";
import { gaveAll, gaveOut } from "./relief.ts";
import { heldOf, LazyResponse } from "./response.ts";
import { atOnce, type Settings } from "./settings.ts";
import type { Slots } from "./slots.ts";
import { ManyProgress } from "./progress.ts";

/** What a batch takes of its client. */
export interface ManyContext {
  readonly settings: Settings;
  readonly slots: Slots;
  readonly closing: AbortSignal;
  /** Does a call; also told what `performance.now()` is. */
  readonly perform: (call: ReadCall, now: number) => Promise<IncomingResponse>;
}

/** A request that waits for its turn. */
interface Pending {
  readonly index: number;
  readonly url: URL;
  readonly init: HttpRequestInit | undefined;
}

/** Somebody who waits for the next result. */
interface Taker {
  readonly resolve: (result: IteratorResult<HttpOutcome>) => void;
  readonly reject: (reason: unknown) => void;
}

/** Calls that wait (for a host that asks for a pause, before a retry) beside those under way, by concurrency. */
const WAITING_FACTOR = 4;
/** Requests that are taken from the list ahead of their turn, by concurrency: what hosts can take turns within. */
const AHEAD_FACTOR = 4;
/** How many more are taken while none of those can begin, so that a host that is left alone holds nobody up. */
const MOST_AHEAD_FACTOR = 8;
const MOST_AHEAD = 256;

/** A batch; iterating it once drives it. */
export class Many implements AsyncIterableIterator<HttpOutcome> {
  readonly #context: ManyContext;
  readonly #batch: Batch;
  readonly #ending = new AbortController();
  readonly #queue = new Queue<Pending>();
  readonly #ready: HttpOutcome[] = [];
  readonly #takers: Taker[] = [];
  readonly #progress: ManyProgress;
  readonly #signal: AbortSignal | undefined;
  #source: Iterator<HttpRequest> | AsyncIterator<HttpRequest>;
  #isAsync: boolean;
  #isPulling = false;
  #isExhausted = false;
  #isJoined = false;
  #isOver = false;
  #failure: { reason: unknown } | undefined;
  #started = 0;
  #index = 0;
  #pumping = false;
  #idle: PromiseWithResolvers<void> | undefined;

  /** Checks what was given; nothing begins before the first result is asked for. */
  constructor(
    requests: Iterable<HttpRequest> | AsyncIterable<HttpRequest>,
    value: FetchManyOptions | undefined,
    context: ManyContext,
  ) {
    const options = fieldsOf(value, "options") as FetchManyOptions;
    const { signal, onProgress } = options;
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw wrongType("options.signal", "an AbortSignal", signal);
    }
    if (onProgress !== undefined && typeof onProgress !== "function") {
      throw wrongType("options.onProgress", "a function", onProgress);
    }
    if (
      requests === null || typeof requests !== "object" ||
      !(Symbol.asyncIterator in requests || Symbol.iterator in requests)
    ) {
      throw wrongType("requests", "an iterable of requests", requests);
    }
    const { settings } = context;
    this.#context = context;
    this.#signal = signal;
    this.#batch = {
      concurrency: atOnce(options.concurrency, "options.concurrency", settings.concurrency),
      perHost: atOnce(options.perHost, "options.perHost", settings.perHost),
      active: 0,
      byHost: new Map(),
      waiting: 0,
      changed: () => this.#pump(),
      hosts: new Map(),
    };
    this.#isAsync = Symbol.asyncIterator in requests;
    this.#source = Symbol.asyncIterator in requests
      ? requests[Symbol.asyncIterator]()
      : requests[Symbol.iterator]();
    this.#progress = new ManyProgress(
      onProgress,
      Array.isArray(requests) ? requests.length : undefined,
    );
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<HttpOutcome>> {
    if (!this.#isJoined) this.#join();
    const outcome = this.#failure === undefined ? this.#ready.shift() : undefined;
    if (outcome !== undefined) {
      this.#pump();
      return Promise.resolve({ done: false, value: outcome });
    }
    if (this.#failure !== undefined) {
      const { reason } = this.#failure;
      return this.#finish().then(() => Promise.reject(reason));
    }
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    const taken = new Promise<IteratorResult<HttpOutcome>>((resolve, reject) => {
      this.#takers.push({ resolve, reject });
    });
    this.#pump();
    return taken;
  }

  async return(): Promise<IteratorResult<HttpOutcome>> {
    await this.#finish();
    return { done: true, value: undefined };
  }

  #join(): void {
    this.#isJoined = true;
    this.#context.slots.join(this.#batch);
    const { closing } = this.#context;
    closing.addEventListener("abort", this.#onClosing);
    this.#signal?.addEventListener("abort", this.#onSignal);
    if (closing.aborted) this.#fail(closing.reason);
    else if (this.#signal?.aborted) this.#fail(this.#signal.reason);
  }

  readonly #onClosing = (): void => this.#fail(this.#context.closing.reason);
  readonly #onSignal = (): void => this.#fail(this.#signal!.reason);

  /** Ends all of it with an error. */
  #fail(reason: unknown): void {
    if (this.#isOver || this.#failure !== undefined) return;
    this.#failure = { reason };
    const takers = this.#takers.splice(0);
    // What the list says to its end does not matter beside what ended it.
    void this.#finish().catch(() => {}).then(() => {
      const [first, ...others] = takers;
      first?.reject(reason);
      for (const taker of others) taker.resolve({ done: true, value: undefined });
      if (first !== undefined) this.#failure = undefined;
    });
  }

  /** Ends what is under way and waits until it has ended. */
  async #finish(): Promise<void> {
    const wasOver = this.#isOver;
    this.#isOver = true;
    this.#queue.clear();
    for (const outcome of this.#ready.splice(0)) letGo(outcome);
    for (const taker of this.#takers.splice(0)) taker.resolve({ done: true, value: undefined });
    this.#ending.abort(new DOMException("The batch has ended", "AbortError"));
    if (this.#started > 0) await (this.#idle ??= Promise.withResolvers()).promise;
    this.#leave();
    if (!wasOver && !this.#isExhausted) {
      this.#isExhausted = true;
      // An endless generator gets its chance to clean up. One that is asked for more just now gets to it when it has
      // that, which may be never: nobody waits for it.
      const returned = this.#source.return?.();
      if (this.#isPulling) Promise.resolve(returned).catch(() => {});
      else await returned;
    }
  }

  #leave(): void {
    gaveAll();
    this.#context.slots.leave(this.#batch);
    this.#context.closing.removeEventListener("abort", this.#onClosing);
    this.#signal?.removeEventListener("abort", this.#onSignal);
  }

  /** Begins what may begin. */
  #pump(): void {
    if (this.#pumping || this.#isOver || !this.#isJoined) return;
    this.#pumping = true;
    try {
      const { slots } = this.#context;
      const batch = this.#batch;
      const { concurrency } = batch;
      for (let ahead = concurrency * AHEAD_FACTOR;;) {
        this.#pull(ahead);
        if (this.#isOver) return;
        const underWay = this.#started - batch.waiting;
        if (underWay + this.#ready.length >= concurrency) break;
        if (batch.waiting >= concurrency * WAITING_FACTOR) break;
        const next = this.#queue.take((host) => slots.hasRoom(host, batch));
        if (next !== undefined) {
          this.#start(next);
          continue;
        }
        if (this.#isExhausted || this.#isPulling || this.#queue.size < ahead) break;
        ahead = this.#queue.size + 1;
        if (ahead > Math.max(MOST_AHEAD, concurrency * MOST_AHEAD_FACTOR)) break;
      }
      this.#endIfDone();
    } finally {
      this.#pumping = false;
    }
  }

  /** Takes requests from the list, some ahead of their turn. */
  #pull(ahead: number): void {
    while (!this.#isExhausted && !this.#isPulling && !this.#isOver && this.#queue.size < ahead) {
      if (this.#ready.length >= this.#batch.concurrency) return;
      try {
        const next = this.#source.next();
        if (!this.#isAsync) {
          this.#took(next as IteratorResult<HttpRequest>);
          continue;
        }
        this.#isPulling = true;
        (next as Promise<IteratorResult<HttpRequest>>).then((result) => {
          this.#isPulling = false;
          this.#took(result);
          this.#pump();
        }, (reason) => {
          this.#isPulling = false;
          this.#isExhausted = true;
          this.#fail(reason);
        });
      } catch (reason) {
        // The list itself failed; there is no more of it.
        this.#isExhausted = true;
        this.#fail(reason);
      }
    }
  }

  #took(result: IteratorResult<HttpRequest>): void {
    if (result.done === true) {
      this.#isExhausted = true;
      return;
    }
    if (this.#isOver) return;
    const index = this.#index++;
    this.#progress.known(this.#index);
    try {
      const { value } = result;
      const { url, init } = typeof value === "string" || value instanceof URL
        ? { url: readUrl(value, "A request"), init: undefined }
        : partsOf(value);
      this.#queue.add(url.host, { index, url, init });
    } catch (error) {
      this.#give({ index, ok: false, error });
    }
  }

  #start(pending: Pending): void {
    this.#started++;
    const begun = performance.now();
    const { index, url, init } = pending;
    const { settings } = this.#context;
    const { signal } = this.#ending;
    if (init === undefined) {
      this.#run(index, begun, begun, plainCall(url, settings, this.#batch, signal, begun));
    } else {
      readCall(url, init, settings, { batch: this.#batch, signal }).then(
        (call) => this.#run(index, begun, performance.now(), call),
        (error) => this.#end({ index, ok: false, error }),
      );
    }
  }

  #run(index: number, begun: number, now: number, call: ReadCall): void {
    this.#context.perform(call, now).then((response) => {
      const durationMs = performance.now() - begun;
      if (response.body instanceof Uint8Array) gaveOut(response.body.byteLength);
      const lazy = new LazyResponse(response, call.call.redirected, durationMs);
      this.#end({ index, ok: true, response: lazy });
    }, (error) => this.#end({ index, ok: false, error }));
  }

  #end(outcome: HttpOutcome): void {
    this.#started--;
    if (this.#isOver) {
      letGo(outcome);
      if (this.#started === 0) this.#idle?.resolve();
      return;
    }
    this.#give(outcome);
    this.#pump();
  }

  #give(outcome: HttpOutcome): void {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#ready.push(outcome);
    else taker.resolve({ done: false, value: outcome });
    this.#tell(() => this.#progress.finished());
  }

  /** Calls the caller's `onProgress`; what it throws ends all of it. */
  #tell(report: () => void): void {
    try {
      report();
    } catch (reason) {
      this.#fail(reason);
    }
  }

  #endIfDone(): void {
    if (!this.#isExhausted || this.#started > 0 || this.#queue.size > 0 || this.#ready.length > 0) {
      return;
    }
    this.#tell(() => this.#progress.end());
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leave();
    for (const taker of this.#takers.splice(0)) taker.resolve({ done: true, value: undefined });
  }
}

/** Frees what nobody will take. */
function letGo(outcome: HttpOutcome): void {
  if (outcome.ok) heldOf(outcome.response)?.close();
}

function partsOf(value: HttpRequest): { url: URL; init: HttpRequestInit } {
  if (value === null || typeof value !== "object") {
    throw new TypeError(`A request must be an address or an object with url, got ${shown(value)}`);
  }
  const { url, ...init } = value as { url: string | URL } & HttpRequestInit;
  return { url: readUrl(url, "A request's url"), init };
}
