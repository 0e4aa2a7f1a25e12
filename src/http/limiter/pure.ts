/**
 * The TypeScript engine: limiters of this isolate alone. Twin: native.ts. What it holds is in pure/state.ts; here are
 * the clock and the promises.
 *
 * @module
 */

import type { Engine } from "./local.ts";
import type { Observed } from "./observed.ts";
import { differingLimits, type ResolvedOptions } from "./options.ts";
import type { Waiter } from "./pure/line.ts";
import { State } from "./pure/state.ts";
import type { LimiterStats } from "./types.ts";

/** What time it is, and a call when it is later; whole microseconds from any beginning. */
export interface Clock {
  now(): number;
  /** Calls at a time, or earlier; gives what undoes it. */
  at(time: number, call: () => void): () => void;
}

/** Timers take no more; who is called too early looks again. */
const LONGEST_MS = 3_600_000;

/** The isolate's own. */
export const platformClock: Clock = {
  now: () => Math.floor(performance.now() * 1_000),
  at(time, call) {
    const ms = Math.ceil((time - performance.now() * 1_000) / 1_000);
    const timer = setTimeout(call, Math.min(Math.max(ms, 0), LONGEST_MS));
    return () => clearTimeout(timer);
  },
};

/** A limiter, which objects of one name share within the isolate. */
class Shared {
  readonly options: ResolvedOptions;
  readonly state: State;
  readonly clock: Clock;
  views = 0;
  #undo: (() => void) | undefined;

  constructor(options: ResolvedOptions, clock: Clock) {
    this.options = options;
    this.clock = clock;
    this.state = new State(options);
  }

  /** Serves those who wait and can be served, now and later. */
  pump(): void {
    if (!this.state.hasWaiters && this.#undo === undefined) return;
    this.#undo?.();
    this.#undo = undefined;
    const due = this.state.pump(this.clock.now());
    if (due === Infinity) return;
    this.#undo = this.clock.at(due, () => {
      this.#undo = undefined;
      this.pump();
    });
  }
}

/** The limiters of this isolate by name. One outlives its last view for as long as what was reserved counts. */
const named = new Map<string, Shared>();
let views = 0;

function openShared(options: ResolvedOptions, clock: Clock): Shared {
  const { name } = options;
  if (name === undefined) return new Shared(options, clock);
  for (const [other, { views, state }] of named) {
    if (views === 0 && state.mattersUntil <= clock.now()) named.delete(other);
  }
  const existing = named.get(name);
  const differing = existing && differingLimits(existing.options, options);
  if (existing !== undefined && differing === undefined) return existing;
  if (existing !== undefined && existing.views > 0) throw differing;
  const made = new Shared(options, clock);
  named.set(name, made);
  return made;
}

/** A view of a limiter of this isolate. */
export class PureEngine implements Engine {
  readonly implementation = "pure";
  readonly shared = false;
  readonly #shared: Shared;
  readonly #clock: Clock;
  readonly #state: State;
  readonly #view = ++views;
  readonly #waits = new Set<() => void>();
  #closed = false;

  /** Opens a view of the limiter that the options mean, which is made if there is none. */
  constructor(options: ResolvedOptions, clock: Clock = platformClock) {
    this.#shared = openShared(options, clock);
    this.#shared.views++;
    // Fields of their own: one step less at every reservation.
    this.#clock = this.#shared.clock;
    this.#state = this.#shared.state;
  }

  take(tokens: number): number {
    return this.#state.take(this.#clock.now(), this.#view, tokens);
  }

  wait(tokens: number, group: string, signal: AbortSignal | undefined): Promise<number> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        signal?.removeEventListener("abort", abort);
        this.#waits.delete(close);
      };
      const waiter: Waiter = {
        view: this.#view,
        tokens,
        group,
        over: false,
        grant(id) {
          end();
          resolve(id);
        },
      };
      const close = (): void => {
        end();
        this.#state.giveUp(waiter);
        reject(signal?.reason);
      };
      const abort = (): void => {
        close();
        // Who stood behind may be small enough.
        this.#shared.pump();
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#waits.add(close);
      // Whoever stands first has had a time set at which to look again.
      const isFirst = !this.#state.hasWaiters;
      this.#state.wait(waiter);
      if (isFirst) this.#shared.pump();
    });
  }

  settle(id: number, actual: number): void {
    if (this.#closed) return;
    const more = this.#state.settle(id, actual);
    if (more > 0) this.#state.takeMore(this.#clock.now(), more);
    this.#pumpFor();
  }

  release(id: number): void {
    if (this.#closed) return;
    this.#state.release(id);
    this.#pumpFor();
  }

  forget(id: number): void {
    this.#state.forget(id);
    this.#pumpFor();
  }

  observe(said: Observed): void {
    this.#state.observe(this.#clock.now(), said);
    this.#pumpFor();
  }

  stats(): LimiterStats {
    return this.#state.stats(this.#clock.now());
  }

  close(): void {
    this.#closed = true;
    this.#shared.views--;
    for (const close of [...this.#waits]) close();
    this.#state.endView(this.#view);
    this.#shared.pump();
  }

  #pumpFor(): void {
    if (this.#state.hasWaiters) this.#shared.pump();
  }
}
