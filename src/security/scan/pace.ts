/**
 * How many probes are under way, how long each is waited for, how many go out a second. Twin of
 * `rust/areas/security/src/scan/pace.rs`, which uses the same words and figures.
 *
 * @module
 */

/** Where the number of probes under way begins on a network, and never falls below. */
const FIRST = 128;
const LEAST = 16;
/** No answer over a network is waited for shorter than this. */
const SHORTEST_MS = 100;
/** A share of unanswered probes, at a host that else answers, from which the network is taken to be full. */
const FULL = 0.1;
/** So much may be sent at once after a pause: what would have gone out in this time. */
const BURST_MS = 20;

/** The number of probes under way: it grows with answers and halves where answers stop coming. */
export class Window {
  #size: number;
  #threshold: number;
  readonly #most: number;
  #answers = 0;
  #silences = 0;

  constructor(most: number) {
    this.#most = Math.max(most, 1);
    this.#size = Math.min(FIRST, this.#most);
    this.#threshold = this.#most;
  }

  get size(): number {
    return Math.floor(this.#size);
  }

  /** A probe was answered. */
  answered(): void {
    const more = this.#size < this.#threshold ? 1 : 1 / this.#size;
    this.#size = Math.min(this.#size + more, this.#most);
    this.#answers++;
    this.#judge();
  }

  /** A probe of a host that else answers was not. */
  unanswered(): void {
    this.#silences++;
    this.#judge();
  }

  /** There were no means for more than are under way. */
  exhausted(underWay: number): void {
    this.#size = Math.min(Math.max(underWay * 0.75, 1), this.#most);
    this.#threshold = this.#size;
  }

  /** Looks, each time as many probes as are under way at once came back, at how many were silent. */
  #judge(): void {
    const all = this.#answers + this.#silences;
    if (all < this.#size) return;
    if (this.#silences > all * FULL) {
      this.#size = Math.max(this.#size / 2, Math.min(LEAST, this.#most));
      this.#threshold = this.#size;
    }
    this.#answers = this.#silences = 0;
  }
}

/** What is known of a host's answers. */
export class Host {
  answers = 0;
  silences = 0;
  #mean: number | undefined;
  #deviation = 0;

  /** Takes a round trip into account, as TCP does (RFC 6298). */
  answered(ms: number): void {
    this.answers++;
    if (this.#mean === undefined) {
      this.#mean = ms;
      this.#deviation = ms / 2;
      return;
    }
    this.#deviation += (Math.abs(ms - this.#mean) - this.#deviation) / 4;
    this.#mean += (ms - this.#mean) / 8;
  }

  /** Whether it answers most of what it is asked. */
  answersMostly(): boolean {
    return this.answers > this.silences;
  }

  /** How long its answer is waited for in a round: twice as long in each further one. */
  wait(mostMs: number, round: number): number {
    if (this.#mean === undefined) return mostMs;
    const usual = Math.max(this.#mean + 4 * this.#deviation, SHORTEST_MS);
    return Math.min(usual * 2 ** Math.min(round - 1, 8), mostMs);
  }
}

/** A token bucket; with an infinite rate it never waits. */
class Bucket {
  readonly #rate: number;
  #tokens = 1;
  #filled: number;

  /** @param rate Tokens a second. */
  constructor(rate: number, now: number) {
    this.#rate = rate;
    this.#filled = now;
  }

  /** For how many milliseconds there is no token; 0 if there is one. */
  wait(now: number): number {
    if (this.#rate === Infinity) return 0;
    const perMs = this.#rate / 1_000;
    const most = Math.max(perMs * BURST_MS, 1);
    this.#tokens = Math.min(this.#tokens + (now - this.#filled) * perMs, most);
    this.#filled = now;
    return this.#tokens >= 1 ? 0 : (1 - this.#tokens) / perMs;
  }

  /** Takes a token. */
  take(): void {
    if (this.#rate !== Infinity) this.#tokens--;
  }
}

/** How many probes go out a second: to all hosts together, and to each of them; `Infinity` for no limit. */
export interface Rate {
  readonly all: number;
  readonly host: number;
}

/** The buckets of a rate. */
export class Rates {
  readonly #all: Bucket;
  readonly #hosts = new Map<unknown, Bucket>();
  readonly #host: number;

  constructor({ all, host }: Rate, now: number = performance.now()) {
    this.#all = new Bucket(all, now);
    this.#host = host;
  }

  /** Lets a probe to a host go out: 0, or for how many milliseconds none may. */
  take(host: unknown, now: number = performance.now()): number {
    let own = this.#host === Infinity ? undefined : this.#hosts.get(host);
    if (own === undefined && this.#host !== Infinity) {
      own = new Bucket(this.#host, now);
      this.#hosts.set(host, own);
    }
    const wait = Math.max(this.#all.wait(now), own?.wait(now) ?? 0);
    if (wait > 0) return wait;
    this.#all.take();
    own?.take();
    return 0;
  }
}
