/**
 * The shapes of the limiter. Types only.
 *
 * @module
 */

import type { Implementation } from "../../shared/implementation.ts";

/** Options of `createLimiter`. A limit that is left out does not hold. */
export interface LimiterOptions {
  /** Reservations in any 60 seconds, at most. A whole number from 1 on. */
  requestsPerMinute?: number | undefined;
  /** Reservations a second. Over 0; with a fraction, at most `ceil(n)` in any `ceil(n) / n` seconds. */
  requestsPerSecond?: number | undefined;
  /** Tokens of the reservations of any 60 seconds, at most. A whole number from 1 on. */
  tokensPerMinute?: number | undefined;
  /** Reservations that are neither settled nor released, at most. A whole number from 1 on. */
  concurrency?: number | undefined;
  /** Makes it one limiter for all Workers of the process, or for all users of a Redis server. 1 to 200 characters. */
  name?: string | undefined;
  /**
   * What holds where one limiter for all Workers cannot be had: an error, or a limiter of this isolate's own. Default
   * `"required"`. Only with `name`, and not with `redis`, which is always shared.
   */
  shared?: "required" | "preferred" | undefined;
  /** The URL of a Redis or Valkey server: one limiter for all machines. Needs `name`. */
  redis?: string | undefined;
  /** With `redis`: how long connecting may take, and each answer, in milliseconds. Default 1,000. */
  redisTimeoutMs?: number | undefined;
  /**
   * After so long a reservation that was neither settled nor released counts as used as it was estimated, and its place
   * in `concurrency` is free. 1 second to 24 hours in milliseconds. Default 600,000.
   */
  leaseMs?: number | undefined;
  /** Which twin does the work. Default `"auto"`. */
  implementation?: Implementation | undefined;
}

/** Options of `Limiter.reserve`. */
export interface ReserveOptions {
  /** Gives up waiting; its reason is what the call rejects with. */
  signal?: AbortSignal | undefined;
  /** Gives up waiting after so long, with `TIMEOUT`. Milliseconds. Default: none. */
  timeoutMs?: number | undefined;
  /** Waiting calls of different groups take turns, however many each has. Default: one group. */
  group?: string | undefined;
}

/**
 * The right to make one request. End it with {@linkcode Reservation.settle} or {@linkcode Reservation.release};
 * `using` releases it unless it was settled. The first of these calls counts.
 */
export interface Reservation extends Disposable, AsyncDisposable {
  /** The tokens that were reserved. */
  readonly tokens: number;
  /**
   * The request was made and took so many tokens. What was reserved and not used can be reserved again at once; what
   * was used beyond that is taken now, and later reservations wait for it.
   *
   * @param actual The tokens it took; as many as were reserved if left out. A whole number.
   * @returns When it is done: at once, but with Redis.
   */
  settle(actual?: number): Promise<void>;
  /** The request was not made: gives it and its tokens back. */
  release(): Promise<void>;
}

/** What a limiter holds at the moment. */
export interface LimiterStats {
  /** Reservations that are neither settled nor released. */
  active: number;
  /** Calls that wait; with Redis, of this object. */
  waiting: number;
  /** Requests that could be reserved now, `Infinity` where nothing limits them. */
  requestsLeft: number;
  /** Tokens that could be reserved now; negative if more was used than reserved. */
  tokensLeft: number;
  /** How long nothing is given because a server asked for a pause, in milliseconds. */
  pausedMs: number;
}

/** A limiter. */
export interface Limiter extends Disposable, AsyncDisposable {
  /** Which twin does the work; with Redis always `"pure"`. */
  readonly implementation: "native" | "pure";
  /** Whether other isolates or machines count too. */
  readonly shared: boolean;
  /**
   * Waits until one more request with so many tokens is within all limits. First come, first served, whatever the size;
   * groups in turn. Never waits for ever: what can never be had is an error at once, and a place that is not given
   * back comes free after `leaseMs`.
   *
   * @param tokens The estimate, of the answer too. A whole number. Default 0.
   * @throws {AgentError} `TOO_LARGE` if there are more tokens than a minute allows, `TIMEOUT` after `timeoutMs`,
   * `CLOSED`; with Redis `UNAVAILABLE`. The signal's reason.
   */
  reserve(tokens?: number, options?: ReserveOptions): Promise<Reservation>;
  /**
   * The same without waiting.
   *
   * @returns Undefined if it is not within the limits now, or if others wait.
   * @throws {AgentError} `UNSUPPORTED` with Redis, which must be asked.
   */
  tryReserve(tokens?: number): Reservation | undefined;
  /**
   * Takes over what a server says of its own limits: `x-ratelimit-*`, `anthropic-ratelimit-*`, `ratelimit`, and the
   * pause of `retry-after` (of a response only with status 429, 503 or 529). It can only make the limiter slower, and for an hour at
   * most.
   */
  observe(headers: Headers | Response): Promise<void>;
  /** What it holds at the moment. */
  stats(): Promise<LimiterStats>;
  /** Ends it: who waits gets `CLOSED`, reservations made through it end as they were estimated. */
  close(): Promise<void>;
}
