/**
 * Reads the head of the answer from a connection, as far as its bound allows.
 *
 * @module
 */

import { TransportFault } from "../fault.ts";
import type { Exchange } from "../types.ts";
import { type Head, headEnd, latin1, readHead } from "./head.ts";
import type { Wire } from "./wire.ts";

/** Answers before the answer (RFC 9110, 15.2) that are passed over. */
const MOST_INTERIM = 8;
/** How every answer begins. */
const BEGIN = new TextEncoder().encode("HTTP/1.");

/** Reads heads until one that is no interim answer. */
export async function readFinalHead(wire: Wire, { method, limits }: Exchange): Promise<Head> {
  for (let interim = 0; interim <= MOST_INTERIM; interim++) {
    const head = readHead(await headText(wire, limits.maxHeaderBytes), method);
    if (head.status >= 200) return head;
    if (head.status === 101) break;
  }
  throw new TransportFault("protocol", "answers before the answer that were not asked for");
}

async function headText(wire: Wire, limit: number): Promise<string> {
  let seen = wire.start;
  for (;;) {
    // Empty lines before a message are passed over.
    while (wire.start < wire.end && isLineEnd(wire.buffer[wire.start]!)) seen = ++wire.start;
    // What is no answer at all is not waited for to its end.
    for (let at = 0; at < BEGIN.length && wire.start + at < wire.end; at++) {
      if (wire.buffer[wire.start + at] !== BEGIN[at]) {
        throw new TransportFault("protocol", "it does not begin as HTTP/1 does");
      }
    }
    const end = headEnd(wire.buffer, seen, wire.end);
    if (end >= 0) {
      if (end - wire.start > limit) break;
      const text = latin1(wire.buffer.subarray(wire.start, end));
      wire.start = end;
      return text.replace(/\r?\n\r?\n$/, "");
    }
    const length = wire.end - wire.start;
    if (length >= limit) break;
    wire.makeRoom();
    if (await wire.fill() === 0) {
      throw length === 0
        ? new TransportFault("reset", "the connection ended before the answer")
        : new TransportFault("reset", "the connection ended within the answer's head");
    }
    // The empty line may have begun in what was there.
    seen = wire.start + Math.max(0, length - 3);
  }
  throw new TransportFault("head-too-large", `more than ${limit} bytes`);
}

function isLineEnd(byte: number): boolean {
  return byte === 10 || byte === 13;
}
