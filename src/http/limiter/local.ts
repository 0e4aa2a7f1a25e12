/**
 * The limiter of one isolate or process as its users see it: arguments, signals, time limits and reservations. What is
 * given and who waits is an engine's, which has the twins.
 *
 * @module
 */

import { wrongType } from "../../shared/arguments.ts";
import { closedError } from "../../shared/closed.ts";
import { timeLimit } from "../../shared/deadline.ts";
import { type Observed, observedIn } from "./observed.ts";
import { checkGroup, checkTokens, tooLarge, waitedTooLong } from "./options.ts";
import type { Limiter, LimiterStats, Reservation, ReserveOptions } from "./types.ts";

/** What gives and takes back. The twins are `pure.ts` and `native.ts`. */
export interface Engine {
  readonly implementation: "native" | "pure";
  readonly shared: boolean;
  /** Reserves: a number over 0, or 0 if that must wait. */
  take(tokens: number): number;
  /** Waits in line. Rejects with the signal's reason, and with anything once it is closed. */
  wait(tokens: number, group: string, signal: AbortSignal | undefined): Promise<number>;
  settle(id: number, actual: number): void;
  release(id: number): void;
  /** It was lost; it counts as it was estimated. */
  forget(id: number): void;
  observe(said: Observed): void;
  stats(): LimiterStats;
  /** Resolves when nothing of it is under way. */
  close(): void | Promise<void>;
}

const DONE = Promise.resolve();

/** What is left of a cohort that nobody holds any more. */
interface Members {
  readonly engine: Engine;
  readonly ids: number[];
  /** How many are not over. */
  left: number;
}

const lost = new FinalizationRegistry<Members>(({ engine, ids, left }) => {
  if (left > 0) { for (const id of ids) engine.forget(id); }
});

/** As many reservations are watched together: watching each costs more than giving it. */
const COHORT = 64;

/** Reservations that were given one after the other: garbage when all of them are. */
class Cohort {
  readonly members: Members;

  constructor(engine: Engine) {
    this.members = { engine, ids: [], left: 0 };
    lost.register(this, this.members);
  }

  /** Whether there is room for one more. */
  get open(): boolean {
    return this.members.ids.length < COHORT;
  }

  add(id: number): void {
    this.members.ids.push(id);
    this.members.left++;
  }
}

/** A reservation. */
class LocalReservation implements Reservation {
  readonly tokens: number;
  readonly #engine: Engine;
  readonly #cohort: Cohort | undefined;
  /** 0 once it is over. */
  #id: number;

  constructor(engine: Engine, id: number, tokens: number, cohort: Cohort | undefined) {
    this.#engine = engine;
    this.#id = id;
    this.tokens = tokens;
    this.#cohort = cohort;
    cohort?.add(id);
  }

  settle(actual: number = this.tokens): Promise<void> {
    if (actual !== this.tokens) {
      try {
        checkTokens(actual, "actual");
      } catch (error) {
        return Promise.reject(error);
      }
    }
    const id = this.#end();
    if (id !== 0) this.#engine.settle(id, actual);
    return DONE;
  }

  release(): Promise<void> {
    const id = this.#end();
    if (id !== 0) this.#engine.release(id);
    return DONE;
  }

  [Symbol.dispose](): void {
    this.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  #end(): number {
    const id = this.#id;
    this.#id = 0;
    if (this.#cohort !== undefined && id !== 0) this.#cohort.members.left--;
    return id;
  }
}

/** Options of `reserve`, checked. */
export interface ReserveRequest {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
  readonly group: string;
}

/** Checks the options of `reserve`; throws the signal's reason if it is aborted. */
export function reserveRequest(options: ReserveOptions): ReserveRequest {
  if (options === null || typeof options !== "object") {
    throw wrongType("options", "an object", options);
  }
  const { signal, timeoutMs, group } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw wrongType("options.signal", "an AbortSignal", signal);
  }
  const request = {
    signal,
    timeoutMs: timeoutMs === undefined ? undefined : timeLimit(timeoutMs, 0),
    group: checkGroup(group),
  };
  signal?.throwIfAborted();
  return request;
}

/** Waits with a time limit beside the caller's signal. */
export function waitWithin<T>(
  { signal, timeoutMs }: ReserveRequest,
  wait: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (timeoutMs === undefined) return wait(signal);
  const controller = new AbortController();
  const giveUp = (): void => controller.abort(signal?.reason);
  signal?.addEventListener("abort", giveUp, { once: true });
  const timer = setTimeout(() => controller.abort(waitedTooLong(timeoutMs)), timeoutMs);
  return wait(controller.signal).finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  });
}

/** Reads what `observe` is given. */
export function readObserved(source: unknown): Observed {
  const isResponse = source instanceof Response;
  if (!isResponse && !(source instanceof Headers)) {
    throw wrongType("headers", "Headers or a Response", source);
  }
  return observedIn(
    isResponse ? source.headers : source,
    isResponse ? source.status : undefined,
    Date.now(),
  );
}

/** A limiter. What its methods do is said in {@linkcode Limiter}. */
export class LocalLimiter implements Limiter {
  readonly implementation: "native" | "pure";
  readonly shared: boolean;
  readonly #engine: Engine;
  readonly #tokensLimit: number;
  /** Whether a lost reservation would hold others up. */
  readonly #watched: boolean;
  /** The cohort of those that are given now; let go of when somebody waits, since a lost one may be why. */
  #cohort: Cohort | undefined;
  #closed = false;
  #ended: Promise<void> = DONE;

  constructor(engine: Engine, tokensLimit: number, concurrency: number) {
    this.#engine = engine;
    this.implementation = engine.implementation;
    this.shared = engine.shared;
    this.#tokensLimit = tokensLimit;
    this.#watched = concurrency !== Infinity;
  }

  reserve(tokens: number = 0, options?: ReserveOptions): Promise<Reservation> {
    try {
      this.#check(tokens);
      const request = options === undefined ? undefined : reserveRequest(options);
      const id = this.#engine.take(tokens);
      if (id > 0) return Promise.resolve(this.#reservation(id, tokens));
      return this.#wait(tokens, request);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  tryReserve(tokens: number = 0): Reservation | undefined {
    this.#check(tokens);
    const id = this.#engine.take(tokens);
    return id > 0 ? this.#reservation(id, tokens) : undefined;
  }

  observe(headers: Headers | Response): Promise<void> {
    try {
      if (this.#closed) throw closedError("limiter");
      this.#engine.observe(readObserved(headers));
      return DONE;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  stats(): Promise<LimiterStats> {
    if (this.#closed) return Promise.reject(closedError("limiter"));
    return Promise.resolve(this.#engine.stats());
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#ended = Promise.resolve(this.#engine.close());
    }
    return this.#ended;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #check(tokens: number): void {
    if (this.#closed) throw closedError("limiter");
    checkTokens(tokens, "tokens");
    if (tokens > this.#tokensLimit) throw tooLarge(tokens, this.#tokensLimit);
  }

  #reservation(id: number, tokens: number): Reservation {
    if (!this.#watched) return new LocalReservation(this.#engine, id, tokens, undefined);
    if (!this.#cohort?.open) this.#cohort = new Cohort(this.#engine);
    return new LocalReservation(this.#engine, id, tokens, this.#cohort);
  }

  async #wait(tokens: number, request: ReserveRequest | undefined): Promise<Reservation> {
    this.#cohort = undefined;
    const wait = (signal?: AbortSignal) => this.#engine.wait(tokens, request?.group ?? "", signal);
    try {
      const id = request === undefined ? await wait() : await waitWithin(request, wait);
      if (this.#closed) throw closedError("limiter");
      return this.#reservation(id, tokens);
    } catch (error) {
      throw this.#closed ? closedError("limiter") : error;
    }
  }
}
