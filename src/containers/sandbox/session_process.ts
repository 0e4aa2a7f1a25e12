/**
 * A process of a session that is spoken with: its output is read piece by piece, and its input written to.
 *
 * @module
 */

import type { Attached } from "../engine/client.ts";
import type { Frame } from "../engine/frames.ts";
import type { SessionProcess } from "./types.ts";

/** What a process that is spoken with asks of its session. */
export interface SpokenOf {
  over(): void;
  state(): Promise<{ exitCode: number | null }>;
  kill(): Promise<void>;
}

/** See `SessionProcess` in `types.ts`. */
export class Spoken implements SessionProcess {
  readonly #process: Attached;
  readonly #session: SpokenOf;
  readonly #frames: AsyncIterator<Frame>;
  readonly #finished: Promise<void>;
  #finish!: () => void;
  #over = false;

  /** Takes over a process that was started. */
  constructor(process: Attached, session: SpokenOf) {
    this.#process = process;
    this.#session = session;
    this.#frames = process.frames[Symbol.asyncIterator]();
    this.#finished = new Promise((resolve) => this.#finish = resolve);
  }

  get output(): AsyncIterable<Frame> {
    // Leaving a loop over it leaves the process alone: one reads to a prompt, writes, and reads on.
    const next = (): Promise<IteratorResult<Frame, undefined>> =>
      this.read().then((value) =>
        value === undefined ? { done: true, value: undefined } : { done: false, value }
      );
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  async read(): Promise<Frame | undefined> {
    if (this.#over) return undefined;
    try {
      const { done, value } = await this.#frames.next();
      if (!done) return value;
    } catch (error) {
      if (!this.#over) {
        this.#done();
        throw error;
      }
    }
    this.#done();
    return undefined;
  }

  async write(data: string | Uint8Array): Promise<void> {
    await this.#process.write(typeof data === "string" ? new TextEncoder().encode(data) : data);
  }

  async closeStdin(): Promise<void> {
    await this.#process.closeWrite();
  }

  async ended(): Promise<{ exitCode: number | null }> {
    await this.#finished;
    const { exitCode } = await this.#session.state();
    return { exitCode };
  }

  async kill(): Promise<void> {
    if (this.#over) return;
    await this.#session.kill();
    this.#done();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  /** It ended with its session. */
  lose(): void {
    this.#done();
  }

  #done(): void {
    if (this.#over) return;
    this.#over = true;
    this.#process.close();
    this.#session.over();
    this.#finish();
  }
}
