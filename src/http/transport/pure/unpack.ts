/**
 * Undoes one coding piece by piece, with the platform's decoders. An output that would be large comes in small pieces,
 * and the next one is made when the last was taken.
 *
 * @module
 */

import type { Transform } from "node:stream";
import { ZstdFrames } from "./zstd_frames.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A content coding. */
export type Coding = "gzip" | "deflate" | "br" | "zstd";

/**
 * What is put behind a brotli body: its decoder says nothing of one that is not whole, but takes no notice of what
 * stands behind one that is. Zeros begin no empty last block, which would make it whole; more than a decoder holds back.
 */
const PADDING = new Uint8Array(65_536);

/** RFC 1950: the method is deflate, and the first two bytes are a multiple of 31. */
export function hasZlibHead(bytes: Uint8Array): boolean {
  if (bytes.length < 2) return true;
  return (bytes[0]! & 15) === 8 && (bytes[0]! << 8 | bytes[1]!) % 31 === 0;
}

/** Undoes a coding. Ends or fails with its source; throws if the body is not coded so, or not whole. */
export async function* unpacked(
  next: () => Promise<Bytes | undefined>,
  coding: Coding,
): AsyncGenerator<Bytes> {
  let piece = await next();
  if (piece === undefined) return;
  const zlib = await import("node:zlib");
  if (coding === "zstd") return yield* unpackedFrames(next, piece, zlib);
  if (coding === "deflate" && piece.length < 2) piece = await withMore(next, piece);
  const decoder = new Decoder(
    coding === "gzip"
      ? zlib.createGunzip()
      : coding === "br"
      ? zlib.createBrotliDecompress()
      : hasZlibHead(piece)
      ? zlib.createInflate()
      : zlib.createInflateRaw(),
  );
  try {
    for (; piece !== undefined; piece = await next()) yield* decoder.write(piece);
    if (coding !== "br") return yield* decoder.end();
    for await (const _ of decoder.write(PADDING)) {
      throw new Error("the body is not whole");
    }
  } finally {
    decoder.close();
  }
}

async function* unpackedFrames(
  next: () => Promise<Bytes | undefined>,
  first: Bytes,
  zlib: typeof import("node:zlib"),
): AsyncGenerator<Bytes> {
  const frames = new ZstdFrames();
  let decoder: Decoder | undefined;
  try {
    for (let piece: Bytes | undefined = first; piece !== undefined; piece = await next()) {
      for (const { bytes, ends } of frames.cut(piece)) {
        decoder ??= new Decoder(zlib.createZstdDecompress());
        yield* decoder.write(bytes);
        if (!ends) continue;
        yield* decoder.end();
        decoder.close();
        decoder = undefined;
      }
    }
    if (!frames.isWhole) throw new Error("the body is not whole");
  } finally {
    decoder?.close();
  }
}

async function withMore(next: () => Promise<Bytes | undefined>, piece: Bytes): Promise<Bytes> {
  const more = await next();
  if (more === undefined) return piece;
  const both = new Uint8Array(piece.length + more.length);
  both.set(piece);
  both.set(more, piece.length);
  return both;
}

/** A decoder of the platform: what is written in comes out before the next is written. */
class Decoder {
  readonly #transform: Transform;
  #failure: { error: unknown } | undefined;
  #isDone = false;
  #wake: (() => void) | undefined;

  constructor(transform: Transform) {
    this.#transform = transform;
    const wake = (): void => this.#wake?.();
    transform.on("readable", wake);
    transform.on("end", () => {
      this.#isDone = true;
      wake();
    });
    transform.on("error", (error) => {
      this.#failure ??= { error };
      wake();
    });
  }

  async *write(bytes: Bytes): AsyncGenerator<Bytes> {
    let isTaken = false;
    this.#transform.write(bytes, () => {
      isTaken = true;
      this.#wake?.();
    });
    yield* this.#output(() => isTaken);
  }

  async *end(): AsyncGenerator<Bytes> {
    this.#transform.end();
    yield* this.#output(() => this.#isDone);
  }

  close(): void {
    this.#transform.destroy();
  }

  async *#output(isOver: () => boolean): AsyncGenerator<Bytes> {
    for (;;) {
      const over = isOver();
      for (;;) {
        if (this.#failure !== undefined) throw this.#failure.error;
        const piece: Uint8Array | null = this.#transform.read();
        if (piece === null) break;
        yield Uint8Array.from(piece);
      }
      if (over) return;
      if (isOver()) continue;
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
    }
  }
}
