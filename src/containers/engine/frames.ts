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

/** What Podman writes behind the output where its own connection with the program broke off, and what it missed of it. */
const LAST_WORDS =
  /^Error: (?:read|write) unixpacket \S+: (?:read|write): (?:connection reset by peer|broken pipe)\n$/;
const MOST_LAST_WORDS_BYTES = 500;

/**
 * Frames without such words, which are none of the program's.
 *
 * @param frames The frames of a container's program.
 * @param brokenOff Makes what is thrown where the last frame holds them.
 */
export async function* withoutLastWords(
  frames: AsyncIterable<Frame>,
  brokenOff: () => Error,
): AsyncGenerator<Frame, void> {
  let held: Frame | undefined;
  for await (const frame of frames) {
    if (held !== undefined) yield held;
    const { stream, bytes, begins } = frame;
    const may = begins && stream === "stderr" && bytes.length <= MOST_LAST_WORDS_BYTES;
    held = may && LAST_WORDS.test(new TextDecoder().decode(bytes)) ? frame : undefined;
    if (held === undefined) yield frame;
  }
  if (held !== undefined) throw brokenOff();
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
