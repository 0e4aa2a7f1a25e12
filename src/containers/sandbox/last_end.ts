/**
 * The end of a box whose program is gone: killed, or on a machine that is. Nothing in the box takes part, which the code
 * there could stop: the engine is asked to stop the box by a signal that means nothing, and to kill it where that has
 * not helped until a little after its time. An engine goes on with that when nobody waits for the answer any more.
 *
 * @module
 */

import type { EngineClient } from "../engine/client.ts";

/**
 * What the engine sends first. An init keeps it for itself, programs ignore it unless they wait for children of theirs,
 * and those must bear one too many.
 */
export const NOTHING_SIGNAL = "SIGCHLD";
/** How much later than its time the engine ends it; later, so that who is left does. */
const LATER_MS = 5_000;
/** Commands that end before are not worth the engine's while: it starts a process to send a signal. */
const FIRST_MS = 1_000;

/** Ends a box by its engine, unless it is cancelled before. */
export class LastEnd {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;
  #asked: Promise<void> | undefined;

  /**
   * Begins.
   *
   * @param client The engine.
   * @param container The box's id; its stop signal is {@linkcode NOTHING_SIGNAL}.
   * @param leftMs How much of its time is left.
   */
  constructor(client: EngineClient, container: string, leftMs: number) {
    const { signal } = this.#controller;
    this.#timer = setTimeout(() => {
      const query = { t: Math.ceil((Math.max(0, leftMs - FIRST_MS) + LATER_MS) / 1_000) };
      const call = { query, signal, accept: [304, 404, 409, 500] };
      // It is a net: what goes wrong with it is said by what asks the engine for itself.
      this.#asked = client.empty("POST", `/containers/${container}/stop`, call).then(
        () => {},
        () => {},
      );
    }, FIRST_MS);
  }

  /** Whether the engine was asked. Podman then says that the box is stopping. */
  get begun(): boolean {
    return this.#asked !== undefined;
  }

  /** The box does not run any more, or never did. */
  async over(): Promise<void> {
    clearTimeout(this.#timer);
    this.#controller.abort();
    await this.#asked;
  }
}
