/**
 * The body of a response as it comes over the connection: by its length, in chunks, or until the connection's end. A
 * body that ends too early is an error, however the connection ended.
 *
 * @module
 */

import { TransportFault } from "../fault.ts";
import type { Head } from "./head.ts";
import { latin1 } from "./head.ts";
import type { Wire } from "./wire.ts";

const PIECE_BYTES = 65_536;
/** A chunk's line with its extensions, and all trailers. */
const MOST_LINE_BYTES = 16_384;
/** A size has up to 64 bits; it need not be exact where it is more than any body may have. */
const CHUNK_LINE = /^0*([0-9a-f]{1,16})[ \t]*(?:;.*)?$/i;
/** What such a line may begin with; so that what is none is not waited for. */
const CHUNK_BEGIN = /^0*[0-9a-f]{0,16}(?:[ \t]+|[ \t]*;[^\n]*)?\r?$/i;
const EMPTY_BEGIN = /^\r?$/;
const ANY = /^/;

/** Reads a body piece by piece. */
export class RawBody {
  /** Whether the connection can be used again, which is so when the last byte was read and it says so. */
  isReusable = false;
  readonly #wire: Wire;
  readonly #head: Head;
  /** Bytes to come of the body, or of its chunk; Infinity until the connection's end. */
  #left: number;
  #isLast: boolean;

  /** Begins reading behind the head. */
  constructor(wire: Wire, head: Head) {
    this.#wire = wire;
    this.#head = head;
    this.#isLast = !head.isChunked;
    this.#left = head.isChunked ? 0 : head.contentLength ?? Infinity;
    if (this.#isLast && this.#left === 0) this.isReusable = head.keepsAlive;
  }

  /** The bytes that the body has for certain; undefined if the head does not say. */
  get length(): number | undefined {
    return this.#head.contentLength;
  }

  /** The next piece, a copy; undefined behind the last. */
  async next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#left === 0 && !this.#isLast) await this.#nextChunk();
    if (this.#left === 0) return undefined;
    const wire = this.#wire;
    const buffered = Math.min(wire.end - wire.start, this.#left);
    if (buffered > 0) {
      const piece = wire.buffer.slice(wire.start, wire.start + buffered);
      wire.start += buffered;
      return this.#took(piece);
    }
    const target = new Uint8Array(Math.min(this.#left, PIECE_BYTES));
    const count = await this.#read(() => wire.readInto(target));
    if (count > 0) return this.#took(target.subarray(0, count));
    if (this.#left !== Infinity) throw incomplete("the connection ended");
    this.#left = 0;
    return undefined;
  }

  /** All of a body whose length is stated; `onRead` is called when some of it has come. */
  async whole(onRead: () => void): Promise<Uint8Array<ArrayBuffer>> {
    const wire = this.#wire;
    const size = this.#left;
    const buffered = Math.min(wire.end - wire.start, size);
    const taken = wire.buffer.subarray(wire.start, wire.start + buffered);
    wire.start += buffered;
    // What a server merely says is no reason to take much memory: it grows with what comes.
    let bytes = new Uint8Array(Math.min(size, Math.max(buffered, 1_048_576)));
    bytes.set(taken);
    let at = buffered;
    while (at < size) {
      if (at === bytes.length) {
        const larger = new Uint8Array(Math.min(size, at * 2));
        larger.set(bytes);
        bytes = larger;
      }
      const into = bytes.subarray(at);
      const count = await this.#read(() => wire.readInto(into));
      if (count === 0) throw incomplete("the connection ended");
      at += count;
      onRead();
    }
    this.#left = 0;
    this.isReusable = this.#head.keepsAlive;
    return bytes;
  }

  #took(piece: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    this.#left -= piece.length;
    if (this.#left === 0 && this.#isLast) this.isReusable = this.#head.keepsAlive;
    return piece;
  }

  async #nextChunk(): Promise<void> {
    // Behind each chunk there is an empty line.
    if (this.#isBehindChunk) await this.#line(EMPTY_BEGIN);
    this.#isBehindChunk = true;
    const match = CHUNK_LINE.exec(await this.#line(CHUNK_BEGIN));
    if (match === null) throw new TransportFault("protocol", "a chunk has no size");
    this.#left = parseInt(match[1]!, 16);
    if (this.#left > 0) return;
    let trailers = 0;
    for (let line = await this.#line(ANY); line !== ""; line = await this.#line(ANY)) {
      trailers += line.length;
      if (trailers > MOST_LINE_BYTES) throw new TransportFault("protocol", "too many trailers");
    }
    this.#isLast = true;
    this.isReusable = this.#head.keepsAlive;
  }

  #isBehindChunk = false;

  /** The next line, which must begin like this. */
  async #line(begin: RegExp): Promise<string> {
    const wire = this.#wire;
    for (;;) {
      const at = wire.buffer.indexOf(10, wire.start);
      const isWhole = at >= 0 && at < wire.end;
      const line = latin1(wire.buffer.subarray(wire.start, isWhole ? at : wire.end));
      if (!begin.test(line) || (isWhole && !line.endsWith("\r"))) {
        throw new TransportFault("protocol", "a chunk is not as it should be");
      }
      if (isWhole) {
        wire.start = at + 1;
        return line.slice(0, -1);
      }
      if (wire.end - wire.start >= MOST_LINE_BYTES) {
        throw new TransportFault("protocol", "a chunk's line is too long");
      }
      wire.makeRoom();
      if (await this.#read(() => wire.fill()) === 0) throw incomplete("the connection ended");
    }
  }

  async #read(read: () => Promise<number>): Promise<number> {
    try {
      return await read();
    } catch (error) {
      // A connection that breaks and one that ends are the same here: the body is not whole.
      if (error instanceof TransportFault && error.kind === "reset") {
        throw incomplete(error.message);
      }
      throw error;
    }
  }
}

function incomplete(detail: string): TransportFault {
  return new TransportFault("body-incomplete", detail);
}
