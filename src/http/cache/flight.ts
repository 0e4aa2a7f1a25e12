/**
 * One exchange that several requests wait for. It goes on while one of them still wants it, whoever it was that began
 * it, and ends when nobody does.
 *
 * @module
 */

import type { Recording } from "./recording.ts";
import type { Variant } from "./record.ts";

/** What came of an exchange for those who did not begin it. */
export interface Landing {
  /** What was stored or is being stored; its body may still be on its way. Undefined if nothing may be shared. */
  readonly variant: Variant | undefined;
  /** Whether the server failed, and the stored response is an older one. */
  readonly failed: boolean;
  /** The body on its way. */
  readonly recording: Recording | undefined;
  /** The variant with its body; undefined if it could not be kept. */
  readonly whole: Promise<Variant | undefined>;
}

/** Nothing to share. */
export const NOTHING: Landing = {
  variant: undefined,
  failed: false,
  recording: undefined,
  whole: Promise.resolve(undefined),
};

/** A landing with a response that is here. */
export function landed(variant: Variant, failed = false): Landing {
  return { variant, failed, recording: undefined, whole: Promise.resolve(variant) };
}

/** One exchange under way. */
export class Flight {
  /** What came of it; rejects with the exchange's error. */
  readonly landing: Promise<Landing>;
  /** Settles `landing`. */
  readonly land: (landing: Landing) => void;
  /** Rejects `landing`. */
  readonly crash: (error: unknown) => void;
  readonly #controller = new AbortController();
  #wanted = 0;

  /** Makes one that nobody wants yet. */
  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<Landing>();
    // Where nobody waits, nobody hears of it; the one who began it gets the error itself.
    promise.catch(() => {});
    this.landing = promise;
    this.land = resolve;
    this.crash = reject;
  }

  /** Ends the exchange when nobody wants it. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether it was given up, so that nobody may join it any more. */
  get over(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Whether someone waits for it. */
  get isWanted(): boolean {
    return this.#wanted > 0;
  }

  /** Waits for something of it on behalf of one caller; when that fails, he wants it no more. */
  async wanted<T>(work: () => Promise<T>): Promise<T> {
    const release = this.want();
    try {
      return await work();
    } catch (error) {
      release(error);
      throw error;
    } finally {
      release();
    }
  }

  /** Says that one more wants it; the function that is returned says that he does no more. */
  want(): (reason?: unknown) => void {
    this.#wanted++;
    let released = false;
    return (reason) => {
      if (released) return;
      released = true;
      if (--this.#wanted === 0 && reason !== undefined) this.#controller.abort(reason);
    };
  }
}
