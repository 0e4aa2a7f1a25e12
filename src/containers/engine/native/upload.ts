/**
 * What is sent in pieces, handed to the native twin as fast as it has room: a request's body, or what is written to an
 * upgraded connection.
 *
 * @module
 */

import {
  containersAbort,
  containersPush,
  containersUpload,
} from "../../../native/generated/containers.ts";
import { closeHandle } from "../../../native/handle.ts";
import { EngineFault } from "../errors.ts";

/** What is copied into native memory at once. */
const PIECE_BYTES = 262_144;
const NOTHING = new Uint8Array(0);

/** A way for pieces into an exchange. */
export class NativeUpload {
  /** The native twin's number of it. */
  readonly handle: number = containersUpload();
  #source: AsyncIterator<Uint8Array> | undefined;
  #isOver = false;

  /**
   * Sends a body until its end or the exchange's.
   *
   * @param body The body.
   * @param fail Is told what the body failed with.
   */
  async run(body: AsyncIterable<Uint8Array>, fail: (reason: unknown) => void): Promise<void> {
    try {
      const source = this.#source = body[Symbol.asyncIterator]();
      for (;;) {
        const { done, value } = await source.next();
        if (this.#isOver) return;
        if (done) break;
        if (!await this.write(value)) return this.stop();
      }
      this.#source = undefined;
      await this.#push(NOTHING, true);
    } catch (error) {
      if (this.#isOver) return;
      fail(error);
      this.stop();
    }
  }

  /** Sends bytes; false if the exchange is over. */
  async write(bytes: Uint8Array): Promise<boolean> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      if (!await this.#push(bytes.subarray(at, at + PIECE_BYTES), false)) return false;
    }
    return true;
  }

  /** The same, failing where the exchange is over. */
  async writeAll(bytes: Uint8Array): Promise<void> {
    if (await this.write(bytes)) return;
    throw new EngineFault("reset", "the connection ended");
  }

  /** Says that nothing more comes. */
  async end(): Promise<void> {
    await this.#push(NOTHING, true);
  }

  /** Ends it, because the exchange is over. */
  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    containersAbort(this.handle);
    closeHandle("container-orchestrator", this.handle);
    this.#source?.return?.().catch(() => {});
  }

  #push(piece: Uint8Array, isLast: boolean): Promise<boolean> {
    if (this.#isOver) return Promise.resolve(false);
    return containersPush(this.handle, piece, isLast, (payload) => payload.length > 0);
  }
}
