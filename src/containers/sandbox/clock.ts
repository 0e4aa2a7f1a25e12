/**
 * The time of one command, from the moment that it is asked for: the making of its sandbox is part of it. An engine that
 * does not answer is not waited for; what it still makes then is removed as soon as it is there.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";

/** A sandbox that outlives its time so long was left by a process that is gone. */
export const LEFT_MS = 300_000;
/** How long what was given up may take to be removed, before whoever waits is told. */
const REMOVAL_MS = 5_000;

/** Counts. Dispose it when the command has ended. */
export class Clock implements Disposable {
  /** Fires when the time is over, or the caller gives up. */
  readonly signal: AbortSignal;
  readonly #end: number;
  readonly #controller = new AbortController();
  readonly #sources: readonly AbortSignal[];
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #over: Promise<never>;
  readonly #giveUp = (event: Event): void =>
    this.#controller.abort((event.target as AbortSignal).reason);

  /**
   * Begins to count.
   *
   * @param operation What it is, for the error.
   * @param timeoutMs How long it has.
   * @param signals What ends it early.
   */
  constructor(
    operation: string,
    timeoutMs: number,
    ...signals: readonly (AbortSignal | undefined)[]
  ) {
    this.#end = performance.now() + timeoutMs;
    this.#sources = signals.filter((signal) => signal !== undefined);
    this.signal = this.#controller.signal;
    this.#over = new Promise((_, reject) =>
      this.signal.addEventListener("abort", () => reject(this.signal.reason), { once: true })
    );
    this.#over.catch(() => {});
    for (const source of this.#sources) {
      if (source.aborted) this.#controller.abort(source.reason);
      else source.addEventListener("abort", this.#giveUp, { once: true });
    }
    this.#timer = setTimeout(() => {
      const message =
        `${operation} was not finished within ${timeoutMs} ms: the engine had not started the command`;
      this.#controller.abort(new AgentError("TIMEOUT", message, { operation, timeoutMs }));
    }, timeoutMs);
  }

  /** Milliseconds that are left; 1 at least, since no time at all is no limit. */
  get leftMs(): number {
    return Math.max(1, Math.ceil(this.#end - performance.now()));
  }

  /**
   * Waits for what comes before the command, no longer than there is time.
   *
   * @param work What is awaited; it must end by itself after the signal.
   * @param undo Undoes what it made after all.
   */
  async before<T>(work: Promise<T>, undo?: (made: T) => Promise<void>): Promise<T> {
    try {
      const made = await Promise.race([work, this.#over]);
      this.signal.throwIfAborted();
      return made;
    } catch (error) {
      if (!this.signal.aborted) throw error;
      const undone = work.then((made) => undo?.(made)).catch(() => {});
      await patient(undone);
      throw this.signal.reason;
    }
  }

  /** The command has begun: its own time limit counts from here, with what is left. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const source of this.#sources) source.removeEventListener("abort", this.#giveUp);
  }
}

/** Waits for a removal, but not for ever. */
export async function patient(removal: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => timer = setTimeout(resolve, REMOVAL_MS));
  try {
    await Promise.race([removal, over]);
  } finally {
    clearTimeout(timer);
  }
}
