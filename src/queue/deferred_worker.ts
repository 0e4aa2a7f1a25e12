/**
 * The worker of a queue that is still being opened, or of a handler that cannot begin yet.
 *
 * @module
 */

import { AgentError } from "../shared/errors.ts";
import type { CloseOptions, QueueWorker } from "./types.ts";

/** The worker in front of the one to come. */
export class DeferredWorker implements QueueWorker {
  readonly #worker: Promise<QueueWorker | undefined>;
  #started: QueueWorker | undefined;

  /** Takes what becomes the worker; `CLOSED` says that its queue was closed before. */
  constructor(worker: Promise<QueueWorker>) {
    this.#worker = worker.catch((error) => {
      if (AgentError.is(error, "CLOSED")) return undefined;
      throw error;
    });
    // A queue that cannot be opened, or a handler that cannot be loaded, is nothing to go on without: like any error
    // that nobody hears, it ends the program.
    this.#worker.then((started) => this.#started = started);
  }

  get running(): number {
    return this.#started?.running ?? 0;
  }

  async close(options?: CloseOptions): Promise<void> {
    await (await this.#worker)?.close(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
