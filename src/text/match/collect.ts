/**
 * Where the pure twin's rankings keep their results: a heap of the best few, or everything, sorted at the end.
 *
 * @module
 */

import type { RankRequest } from "./types.ts";

/** Collects (index, score) pairs that come in the order of their indices. */
export interface Collector {
  /** Scores up to this one need not be offered any more. */
  above: number;
  offer(index: number, score: number): void;
  /** Calls back best first, ties by index. */
  drain(limit: number, each: (index: number, score: number) => void): void;
}

// Just below the cutoff: what is above it reaches the cutoff. Zero lets everything through.
function justBelow(cutoff: number): number {
  return cutoff > 0 ? cutoff * (1 - Number.EPSILON / 2) : -1;
}

/** A heap of the best `limit`, the worst of them on top. */
class Heap implements Collector {
  above: number;
  readonly #limit: number;
  readonly #scores: Float64Array;
  readonly #indices: Int32Array;
  #size = 0;

  constructor(limit: number, cutoff: number) {
    this.#limit = limit;
    this.#scores = new Float64Array(limit);
    this.#indices = new Int32Array(limit);
    this.above = justBelow(cutoff);
  }

  // Whether entry i is worse than entry j.
  #worse(i: number, j: number): boolean {
    const scores = this.#scores;
    return scores[i]! < scores[j]! ||
      (scores[i] === scores[j] && this.#indices[i]! > this.#indices[j]!);
  }

  #swap(i: number, j: number): void {
    const score = this.#scores[i]!;
    const index = this.#indices[i]!;
    this.#scores[i] = this.#scores[j]!;
    this.#indices[i] = this.#indices[j]!;
    this.#scores[j] = score;
    this.#indices[j] = index;
  }

  #sink(i: number): void {
    for (;;) {
      let child = 2 * i + 1;
      if (child >= this.#size) return;
      if (child + 1 < this.#size && this.#worse(child + 1, child)) child++;
      if (!this.#worse(child, i)) return;
      this.#swap(i, child);
      i = child;
    }
  }

  offer(index: number, score: number): void {
    if (this.#size < this.#limit) {
      let i = this.#size++;
      this.#scores[i] = score;
      this.#indices[i] = index;
      while (i > 0 && this.#worse(i, (i - 1) >> 1)) {
        this.#swap(i, (i - 1) >> 1);
        i = (i - 1) >> 1;
      }
    } else {
      this.#scores[0] = score;
      this.#indices[0] = index;
      this.#sink(0);
    }
    if (this.#size === this.#limit) this.above = this.#scores[0]!;
  }

  drain(_limit: number, each: (index: number, score: number) => void): void {
    const size = this.#size;
    while (this.#size > 1) {
      this.#swap(0, --this.#size);
      this.#sink(0);
    }
    for (let i = 0; i < size; i++) each(this.#indices[i]!, this.#scores[i]!);
  }
}

// So many results are sorted by insertion.
const FEW = 40;

/** Everything, sorted at the end: one bucket for each distinct score, filled in the order of the indices. */
class Everything implements Collector {
  above: number;
  readonly #indices: number[] = [];
  readonly #scores: number[] = [];

  constructor(cutoff: number) {
    this.above = justBelow(cutoff);
  }

  offer(index: number, score: number): void {
    this.#indices.push(index);
    this.#scores.push(score);
  }

  #drainFew(most: number, each: (index: number, score: number) => void): void {
    const indices = this.#indices;
    const scores = this.#scores;
    for (let i = 1; i < scores.length; i++) {
      const index = indices[i]!;
      const score = scores[i]!;
      let at = i;
      for (; at > 0 && scores[at - 1]! < score; at--) {
        indices[at] = indices[at - 1]!;
        scores[at] = scores[at - 1]!;
      }
      indices[at] = index;
      scores[at] = score;
    }
    for (let i = 0; i < most; i++) each(indices[i]!, scores[i]!);
  }

  drain(limit: number, each: (index: number, score: number) => void): void {
    const count = this.#scores.length;
    if (count <= FEW) return this.#drainFew(Math.min(limit, count), each);
    const bucketOf = new Map<number, number>();
    const bucket = new Int32Array(count);
    const sizes: number[] = [];
    for (let i = 0; i < count; i++) {
      let number = bucketOf.get(this.#scores[i]!);
      if (number === undefined) {
        number = sizes.length;
        bucketOf.set(this.#scores[i]!, number);
        sizes.push(0);
      }
      sizes[number]!++;
      bucket[i] = number;
    }
    const next = new Int32Array(sizes.length);
    let start = 0;
    for (const score of Float64Array.from(bucketOf.keys()).sort().reverse()) {
      const number = bucketOf.get(score)!;
      next[number] = start;
      start += sizes[number]!;
    }
    const order = new Int32Array(count);
    for (let i = 0; i < count; i++) order[next[bucket[i]!]!++] = i;
    const most = Math.min(limit, count);
    for (let i = 0; i < most; i++) each(this.#indices[order[i]!]!, this.#scores[order[i]!]!);
  }
}

/** The collector for a request on so many choices. */
export function collectorOf(request: RankRequest, count: number): Collector {
  const { limit, cutoff } = request;
  return limit <= 4096 && limit * 4 < count ? new Heap(limit, cutoff) : new Everything(cutoff);
}
