/** A conversation inside TLS. @module */

import { concat } from "../bytes.ts";
import type { Answer } from "../exchange/types.ts";
import type { Talk } from "../talk.ts";
import type { Shaken } from "./handshake.ts";

const NOTHING = new Uint8Array(0);

/** What is said inside TLS over a conversation that has shaken hands. */
export class TlsTalk implements Talk {
  #left: Uint8Array = NOTHING;
  #isOver: boolean;

  constructor(
    readonly talk: Talk,
    readonly inside: Shaken["inside"],
    readonly totalMs: number,
  ) {
    this.#isOver = inside === null;
  }

  async read(send: Uint8Array, firstMs: number, quietMs: number, most: number): Promise<Answer> {
    if (this.#isOver) return { end: "closed", bytes: NOTHING };
    const { records, write } = this.inside!;
    if (send.length > 0) {
      const { end } = await this.talk.read(write.close(23, send), 0, 0, 0);
      if (end !== "full") return this.#over("reset", NOTHING);
    }
    const over = performance.now() + this.totalMs;
    let bytes: Uint8Array = NOTHING;
    while (bytes.length < most) {
      if (quietMs === 0 && bytes.length > 0) return { end: "quiet", bytes };
      if (this.#left.length === 0) {
        const left = over - performance.now();
        if (left <= 0) return { end: bytes.length === 0 ? "silent" : "late", bytes };
        const wait = Math.ceil(Math.min(left, bytes.length === 0 ? firstMs : quietMs));
        const incoming = await records.record(wait, over);
        if ("ended" in incoming && incoming.ended === "silent") {
          return { end: bytes.length === 0 ? "silent" : "quiet", bytes };
        }
        if ("ended" in incoming || incoming.type === 21) {
          return this.#over("closed", bytes);
        }
        // Tickets and the like are the handshake's.
        if (incoming.type !== 23) continue;
        this.#left = incoming.content;
      }
      const part = this.#left.subarray(0, most - bytes.length);
      this.#left = this.#left.subarray(part.length);
      bytes = concat(bytes, part);
    }
    return { end: "full", bytes };
  }

  #over(end: "closed" | "reset", bytes: Uint8Array): Answer {
    this.close();
    return { end, bytes };
  }

  close(): void {
    this.#isOver = true;
    this.talk.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
