/**
 * The body of an answer, piece by piece: of a known length, in chunks, or up to the connection's end.
 *
 * @module
 */

import { EngineFault } from "../errors.ts";
import type { Connection } from "./connection.ts";
import type { Head } from "./head.ts";

/** A chunk's line and its trailers are short; longer ones are an attack. */
const MOST_LINE_BYTES = 8_192;
const MOST_TRAILERS = 64;

/** Reads a body. */
export class BodyReader {
  /** Whether its last byte was read. */
  isWhole = false;
  readonly #connection: Connection;
  readonly #isChunked: boolean;
  /** Bytes to come of the body or of its chunk; Infinity until the connection's end. */
  #left: number;
  #isBehindChunk = false;

  /** Begins behind the head. */
  constructor(connection: Connection, head: Head) {
    this.#connection = connection;
    this.#isChunked = head.isChunked;
    this.#left = head.isChunked ? 0 : head.contentLength ?? Infinity;
    this.isWhole = !head.isChunked && this.#left === 0;
  }

  /** The next piece, a copy; undefined behind the last. */
  async next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.isWhole) return undefined;
    if (this.#isChunked && this.#left === 0 && !await this.#nextChunk()) return undefined;
    const connection = this.#connection;
    if (connection.start === connection.end && await connection.fill() === 0) {
      if (this.#left !== Infinity) throw ended();
      this.isWhole = true;
      return undefined;
    }
    const piece = connection.take(this.#left);
    this.#left -= piece.length;
    if (!this.#isChunked && this.#left === 0) this.isWhole = true;
    return piece;
  }

  /** Goes to the next chunk; false if there is none. */
  async #nextChunk(): Promise<boolean> {
    if (this.#isBehindChunk && await this.#line() !== "") throw badChunk();
    this.#isBehindChunk = true;
    const size = /^([0-9A-Fa-f]{1,12})[ \t]*(?:;.*)?$/.exec(await this.#line())?.[1];
    if (size === undefined) throw badChunk();
    this.#left = parseInt(size, 16);
    if (this.#left > 0) return true;
    for (let trailers = 0; await this.#line() !== ""; trailers++) {
      if (trailers >= MOST_TRAILERS) throw badChunk();
    }
    this.isWhole = true;
    return false;
  }

  async #line(): Promise<string> {
    const connection = this.#connection;
    for (;;) {
      const { buffer, start, end } = connection;
      const at = buffer.indexOf(10, start);
      if (at >= 0 && at < end) {
        connection.start = at + 1;
        const last = at > start && buffer[at - 1] === 13 ? at - 1 : at;
        return new TextDecoder("latin1").decode(buffer.subarray(start, last));
      }
      if (end - start > MOST_LINE_BYTES) throw badChunk();
      if (await connection.fill() === 0) throw ended();
    }
  }
}

function badChunk(): EngineFault {
  return new EngineFault("protocol", "a chunk of its answer is not as it should be");
}

function ended(): EngineFault {
  return new EngineFault("reset", "the connection ended within the answer");
}
