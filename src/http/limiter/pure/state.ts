/**
 * The limiter proper: what was given, what is left, who waits. It knows no clock and no promise: each call says when it
 * is made. Twin: rust/areas/limiter/src/state.rs.
 *
 * @module
 */

import type { Observed } from "../observed.ts";
import { MINUTE_US, type ResolvedOptions } from "../options.ts";
import type { LimiterStats } from "../types.ts";
import { Hold } from "./hold.ts";
import { Line, type Waiter } from "./line.ts";
import { Window } from "./window.ts";

/** A reservation that is neither settled nor released. */
interface Active {
  readonly tokens: number;
  readonly at: number;
  readonly view: number;
}

/** All that a limiter holds. Times are whole microseconds of one clock; where it goes back, it stands still. */
export class State {
  readonly #second: Window | undefined;
  readonly #secondUs: number;
  readonly #requests: Window | undefined;
  readonly #tokens: Window | undefined;
  readonly #concurrency: number;
  readonly #leaseUs: number;
  /** In the order in which they were given, so the first to end is the first. */
  readonly #active = new Map<number, Active>();
  readonly #line = new Line();
  #requestsHold: Hold | undefined;
  #tokensHold: Hold | undefined;
  #pausedUntil = 0;
  #now = 0;
  #id = 0;

  /** Makes an unused one. */
  constructor({ second, requests, tokens, concurrency, leaseUs }: ResolvedOptions) {
    if (second.limit !== Infinity) this.#second = new Window(second.limit, second.lengthUs);
    if (requests.limit !== Infinity) this.#requests = new Window(requests.limit, requests.lengthUs);
    if (tokens.limit !== Infinity) this.#tokens = new Window(tokens.limit, tokens.lengthUs);
    this.#secondUs = second.lengthUs;
    this.#concurrency = concurrency;
    this.#leaseUs = leaseUs;
  }

  /** Whether anybody waits. */
  get hasWaiters(): boolean {
    return this.#line.length > 0;
  }

  /** Reserves if that is within the limits and nobody waits: the reservation's number, or 0. */
  take(now: number, view: number, tokens: number): number {
    this.#advance(now);
    return this.#line.length > 0 || !this.#fits(tokens) ? 0 : this.#give(view, tokens);
  }

  /** Puts somebody in line. {@linkcode State.pump} is to be called then. */
  wait(waiter: Waiter): void {
    this.#line.add(waiter);
  }

  /** Lets somebody out of line. */
  giveUp(waiter: Waiter): void {
    this.#line.remove(waiter);
  }

  /**
   * Gives to those who wait what they can have.
   *
   * @returns When to call it again if nothing else happens; `Infinity` if nobody waits.
   */
  pump(now: number): number {
    this.#advance(now);
    for (let waiter; (waiter = this.#line.first()) !== undefined;) {
      if (!this.#fits(waiter.tokens)) return Math.max(this.#freeAt(waiter.tokens), this.#now + 1);
      this.#line.takeFirst(waiter);
      waiter.grant(this.#give(waiter.view, waiter.tokens));
    }
    return Infinity;
  }

  /**
   * A reservation's request was made and took so many tokens. Nothing happens if the reservation is over.
   *
   * @returns How many it took beyond what was reserved: {@linkcode State.takeMore} is to be called with them. Only that
   * needs to know what time it is, and asking costs more than all of this.
   */
  settle(id: number, actual: number): number {
    const active = this.#active.get(id);
    if (active === undefined) return 0;
    this.#active.delete(id);
    const { tokens, at } = active;
    if (actual < tokens) this.#giveTokensBack(tokens - actual, at);
    return Math.max(0, actual - tokens);
  }

  /** Takes tokens whether they are there or not. */
  takeMore(now: number, count: number): void {
    this.#advance(now);
    this.#takeTokens(count);
  }

  /** A reservation's request was not made. */
  release(id: number): void {
    const active = this.#active.get(id);
    if (active === undefined) return;
    this.#active.delete(id);
    const { tokens, at } = active;
    this.#second?.giveBack(1, at);
    this.#requests?.giveBack(1, at);
    this.#requestsHold?.giveBack(1, at);
    this.#giveTokensBack(tokens, at);
  }

  /** A reservation was lost: it counts as it was estimated. */
  forget(id: number): void {
    this.#active.delete(id);
  }

  /** Ends a view's reservations, which count as they were estimated. */
  endView(view: number): void {
    for (const [id, active] of this.#active) if (active.view === view) this.#active.delete(id);
  }

  /** Until when something of what happened still matters. */
  get mattersUntil(): number {
    return Math.max(
      this.#now + Math.max(MINUTE_US, this.#secondUs),
      this.#pausedUntil,
      this.#requestsHold?.until ?? 0,
      this.#tokensHold?.until ?? 0,
    );
  }

  /** Takes over what a server said. */
  observe(now: number, { requests, tokens, pauseUs }: Observed): void {
    this.#advance(now);
    if (requests !== undefined) this.#requestsHold = new Hold(requests, this.#now);
    if (tokens !== undefined) this.#tokensHold = new Hold(tokens, this.#now);
    if (pauseUs > 0) this.#pausedUntil = Math.max(this.#pausedUntil, this.#now + pauseUs);
  }

  /** What it holds. */
  stats(now: number): LimiterStats {
    this.#advance(now);
    return {
      active: this.#active.size,
      waiting: this.#line.length,
      requestsLeft: Math.floor(Math.min(
        this.#second?.room ?? Infinity,
        this.#requests?.room ?? Infinity,
        this.#requestsHold?.left ?? Infinity,
      )),
      tokensLeft: Math.floor(
        Math.min(this.#tokens?.room ?? Infinity, this.#tokensHold?.left ?? Infinity),
      ),
      pausedMs: Math.max(0, this.#pausedUntil - this.#now) / 1_000,
    };
  }

  #advance(now: number): void {
    if (now > this.#now) this.#now = now;
    this.#second?.advance(this.#now);
    this.#requests?.advance(this.#now);
    this.#tokens?.advance(this.#now);
    if (this.#requestsHold?.advance(this.#now) === false) this.#requestsHold = undefined;
    if (this.#tokensHold?.advance(this.#now) === false) this.#tokensHold = undefined;
    for (const [id, { at }] of this.#active) {
      if (at + this.#leaseUs > this.#now) break;
      this.#active.delete(id);
    }
  }

  #fits(tokens: number): boolean {
    return this.#active.size < this.#concurrency && this.#pausedUntil <= this.#now &&
      (this.#second === undefined || this.#second.room >= 1) &&
      (this.#requests === undefined || this.#requests.room >= 1) &&
      (this.#tokens === undefined || tokens === 0 || this.#tokens.room >= tokens) &&
      (this.#requestsHold === undefined || this.#requestsHold.freeAt(1) === 0) &&
      (this.#tokensHold === undefined || tokens === 0 || this.#tokensHold.freeAt(tokens) === 0);
  }

  /** From when on so many tokens may fit, if nothing is given back before; early is no harm. */
  #freeAt(tokens: number): number {
    let at = this.#pausedUntil;
    if (this.#active.size >= this.#concurrency) {
      for (const first of this.#active.values()) {
        at = Math.max(at, first.at + this.#leaseUs);
        break;
      }
    }
    at = Math.max(at, this.#second?.freeAt(1) ?? 0, this.#requests?.freeAt(1) ?? 0);
    at = Math.max(at, this.#requestsHold?.freeAt(1) ?? 0);
    if (tokens === 0) return at;
    return Math.max(at, this.#tokens?.freeAt(tokens) ?? 0, this.#tokensHold?.freeAt(tokens) ?? 0);
  }

  #give(view: number, tokens: number): number {
    this.#second?.add(1);
    this.#requests?.add(1);
    this.#requestsHold?.take(1);
    if (tokens > 0) this.#takeTokens(tokens);
    this.#active.set(++this.#id, { tokens, at: this.#now, view });
    return this.#id;
  }

  #takeTokens(count: number): void {
    this.#tokens?.add(count);
    this.#tokensHold?.take(count);
  }

  #giveTokensBack(count: number, takenAt: number): void {
    this.#tokens?.giveBack(count, takenAt);
    this.#tokensHold?.giveBack(count, takenAt);
  }
}
