/**
 * The body of a response as the caller reads it: bytes that are read ahead a little, so that a small body that nobody
 * reads keeps neither its connection nor its slot. One that nobody waits for does not keep the program alive.
 *
 * @module
 */

import { TransportFault } from "../transport/fault.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** How far is read ahead. */
const AHEAD_BYTES = 262_144;

/** What is to be known of a body. */
export interface TrackOptions {
  /** Called once, when it is over: read, given up or failed. */
  readonly ended: () => void;
  /** Makes the error that the caller sees. */
  readonly errorOf: (failure: unknown) => unknown;
  /** Lets the program end before the body does, or no more. */
  readonly keepAlive?: ((isKept: boolean) => void) | undefined;
}

/** Wraps a body. */
export function trackedBody(
  body: ReadableStream<Bytes>,
  options: TrackOptions,
): ReadableStream<Bytes> {
  // What is read ahead lies in the source and not in the stream, which then asks only if somebody waits.
  return new ReadableStream(new Tracked(body, options), { highWaterMark: 0 });
}

class Tracked implements UnderlyingByteSource {
  readonly type = "bytes";
  readonly #options: TrackOptions;
  readonly #reader: ReadableStreamDefaultReader<Bytes>;
  #controller!: ReadableByteStreamController;
  #pieces: Bytes[] = [];
  #bytes = 0;
  #isReading = false;
  /** Whether nothing more comes. */
  #isOver = false;
  /** What it failed with, for when what came before was read. */
  #failed: { error: unknown } | undefined;
  /** Whether the stream knows that it is over. */
  #isTold = false;
  #waiter: PromiseWithResolvers<void> | undefined;
  #isKept = true;
  #settling: ReturnType<typeof setTimeout> | undefined;

  constructor(body: ReadableStream<Bytes>, options: TrackOptions) {
    this.#options = options;
    this.#reader = body.getReader();
  }

  start(controller: ReadableByteStreamController): void {
    this.#controller = controller;
    void this.#readAhead();
    this.#settle();
  }

  async pull(): Promise<void> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        this.#bytes -= piece.length;
        this.#controller.enqueue(piece);
        void this.#readAhead();
        return this.#settle();
      }
      if (this.#isOver) return this.#tell();
      this.#keep();
      this.#waiter = Promise.withResolvers();
      void this.#readAhead();
      await this.#waiter.promise;
    }
  }

  async cancel(reason: unknown): Promise<void> {
    this.#isTold = true;
    this.#end();
    await this.#reader.cancel(reason);
  }

  async #readAhead(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (!this.#isOver && this.#bytes < AHEAD_BYTES) {
        const { done, value } = await this.#reader.read();
        if (this.#isOver) return;
        if (done) return this.#end();
        if (value.length === 0) continue;
        this.#pieces.push(value);
        this.#bytes += value.length;
        this.#wake();
      }
    } catch (failure) {
      if (this.#isOver) return;
      this.#failed = { error: this.#options.errorOf(failure) };
      // An abort is one at once; of what failed the reader gets first what was read of it.
      if (!(failure instanceof TransportFault)) this.#pieces = [];
      this.#end();
    } finally {
      this.#isReading = false;
    }
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#settling);
    this.#options.ended();
    if (this.#pieces.length === 0) this.#tell();
    this.#wake();
  }

  /** Tells the stream that it is over. */
  #tell(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    if (this.#failed !== undefined) return this.#controller.error(this.#failed.error);
    this.#controller.close();
    // A reader of its own buffer waits for an answer to the end, too.
    this.#controller.byobRequest?.respond(0);
  }

  #wake(): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.resolve();
  }

  /** Somebody waits. */
  #keep(): void {
    if (this.#isKept || this.#isOver) return;
    this.#isKept = true;
    this.#options.keepAlive?.(true);
  }

  /** Only when a moment has passed: most readers ask for more at once. */
  #settle(): void {
    const { keepAlive } = this.#options;
    if (keepAlive === undefined || !this.#isKept || this.#isOver) return;
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      if (this.#isOver || this.#waiter !== undefined) return;
      this.#isKept = false;
      keepAlive(false);
    }, 0);
  }
}
