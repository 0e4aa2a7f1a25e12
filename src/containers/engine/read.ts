/**
 * Reading bodies: whole, and as JSON values, one a line.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { EngineFault } from "./errors.ts";

const MOST_LINE_CHARACTERS = 16_777_216;

/** Reads all of a body; one that is longer is an error, or cut where that is said. */
export async function readWhole(
  body: AsyncIterable<Uint8Array>,
  most: number,
  cuts = false,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    pieces.push(piece);
    length += piece.length;
    if (length <= most) continue;
    if (cuts) break;
    const message = `The engine's answer has more than ${most} bytes`;
    throw new AgentError("TOO_LARGE", message, { what: "answer", size: length, limit: most });
  }
  if (pieces.length === 1) return pieces[0] as Uint8Array<ArrayBuffer>;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Reads JSON values, one a line; cut anywhere, and the last one need not end its line. */
export async function* readLines<T>(body: AsyncIterable<Uint8Array>): AsyncGenerator<T, void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of body) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop()!;
    for (const line of lines) if (line.trim() !== "") yield valueOf<T>(line);
    if (rest.length > MOST_LINE_CHARACTERS) throw new EngineFault("protocol", "a line is too long");
  }
  rest += decoder.decode();
  if (rest.trim() !== "") yield valueOf<T>(rest);
}

function valueOf<T>(line: string): T {
  try {
    return JSON.parse(line) as T;
  } catch {
    throw new EngineFault("protocol", "a line of its answer is no JSON");
  }
}
