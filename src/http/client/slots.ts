/**
 * Who may begin an exchange: caps for the client, a host and a batch, an even pace, and patience with a host that says
 * that it is asked too much. Turns go round over the hosts that something waits for.
 *
 * A host that answers 429, or 503 with `Retry-After`, is left alone for as long as it says, and is asked half as much
 * at once from then on; each answer afterwards brings it a little nearer to its cap (additive increase, multiplicative
 * decrease, as TCP does it).
 *
 * @module
 */

import { announce, retire } from "../../shared/live.ts";
import type { Batch } from "../transport/types.ts";

/** Caps of a client. */
export interface SlotOptions {
  readonly concurrency: number;
  readonly perHost: number;
  /** Exchanges a second at most; undefined for no bound. */
  readonly perSecond: number | undefined;
}

/** Somebody who waits for a slot. */
interface Waiter {
  readonly batch: Batch | undefined;
  readonly grant: () => void;
}

interface Host {
  active: number;
  /** How many may be under way at once; a fraction while it grows again. */
  cap: number;
  /** Until when it is left alone, by `performance.now()`. */
  pausedUntil: number;
  /** When its cap was last halved. */
  halvedAt: number;
  readonly waiters: Set<Waiter>;
}

/** Answers to what was sent before a halving say nothing about it; so many milliseconds are waited for another. */
const HALVING_MS = 1_000;
/** Hosts whose reduced cap is remembered. */
const MOST_REMEMBERED = 1_000;

/** The slots of a client. */
export class Slots {
  readonly #options: SlotOptions;
  readonly #hosts = new Map<string, Host>();
  /** Hosts that somebody waits for, in the order of their turns. */
  readonly #waiting = new Map<string, Host>();
  readonly #batches = new Set<Batch>();
  #active = 0;
  #nextAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Infinity;

  /** Makes them, all free. */
  constructor(options: SlotOptions) {
    this.#options = options;
    announce(
      "http",
      this,
      (slots) => ({ inFlight: slots.#active, waiting: slots.#waitingCount() }),
    );
  }

  /** Whether an exchange with a host could begin now. If only time hinders it, the batch is told when that is over. */
  hasRoom(name: string, batch: Batch | undefined): boolean {
    if (this.#active >= this.#options.concurrency || !hasBatchRoom(name, batch)) return false;
    const host = this.#hosts.get(name);
    const isPaced = this.#options.perSecond !== undefined;
    const at = Math.max(host?.pausedUntil ?? 0, isPaced ? this.#nextAt : 0);
    if (at > 0 && at > performance.now()) {
      this.#wakeAt(at);
      return false;
    }
    return host === undefined || host.active < Math.floor(host.cap);
  }

  /** Takes a slot if there is one and nobody waits longer for it; false if it has to be waited for. */
  tryAcquire(name: string, batch: Batch | undefined): boolean {
    if (this.#waiting.has(name) || !this.hasRoom(name, batch)) return false;
    this.#take(name, this.#hostOf(name), batch);
    return true;
  }

  /**
   * Waits for a slot.
   *
   * @param name The host.
   * @param batch The batch, which is told that one of its calls waits.
   * @param end Gives the function that ends the waiting with an error; called at once.
   */
  wait(
    name: string,
    batch: Batch | undefined,
    end: (fail: (reason: unknown) => void) => () => void,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const host = this.#hostOf(name);
      const over = (): void => {
        stop();
        host.waiters.delete(waiter);
        if (host.waiters.size === 0) this.#waiting.delete(name);
        if (batch !== undefined) batch.waiting--;
      };
      const waiter: Waiter = {
        batch,
        grant: () => {
          over();
          resolve();
        },
      };
      host.waiters.add(waiter);
      if (!this.#waiting.has(name)) this.#waiting.set(name, host);
      if (batch !== undefined) batch.waiting++;
      const stop = end((reason) => {
        over();
        this.#forget(name, host);
        batch?.changed();
        reject(reason);
      });
      batch?.changed();
      this.#drain();
    });
  }

  /** Gives a slot back. */
  release(name: string, batch: Batch | undefined): void {
    this.#active--;
    const host = this.#hosts.get(name)!;
    host.active--;
    if (batch !== undefined) {
      batch.active--;
      const left = batch.byHost.get(name)! - 1;
      if (left === 0) batch.byHost.delete(name);
      else batch.byHost.set(name, left);
    }
    this.#forget(name, host);
    if (this.#waiting.size > 0) this.#drain();
    for (const batch of this.#batches) batch.changed();
  }

  /** A host answered as usual: it may be asked a little more. */
  answered(name: string): void {
    const host = this.#hosts.get(name);
    if (host === undefined || host.cap >= this.#options.perHost) return;
    host.cap = Math.min(this.#options.perHost, host.cap + 1 / host.cap);
  }

  /** A host says that it is asked too much; it is left alone for so long. */
  throttled(name: string, pauseMs: number): void {
    const host = this.#hostOf(name);
    const now = performance.now();
    if (now - host.halvedAt > HALVING_MS && now >= host.pausedUntil) {
      host.cap = Math.max(1, Math.min(host.cap, host.active) / 2);
      host.halvedAt = now;
    }
    host.pausedUntil = Math.max(host.pausedUntil, now + pauseMs);
  }

  /** Tells a batch from now on that something may have become free. */
  join(batch: Batch): void {
    this.#batches.add(batch);
  }

  /** Does so no more. */
  leave(batch: Batch): void {
    this.#batches.delete(batch);
    this.#settle();
  }

  /** Stops all timers. Who waits is ended by its own signal. */
  close(): void {
    retire(this);
    this.#batches.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }

  #waitingCount(): number {
    let count = 0;
    for (const { waiters } of this.#waiting.values()) count += waiters.size;
    return count;
  }

  #take(name: string, host: Host, batch: Batch | undefined): void {
    this.#active++;
    host.active++;
    if (batch !== undefined) {
      batch.active++;
      batch.byHost.set(name, (batch.byHost.get(name) ?? 0) + 1);
    }
    if (this.#options.perSecond !== undefined) {
      this.#nextAt = Math.max(this.#nextAt, performance.now()) + 1_000 / this.#options.perSecond;
    }
  }

  /** Gives what is free to those who wait, a host after the other. */
  #drain(): void {
    for (let progressed = true; progressed;) {
      progressed = false;
      for (const [name, host] of [...this.#waiting]) {
        if (this.#active >= this.#options.concurrency) return;
        const waiter = this.#next(name, host);
        if (waiter === undefined) continue;
        this.#take(name, host, waiter.batch);
        waiter.grant();
        progressed = true;
        // Its next turn comes after everybody else's.
        if (this.#waiting.delete(name)) this.#waiting.set(name, host);
      }
    }
    this.#settle();
  }

  #next(name: string, host: Host): Waiter | undefined {
    let before: Batch | undefined | null = null;
    for (const waiter of host.waiters) {
      // Those of one batch are alike.
      if (waiter.batch === before) continue;
      before = waiter.batch;
      if (this.hasRoom(name, waiter.batch)) return waiter;
    }
    return undefined;
  }

  #hostOf(name: string): Host {
    let host = this.#hosts.get(name);
    if (host === undefined) {
      host = {
        active: 0,
        cap: this.#options.perHost,
        pausedUntil: 0,
        halvedAt: -Infinity,
        waiters: new Set(),
      };
      this.#hosts.set(name, host);
    }
    return host;
  }

  /** Forgets a host of which nothing is to be known. */
  #forget(name: string, host: Host): void {
    if (host.active > 0 || host.waiters.size > 0) return;
    const isPlain = host.cap >= this.#options.perHost && host.pausedUntil <= performance.now();
    if (isPlain) this.#hosts.delete(name);
    else if (this.#hosts.size > MOST_REMEMBERED) {
      for (const [name, { active, waiters }] of this.#hosts) {
        if (active > 0 || waiters.size > 0) continue;
        this.#hosts.delete(name);
        break;
      }
    }
  }

  #wakeAt(at: number): void {
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#timerAt = Infinity;
      this.#drain();
      for (const batch of this.#batches) batch.changed();
    }, Math.max(0, Math.ceil(at - performance.now())));
  }

  /** A timer for which nobody waits would keep the program alive. */
  #settle(): void {
    if (this.#waiting.size > 0 || this.#batches.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }
}

function hasBatchRoom(name: string, batch: Batch | undefined): boolean {
  return batch === undefined ||
    (batch.active < batch.concurrency && (batch.byHost.get(name) ?? 0) < batch.perHost);
}
