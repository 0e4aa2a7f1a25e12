/**
 * A request's body that is a stream, handed to the engine piece by piece: as much as it has room for, and no more.
 *
 * @module
 */

import { httpAbort, httpPush, httpUpload } from "../../../native/generated/http.ts";
import { cancelReason } from "../fault.ts";
import { closeHandle } from "../../../native/handle.ts";

/** What is copied into native memory at once. */
const PIECE_BYTES = 262_144;
const NOTHING = new Uint8Array(0);

/** A stream on its way to the engine. */
export class Upload {
  /** The engine's number of it. */
  readonly handle: number = httpUpload();
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #isOver = false;

  /** Takes the stream; nothing is read before {@linkcode run}. */
  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /**
   * Sends the stream until its end or the exchange's.
   *
   * @param fail Is told what the stream failed with.
   */
  async run(fail: (reason: unknown) => void): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (this.#isOver) return;
        if (done) {
          await this.#push(NOTHING, true);
          return;
        }
        if (!(value instanceof Uint8Array)) {
          throw new TypeError("The stream of a body must give Uint8Arrays");
        }
        for (let at = 0; at < value.length; at += PIECE_BYTES) {
          // Where the exchange is over, whoever sees its end says why.
          if (!await this.#push(value.subarray(at, at + PIECE_BYTES), false)) return;
        }
      }
    } catch (error) {
      if (this.#isOver) return;
      fail(error);
      this.stop(error);
    }
  }

  /** Ends it, because the exchange is over; `failure` is what ended it, if it failed. */
  stop(failure?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    httpAbort(this.handle);
    closeHandle("core-utils", this.handle);
    this.#reader.cancel(cancelReason(failure)).catch(() => {});
  }

  #push(piece: Uint8Array, isLast: boolean): Promise<boolean> {
    if (this.#isOver) return Promise.resolve(false);
    return httpPush(this.handle, piece, isLast, (payload) => payload.length > 0);
  }
}
