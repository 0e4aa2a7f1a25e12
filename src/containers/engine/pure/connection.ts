/**
 * A connection with what was read of it and not used yet. While it is idle a read is outstanding, so that the engine's
 * end is seen when it happens and not by the next request.
 *
 * @module
 */

import { EngineFault } from "../errors.ts";

const BUFFER_BYTES = 65_536;

/** A connection of Deno's; the write side of TLS cannot be ended alone everywhere, so that it is optional. */
export type Socket = Deno.TcpConn | Deno.TlsConn | Deno.UnixConn;

/** One connection. */
export class Connection {
  /** What was read; `start` to `end` is not used yet. */
  buffer = new Uint8Array(BUFFER_BYTES);
  start = 0;
  end = 0;
  /** Called when the connection ends, or says something unasked, while it is idle. */
  onIdleEvent: (() => void) | undefined;
  readonly #socket: Socket;
  #reading: Promise<number | null> | undefined;
  #failure: unknown;
  #isClosed = false;

  /** Wraps a connection that is ready for its first request. */
  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Whether it was closed, by us or after a failure. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Begins the read that stays outstanding while the connection is idle, and lets the program end meanwhile. */
  rest(): void {
    this.start = this.end = 0;
    this.#socket.unref();
    const reading = this.#socket.read(this.buffer);
    this.#reading = reading;
    const settled = (): void => {
      if (this.#reading === reading) this.onIdleEvent?.();
    };
    reading.then(settled, settled);
  }

  /** Is used again. */
  wake(): void {
    this.onIdleEvent = undefined;
    this.#socket.ref();
  }

  /** Reads more behind what is there; how many bytes came, 0 at the end. */
  async fill(): Promise<number> {
    if (this.start === this.end) this.start = this.end = 0;
    else if (this.end === this.buffer.length) this.#makeRoom();
    const outstanding = this.#reading;
    this.#reading = undefined;
    try {
      const target = this.buffer.subarray(this.end);
      const count = await (outstanding ?? this.#socket.read(target)) ?? 0;
      this.end += count;
      return count;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Takes up to so many bytes of what was read, as a copy. */
  take(most: number): Uint8Array<ArrayBuffer> {
    const until = Math.min(this.end, this.start + most);
    const piece = this.buffer.slice(this.start, until);
    this.start = until;
    return piece;
  }

  /** Writes all of it. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.#socket.write(bytes.subarray(at));
    } catch (error) {
      throw this.#failed(error, false);
    }
  }

  /** Ends our side. */
  async closeWrite(): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.#socket.closeWrite();
    } catch (error) {
      throw this.#failed(error, false);
    }
  }

  /** Closes it; whoever reads or writes gets the reason. */
  close(reason?: unknown): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#failure = reason;
    try {
      this.#socket.close();
    } catch {
      // It may have been closed by its own failure.
    }
  }

  #makeRoom(): void {
    const length = this.end - this.start;
    const target = this.start > 0 ? this.buffer : new Uint8Array(this.buffer.length * 2);
    target.set(this.buffer.subarray(this.start, this.end));
    this.buffer = target;
    this.start = 0;
    this.end = length;
  }

  /** A write that fails says little: the engine may have answered already, and the answer can still be read. */
  #failed(error: unknown, closes = true): unknown {
    const failure = this.#isClosed ? this.#failure : undefined;
    if (closes) this.close();
    if (failure !== undefined) return failure;
    return new EngineFault("reset", error instanceof Error ? error.message : String(error));
  }
}
