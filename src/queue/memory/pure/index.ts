/**
 * Jobs by their numbers, in small chunks: numbers follow one another, so this needs no hashing, and what is added last
 * is in young memory, which V8 writes to for less.
 *
 * @module
 */

import type { Entry } from "./entry.ts";

const CHUNK = 64;

class Chunk {
  size = 0;
  readonly items: (Entry | undefined)[] = new Array<Entry | undefined>(CHUNK).fill(undefined);
}

/** The jobs. */
export class Index {
  readonly #chunks = new Map<number, Chunk>();
  /** The chunk that was added to last. */
  #last: Chunk | undefined = undefined;
  #lastNumber = -1;

  /** The job with a number. */
  get(seq: number): Entry | undefined {
    return this.#chunks.get(Math.floor(seq / CHUNK))?.items[seq % CHUNK];
  }

  /** Puts a job in; numbers only grow. */
  add(seq: number, entry: Entry): void {
    const number = Math.floor(seq / CHUNK);
    if (number !== this.#lastNumber) {
      this.#lastNumber = number;
      this.#last = this.#chunks.get(number);
      if (this.#last === undefined) this.#chunks.set(number, this.#last = new Chunk());
    }
    this.#last!.items[seq % CHUNK] = entry;
    this.#last!.size++;
  }

  /** Takes a job out that is there. */
  delete(seq: number): void {
    const number = Math.floor(seq / CHUNK);
    const chunk = this.#chunks.get(number)!;
    chunk.items[seq % CHUNK] = undefined;
    if (--chunk.size > 0) return;
    this.#chunks.delete(number);
    if (number === this.#lastNumber) this.#lastNumber = -1;
  }

  /** All jobs, in the order of their numbers; those it gave may be taken out meanwhile. */
  *values(): Iterable<Entry> {
    for (const { items } of this.#chunks.values()) {
      for (const entry of items) if (entry !== undefined) yield entry;
    }
  }
}
