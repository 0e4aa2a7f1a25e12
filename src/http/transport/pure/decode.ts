/**
 * Content codings: gzip, deflate (with and without its zlib head, since servers send both), br and zstd, with the
 * decoded size capped while decoding, so that a bomb costs no more than the cap.
 *
 * @module
 */

import { TransportFault } from "../fault.ts";
import { type Coding, hasZlibHead, unpacked } from "./unpack.ts";
import { ZstdFrames } from "./zstd_frames.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Codings in a row that are undone; more are an attack and no compression. */
const MOST_CODINGS = 3;
/** Compressed bodies up to this are decoded at once, which is several times as fast as by a stream. */
export const AT_ONCE_BYTES = 16_384;

const WORDS: Readonly<Record<string, Coding>> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
  br: "br",
  zstd: "zstd",
};

/**
 * Reads a content-encoding.
 *
 * @returns The codings in the order in which they were applied; empty if there is nothing to undo; undefined if one is
 * not known, so that the body is handed on as it is.
 */
export function codingsOf(value: string | null): readonly Coding[] | undefined {
  if (value === null) return [];
  const words = value.split(",").map((word) => word.trim().toLowerCase())
    .filter((word) => word !== "" && word !== "identity");
  const codings = words.map((word) => Object.hasOwn(WORDS, word) ? WORDS[word] : undefined);
  if (codings.length > MOST_CODINGS || codings.includes(undefined)) return undefined;
  return codings as Coding[];
}

/**
 * Decodes a body that is there as a whole; meant for small ones.
 *
 * @throws {TransportFault} `encoding` or `body-too-large`.
 */
export async function decodeWhole(
  bytes: Bytes,
  codings: readonly Coding[],
  limit: number,
): Promise<Bytes> {
  // No byte is no coded body at all, which servers send for empty answers.
  if (bytes.length === 0) return bytes;
  // At once the decoder of brotli says nothing of bytes that are none.
  if (codings.includes("br")) {
    const pieces: Bytes[] = [];
    for await (const piece of decodePieces(once(bytes), codings, limit)) pieces.push(piece);
    return joined(pieces);
  }
  const zlib = await import("node:zlib");
  try {
    for (const coding of codings.toReversed()) bytes = atOnce(zlib, bytes, coding, limit);
  } catch (error) {
    throw decodingFault(error);
  }
  if (bytes.length > limit) throw tooLarge(limit);
  return bytes;
}

/**
 * Decodes a body piece by piece.
 *
 * @throws {TransportFault} As above, and whatever `next` throws.
 */
export async function* decodePieces(
  next: () => Promise<Bytes | undefined>,
  codings: readonly Coding[],
  limit: number,
): AsyncGenerator<Bytes> {
  let failure: unknown;
  let source = async (): Promise<Bytes | undefined> => {
    try {
      return await next();
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  const stages: AsyncGenerator<Bytes>[] = [];
  for (const coding of codings.toReversed()) {
    const stage = unpacked(source, coding);
    stages.unshift(stage);
    source = async () => (await stage.next()).value;
  }
  let size = 0;
  try {
    for (let piece = await source(); piece !== undefined; piece = await source()) {
      size += piece.length;
      if (size > limit) throw tooLarge(limit);
      yield piece;
    }
  } catch (error) {
    throw failure ?? decodingFault(error);
  } finally {
    for (const stage of stages) await stage.return(undefined);
  }
}

type Zlib = typeof import("node:zlib");

function atOnce(zlib: Zlib, bytes: Bytes, coding: Coding, limit: number): Bytes {
  // What is a byte over the cap is found out by its length.
  const options = { maxOutputLength: limit + 1 };
  if (coding === "gzip") return own(zlib.gunzipSync(bytes, options));
  if (coding === "deflate") {
    return own(
      hasZlibHead(bytes) ? zlib.inflateSync(bytes, options) : zlib.inflateRawSync(bytes, options),
    );
  }
  const frames = new ZstdFrames();
  const pieces: Bytes[] = [];
  let left = limit + 1;
  for (const { bytes: frame, ends } of frames.cut(bytes)) {
    if (!ends) break;
    const piece = own(zlib.zstdDecompressSync(frame, { maxOutputLength: Math.max(1, left) }));
    left -= piece.length;
    if (left <= 0) throw tooLarge(limit);
    pieces.push(piece);
  }
  if (!frames.isWhole) throw new Error("the body is not whole");
  return joined(pieces);
}

function once(bytes: Bytes): () => Promise<Bytes | undefined> {
  let rest: Bytes | undefined = bytes;
  return () => {
    const piece = rest;
    rest = undefined;
    return Promise.resolve(piece);
  };
}

function tooLarge(limit: number): TransportFault {
  return new TransportFault("body-too-large", `more than ${limit} bytes`);
}

function decodingFault(error: unknown): unknown {
  if (error instanceof TransportFault) return error;
  const code = (error as { code?: string } | null)?.code;
  const detail = error instanceof Error ? error.message : String(error);
  if (code === "ERR_BUFFER_TOO_LARGE") return new TransportFault("body-too-large", detail);
  return new TransportFault("encoding", detail);
}

/** Node's buffers may be views into a pool that others share. */
export function own(bytes: Uint8Array): Bytes {
  const { buffer, byteOffset, byteLength } = bytes;
  return buffer.byteLength === byteLength
    ? new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)
    : Uint8Array.from(bytes);
}

/** Pieces as one. */
export function joined(pieces: readonly Bytes[]): Bytes {
  const [first] = pieces;
  if (pieces.length === 1 && first!.byteLength === first!.buffer.byteLength) return first!;
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
