/**
 * Progress of a batch, by the rule of all long work; its total grows where the list does not say how long it is.
 *
 * @module
 */

import type { Progress } from "../../shared/implementation.ts";

const REPORT_MS = 100;

/** Tells how far a batch has come. */
export class ManyProgress {
  readonly #onProgress: ((progress: Progress) => void) | undefined;
  readonly #fixed: number | undefined;
  #known = 0;
  #done = 0;
  #next = 0;

  /** Makes one; `total` if it is known. */
  constructor(onProgress: ((progress: Progress) => void) | undefined, total: number | undefined) {
    this.#onProgress = onProgress;
    this.#fixed = total;
  }

  /** So many requests were seen. */
  known(count: number): void {
    this.#known = count;
  }

  /** One more is done. */
  finished(): void {
    this.#done++;
    if (this.#onProgress === undefined) return;
    const total = Math.max(this.#known, this.#fixed ?? 0);
    // The end is told by `end`, exactly once.
    if (this.#done >= total) return;
    const now = performance.now();
    if (now < this.#next) return;
    this.#next = now + REPORT_MS;
    this.#onProgress({ done: this.#done, total });
  }

  /** All is done. */
  end(): void {
    this.#onProgress?.({ done: this.#done, total: this.#done });
  }
}
