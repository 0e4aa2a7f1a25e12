/**
 * The making of something out of several, step by step. What the engine is asked to make is not given up when the caller does: it
 * would go on, and make it after all was removed. So a step goes on unseen, and what it still makes is removed then.
 *
 * @module
 */

import { unlessAborted } from "../../shared/abort.ts";
import { patient } from "./clock.ts";

/** Counts the steps of one. */
export class Making {
  readonly #signal: AbortSignal | undefined;
  readonly #remove: () => Promise<void>;
  #step: Promise<unknown> = Promise.resolve();
  #isOver = true;

  /**
   * Begins.
   *
   * @param signal Ends it early.
   * @param remove Removes all that was made.
   */
  constructor(signal: AbortSignal | undefined, remove: () => Promise<void>) {
    this.#signal = signal;
    this.#remove = remove;
  }

  /** Does a step, unless the caller gives up before or meanwhile; it must end by itself. */
  async step<T>(work: () => Promise<T>): Promise<T> {
    this.#signal?.throwIfAborted();
    this.#isOver = false;
    const step = work().finally(() => {
      this.#isOver = true;
    });
    this.#step = step.catch(() => {});
    const made = await unlessAborted(step, this.#signal);
    this.#signal?.throwIfAborted();
    return made;
  }

  /** Removes what was made, also what a step still makes; the sweep finds what cannot be removed. */
  async undo(): Promise<void> {
    await patient(this.#step);
    const remove = (): Promise<void> => this.#remove().catch(() => {});
    if (!this.#isOver) this.#step.then(remove);
    await remove();
  }
}
