/**
 * The body of an answer, as the native twin sends it: as many pieces ahead as were allowed, so that what nobody reads
 * stays with the engine.
 *
 * @module
 */

import type { Flow } from "../../../native/ring.ts";

/** Pieces of at most 60 KiB that may wait to be read. */
export const AHEAD = 4;

/** A body on its way. */
export class NativeBody implements AsyncIterableIterator<Uint8Array> {
  readonly #flow: Flow;
  readonly #givenUp: unknown;
  readonly #pieces: Uint8Array[] = [];
  #waiting: PromiseWithResolvers<void> | undefined;
  #isOver = false;
  #fault: { readonly reason: unknown } | undefined;

  /** Begins; `givenUp` is what the exchange ends with if the reader leaves. */
  constructor(flow: Flow, givenUp: unknown) {
    this.#flow = flow;
    this.#givenUp = givenUp;
  }

  /** Takes a piece; the view is good during the call only. */
  piece(piece: Uint8Array): void {
    if (this.#isOver) return;
    this.#pieces.push(piece.slice());
    this.#wake();
  }

  /** It is whole, or, with a reason, is not going to be. */
  end(fault?: { readonly reason: unknown }): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#fault = fault;
    this.#wake();
  }

  /** Fails at once, whatever has come. */
  fail(reason: unknown): void {
    this.#pieces.length = 0;
    this.end({ reason });
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const value = this.#pieces.shift();
      if (value !== undefined) {
        this.#flow.grant(1);
        return { done: false, value };
      }
      if (this.#isOver) {
        const fault = this.#fault;
        this.#fault = undefined;
        if (fault !== undefined) throw fault.reason;
        return { done: true, value: undefined };
      }
      await (this.#waiting ??= Promise.withResolvers<void>()).promise;
    }
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#pieces.length = 0;
    if (!this.#isOver) {
      this.end();
      this.#flow.cancel(this.#givenUp);
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
