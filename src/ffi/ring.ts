/**
 * The isolate's end of a library's completion ring: operations go out by a synchronous call each,
 * and come back in batches behind one outstanding wait.
 *
 * The wait is outstanding only while operations are, so an idle program ends by itself. One
 * operation alone is no faster than a plain nonblocking call; from about 16 at once it is.
 *
 * @module
 */

import { AgentError } from "../errors.ts";
import { errorFromBuffer, errorFromDetail } from "./failure.ts";
import type { FfiSymbols } from "./generated/ffi.ts";
import { Status } from "./generated/status.ts";

const HEAD_BYTES = 16;
const DONE = 0;
const FAILED = 1;

/** Starts an operation under its number; gets the ring, the number and a buffer for the error. */
export type Submit = (
  ring: number,
  operation: number,
  out: Uint8Array<ArrayBuffer>,
  capacity: number,
) => number;

/** Options of {@linkcode Ring.submit}. */
export interface SubmitOptions {
  /** Ends the operation early: the promise rejects at once, the native work is told to stop. */
  signal?: AbortSignal;
  /** Takes pieces of the operation's stream; the view is valid only during the call. */
  onPiece?: (piece: Uint8Array) => void;
  /** How many pieces may be on their way before one is taken. Default 1 where `onPiece` is given. */
  credit?: number;
}

interface Operation {
  name: string;
  settle: (payload: Uint8Array | undefined, error: Error | undefined) => void;
  onPiece: ((piece: Uint8Array) => void) | undefined;
}

/** A ring. One for each pair of isolate and library; owned by the isolate. */
export class Ring {
  readonly #symbols: FfiSymbols;
  readonly #id: number;
  readonly #operations: (Operation | undefined)[] = [];
  readonly #free: number[] = [];
  /** What waits for room on the ring, in order; each says whether it is done waiting. */
  #backlog: (() => boolean)[] = [];
  #inFlight = 0;
  #waiting = false;
  #out = new Uint8Array(64 * 1024);
  #words = new Uint32Array(this.#out.buffer);
  /** Apart from `#out`: a callback may start an operation while completions are being delivered. */
  readonly #errors = new Uint8Array(4096);

  /** Opens a ring on a library. */
  constructor(symbols: FfiSymbols) {
    this.#symbols = symbols;
    this.#id = symbols.agent_ffi_ring_open();
    if (this.#id < 0) {
      throw new AgentError("INTERNAL", `The ring could not be opened (status ${this.#id})`, {
        operation: "ring_open",
        status: this.#id,
      });
    }
  }

  /** Operations whose last completion has not arrived yet. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * Starts an operation and waits for its result.
   *
   * @param name What it is, for errors.
   * @param start Starts it; called again if the ring was at its bounds, so it must not keep buffers.
   * @param decode Makes the result from the payload, a view that is valid only during the call.
   * @param options A signal and what to do with the stream.
   * @returns The decoded result.
   * @throws {AgentError | TypeError} What the operation failed with; the signal's reason.
   */
  submit<T>(
    name: string,
    start: Submit,
    decode: (payload: Uint8Array) => T,
    options?: SubmitOptions,
  ): Promise<T> {
    const signal = options?.signal;
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise<T>((resolve, reject) => {
      let number = -1;
      let over = false;
      const abort = (): void => {
        over = true;
        reject(signal?.reason);
        if (number >= 0) this.#cancel(number);
      };
      const settle: Operation["settle"] = (payload, error) => {
        if (over) return;
        over = true;
        signal?.removeEventListener("abort", abort);
        if (payload === undefined) return reject(error);
        try {
          resolve(decode(payload));
        } catch (thrown) {
          reject(thrown);
        }
      };
      const attempt = (): boolean => {
        if (over) return true;
        try {
          number = this.#start(name, start, settle, options);
        } catch (thrown) {
          settle(undefined, thrown as Error);
          return true;
        }
        return number >= 0;
      };
      signal?.addEventListener("abort", abort, { once: true });
      if (this.#backlog.length > 0 || !attempt()) this.#backlog.push(attempt);
    });
  }

  /** Starts the operation: its number, or -1 if the ring is at its bounds. */
  #start(
    name: string,
    start: Submit,
    settle: Operation["settle"],
    options: SubmitOptions | undefined,
  ): number {
    const number = this.#free.pop() ?? this.#operations.length;
    const status = start(this.#id, number, this.#errors, this.#errors.length);
    if (status < 0) {
      this.#free.push(number);
      if (number === this.#operations.length) this.#operations.push(undefined);
      if (status === Status.BUSY && this.#inFlight > 0) return -1;
      throw errorFromBuffer(name, status, this.#errors);
    }
    this.#operations[number] = { name, settle, onPiece: options?.onPiece };
    this.#inFlight++;
    if (options?.onPiece !== undefined) this.#grant(number, options.credit ?? 1);
    if (!this.#waiting) this.#wait();
    return number;
  }

  #grant(number: number, credit: number): void {
    const { length } = this.#errors;
    this.#symbols.agent_ffi_ring_credit(this.#id, number, credit, this.#errors, length);
  }

  #cancel(number: number): void {
    const { length } = this.#errors;
    this.#symbols.agent_ffi_ring_cancel(this.#id, number, this.#errors, length);
  }

  #wait(): void {
    this.#waiting = true;
    this.#symbols.agent_ffi_ring_wait(this.#id).then((open) => {
      this.#waiting = false;
      if (open !== 1) return this.#close();
      this.#take();
      if (this.#backlog.length > 0) this.#retry();
      if (this.#inFlight > 0 && !this.#waiting) this.#wait();
    });
  }

  #retry(): void {
    let started = 0;
    while (started < this.#backlog.length && this.#backlog[started]!()) started++;
    this.#backlog = this.#backlog.slice(started);
  }

  #close(): void {
    const error = new AgentError("CLOSED", "The native library's ring was closed", {
      object: "ring",
    });
    for (const operation of this.#operations.splice(0)) operation?.settle(undefined, error);
    this.#free.length = 0;
    this.#inFlight = 0;
  }

  #take(): void {
    while (this.#inFlight > 0) {
      const written = this.#symbols.agent_ffi_ring_take(this.#id, this.#out, this.#out.length);
      if (written === 0) return;
      if (written === Status.TOO_SMALL) {
        this.#takeLarge(this.#words[0]!);
        continue;
      }
      if (written < 0) throw errorFromBuffer("ring_take", written, this.#out);
      this.#deliver(this.#out, this.#words, written);
    }
  }

  /** A payload larger than the buffer: one call of its exact size. */
  #takeLarge(size: number): void {
    const out = new Uint8Array(size);
    const written = this.#symbols.agent_ffi_ring_take(this.#id, out, size);
    if (written < 0) throw errorFromBuffer("ring_take", written, out);
    this.#deliver(out, new Uint32Array(out.buffer), written);
  }

  #deliver(out: Uint8Array, words: Uint32Array, written: number): void {
    let at = 0;
    while (at < written) {
      const word = at >> 2;
      const number = words[word]!;
      const kind = words[word + 1]!;
      const length = words[word + 2]!;
      const status = words[word + 3]! | 0;
      const payload = out.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length);
      at += HEAD_BYTES + ((length + 7) & ~7);
      const operation = this.#operations[number];
      if (kind === DONE || kind === FAILED) {
        this.#operations[number] = undefined;
        this.#free.push(number);
        this.#inFlight--;
        if (kind === DONE) operation?.settle(payload, undefined);
        else operation?.settle(undefined, errorFromDetail(operation.name, status, payload));
      } else if (operation?.onPiece !== undefined) {
        operation.onPiece(payload);
        this.#grant(number, 1);
      }
    }
  }
}
