/**
 * When single connections may be made: those of `probePort` and `detectService`, and those by which a scan identifies
 * services. They count together for the whole process, so that a program that calls in a loop keeps the rate as well.
 *
 * @module
 */

import { unlessAborted } from "../../shared/abort.ts";
import type { Rate } from "../scan/pace.ts";
import { isLoopback } from "./targets.ts";

/** More hosts than that are looked through for those whose time has come. */
const MANY = 4_096;

/** When the next may go to any host, and to each; on the clock of `performance`. */
let next = 0;
const nextTo = new Map<string, number>();

/** Lets the connections and datagrams of one call pass, and counts them. */
export class Gate {
  readonly #rate: Rate;
  #passed = 0;

  /** @param rate Connections a second beyond loopback. */
  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** How many passed. */
  get passed(): number {
    return this.#passed;
  }

  /**
   * Waits until one more may go to an address.
   *
   * @throws The signal's reason.
   */
  async pass(address: string, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    // What does not leave the machine is bounded by descriptors alone.
    if (!isLoopback(address)) {
      for (let wait = this.#take(address); wait > 0; wait = this.#take(address)) {
        await sleep(wait, signal);
      }
    }
    this.#passed++;
  }

  #take(address: string): number {
    const now = performance.now();
    const wait = Math.max(next, nextTo.get(address) ?? 0) - now;
    if (wait > 0) return wait;
    next = now + 1_000 / this.#rate.all;
    if (nextTo.size >= MANY) {
      for (const [host, time] of nextTo) if (time <= now) nextTo.delete(host);
    }
    nextTo.set(address, now + 1_000 / this.#rate.host);
    return 0;
  }
}

async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const over = new Promise<void>((resolve) => timer = setTimeout(resolve, Math.ceil(ms)));
    await unlessAborted(over, signal);
  } finally {
    clearTimeout(timer);
  }
}
