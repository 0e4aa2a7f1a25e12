/**
 * The clock of a pure cache. Reading the platform's costs several times what finding an entry does, so
 * in a run of many calls close together it is read once for some of them.
 *
 * @module
 */

/** Calls that follow each other within this many milliseconds are a run. */
const CLOSE_MS = 0.02;
/** So many of them in a row, and the clock is read less often. */
const RUN = 32;
/** Then one reading answers so many calls more. */
const SHARED = 15;
/** Milliseconds after which a shared reading is over, as soon as the event loop turns. */
const STALE_MS = 1;

/** Milliseconds that never go back. */
export class Clock {
  readonly #platform: () => number;
  #latest = -Infinity;
  /** How many more calls the latest reading answers. */
  #left = 0;
  /** How many calls it will have answered then. */
  #answered = 1;
  #run = 0;
  /** Whether the latest answer may lag behind: by what up to 15 calls in a run took. */
  lags = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Told of more than a millisecond between two readings, while `looks` still is that of the first. */
  onGap: ((ms: number) => void) | undefined;
  /** Told when a run is over. */
  onRest: (() => void) | undefined;
  /** Which reading of the platform's clock the latest answer is from. */
  looks = 0;

  /** `platform` reads the clock that it is made of. */
  constructor(platform: () => number = () => performance.now()) {
    this.#platform = platform;
  }

  /** Whether it is in a run of calls; one pause does not end it. */
  get runs(): boolean {
    return this.#run >= RUN / 2;
  }

  /** Whether it is in a run of calls of which it will be told when it is over. */
  get isShared(): boolean {
    return this.#timer !== undefined;
  }

  /** The latest answer: read again where handing it on would make a number of it on the heap. */
  get latest(): number {
    return this.#latest;
  }

  /** Now, or in a run of calls a moment ago. */
  read(): number {
    if (this.#left > 0) {
      this.#left--;
      this.lags = true;
      return this.#latest;
    }
    return this.#look();
  }

  /** Now. */
  exact(): number {
    this.#answered -= this.#left;
    this.#left = 0;
    return this.#look();
  }

  /** Lets go of the timer. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#answered -= this.#left;
    this.#left = this.#run = 0;
    this.onRest?.();
  }

  #look(): number {
    const now = this.#platform();
    const since = now - this.#latest;
    // So many calls it was that took so long.
    const calls = this.#answered;
    this.#answered = 1;
    this.#latest = now;
    this.lags = false;
    if (since > 1) this.onGap?.(since);
    this.looks = (this.looks + 1) | 0;
    if (since > CLOSE_MS * calls) this.#run >>= 1;
    else if (this.#run < RUN) this.#run++;
    else this.#share();
    return now;
  }

  #share(): void {
    this.#left = SHARED;
    this.#answered = 1 + SHARED;
    if (this.#timer !== undefined) return;
    const timer = setTimeout(() => this.stop(), STALE_MS);
    // A cache alone keeps no program running.
    Deno.unrefTimer(timer);
    this.#timer = timer;
  }
}
