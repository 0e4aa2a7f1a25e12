/**
 * The isolate's end of a library's completion ring: operations go out by a synchronous call each,
 * and come back in batches behind one outstanding wait.
 *
 * The wait is outstanding only while operations are that somebody waits for, so an idle program ends
 * by itself. Completions of the others are looked for now and then while the program lives. One
 * operation alone is no faster than a plain nonblocking call; from about 16 at once it is.
 *
 * @module
 */

import { AgentError } from "../shared/errors.ts";
import { errorFromBuffer, errorFromDetail } from "./failure.ts";
import type { FfiSymbols } from "./generated/symbols.ts";
import { Status } from "./generated/status_codes.ts";
import { type Cancellable, Signals } from "./signals.ts";

const HEAD_BYTES = 16;
/** From so many operations in flight, completions are awaited in batches... */
const BATCH_FROM = 8;
/** ...of half of what is in flight, but no more than this: larger ones save nothing more. */
const BATCH_MOST = 64;
/** How often completions are looked for that nobody waits for, milliseconds. */
const LOOK_EVERY_MS = 50;
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
  signal?: AbortSignal | undefined;
  /** Takes pieces of the operation's stream; the view is valid only during the call. */
  onPiece?: ((piece: Uint8Array) => void) | undefined;
  /** Takes the payload of an operation that was cancelled and yet came to its end; the view is valid only during the call. */
  onLate?: ((payload: Uint8Array) => void) | undefined;
  /** How many pieces may be on their way before one is taken. Default 1 where `onPiece` is given. */
  credit?: number | undefined;
  /**
   * Whoever gives it takes over what the ring does otherwise, which is to allow a further piece for each that was taken:
   * gets the operation's flow once it is under way, perhaps later than `submit` returns.
   */
  onStart?: ((flow: Flow) => void) | undefined;
}

/** The flow of an operation under way. Once that is over, its methods do nothing. */
export interface Flow {
  /** Allows so many further pieces. */
  grant(pieces: number): void;
  /** Lets the program end while this is under way, or no more; an operation begins by keeping it alive. */
  hold(isHeld: boolean): void;
  /** Ends the operation: the native work is told to stop, the promise rejects with the reason. */
  cancel(reason: unknown): void;
}

/** An operation that was asked for: waiting for room, under way, or over. */
interface Operation {
  readonly name: string;
  readonly start: Submit;
  readonly decode: (payload: Uint8Array) => unknown;
  readonly options: SubmitOptions | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  /** Its number while it is under way; -1 before. */
  number: number;
  /** Whether it keeps the program alive while it is under way. */
  held: boolean;
  /** Whether its promise is settled; its last completion may still be to come. */
  over: boolean;
  /** What its signal ends. */
  abort: Cancellable | undefined;
}

/** What a ring needs of its library. */
export interface RingLibrary {
  /** One of the exports that every library has. */
  common<N extends keyof FfiSymbols>(name: N): FfiSymbols[N];
}

/** A ring. One for each pair of isolate and library; owned by the isolate. */
export class Ring {
  readonly #awaitCompletions: FfiSymbols["agent_ffi_ring_wait"];
  readonly #takeCompletions: FfiSymbols["agent_ffi_ring_take"];
  readonly #cancelOperation: FfiSymbols["agent_ffi_ring_cancel"];
  readonly #giveCredit: FfiSymbols["agent_ffi_ring_credit"];
  readonly #releaseWait: FfiSymbols["agent_ffi_ring_release"];
  readonly #id: number;
  readonly #operations: (Operation | undefined)[] = [];
  readonly #free: number[] = [];
  /** What waits for room on the ring, in order. */
  #backlog: Operation[] = [];
  readonly #signals = new Signals();
  #inFlight = 0;
  /** How many of those keep the program alive. */
  #held = 0;
  #waiting = false;
  #look: ReturnType<typeof setTimeout> | undefined;
  #out = new Uint8Array(64 * 1024);
  #words = new Uint32Array(this.#out.buffer);
  /** Apart from `#out`: a callback may start an operation while completions are being delivered. */
  readonly #errors = new Uint8Array(4096);

  /** Opens a ring on a library. */
  constructor(library: RingLibrary) {
    this.#awaitCompletions = library.common("agent_ffi_ring_wait");
    this.#takeCompletions = library.common("agent_ffi_ring_take");
    this.#cancelOperation = library.common("agent_ffi_ring_cancel");
    this.#giveCredit = library.common("agent_ffi_ring_credit");
    this.#releaseWait = library.common("agent_ffi_ring_release");
    this.#id = library.common("agent_ffi_ring_open")();
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

  /** Operations that wait for room on the ring. */
  get waiting(): number {
    return this.#backlog.length;
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
      const operation: Operation = {
        name,
        start,
        decode,
        options,
        resolve: resolve as (value: unknown) => void,
        reject,
        number: -1,
        held: true,
        over: false,
        abort: undefined,
      };
      if (signal !== undefined) this.#listen(operation, signal);
      if (this.#backlog.length > 0 || !this.#start(operation)) this.#backlog.push(operation);
    });
  }

  #listen(operation: Operation, signal: AbortSignal): void {
    operation.abort = {
      cancel: (reason) => {
        this.#fail(operation, reason);
        if (operation.number >= 0) this.#cancel(operation.number);
      },
    };
    this.#signals.add(signal, operation.abort);
  }

  /** Starts an operation; false if the ring is at its bounds. */
  #start(operation: Operation): boolean {
    if (operation.over) return true;
    const number = this.#free.pop() ?? this.#operations.length;
    let status: number;
    try {
      status = operation.start(this.#id, number, this.#errors, this.#errors.length);
    } catch (thrown) {
      this.#release(number);
      this.#fail(operation, thrown);
      return true;
    }
    if (status < 0) {
      this.#release(number);
      if (status === Status.BUSY && this.#inFlight > 0) return false;
      this.#fail(operation, errorFromBuffer(operation.name, status, this.#errors));
      return true;
    }
    operation.number = number;
    this.#operations[number] = operation;
    this.#inFlight++;
    this.#held++;
    const { options } = operation;
    if (options?.onPiece !== undefined) this.#grant(number, options.credit ?? 1);
    if (options?.onStart !== undefined) options.onStart(this.#flowOf(operation));
    if (!this.#waiting && this.#held > 0) this.#wait();
    return true;
  }

  #flowOf(operation: Operation): Flow {
    const { number } = operation;
    // The number may be another operation's by then.
    const isUnderWay = (): boolean => this.#operations[number] === operation;
    return {
      grant: (pieces) => {
        if (isUnderWay()) this.#grant(number, pieces);
      },
      hold: (isHeld) => {
        if (isUnderWay()) this.#hold(operation, isHeld);
      },
      cancel: (reason) => {
        this.#fail(operation, reason);
        if (isUnderWay()) this.#cancel(number);
      },
    };
  }

  #hold(operation: Operation, isHeld: boolean): void {
    if (operation.held === isHeld) return;
    operation.held = isHeld;
    this.#held += isHeld ? 1 : -1;
    if (this.#held === 0) {
      if (this.#waiting) this.#releaseWait(this.#id);
      else this.#lookLater();
    } else if (!this.#waiting) this.#wait();
  }

  /** Looks for completions that nobody waits for, for as long as something else keeps the program alive. */
  #lookLater(): void {
    if (this.#look !== undefined) return;
    this.#look = setTimeout(() => {
      this.#look = undefined;
      if (this.#waiting) return;
      this.#delivery();
    }, LOOK_EVERY_MS);
    Deno.unrefTimer(this.#look);
  }

  /** Takes what there is and waits for what else is out. */
  #delivery(): void {
    this.#waiting = true;
    try {
      this.#take();
      if (this.#backlog.length > 0) this.#retry();
    } finally {
      // Not before: what a callback started may have been taken along, and a wait for it would
      // keep the program alive for ever.
      this.#waiting = false;
      if (this.#held > 0) this.#wait();
      else if (this.#inFlight > 0) this.#lookLater();
    }
  }

  #over(operation: Operation): void {
    this.#release(operation.number);
    this.#inFlight--;
    if (operation.held) this.#held--;
  }

  #release(number: number): void {
    this.#operations[number] = undefined;
    this.#free.push(number);
  }

  #grant(number: number, credit: number): void {
    const { length } = this.#errors;
    this.#giveCredit(this.#id, number, credit, this.#errors, length);
  }

  #cancel(number: number): void {
    const { length } = this.#errors;
    this.#cancelOperation(this.#id, number, this.#errors, length);
  }

  /** How many completions to wait for: one where every microsecond counts, else half of what is out. */
  #wanted(): number {
    return this.#inFlight < BATCH_FROM ? 1 : Math.min(this.#inFlight >> 1, BATCH_MOST);
  }

  #wait(): void {
    this.#waiting = true;
    this.#awaitCompletions(this.#id, this.#wanted()).then((open) => {
      if (open === 1) return this.#delivery();
      this.#waiting = false;
      this.#close();
    });
  }

  #retry(): void {
    let started = 0;
    while (started < this.#backlog.length && this.#start(this.#backlog[started]!)) started++;
    this.#backlog = this.#backlog.slice(started);
  }

  #close(): void {
    const error = new AgentError("CLOSED", "The native library's ring was closed", {
      object: "ring",
    });
    for (const operation of [...this.#operations.splice(0), ...this.#backlog.splice(0)]) {
      if (operation !== undefined) this.#fail(operation, error);
    }
    this.#free.length = 0;
    this.#inFlight = this.#held = 0;
    clearTimeout(this.#look);
    this.#look = undefined;
  }

  #take(): void {
    while (this.#inFlight > 0) {
      const written = this.#takeCompletions(this.#id, this.#out, this.#out.length);
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
    const written = this.#takeCompletions(this.#id, out, size);
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
      if (operation === undefined) continue;
      if (kind === DONE) {
        this.#over(operation);
        this.#succeed(operation, payload);
      } else if (kind === FAILED) {
        this.#over(operation);
        this.#fail(operation, errorFromDetail(operation.name, status, payload));
      } else {
        this.#piece(operation, payload);
      }
    }
  }

  #piece(operation: Operation, payload: Uint8Array): void {
    if (operation.over) return this.#grant(operation.number, 1);
    try {
      operation.options?.onPiece?.(payload);
      if (operation.options?.onStart === undefined) this.#grant(operation.number, 1);
    } catch (thrown) {
      this.#fail(operation, thrown);
      this.#cancel(operation.number);
    }
  }

  #succeed(operation: Operation, payload: Uint8Array): void {
    if (operation.over) {
      operation.options?.onLate?.(payload);
      return;
    }
    let value: unknown;
    try {
      value = operation.decode(payload);
    } catch (thrown) {
      return this.#fail(operation, thrown);
    }
    this.#end(operation);
    operation.resolve(value);
  }

  #fail(operation: Operation, error: unknown): void {
    if (operation.over) return;
    this.#end(operation);
    operation.reject(error);
  }

  #end(operation: Operation): void {
    operation.over = true;
    if (operation.abort === undefined) return;
    this.#signals.remove(operation.options!.signal!, operation.abort);
  }
}
