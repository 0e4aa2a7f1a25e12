/**
 * Time limits of exchanges by one coarse clock: a timer each would cost more than the rest of a small exchange. A limit
 * is noticed within some 20 ms after its end, never before it.
 *
 * @module
 */

const TICK_MS = 20;

/** Something with an end. */
export interface Watched {
  /** When it is over, by `performance.now()`. */
  endsAt: number;
  /** Called once the time is over. Must end the watching or set a later end. */
  expire(): void;
}

/** Watches over all that is under way. */
export class Watch {
  readonly #watched = new Set<Watched>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Begins watching; the program stays alive until it ends. */
  add(watched: Watched): void {
    this.#watched.add(watched);
    this.#timer ??= setTimeout(() => this.#tick(), TICK_MS);
  }

  /** Ends watching. */
  remove(watched: Watched): void {
    this.#watched.delete(watched);
  }

  /** Ends all watching. */
  close(): void {
    this.#watched.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** How much is under way. */
  get size(): number {
    return this.#watched.size;
  }

  #tick(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const watched of this.#watched) if (watched.endsAt <= now) watched.expire();
    if (this.#watched.size > 0) this.#timer ??= setTimeout(() => this.#tick(), TICK_MS);
  }
}
