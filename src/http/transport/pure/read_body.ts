/**
 * The body of an answer as bytes: all of it, or piece by piece, never more than its bound.
 *
 * @module
 */

import { TransportFault } from "../fault.ts";
import type { RawBody } from "./body.ts";
import { AT_ONCE_BYTES, decodePieces, decodeWhole, joined } from "./decode.ts";
import type { Run } from "./run.ts";
import type { Coding } from "./unpack.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** All of a body that is not coded. */
export async function wholeOf(raw: RawBody, run: Run, limit: number): Promise<Bytes> {
  if (raw.length !== undefined) return await raw.whole(() => run.enter("body-timeout"));
  const pieces: Bytes[] = [];
  let size = 0;
  for (let piece = await raw.next(); piece !== undefined; piece = await raw.next()) {
    run.enter("body-timeout");
    size += piece.length;
    if (size > limit) throw new TransportFault("body-too-large", `more than ${limit} bytes`);
    pieces.push(piece);
  }
  return joined(pieces);
}

/** All of a coded body. One that is not small is decoded as it comes, so that the cap holds for what has come. */
export async function decodedOf(
  raw: RawBody,
  run: Run,
  codings: readonly Coding[],
  limit: number,
): Promise<Bytes> {
  const onRead = (): void => run.enter("body-timeout");
  if (raw.length !== undefined && raw.length <= AT_ONCE_BYTES) {
    return await decodeWhole(await raw.whole(onRead), codings, limit);
  }
  const next = async (): Promise<Bytes | undefined> => {
    const piece = await raw.next();
    onRead();
    return piece;
  };
  const pieces: Bytes[] = [];
  for await (const piece of decodePieces(next, codings, limit)) pieces.push(piece);
  return joined(pieces);
}

/** A body that is not coded, piece by piece. */
export async function* limited(raw: RawBody, limit: number): AsyncGenerator<Bytes> {
  let size = 0;
  for (let piece = await raw.next(); piece !== undefined; piece = await raw.next()) {
    size += piece.length;
    if (size > limit) throw new TransportFault("body-too-large", `more than ${limit} bytes`);
    yield piece;
  }
}
