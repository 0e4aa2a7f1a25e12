/**
 * The engine's framing of stdout and stderr in one stream: eight bytes of head (kind, three zeros, length as 32 bits,
 * big-endian), then the bytes. With a terminal there are no frames. A frame is handed on as it comes, in pieces, so that
 * none is ever held whole.
 *
 * @module
 */

import { EngineFault, messageIn } from "./errors.ts";

/** A piece of what a process wrote. */
export interface Frame {
  readonly stream: "stdout" | "stderr";
  readonly bytes: Uint8Array;
  /** Whether a frame of the engine begins with it: logs have a time at that place. True for all that has no frames. */
  readonly begins: boolean;
}

const HEAD_BYTES = 8;
/** The engine's own words of failure, in a frame of kind 3. */
const MOST_FAILURE_BYTES = 65_536;

/**
 * Reads frames.
 *
 * @param pieces The stream, cut anywhere.
 * @param tty Whether the process has a terminal: all of it is stdout then.
 * @throws {EngineFault} If the stream is none of frames, ends within one, or carries the engine's failure.
 */
export async function* readFrames(
  pieces: AsyncIterable<Uint8Array>,
  tty: boolean,
): AsyncGenerator<Frame> {
  if (tty) {
    for await (const bytes of pieces) {
      if (bytes.length > 0) yield { stream: "stdout", bytes, begins: true };
    }
    return;
  }
  const head = new Uint8Array(HEAD_BYTES);
  let have = 0;
  let left = 0;
  let kind = 0;
  let begins = true;
  let failure: Uint8Array | undefined;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      if (left === 0) {
        const count = Math.min(HEAD_BYTES - have, piece.length - at);
        head.set(piece.subarray(at, at + count), have);
        have += count;
        at += count;
        if (have < HEAD_BYTES) break;
        have = 0;
        kind = kindOf(head);
        left = new DataView(head.buffer).getUint32(4);
        begins = true;
        if (kind === 3) failure = new Uint8Array(0);
        continue;
      }
      const bytes = piece.subarray(at, at + left);
      at += bytes.length;
      left -= bytes.length;
      if (kind === 3) failure = joined(failure!, bytes);
      else yield { stream: kind === 2 ? "stderr" : "stdout", bytes, begins };
      begins = false;
    }
    if (failure !== undefined && left === 0 && have === 0) break;
  }
  if (failure !== undefined) throw new EngineFault("protocol", messageIn(failure));
  if (left > 0 || have > 0) throw new EngineFault("reset", "the stream ended within a frame");
}

function kindOf(head: Uint8Array): number {
  const kind = head[0]!;
  if (kind > 3 || head[1] !== 0 || head[2] !== 0 || head[3] !== 0) {
    throw new EngineFault("protocol", "its stream is not made of frames");
  }
  return kind;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length >= MOST_FAILURE_BYTES) return a;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
