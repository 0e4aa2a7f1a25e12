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
  /** Those that do not keep the program alive. */
  readonly #loose = new Set<Watched>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Begins watching; the program stays alive until it ends. */
  add(watched: Watched): void {
    const wasHeld = this.#isHeld;
    this.#watched.add(watched);
    if (this.#timer === undefined) this.#start();
    else if (!wasHeld) Deno.refTimer(this.#timer);
  }

  /** Lets the program end while this is watched, or no more. */
  hold(watched: Watched, isHeld: boolean): void {
    const wasHeld = this.#isHeld;
    if (isHeld) this.#loose.delete(watched);
    else if (this.#watched.has(watched)) this.#loose.add(watched);
    this.#settle(wasHeld);
  }

  /** Ends watching. */
  remove(watched: Watched): void {
    const wasHeld = this.#isHeld;
    this.#watched.delete(watched);
    // The last one's tick is soon over.
    if (this.#loose.delete(watched) || this.#loose.size > 0) this.#settle(wasHeld);
  }

  /** Ends all watching. */
  close(): void {
    this.#watched.clear();
    this.#loose.clear();
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
    if (this.#watched.size > 0 && this.#timer === undefined) this.#start();
  }

  get #isHeld(): boolean {
    return this.#watched.size > this.#loose.size;
  }

  #start(): void {
    this.#timer = setTimeout(() => this.#tick(), TICK_MS);
    if (!this.#isHeld) Deno.unrefTimer(this.#timer);
  }

  #settle(wasHeld: boolean): void {
    if (this.#timer === undefined || wasHeld === this.#isHeld) return;
    if (this.#isHeld) Deno.refTimer(this.#timer);
    else Deno.unrefTimer(this.#timer);
  }
}
