/** Records and messages of TLS, read from a conversation under bounds. @module */

import { concat, u16, u24, u8 } from "../bytes.ts";
import type { Talk } from "../talk.ts";
import type { Seal } from "./keys.ts";

const NOTHING = new Uint8Array(0);
const MOST_RECORD_BYTES = 16_384 + 2_048;
/** The most changes of the cipher that are passed over; an honest server sends one. */
const MOST_CHANGES = 8;

/** The most bytes of a handshake: more than any honest chain of certificates has. */
export const MOST_HANDSHAKE_BYTES = 128 * 1024;

/** A record, opened if it was sealed; or why none came. */
export type Incoming =
  | { readonly type: number; readonly content: Uint8Array }
  | { readonly ended: "silent" | "closed" | "malformed" | "too-large" };

/** Reads records, and messages out of them. */
export class Records {
  #bytes: Uint8Array = NOTHING;
  #messages: Uint8Array = NOTHING;
  #total = 0;
  /** What opens the records that come; none while they are in the clear. */
  seal: Seal | undefined;

  #changes = 0;
  readonly #over: number;

  /**
   * @param talk What they are read from.
   * @param waitMs How long is waited for each part of a record.
   * @param totalMs For all records of the handshake; what drips would go on for ever else.
   */
  constructor(readonly talk: Talk, readonly waitMs: number, totalMs: number) {
    this.#over = performance.now() + totalMs;
  }

  /**
   * The next record.
   *
   * @param partMs How long is waited for each part of it.
   * @param over When it must have come, on the clock of `performance`.
   */
  async record(partMs: number = this.waitMs, over: number = this.#over): Promise<Incoming> {
    for (;;) {
      const length = u16(this.#bytes, 3);
      if (length > MOST_RECORD_BYTES || (length >= 0 && !isRecord(this.#bytes))) {
        return { ended: "malformed" };
      }
      if (length >= 0 && this.#bytes.length >= 5 + length) {
        const type = u8(this.#bytes, 0);
        const head = this.#bytes.subarray(0, 5);
        const body = this.#bytes.subarray(5, 5 + length);
        this.#bytes = this.#bytes.slice(5 + length);
        if (type === 20 && ++this.#changes > MOST_CHANGES) return { ended: "malformed" };
        // A change of the cipher is said in the clear.
        if (this.seal === undefined || type === 20) return { type, content: body };
        const opened = this.seal.open(type, head, body);
        return opened ?? { ended: "malformed" };
      }
      const wait = Math.ceil(Math.min(partMs, over - performance.now()));
      if (wait <= 0) return { ended: "silent" };
      const { end, bytes } = await this.talk.read(NOTHING, wait, 0, 32 * 1024);
      if (bytes.length === 0) {
        return { ended: end === "silent" || end === "late" ? "silent" : "closed" };
      }
      this.#bytes = concat(this.#bytes, bytes);
    }
  }

  /** The next message of the handshake, whole; other records end it, an alert among them. */
  async message(): Promise<
    { type: number; all: Uint8Array; body: Uint8Array } | { ended: string; alert?: number }
  > {
    for (;;) {
      const length = u24(this.#messages, 1);
      if (length > MOST_HANDSHAKE_BYTES) return { ended: "too-large" };
      if (length >= 0 && this.#messages.length >= 4 + length) {
        const all = this.#messages.subarray(0, 4 + length);
        this.#messages = this.#messages.slice(4 + length);
        return { type: u8(all, 0), all, body: all.subarray(4) };
      }
      const record = await this.record();
      if ("ended" in record) return { ended: record.ended };
      if (record.type === 20) continue;
      if (record.type === 21) return { ended: "alert", alert: u8(record.content, 1) };
      if (record.type !== 22 || record.content.length === 0) return { ended: "malformed" };
      this.#total += record.content.length;
      if (this.#total > MOST_HANDSHAKE_BYTES) return { ended: "too-large" };
      this.#messages = concat(this.#messages, record.content);
    }
  }
}

/** Whether bytes begin as a record does: a known type, and a version of SSL 3 or TLS. */
export function isRecord(bytes: Uint8Array): boolean {
  const type = u8(bytes, 0);
  return type >= 20 && type <= 23 && u8(bytes, 1) === 3 && u8(bytes, 2) <= 4;
}
