/**
 * A body that is read by its caller and kept at the same time, as far as a bound goes. What the caller does not ask for
 * is not read either, unless someone else waits for the whole (`hurry`). A body that is longer than the bound is passed
 * on, from there without a copy.
 *
 * @module
 */

type Chunk = Uint8Array<ArrayBuffer>;

/** What happens at the end of a body, before its reader sees the end; undefined if it was not kept whole. */
export type Finish = (body: Chunk | undefined) => void | Promise<void>;

/** How a body is kept. */
export interface RecordingOptions {
  /** How many bytes are kept at most; less than 0 for none. */
  readonly most: number;
  /** Called once, when the body is whole, or will not be kept. */
  readonly finish: Finish;
  /** Called once, when nothing more is read. */
  readonly after: () => void;
  /** Called when the caller wants no more; says whether someone else waits for the whole. */
  readonly leave: () => boolean;
}

/** One body on its way to its caller and into the cache. */
export class Recording {
  /** What the caller reads. */
  readonly stream: ReadableStream<Chunk>;
  readonly #reader: ReadableStreamDefaultReader<Chunk>;
  readonly #most: number;
  readonly #finish: Finish;
  readonly #after: () => void;
  readonly #leave: () => boolean;
  #controller!: ReadableStreamDefaultController<Chunk>;
  #chunks: Chunk[] = [];
  #size = 0;
  #step: Promise<void> | undefined;
  #hurried = false;
  #cancelled = false;
  #settled = false;
  #ended = false;

  /** Takes over a stream. */
  constructor(source: ReadableStream<Chunk>, options: RecordingOptions) {
    this.#reader = source.getReader();
    this.#most = options.most;
    this.#finish = options.finish;
    this.#after = options.after;
    this.#leave = options.leave;
    this.stream = new ReadableStream<Chunk>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#next(),
      cancel: (reason) => this.#cancel(reason),
    }, { highWaterMark: 0 });
  }

  /** Reads on, to the end or to the bound, whether the caller does or not. */
  hurry(): void {
    if (this.#hurried) return;
    this.#hurried = true;
    (async () => {
      while (!this.#settled) await this.#next();
    })();
  }

  /** The caller gives up: its stream fails, and nothing more is read unless someone else waits. */
  abandon(reason: unknown): void {
    if (this.#ended || this.#cancelled) return;
    this.#controller.error(reason);
    this.#cancel(reason).catch(() => {});
  }

  #next(): Promise<void> {
    return this.#step ??= this.#read().finally(() => this.#step = undefined);
  }

  async #read(): Promise<void> {
    if (this.#ended) return;
    try {
      const { done, value } = await this.#reader.read();
      if (done) {
        this.#end();
        await this.#settle(true);
        if (!this.#cancelled) this.#controller.close();
      } else {
        this.#keep(value);
        if (!this.#cancelled) this.#controller.enqueue(value);
      }
    } catch (error) {
      this.#end();
      await this.#settle(false);
      if (!this.#cancelled) this.#controller.error(error);
    }
  }

  #keep(value: Chunk): void {
    if (this.#settled) return;
    this.#size += value.length;
    // A copy: what the caller got it may write into or transfer.
    if (this.#size <= this.#most) this.#chunks.push(value.slice());
    else this.#settle(false);
  }

  async #settle(whole: boolean): Promise<void> {
    if (this.#settled) return;
    this.#settled = true;
    const chunks = this.#chunks;
    this.#chunks = [];
    await this.#finish(whole ? concatenated(chunks, this.#size) : undefined);
    // Nobody reads the rest.
    if (this.#cancelled && !this.#ended) {
      this.#end();
      this.#reader.cancel().catch(() => {});
    }
  }

  async #cancel(reason: unknown): Promise<void> {
    this.#cancelled = true;
    if (this.#leave() && !this.#settled) return this.hurry();
    this.#end();
    await this.#settle(false);
    await this.#reader.cancel(reason);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#after();
  }
}

function concatenated(chunks: readonly Chunk[], size: number): Chunk {
  if (chunks.length === 1) return chunks[0]!;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** Bytes as a stream of their own. */
export function streamOf(bytes: Chunk): ReadableStream<Chunk> {
  return new ReadableStream<Chunk>({
    pull(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  }, { highWaterMark: 0 });
}
