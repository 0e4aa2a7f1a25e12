/**
 * The bounds on tool calls, shared by all connections of a server.
 *
 * @module
 */

import { unlessAborted } from "../../shared/abort.ts";
import { withDeadline } from "../../shared/deadline.ts";

/** The bounds. */
export interface CallBounds {
  readonly most: number;
  readonly concurrent: number;
  readonly callMs: number;
}

/** Counts calls and ends those that take too long. */
export class Calls {
  readonly #bounds: CallBounds;
  #begun = 0;
  #running = 0;

  /** @param bounds What all calls together may take. */
  constructor(bounds: CallBounds) {
    this.#bounds = bounds;
  }

  /**
   * Runs a call within the bounds; one that does not heed its signal is not waited for, but counts until it has ended.
   *
   * @param run Does it.
   * @param signal Of the request.
   */
  async run<T>(run: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const { most, concurrent, callMs } = this.#bounds;
    if (this.#begun >= most) {
      throw new Error(`all ${most} calls that this server was started for are used up`);
    }
    if (this.#running >= concurrent) {
      throw new Error(`${concurrent} calls are under way already: call again when one has ended`);
    }
    this.#begun++;
    this.#running++;
    return await withDeadline(
      { operation: "the call", timeoutMs: callMs, signal },
      (either) => unlessAborted(run(either).finally(() => this.#running--), either),
    );
  }
}
