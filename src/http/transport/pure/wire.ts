/**
 * A connection with what was read of it and not used yet. A read is always outstanding, also while the connection is
 * idle, so that the other side's end is seen when it happens and not by the next request.
 *
 * @module
 */

import { TransportFault } from "../fault.ts";

const BUFFER_BYTES = 16_384;

/** What is needed of a connection: that of Deno's, and what does the same. */
export interface Connection {
  read(target: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
  ref(): void;
  unref(): void;
}

/** One connection. */
export class Wire {
  /** Which pool it belongs to: the origin, and the proxy if there is one. */
  readonly key: string;
  /** Exchanges that it carried. */
  carried = 0;
  /** Bytes of the request that the system took. */
  sent = 0;
  /** When it fell idle, by `performance.now()`. */
  idleSince = 0;
  /** What was read; `start` to `end` is not used yet. */
  buffer = new Uint8Array(BUFFER_BYTES);
  start = 0;
  end = 0;
  /** Called if the connection ends, or says something unasked, while it is idle. */
  onIdleEvent: (() => void) | undefined;
  readonly #connection: Connection;
  #reading: Promise<number | null> | undefined;
  /** What an outstanding read came to while nobody waited for it. */
  #failure: unknown;
  #isClosed = false;
  #isUnref = false;

  /** Wraps a connection that is ready for its first request. */
  constructor(key: string, connection: Connection) {
    this.key = key;
    this.#connection = connection;
  }

  /** Whether it was closed, by us or after a failure. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Begins the read that stays outstanding while the connection is idle. */
  listen(): void {
    if (this.#reading !== undefined || this.#isClosed) return;
    this.start = this.end = this.sent = 0;
    if (this.buffer.length > BUFFER_BYTES) this.buffer = new Uint8Array(BUFFER_BYTES);
    this.#reading = this.#connection.read(this.buffer);
    const settled = (): void => this.onIdleEvent?.();
    this.#reading.then(settled, settled);
  }

  /** Makes place in the buffer where there is none: by moving to its front, or by one twice as large. */
  makeRoom(): void {
    if (this.end < this.buffer.length) return;
    const target = this.start > 0 ? this.buffer : new Uint8Array(this.buffer.length * 2);
    if (target === this.buffer) target.copyWithin(0, this.start, this.end);
    else target.set(this.buffer);
    this.buffer = target;
    this.end -= this.start;
    this.start = 0;
  }

  /**
   * Reads more behind what is there, which must not fill the buffer.
   *
   * @returns How many bytes came; 0 at the end.
   */
  async fill(): Promise<number> {
    if (this.start === this.end) this.start = this.end = 0;
    const outstanding = this.#reading;
    this.#reading = undefined;
    try {
      const count = await (outstanding ?? this.#connection.read(this.buffer.subarray(this.end)));
      if (count === null) return 0;
      this.end += count;
      return count;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Reads into a place of the caller's; what is in the buffer must be used up. 0 at the end. */
  async readInto(target: Uint8Array): Promise<number> {
    try {
      return await this.#connection.read(target) ?? 0;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Writes all of it. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) {
        const count = await this.#connection.write(at === 0 ? bytes : bytes.subarray(at));
        at += count;
        this.sent += count;
      }
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Lets the program end while this is open, or no more. */
  hold(isHeld: boolean): void {
    if (this.#isUnref !== isHeld || this.#isClosed) return;
    this.#isUnref = !isHeld;
    if (isHeld) this.#connection.ref();
    else this.#connection.unref();
  }

  /** Closes it; whoever reads or writes gets `reason`. */
  close(reason?: unknown): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#failure = reason;
    try {
      this.#connection.close();
    } catch {
      // It may have been closed by its own failure.
    }
  }

  #failed(error: unknown): unknown {
    const failure = this.#isClosed ? this.#failure : undefined;
    this.close();
    if (failure !== undefined) return failure;
    return new TransportFault("reset", error instanceof Error ? error.message : String(error));
  }
}
